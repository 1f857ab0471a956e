import { BLOCK_ROWS } from "../compute/blocks.ts";
import { weightedGram } from "../compute/kernels.ts";
import type { DiagonalBlock } from "../math/block-cholesky.ts";
import { type Block, type Observations, sumOver } from "../rows/observations.ts";
import type { Predictor } from "../rows/predictor.ts";
import { precisionOf } from "./coupling.ts";
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
 * @param among the columns that are meant; default: all
 */
export function headBlock(
  predictor: Predictor,
  data: Observations,
  weights: (block: Block) => Float64Array,
  coupling: number,
  among: readonly number[] = Array.from(predictor.at.keys()),
): DiagonalBlock {
  const { design, at } = predictor;
  const d = among.length;
  const isWhole = isNarrow(d);
  const sampled = Math.max(ROWS_PER_COLUMN * d, (4 * PRODUCTS * data.rows) / d);
  const every = Math.max(1, Math.floor(data.rows / sampled));
  let columns: readonly Float64Array[] | undefined;
  const sums = sumOver(data, isWhole ? d + d * d : d, (block, partial) => {
    const c = weights(block);
    const { start } = block.x[design];
    columns ??= among.map((j) => block.x[design].values[j]);
    const values = columns;
    values.forEach((x, j) => {
      for (let i = 0; i < block.rows; i++) partial[j] += c[i] * x[start + i] * x[start + i];
    });
    if (isWhole && (block.start / BLOCK_ROWS) % every === 0) {
      weightedGram({ values, start }, { values, start }, block.rows, c, 0, partial, d);
    }
  });
  const diagonal = sums.subarray(0, d);
  const share = every === 1 ? 0 : (every * d) / data.rows;
  const entries = isWhole ? sums.slice(d).map((entry) => every * (1 - share) * entry) : diagonal.slice();
  if (isWhole) for (let a = 0; a < d; a++) entries[a * d + a] += share * diagonal[a];
  const own = among.map((j) => at[j]);
  if (isWhole) return penalisedBlock(predictor, entries, coupling, own, among);
  const precision = precisionOf(predictor);
  for (let a = 0; a < d; a++) entries[a] += coupling * precision(among[a], among[a]);
  return { at: own, entries };
}

/** Whether a predictor of so many columns is preconditioned with their Gram matrix. */
export function isNarrow(d: number): boolean {
  return d <= WIDEST;
}

/**
 * A Gram matrix of one predictor's columns with the prior's precision, and without the coefficients that are fixed.
 *
 * @param entries written into
 * @param to rows of the whole matrix that are its own
 * @param among the columns that are meant; default: all
 */
export function penalisedBlock(
  predictor: Predictor,
  entries: Float64Array,
  coupling: number,
  to: readonly number[],
  among: readonly number[] = Array.from(predictor.at.keys()),
): DiagonalBlock {
  const { fixed = [] } = predictor;
  const d = among.length;
  const precision = precisionOf(predictor);
  for (let a = 0; a < d; a++) {
    for (let b = 0; b < d; b++) entries[a * d + b] += coupling * precision(among[a], among[b]);
  }
  const held = Array.from(among.keys()).filter((a) => fixed.includes(among[a]));
  eliminate(held, entries, new Float64Array(d));
  return { at: to, entries };
}
