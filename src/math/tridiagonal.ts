import { type Dense, type DenseWork, denseWork, PANEL, part, write } from "../compute/dense.ts";

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
  const { matrices, changeAndMultiply } = denseWork([
    [p, p],
    [4, p],
  ]);
  const [t, vectors] = matrices;
  write(t, a, p);
  const reflectors = new Float64Array(p * p);
  const diagonal = new Float64Array(p);
  const off = new Float64Array(p);
  // The last reflection's v and q, the next one's u, and the product w of the matrix with it.
  const [v, q, u, w] = [0, 1, 2, 3].map((row) =>
    vectors.values.subarray(row * vectors.stride, row * vectors.stride + p),
  );
  for (let c = 0; c < p; c++) {
    for (let i = c, at = c * t.stride + c; i < p; i++, at += t.stride) t.values[at] -= v[i] * q[c] + q[i] * v[c];
    diagonal[c] = t.values[c * (t.stride + 1)];
    if (c + 1 === p) break;
    u.fill(0);
    w.fill(0);
    off[c] = c + 2 < p ? reflection(t, p, c, u) : t.values[(c + 1) * t.stride + c];
    reflectors.set(u, c * p);
    changeAndMultiply(t, c + 1, p, vectors);
    let along = 0;
    for (let i = c + 1; i < p; i++) along += u[i] * w[i];
    for (let i = c + 1; i < p; i++) q[i] = w[i] - 0.5 * along * u[i];
    v.set(u);
  }
  return { diagonal, off, reflectors };
}

/** The reflection that leaves of column c below the diagonal only its first entry, which it returns. */
function reflection({ values, stride }: Dense, p: number, c: number, u: Float64Array): number {
  let square = 0;
  for (let i = c + 1; i < p; i++) square += values[i * stride + c] ** 2;
  const first = values[(c + 1) * stride + c];
  if (square === 0) return first;
  // The sign that adds up: u never suffers cancellation.
  const alpha = first > 0 ? -Math.sqrt(square) : Math.sqrt(square);
  const scale = 1 / Math.sqrt(square - alpha * first);
  for (let i = c + 1; i < p; i++) u[i] = values[i * stride + c] * scale;
  u[c + 1] -= alpha * scale;
  return alpha;
}

/**
 * Rows q_i with A = Σ_ij T_ij q_i q_j' (p × p): the reflections, multiplied out from the last to the first.
 *
 * A panel of them at a time, whose product is I − V'T'V with an upper triangular T: two products of matrices.
 *
 * @param basis zeros, to be filled
 * @param scratch room for V, V' and two matrices of as many columns as a panel has
 * @remarks Schreiber and Van Loan, SIAM J. Sci. Stat. Comput. 10 (1989).
 */
export function basisOf(
  { reflectors }: Tridiagonal,
  p: number,
  { addProducts }: Pick<DenseWork, "addProducts">,
  basis: Dense,
  [rows, columns, along, turned, triangle]: readonly Dense[],
): void {
  for (let i = 0; i < p; i++) basis.values[i * (basis.stride + 1)] = 1;
  const last = Math.max(0, p - 2);
  for (let end = last; end > 0; ) {
    const first = PANEL * Math.floor((end - 1) / PANEL);
    const size = end - first;
    for (let c = 0; c < size; c++) {
      const from = (first + c) * p;
      rows.values.set(reflectors.subarray(from, from + p), c * rows.stride);
      for (let j = 0; j < p; j++) columns.values[j * columns.stride + c] = reflectors[from + j];
    }
    triangleOf(rows, size, p, triangle);
    // The reflections leave what comes before their first entry as it is.
    const [from, left] = [first + 1, p - first - 1];
    const own = part(basis, from, left, from, left);
    along.values.fill(0);
    turned.values.fill(0);
    addProducts(own, part(rows, 0, size, from, left), 1, part(along, 0, left, 0, size));
    addProducts(part(along, 0, left, 0, size), part(triangle, 0, size, 0, size), 1, part(turned, 0, left, 0, size));
    addProducts(part(turned, 0, left, 0, size), part(columns, from, left, 0, size), -1, own);
    end = first;
  }
}

/** T with H_0 H_1 ⋯ = I − V'TV for reflections I − vv' whose vectors are the rows of V. */
function triangleOf(v: Dense, size: number, p: number, triangle: Dense): void {
  const t = triangle.values.fill(0);
  const inner = new Float64Array(size);
  for (let c = 0; c < size; c++) {
    for (let b = 0; b < c; b++) {
      const [one, other] = [b * v.stride, c * v.stride];
      let sum = 0;
      for (let j = 0; j < p; j++) sum += v.values[one + j] * v.values[other + j];
      inner[b] = sum;
    }
    for (let a = 0; a < c; a++) {
      let sum = 0;
      for (let b = a; b < c; b++) sum += t[a * triangle.stride + b] * inner[b];
      t[a * triangle.stride + c] = -sum;
    }
    t[c * triangle.stride + c] = 1;
  }
}
