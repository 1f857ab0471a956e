import { weightedGram } from "../compute/kernels.ts";
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
  const gram = new Float64Array(dx * dz);
  weightedGram(block.x[row.design], block.x[column.design], block.rows, weights, from, gram, 0);
  for (let a = 0; a < dx; a++) {
    for (let b = 0; b < dz; b++) {
      matrix[row.at[a] * p + column.at[b]] += gram[a * dz + b];
      if (mirror) matrix[column.at[b] * p + row.at[a]] += gram[a * dz + b];
    }
  }
}
