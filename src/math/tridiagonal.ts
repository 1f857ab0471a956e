/** A symmetric matrix in tridiagonal form. */
export interface Tridiagonal {
  /** Diagonal of T (p). */
  readonly diagonal: Float64Array;
  /** Below the diagonal: off[i] couples i and i + 1 (p, the last entry 0). */
  readonly off: Float64Array;
  /** Rows v_c of the reflections I − v_c v_c' (‖v_c‖² = 2, or v_c = 0): zero up to the entry c (p × p). */
  readonly reflectors: Float64Array;
}

/**
 * T = H_{p−3} ⋯ H_0 A H_0 ⋯ H_{p−3}, by one Householder reflection for each column.
 *
 * Each reflection changes what is left of the matrix by −vq' − qv', with q = Av − ½(v'Av)v. Only the lower triangle is
 * kept, and one pass over it both makes the last change and multiplies the next reflection's vector: the matrix goes
 * through the cache once for each column, not three times.
 *
 * @param a matrix, p × p; only the lower triangle is read
 * @remarks cost ⅔p³ multiplications. Golub and Van Loan, Matrix Computations, 8.3.1.
 */
export function tridiagonalise(a: Float64Array, p: number): Tridiagonal {
  const t = a.slice();
  const reflectors = new Float64Array(p * p);
  const diagonal = new Float64Array(p);
  const off = new Float64Array(p);
  /** The last reflection's v and q, and the product of the matrix with the next one's. */
  let v: Float64Array = new Float64Array(p);
  let q: Float64Array = new Float64Array(p);
  for (let c = 0; c < p; c++) {
    for (let i = c; i < p; i++) t[i * p + c] -= v[i] * q[c] + q[i] * v[c];
    diagonal[c] = t[c * p + c];
    if (c + 1 === p) break;
    const u = reflectors.subarray(c * p, (c + 1) * p);
    off[c] = c + 2 < p ? reflection(t, p, c, u) : t[(c + 1) * p + c];
    const w = changeAndMultiply(t, p, c + 1, v, q, u);
    let along = 0;
    for (let i = c + 1; i < p; i++) along += u[i] * w[i];
    for (let i = c + 1; i < p; i++) w[i] -= 0.5 * along * u[i];
    [v, q] = [u, w];
  }
  return { diagonal, off, reflectors };
}

/** The reflection that leaves of column c below the diagonal only its first entry, which it returns. */
function reflection(t: Float64Array, p: number, c: number, u: Float64Array): number {
  let square = 0;
  for (let i = c + 1; i < p; i++) square += t[i * p + c] ** 2;
  const first = t[(c + 1) * p + c];
  if (square === 0) return first;
  // The sign that adds up: u never suffers cancellation.
  const alpha = first > 0 ? -Math.sqrt(square) : Math.sqrt(square);
  const scale = 1 / Math.sqrt(square - alpha * first);
  for (let i = c + 1; i < p; i++) u[i] = t[i * p + c] * scale;
  u[c + 1] -= alpha * scale;
  return alpha;
}

/** T ← T − vq' − qv' on the rows and columns from `first` on; returns Tu (p). */
function changeAndMultiply(
  t: Float64Array,
  p: number,
  first: number,
  v: Float64Array,
  q: Float64Array,
  u: Float64Array,
): Float64Array {
  const w = new Float64Array(p);
  // Two rows at a time: what they share is loaded once.
  let i = first;
  for (; i + 1 < p; i += 2) {
    const [upper, lower] = [i * p, (i + 1) * p];
    const [vi, qi, ui] = [v[i], q[i], u[i]];
    const [vk, qk, uk] = [v[i + 1], q[i + 1], u[i + 1]];
    let sum = 0;
    let other = 0;
    for (let j = first; j < i; j++) {
      const vj = v[j];
      const qj = q[j];
      const uj = u[j];
      const one = t[upper + j] - vi * qj - qi * vj;
      const two = t[lower + j] - vk * qj - qk * vj;
      t[upper + j] = one;
      t[lower + j] = two;
      sum += one * uj;
      other += two * uj;
      w[j] += one * ui + two * uk;
    }
    const corner = t[lower + i] - vk * qi - qk * vi;
    t[upper + i] -= 2 * vi * qi;
    t[lower + i] = corner;
    t[lower + i + 1] -= 2 * vk * qk;
    w[i] += sum + t[upper + i] * ui + corner * uk;
    w[i + 1] += other + corner * ui + t[lower + i + 1] * uk;
  }
  if (i < p) {
    const row = i * p;
    const [vi, qi, ui] = [v[i], q[i], u[i]];
    let sum = 0;
    for (let j = first; j < i; j++) {
      const entry = t[row + j] - vi * q[j] - qi * v[j];
      t[row + j] = entry;
      sum += entry * u[j];
      w[j] += entry * ui;
    }
    t[row + i] -= 2 * vi * qi;
    w[i] += sum + t[row + i] * ui;
  }
  return w;
}

/** Rows q_i with A = Σ_ij T_ij q_i q_j' (p × p): the reflections, multiplied out from the last to the first. */
export function basisOf({ reflectors }: Tridiagonal, p: number): Float64Array {
  const basis = new Float64Array(p * p);
  for (let i = 0; i < p; i++) basis[i * p + i] = 1;
  for (let c = p - 3; c >= 0; c--) {
    const v = reflectors.subarray(c * p, (c + 1) * p);
    for (let i = c + 1; i < p; i++) {
      const row = basis.subarray(i * p, (i + 1) * p);
      let along = 0;
      for (let j = c + 1; j < p; j++) along += row[j] * v[j];
      for (let j = c + 1; j < p; j++) row[j] -= along * v[j];
    }
  }
  return basis;
}
