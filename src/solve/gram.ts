import { denseWork, PANEL, part } from "../compute/dense.ts";
import { type Columns, weightedGram } from "../compute/kernels.ts";
import type { Block } from "../rows/observations.ts";
import type { Predictor } from "../rows/predictor.ts";

/**
 * Adds Σ w x z' of one block at the place of its two predictors in a p × p matrix.
 *
 * @param weights of the rows, read from `from` on
 * @param mirror whether to add the transpose at the mirror place, too
 */
export function addGram(
  block: Block,
  row: Predictor,
  column: Predictor,
  weights: Float64Array,
  from: number,
  matrix: Float64Array,
  p: number,
  mirror: boolean,
): void {
  const [dx, dz] = [row.at.length, column.at.length];
  const { values, stride } = gramOf(block.x[row.design], block.x[column.design], block.rows, weights, from);
  for (let a = 0; a < dx; a++) {
    for (let b = 0, at = a * stride; b < dz; b++, at++) {
      matrix[row.at[a] * p + column.at[b]] += values[at];
      if (mirror) matrix[column.at[b] * p + row.at[a]] += values[at];
    }
  }
}

/**
 * Σ w x z' of some rows of two designs, each row of it `stride` numbers after the one before.
 *
 * @param weights of the rows, read from `from` on
 */
export function gramOf(
  x: Columns,
  z: Columns,
  rows: number,
  weights: Float64Array,
  from: number,
): { readonly values: Float64Array; readonly stride: number } {
  const [dx, dz] = [x.values.length, z.values.length];
  if (Math.min(dx, dz) <= PANEL) {
    const values = new Float64Array(dx * dz);
    weightedGram(x, z, rows, weights, from, values, 0);
    return { values, stride: dz };
  }
  const { matrices, addProducts } = denseWork([
    [dx, rows],
    [dz, rows],
    [dx, dz],
  ]);
  const [weighted, other, gram] = matrices;
  z.values.forEach((numbers, b) => {
    other.values.set(numbers.subarray(z.start, z.start + rows), b * other.stride);
  });
  x.values.forEach((numbers, a) => {
    const to = a * weighted.stride;
    for (let i = 0; i < rows; i++) weighted.values[to + i] = weights[from + i] * numbers[x.start + i];
  });
  const isSymmetric = x.values === z.values;
  for (let first = 0; first < dx; first += PANEL) {
    const [size, left] = [Math.min(PANEL, dx - first), isSymmetric ? first : 0];
    const own = part(weighted, first, size, 0, rows);
    addProducts(own, part(other, left, dz - left, 0, rows), 1, part(gram, first, size, left, dz - left));
  }
  const { values, stride } = gram;
  for (let a = 0; isSymmetric && a < dx; a++) {
    for (let b = 0; b < a; b++) values[a * stride + b] = values[b * stride + a];
  }
  return gram;
}
