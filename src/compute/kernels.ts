/**
 * The block operations under every model, in plain TypeScript: these define what is correct.
 *
 * `x` is the block's part of a design, row-major, rows × d. Per-row quantities (a predictor, a weight) are contiguous
 * and read or written from an offset on, so that one scratch array holds several of them.
 */

/**
 * One linear predictor, `out[to + i] = x_i'θ`.
 *
 * @param theta coefficients (d), read from `from` on
 */
export function linearPredictor(
  x: Float64Array,
  d: number,
  rows: number,
  theta: Float64Array,
  from: number,
  out: Float64Array,
  to: number,
): void {
  for (let i = 0, at = 0; i < rows; i++, at += d) {
    let sum = 0;
    for (let j = 0; j < d; j++) sum += x[at + j] * theta[from + j];
    out[to + i] = sum;
  }
}

/**
 * A weighted sum of rows, `sums[to + j] += Σ_i w_i x_ij`.
 *
 * @param w weights (rows), read from `from` on
 */
export function weightedSum(
  x: Float64Array,
  d: number,
  rows: number,
  w: Float64Array,
  from: number,
  sums: Float64Array,
  to: number,
): void {
  for (let i = 0, at = 0; i < rows; i++, at += d) {
    const weight = w[from + i];
    for (let j = 0; j < d; j++) sums[to + j] += weight * x[at + j];
  }
}

/**
 * A weighted Gram matrix between two designs, `sums[to + a·dz + b] += Σ_i w_i x_ia z_ib`.
 *
 * @param z the other design, rows × dz; the same array as `x` for a symmetric matrix, of which half is then computed
 * @param w weights (rows), read from `from` on
 */
export function weightedGram(
  x: Float64Array,
  dx: number,
  z: Float64Array,
  dz: number,
  rows: number,
  w: Float64Array,
  from: number,
  sums: Float64Array,
  to: number,
): void {
  const symmetric = x === z;
  for (let a = 0; a < dx; a++) {
    for (let b = symmetric ? a : 0; b < dz; b++) {
      // Four running sums: with one, each addition would wait for the last.
      let s0 = 0;
      let s1 = 0;
      let s2 = 0;
      let s3 = 0;
      let i = 0;
      let p = a;
      let q = b;
      for (; i + 3 < rows; i += 4, p += 4 * dx, q += 4 * dz) {
        s0 += w[from + i] * x[p] * z[q];
        s1 += w[from + i + 1] * x[p + dx] * z[q + dz];
        s2 += w[from + i + 2] * x[p + 2 * dx] * z[q + 2 * dz];
        s3 += w[from + i + 3] * x[p + 3 * dx] * z[q + 3 * dz];
      }
      for (; i < rows; i++, p += dx, q += dz) s0 += w[from + i] * x[p] * z[q];
      const sum = s0 + s1 + (s2 + s3);
      sums[to + a * dz + b] += sum;
      if (symmetric && b > a) sums[to + b * dz + a] += sum;
    }
  }
}
