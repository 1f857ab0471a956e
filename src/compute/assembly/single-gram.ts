import { narrowed } from "./single";
import {
  dotsSingle2x1,
  dotsSingle2x2,
  dotsSingle2x4,
  RUN,
  SINGLE_RUN,
  weightedDotsSingle1x1,
  weightedDotsSingle2x2,
  weightedDotsSingle2x4,
} from "./tiles";

// Matrices for directions, of which seven digits are enough: twice as many numbers in a vector, and half of the memory.

/** Weights below this count as 0: products with them would be denormal, and slow. */
const LEAST: f32 = 1e-30;

/** The columns of a tile in single precision. */
export function narrowedColumns(x: usize, d: i32, to: usize): void {
  for (; d > 0; d--, x += RUN, to += SINGLE_RUN) narrowed(x, to, RUN);
}

/**
 * Adds Σ w x x' to the upper half of d × d sums: in single precision over a tile's rows, in double from tile to tile.
 *
 * @param x what {@link narrowedColumns} leaves
 * @param w in double precision; a row beyond `bytes` may be overwritten
 * @param scratch three runs of single precision
 */
export function singleGram(x: usize, d: i32, w: usize, bytes: usize, scratch: usize, sums: usize): void {
  const row = <usize>d << 4;
  const weights = scratch + 2 * SINGLE_RUN;
  const half = narrowedWeights(w, bytes, weights);
  for (; d > 0; d -= 2, x += 2 * SINGLE_RUN, sums += 2 * row + 32) {
    if (d >= 4) {
      weightedDotsSingle2x4(x, weights, scratch, x, half, sums, row);
      others(scratch, x + 4 * SINGLE_RUN, d - 4, half, sums + 64, row);
    } else if (d >= 2) {
      weightedDotsSingle2x2(x, weights, scratch, x, half, sums, row);
      others(scratch, x + 2 * SINGLE_RUN, d - 2, half, sums + 32, row);
    } else weightedDotsSingle1x1(x, weights, scratch, x, half, sums, row);
  }
}

/** Weights of an even number of rows, in vectors of four; returns their bytes. */
function narrowedWeights(w: usize, bytes: usize, to: usize): usize {
  const whole = (bytes + 31) & ~31;
  if (whole > bytes) v128.store(w + bytes, f64x2.splat(0.0));
  narrowed(w, to, whole);
  const least = f32x4.splat(LEAST);
  for (const end = to + (whole >> 1); to < end; to += 16) {
    const weights = v128.load(to);
    v128.store(to, v128.and(weights, f32x4.ge(f32x4.abs(weights), least)));
  }
  return whole >> 1;
}

/** Products of two weighted columns with n others. */
function others(u: usize, v: usize, n: i32, bytes: usize, sums: usize, row: usize): void {
  for (; n >= 4; n -= 4, v += 4 * SINGLE_RUN, sums += 64) dotsSingle2x4(u, v, bytes, sums, row);
  if (n & 2) {
    dotsSingle2x2(u, v, bytes, sums, row);
    v += 2 * SINGLE_RUN;
    sums += 32;
  }
  if (n & 1) dotsSingle2x1(u, v, bytes, sums, row);
}
