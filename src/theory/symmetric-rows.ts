import { BLOCK_ROWS } from "../compute/blocks.ts";
import { linearPredictor, weightedSum } from "../compute/kernels.ts";
import type { Block } from "../rows/observations.ts";
import { type Predictor, places } from "../rows/predictor.ts";
import { logTwoCosh, type SymmetricLaw } from "./symmetric-law.ts";

/** A symmetric pair as its sums over rows take it. */
export interface PairParts {
  readonly law: SymmetricLaw;
  readonly gate: Predictor;
  readonly expert: Predictor;
  /** Number of parameters. */
  readonly p: number;
  /** Linear predictors a = x'w and b = x'β + offset of a block's rows: scratch for the next block, as `weight` is. */
  readonly a: Float64Array;
  readonly b: Float64Array;
  readonly weight: Float64Array;
}

/** The parts of a pair whose gate has dg columns and whose experts have d. */
export function pairParts(law: SymmetricLaw, dg: number, d: number): PairParts {
  return {
    law,
    gate: { design: "gate", at: places(0, dg) },
    expert: { design: "expert", at: places(dg, d) },
    p: dg + d,
    a: new Float64Array(BLOCK_ROWS),
    b: new Float64Array(BLOCK_ROWS),
    weight: new Float64Array(BLOCK_ROWS),
  };
}

/** Finds both linear predictors of a block's rows. */
export function predict(pair: PairParts, block: Block, theta: Float64Array): void {
  linearPredictor(block.x.gate, block.rows, theta, pair.gate.at, pair.a, 0);
  predictExpert(pair, block, theta);
}

/** Finds the expert's linear predictor of a block's rows. */
export function predictExpert({ expert, b }: PairParts, block: Block, theta: Float64Array): void {
  linearPredictor(block.x.expert, block.rows, theta, expert.at, b, 0);
  for (let i = 0; i < block.rows; i++) b[i] += block.offset[i];
}

/** Log-likelihood of a row, and P(z = ±1 | x, y), each exact however small. */
export interface RowPosterior {
  readonly logLikelihood: number;
  readonly plus: number;
  readonly minus: number;
  readonly y: number;
}

/** The posterior of row i of a block whose predictors are found. */
export function rowPosterior({ law, a, b }: PairParts, block: Block, i: number): RowPosterior {
  const y = law.response(block.response[i]);
  const odds = a[i] + 2 * law.scale * y * b[i];
  const logLikelihood = logTwoCosh(odds) - logTwoCosh(a[i]) - law.logPartition.value(b[i]) + law.logBase(y);
  return { logLikelihood, plus: 1 / (1 + Math.exp(-odds)), minus: 1 / (1 + Math.exp(odds)), y };
}

/** A value of each of a block's rows, times the row's weight. */
export function weigh({ weight }: PairParts, block: Block, value: (i: number) => number): Float64Array {
  for (let i = 0; i < block.rows; i++) weight[i] = block.weights[i] * value(i);
  return weight;
}

/** Adds Σ w value x over a block's rows to the sums (p), for the columns x of one predictor. */
export function addSum(
  pair: PairParts,
  block: Block,
  { design, at }: Predictor,
  value: (i: number) => number,
  sums: Float64Array,
): void {
  weightedSum(block.x[design], block.rows, weigh(pair, block, value), 0, sums, at);
}
