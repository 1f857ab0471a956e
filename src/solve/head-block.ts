import { BLOCK_ROWS } from "../compute/blocks.ts";
import { weightedGram } from "../compute/kernels.ts";
import type { DiagonalBlock } from "../math/block-cholesky.ts";
import { type Block, type Observations, sumOver } from "../rows/observations.ts";
import type { Predictor } from "../rows/predictor.ts";
import { addPrecision } from "./coupling.ts";
import { eliminate } from "./eliminate.ts";

/** Predictors of more columns are preconditioned with the diagonal: a factor would take d³/3 multiplications. */
const WIDEST = 1500;
/** A Gram matrix to precondition with may cost as much as so many products. */
const PRODUCTS = 16;
/** Rows for each column that it takes at the least. */
const ROWS_PER_COLUMN = 8;

/**
 * The weighted Gram matrix Σ c xx' of one predictor's columns, to precondition with.
 *
 * Above a few dozen columns it is that of every so many blocks of rows, scaled up and drawn towards the diagonal of all
 * rows: the whole one would cost as much as d/4 products with a vector.
 *
 * @param weights c of a block's rows, from 0 on, negative nowhere
 * @param coupling how much of the coefficients' prior precision is to be added
 */
export function headBlock(
  predictor: Predictor,
  data: Observations,
  weights: (block: Block) => Float64Array,
  coupling: number,
): DiagonalBlock {
  const { design, offset, size: d, fixed = [], ridge = 0, prior } = predictor;
  const isWhole = d <= WIDEST;
  const sampled = Math.max(ROWS_PER_COLUMN * d, (4 * PRODUCTS * data.rows) / d);
  const every = Math.max(1, Math.floor(data.rows / sampled));
  const sums = sumOver(data, isWhole ? d + d * d : d, (block, partial) => {
    const c = weights(block);
    const { values, start } = block.x[design];
    values.forEach((x, j) => {
      for (let i = 0; i < block.rows; i++) partial[j] += c[i] * x[start + i] * x[start + i];
    });
    if (isWhole && (block.start / BLOCK_ROWS) % every === 0) {
      weightedGram(block.x[design], block.x[design], block.rows, c, 0, partial, d);
    }
  });
  const diagonal = sums.subarray(0, d);
  const share = every === 1 ? 0 : (every * d) / data.rows;
  const entries = isWhole ? sums.slice(d).map((entry) => every * (1 - share) * entry) : diagonal.slice();
  for (let j = 0; j < d; j++) {
    if (isWhole) entries[j * d + j] += share * diagonal[j];
    else entries[j] += coupling * (ridge + (prior?.[j * d + j] ?? 0));
  }
  if (isWhole) {
    addPrecision(predictor, coupling, entries);
    eliminate(fixed, entries, new Float64Array(d));
  }
  return { offset, size: d, entries };
}
