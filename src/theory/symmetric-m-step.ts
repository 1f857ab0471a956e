import { BLOCK_ROWS } from "../compute/blocks.ts";
import { weightedGram, weightedSum } from "../compute/kernels.ts";
import { softmaxLikelihood } from "../laws/softmax.ts";
import { cholesky, solveCholesky } from "../math/cholesky.ts";
import { type Block, type Observations, sumOver } from "../rows/observations.ts";
import { type Predictor, places } from "../rows/predictor.ts";
import type { Effort } from "../solve/effort.ts";
import { maximiseByNewton } from "../solve/newton.ts";
import { type PairParts, predictExpert, weigh } from "./symmetric-rows.ts";

/** P(z = +1) of row i of a block. */
type Plus = (block: Block, i: number) => number;

/** First-order gain of a part of the M-step, in nats, or the position of a column that depends on those before it. */
interface Step {
  readonly gain: number;
  readonly dependent?: number;
}

/** The M-step of one kind of experts, which writes β into θ. */
type ExpertStep = (
  pair: PairParts,
  theta: Float64Array,
  plus: Plus,
  data: Observations,
  effort: Effort | undefined,
) => Step;

const expertSteps: Readonly<Record<"linear" | "logistic", ExpertStep>> = {
  linear: leastSquares,
  logistic: ({ expert }, theta, plus, data, effort) => {
    // yz is the label of one logistic regression: y where z = +1, −y where z = −1.
    const agree: Plus = (block, i) => (block.response[i] === 1 ? plus(block, i) : 1 - plus(block, i));
    return { gain: logisticRegression(expert, theta, agree, data, effort) };
  },
};

/**
 * The M-step of a symmetric pair: a logistic regression of z for the gate, then that of the experts; writes into θ.
 *
 * @param responsibilities n × 2, of z = +1 and z = −1
 * @param effort of each logistic regression; default: until converged
 */
export function maximisePair(
  experts: "linear" | "logistic",
  pair: PairParts,
  theta: Float64Array,
  responsibilities: Float64Array,
  data: Observations,
  effort: Effort | undefined,
): Step {
  const plus: Plus = (block, i) => responsibilities[2 * (block.start + i)];
  const gateGain = logisticRegression(pair.gate, theta, plus, data, effort);
  const { gain, ...failed } = expertSteps[experts](pair, theta, plus, data, effort);
  return { gain: gateGain + gain, ...failed };
}

/** Fits a logistic regression whose targets are the shares of the second of two classes; returns the gain. */
function logisticRegression(
  predictor: Predictor,
  theta: Float64Array,
  share: Plus,
  data: Observations,
  effort: Effort | undefined,
): number {
  const likelihood = softmaxLikelihood(2, (block, targets) => {
    for (let i = 0; i < block.rows; i++) {
      const second = share(block, i);
      targets[i] = block.weights[i] * (1 - second);
      targets[BLOCK_ROWS + i] = block.weights[i] * second;
    }
  });
  return maximiseByNewton(likelihood, [predictor], theta, data, effort);
}

/** β⁺ = (Σ xx')⁻¹ Σ (2r − 1) y x, as a change of the present β. */
function leastSquares(pair: PairParts, theta: Float64Array, plus: Plus, data: Observations): Step {
  const { at } = pair.expert;
  const d = at.length;
  const own = places(0, d);
  const sums = sumOver(data, d + d * d, (block, partial) => {
    predictExpert(pair, block, theta);
    const residual = weigh(pair, block, (i) => (2 * plus(block, i) - 1) * block.response[i] - pair.b[i]);
    weightedSum(block.x.expert, block.rows, residual, 0, partial, own);
    weightedGram(block.x.expert, block.x.expert, block.rows, block.weights, 0, partial, d);
  });
  const factor = cholesky(sums.subarray(d), d);
  if (typeof factor === "number") return { gain: 0, dependent: factor };
  const gradient = sums.slice(0, d);
  const change = solveCholesky(factor, d, gradient);
  let gain = 0;
  for (let j = 0; j < d; j++) {
    theta[at[j]] += change[j];
    gain += gradient[j] * change[j];
  }
  return { gain };
}
