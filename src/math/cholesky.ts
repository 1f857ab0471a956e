/** The share of its diagonal entry below which a pivot is rounding. */
export const TOLERANCE = 1e-13;

/**
 * Cholesky factor of a symmetric positive definite matrix, `A = LL'`.
 *
 * A pivot that falls below `tolerance` times its own diagonal entry is taken for zero: the column is, to rounding, a
 * combination of those before it.
 *
 * @param a matrix, p × p row-major; only the lower triangle is read
 * @returns L, p × p with zeros above the diagonal; or the index of the first dependent column
 * @remarks cost p³/3 multiplications
 */
export function cholesky(a: Float64Array, p: number, tolerance: number = TOLERANCE): Float64Array | number {
  const l = new Float64Array(p * p);
  for (let j = 0; j < p; j++) {
    let pivot = a[j * p + j];
    for (let m = 0; m < j; m++) pivot -= l[j * p + m] ** 2;
    if (!(pivot > tolerance * Math.abs(a[j * p + j])) || pivot === Number.POSITIVE_INFINITY) return j;
    const root = Math.sqrt(pivot);
    l[j * p + j] = root;
    let i = j + 1;
    for (; i + 3 < p; i += 4) fourRows(a, l, p, i, j);
    for (; i < p; i++) {
      let sum = a[i * p + j];
      for (let m = 0; m < j; m++) sum -= l[i * p + m] * l[j * p + m];
      l[i * p + j] = sum / root;
    }
  }
  return l;
}

/** Column j of four rows from i on. A sum waits for its last addition: four of them side by side take half the time. */
function fourRows(a: Float64Array, l: Float64Array, p: number, i: number, j: number): void {
  const [r0, r1, r2, r3] = [i * p, (i + 1) * p, (i + 2) * p, (i + 3) * p];
  let [s0, s1, s2, s3] = [a[r0 + j], a[r1 + j], a[r2 + j], a[r3 + j]];
  const row = j * p;
  for (let m = 0; m < j; m++) {
    const x = l[row + m];
    s0 -= l[r0 + m] * x;
    s1 -= l[r1 + m] * x;
    s2 -= l[r2 + m] * x;
    s3 -= l[r3 + m] * x;
  }
  const root = l[row + j];
  l[r0 + j] = s0 / root;
  l[r1 + j] = s1 / root;
  l[r2 + j] = s2 / root;
  l[r3 + j] = s3 / root;
}

/** Solves `Lx = b` in place for a lower triangular L, p × p. */
export function solveLower(l: Float64Array, p: number, b: Float64Array): void {
  for (let i = 0; i < p; i++) {
    let sum = b[i];
    for (let m = 0; m < i; m++) sum -= l[i * p + m] * b[m];
    b[i] = sum / l[i * p + i];
  }
}

/** Solves `L'x = b` in place for a lower triangular L, p × p. */
export function solveUpper(l: Float64Array, p: number, b: Float64Array): void {
  for (let i = p - 1; i >= 0; i--) {
    const x = b[i] / l[i * p + i];
    b[i] = x;
    for (let m = 0; m < i; m++) b[m] -= l[i * p + m] * x;
  }
}

/** Solves `LL'x = b` for a Cholesky factor L, p × p. */
export function solveCholesky(l: Float64Array, p: number, b: Float64Array): Float64Array {
  const x = b.slice();
  solveLower(l, p, x);
  solveUpper(l, p, x);
  return x;
}

/** Diagonal of `(LL')⁻¹` for a Cholesky factor L, p × p. */
export function inverseDiagonal(l: Float64Array, p: number): Float64Array {
  const diagonal = new Float64Array(p);
  for (let j = 0; j < p; j++) {
    // Column j of L⁻¹: (LL')⁻¹_jj is its squared norm.
    const column = new Float64Array(p);
    column[j] = 1;
    solveLower(l, p, column);
    for (let i = j; i < p; i++) diagonal[j] += column[i] ** 2;
  }
  return diagonal;
}

/** The quadratic form `b'(LL')⁻¹b` for a Cholesky factor L, p × p. */
export function inverseForm(l: Float64Array, p: number, b: Float64Array): number {
  const x = b.slice();
  solveLower(l, p, x);
  return x.reduce((sum, value) => sum + value * value, 0);
}
