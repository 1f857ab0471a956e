import { BLOCK_ROWS } from "../compute/blocks.ts";
import { own as ownRows } from "../compute/own.ts";
import type { DiagonalBlock, FactoredBlock } from "../math/block-cholesky.ts";
import { cholesky } from "../math/cholesky.ts";
import { type Block, type Observations, sumOver } from "../rows/observations.ts";
import { type Predictor, places } from "../rows/predictor.ts";
import { precisionOf } from "./coupling.ts";
import { eliminate } from "./eliminate.ts";
import { gramOf } from "./gram.ts";

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
  const own = among.map((j) => at[j]);
  const entries = designGram(design, data, weights, among);
  if (isNarrow(among.length)) return penalisedBlock(predictor, entries, coupling, own, among);
  return { at: own, entries: penalisedDiagonal(predictor, entries, coupling, among) };
}

/** The Gram matrix of {@link headBlock} without a prior (d × d), or its diagonal (d) of more columns than are narrow. */
function designGram(
  design: Predictor["design"],
  data: Observations,
  weights: (block: Block) => Float64Array,
  among: readonly number[],
): Float64Array {
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
      const own = { values, start };
      const gram = gramOf(own, own, block.rows, c, 0);
      for (let a = 0, to = d; a < d; a++) {
        for (let b = 0, at = a * gram.stride; b < d; b++, at++, to++) partial[to] += gram.values[at];
      }
    }
  });
  const diagonal = sums.subarray(0, d);
  if (!isWhole) return diagonal.slice();
  const share = every === 1 ? 0 : (every * d) / data.rows;
  const entries = sums.slice(d).map((entry) => every * (1 - share) * entry);
  for (let a = 0; a < d; a++) entries[a * d + a] += share * diagonal[a];
  return entries;
}

/** Correlations about 0 of a design's columns (d × d), and their Cholesky factor, if they have one. */
interface Correlations {
  readonly entries: Float64Array;
  readonly factor: Float64Array | undefined;
}

/** Those of rows that cannot change. */
const kept = new WeakMap<Observations, Partial<Record<Predictor["design"], Correlations>>>();

/**
 * Blocks to precondition with, one for each predictor of a design: each has its own diagonal, and the correlations about 0
 * of the columns, which are those of all rows whatever their curvatures are. They are found, and factored, once for the same
 * rows: where no coefficient has a prior or is fixed, a block's factor is theirs with other scales.
 *
 * Where a curvature hangs on few combinations of columns, as a softmax's does, and these are spread evenly about some centre,
 * a block is wrong along as many directions alone, and conjugate gradients take as many iterations more.
 *
 * @param diagonals of the negated Hessian, without a penalty (m runs of d)
 * @param coupling how much of its coefficients' prior precision is to be added to each
 */
export function* scaledBlocks(
  predictors: readonly Predictor[],
  data: Observations,
  diagonals: Float64Array,
  coupling: (h: number) => number,
): Generator<DiagonalBlock | FactoredBlock> {
  const [{ design, at: all }] = predictors;
  const d = all.length;
  const among = places(0, d);
  const correlations = isNarrow(d) ? correlationsOf(design, data, d) : undefined;
  for (const [h, predictor] of predictors.entries()) {
    const to = places(h * d, d);
    const own = diagonals.subarray(h * d, (h + 1) * d);
    if (correlations === undefined) {
      yield { at: to, entries: penalisedDiagonal(predictor, own.slice(), coupling(h), among) };
      continue;
    }
    const scales = own.map(Math.sqrt);
    const { entries, factor } = correlations;
    const { ridge = 0, prior, fixed = [] } = predictor;
    const isFree = ridge === 0 && prior === undefined && fixed.length === 0;
    if (isFree && factor !== undefined && scales.every((scale) => scale > 0 && scale < Number.POSITIVE_INFINITY)) {
      yield { at: to, factor: scaled(factor, scales) };
    } else yield penalisedBlock(predictor, scaled(entries, scales, scales), coupling(h), to);
  }
}

/** A matrix whose rows, and columns where they have scales, are multiplied by them. */
function scaled(matrix: Float64Array, ofRows: Float64Array, ofColumns?: Float64Array): Float64Array {
  const out = matrix.slice();
  for (let a = 0, entry = 0; a < ofRows.length; a++) {
    for (let b = 0; b < ofRows.length; b++, entry++) out[entry] *= ofRows[a] * (ofColumns?.[b] ?? 1);
  }
  return out;
}

function correlationsOf(design: Predictor["design"], data: Observations, d: number): Correlations {
  const rows = ownRows(data);
  const known = kept.get(rows) ?? {};
  kept.set(rows, known);
  if (known[design] === undefined) {
    const gram = designGram(design, rows, ({ weights }) => weights, places(0, d));
    const entries = correlated(gram, d);
    const factor = cholesky(entries, d);
    known[design] = { entries, factor: typeof factor === "number" ? undefined : factor };
  }
  return known[design];
}

/** A Gram matrix with a diagonal of ones, in place. */
function correlated(gram: Float64Array, d: number): Float64Array {
  const scales = Float64Array.from({ length: d }, (_, a) => 1 / Math.sqrt(gram[a * (d + 1)] || 1));
  for (let a = 0, entry = 0; a < d; a++) {
    for (let b = 0; b < d; b++, entry++) gram[entry] = a === b ? 1 : gram[entry] * scales[a] * scales[b];
  }
  return gram;
}

/** Whether a predictor of so many columns is preconditioned with their Gram matrix. */
function isNarrow(d: number): boolean {
  return d <= WIDEST;
}

/**
 * A Gram matrix of one predictor's columns with the prior's precision, and without the coefficients that are fixed.
 *
 * @param entries written into
 * @param to rows of the whole matrix that are its own
 * @param among the columns that are meant; default: all
 */
function penalisedBlock(
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

/** A diagonal with that of the prior's precision, in place. */
function penalisedDiagonal(
  predictor: Predictor,
  diagonal: Float64Array,
  coupling: number,
  among: readonly number[],
): Float64Array {
  const precision = precisionOf(predictor);
  for (let a = 0; a < diagonal.length; a++) diagonal[a] += coupling * precision(among[a], among[a]);
  return diagonal;
}
