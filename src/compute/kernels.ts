import { BLOCK_ROWS } from "./blocks.ts";

/** The columns a predictor reads, as the block at `start` sees them: row i of the block is entry start + i of each. */
export interface Columns {
  readonly values: readonly Float64Array[];
  readonly start: number;
}

// The block operations under every model, in plain TypeScript: these define what is correct. Per-row quantities of the
// block (a predictor, a weight) are contiguous and read or written from an offset on, so that one array holds several;
// coefficients and sums by column stand at any positions.

/**
 * One linear predictor, `out[to + i] = x_i'θ`.
 *
 * @param at position of each column's coefficient in θ (d)
 */
export function linearPredictor(
  { values, start }: Columns,
  rows: number,
  theta: Float64Array,
  at: ArrayLike<number>,
  out: Float64Array,
  to: number,
): void {
  out.fill(0, to, to + rows);
  const rest = values.length % 4;
  for (let j = 0; j < rest; j++) {
    const x = values[j];
    const coefficient = theta[at[j]];
    for (let i = 0; i < rows; i++) out[to + i] += coefficient * x[start + i];
  }
  // Four columns in turn for each time that a predictor is read and written.
  for (let j = rest; j < values.length; j += 4) {
    const [a, b, c, d] = [values[j], values[j + 1], values[j + 2], values[j + 3]];
    const [p, q, r, s] = [theta[at[j]], theta[at[j + 1]], theta[at[j + 2]], theta[at[j + 3]]];
    for (let i = to, row = start; i < to + rows; i++, row++) {
      out[i] = out[i] + p * a[row] + q * b[row] + r * c[row] + s * d[row];
    }
  }
}

/**
 * A weighted sum of rows, `sums[at[j]] += Σ_i w_i x_ij`.
 *
 * @param w weights (rows), read from `from` on
 * @param at position of each column's sum (d)
 */
export function weightedSum(
  { values, start }: Columns,
  rows: number,
  w: Float64Array,
  from: number,
  sums: Float64Array,
  at: ArrayLike<number>,
): void {
  const rest = values.length % 4;
  for (let j = 0; j < rest; j++) {
    const x = values[j];
    let sum = 0;
    for (let i = 0; i < rows; i++) sum += w[from + i] * x[start + i];
    sums[at[j]] += sum;
  }
  // Four sums side by side: an addition waits for the one before it.
  for (let j = rest; j < values.length; j += 4) fourSums(values, j, start, rows, w, from, sums, at);
}

function fourSums(
  values: readonly Float64Array[],
  j: number,
  start: number,
  rows: number,
  w: Float64Array,
  from: number,
  sums: Float64Array,
  at: ArrayLike<number>,
): void {
  const [a, b, c, d] = [values[j], values[j + 1], values[j + 2], values[j + 3]];
  let [p, q, r, s] = [0, 0, 0, 0];
  for (let i = from, row = start; i < from + rows; i++, row++) {
    const weight = w[i];
    p += weight * a[row];
    q += weight * b[row];
    r += weight * c[row];
    s += weight * d[row];
  }
  sums[at[j]] += p;
  sums[at[j + 1]] += q;
  sums[at[j + 2]] += r;
  sums[at[j + 3]] += s;
}

// Scratch of the Gram matrix: a typed array made anew for every block would cost as much as its products.
const first = new Float64Array(BLOCK_ROWS);
const second = new Float64Array(BLOCK_ROWS);
const tile = new Float64Array(4);
const filled = new Int32Array(BLOCK_ROWS);
/** Rows in which a pair of columns is 0, for each in which it is not, from which on the others are gone through by number. */
const SPARSE = 4;

/**
 * A weighted Gram matrix between two designs, `sums[to + a·dz + b] += Σ_i w_i x_ia z_ib`. Columns that are 0 in most rows, as those
 * of a factor of many levels, cost the others.
 *
 * @param z the other design (dz columns); the same columns as `x` for a symmetric matrix, of which half is then computed
 * @param w weights (rows), read from `from` on
 */
export function weightedGram(
  x: Columns,
  z: Columns,
  rows: number,
  w: Float64Array,
  from: number,
  sums: Float64Array,
  to: number,
): void {
  const symmetric = x.values === z.values;
  const [dx, dz] = [x.values.length, z.values.length];
  for (let a = 0; a < dx; a += 2) {
    // An odd last column is paired with itself, and its second sums are dropped.
    const left = [x.values[a], x.values[Math.min(a + 1, dx - 1)]] as const;
    weigh(left[0], x.start, rows, w, from, first);
    weigh(left[1], x.start, rows, w, from, second);
    const count = filledRows(rows);
    for (let b = symmetric ? a : 0; b < dz; b += 2) {
      const right = [z.values[b], z.values[Math.min(b + 1, dz - 1)]] as const;
      if (count < rows) sparseTile(first, second, right[0], right[1], z.start, count);
      else dotTile(first, second, right[0], right[1], z.start, rows);
      for (let row = a; row < Math.min(a + 2, dx); row++) {
        for (let column = symmetric ? Math.max(b, row) : b; column < Math.min(b + 2, dz); column++) {
          const sum = tile[2 * (row - a) + column - b];
          sums[to + row * dz + column] += sum;
          if (symmetric && column > row) sums[to + column * dz + row] += sum;
        }
      }
    }
  }
}

function weigh(
  x: Float64Array,
  start: number,
  rows: number,
  w: Float64Array,
  from: number,
  weighted: Float64Array,
): void {
  for (let i = 0; i < rows; i++) weighted[i] = w[from + i] * x[start + i];
}

/** Lists the rows in which a pair of weighted columns is not 0, and returns how many there are: all where they are not few. */
function filledRows(rows: number): number {
  let count = 0;
  for (let i = 0; i < rows; i++) {
    if (first[i] === 0 && second[i] === 0) continue;
    filled[count++] = i;
    if (count * SPARSE >= rows) return rows;
  }
  return count;
}

/** The sums of {@link dotTile} over the rows that are listed. */
function sparseTile(
  u: Float64Array,
  v: Float64Array,
  y: Float64Array,
  z: Float64Array,
  start: number,
  count: number,
): void {
  tile.fill(0);
  for (let n = 0; n < count; n++) {
    const i = filled[n];
    const at = start + i;
    tile[0] += u[i] * y[at];
    tile[1] += u[i] * z[at];
    tile[2] += v[i] * y[at];
    tile[3] += v[i] * z[at];
  }
}

/** The products of two weighted columns with two others: four sums for four loads, none waiting for another. */
function dotTile(
  u: Float64Array,
  v: Float64Array,
  y: Float64Array,
  z: Float64Array,
  start: number,
  rows: number,
): void {
  let uy = 0;
  let uz = 0;
  let vy = 0;
  let vz = 0;
  for (let i = 0, at = start; i < rows; i++, at++) {
    uy += u[i] * y[at];
    uz += u[i] * z[at];
    vy += v[i] * y[at];
    vz += v[i] * z[at];
  }
  tile[0] = uy;
  tile[1] = uz;
  tile[2] = vy;
  tile[3] = vz;
}
