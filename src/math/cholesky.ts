import { type Dense, denseWork, PANEL, part, read, write } from "../compute/dense.ts";
import { solveLower, solveLowerRows, solveUpper } from "./triangular.ts";

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
 * @remarks cost p³/6 multiplications, a panel of columns at a time: what those before it take off is a product of matrices
 */
export function cholesky(a: Float64Array, p: number, tolerance: number = TOLERANCE): Float64Array | number {
  if (p <= PANEL) {
    const l = new Float64Array(p * p);
    copyLower(a, p, l, p, p);
    return factorPanel({ values: l, stride: p }, a, p, 0, tolerance) ?? l;
  }
  const { matrices, addProducts } = denseWork([[p, p]]);
  const [l] = matrices;
  copyLower(a, p, l.values, l.stride, p);
  for (let first = 0; first < p; first += PANEL) {
    const size = Math.min(PANEL, p - first);
    const before = part(l, first, p - first, 0, first);
    if (first > 0) addProducts(before, part(l, first, size, 0, first), -1, part(l, first, p - first, first, size));
    const dependent = factorPanel(l, a, p, first, tolerance);
    if (dependent !== undefined) return dependent;
  }
  const found = new Float64Array(p * p);
  copyLower(l.values, l.stride, found, p, p);
  return found;
}

/** Writes the lower triangle of a p × p matrix to that of another, whose rows begin so many numbers after each other. */
function copyLower(from: Float64Array, fromStride: number, to: Float64Array, toStride: number, p: number): void {
  for (let i = 0; i < p; i++) to.set(from.subarray(i * fromStride, i * fromStride + i + 1), i * toStride);
}

/** Factors the columns of the panel that begins at `first`, from which those before it are taken off. */
function factorPanel(
  { values: l, stride }: Dense,
  a: Float64Array,
  p: number,
  first: number,
  tolerance: number,
): number | undefined {
  for (let j = first, end = Math.min(p, first + PANEL); j < end; j++) {
    const row = j * stride;
    let pivot = l[row + j];
    for (let m = first; m < j; m++) pivot -= l[row + m] ** 2;
    if (!(pivot > tolerance * Math.abs(a[j * p + j])) || pivot === Number.POSITIVE_INFINITY) return j;
    const root = Math.sqrt(pivot);
    l[row + j] = root;
    let i = j + 1;
    for (; i + 3 < p; i += 4) fourRows(l, stride, first, i, j);
    for (; i < p; i++) {
      let sum = l[i * stride + j];
      for (let m = first; m < j; m++) sum -= l[i * stride + m] * l[row + m];
      l[i * stride + j] = sum / root;
    }
  }
  return undefined;
}

/** Column j of four rows from i on. A sum waits for its last addition: four of them side by side take half the time. */
function fourRows(l: Float64Array, stride: number, first: number, i: number, j: number): void {
  const [r0, r1, r2, r3] = [i * stride, (i + 1) * stride, (i + 2) * stride, (i + 3) * stride];
  let [s0, s1, s2, s3] = [l[r0 + j], l[r1 + j], l[r2 + j], l[r3 + j]];
  const row = j * stride;
  for (let m = first; m < j; m++) {
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

/** Solves `LL'x = b` for a Cholesky factor L, p × p. */
export function solveCholesky(l: Float64Array, p: number, b: Float64Array): Float64Array {
  const x = b.slice();
  solveLower(l, p, x);
  solveUpper(l, p, x);
  return x;
}

/** L⁻ᵀ for a Cholesky factor L, p × p: the products of its rows with each other are the entries of `(LL')⁻¹`. */
export function inverseRoot(l: Float64Array, p: number): Float64Array {
  const rows = new Float64Array(p * p);
  for (let j = 0; j < p; j++) rows[j * (p + 1)] = 1;
  solveLowerRows(l, p, rows);
  return rows;
}

/** Diagonal of `(LL')⁻¹` for a Cholesky factor L, p × p. */
export function inverseDiagonal(l: Float64Array, p: number): Float64Array {
  return rowSquares(inverseRoot(l, p), p);
}

/** The squared length of each row of an upper triangular matrix, p × p. */
export function rowSquares(root: Float64Array, p: number): Float64Array {
  const diagonal = new Float64Array(p);
  for (let j = 0; j < p; j++) for (let i = j; i < p; i++) diagonal[j] += root[j * p + i] ** 2;
  return diagonal;
}

/** The products of the rows of a matrix with each other, AA' (m × m). */
export function rowProducts(a: Float64Array, m: number): Float64Array {
  const columns = a.length / m;
  const { matrices, addProducts } = denseWork([
    [m, columns],
    [m, m],
  ]);
  const [rows, found] = matrices;
  write(rows, a, columns);
  const all = part(rows, 0, m, 0, columns);
  addProducts(all, all, 1, part(found, 0, m, 0, m));
  return read(found, m, m);
}

/** The quadratic form `b'(LL')⁻¹b` for a Cholesky factor L, p × p. */
export function inverseForm(l: Float64Array, p: number, b: Float64Array): number {
  const x = b.slice();
  solveLower(l, p, x);
  return x.reduce((sum, value) => sum + value * value, 0);
}
