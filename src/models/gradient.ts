import { BLOCK_ROWS } from "../compute/blocks.ts";
import { weightedSum } from "../compute/kernels.ts";
import { kernelOf, type Parts, predictorCount } from "../laws/law.ts";
import { type Assignment, readRuns } from "../rows/assignment.ts";
import { type Block, type Observations, sumOver } from "../rows/observations.ts";
import { type BlockPredictors, blockPosterior, blockPredictors } from "./e-step.ts";
import { penaltyOf } from "./penalty.ts";

/** Log-likelihood of a mixture of experts and the gradient of its objective (p), in nats. */
export function mixtureGradient(
  parts: Parts,
  p: number,
  theta: Float64Array,
  data: Observations,
): { readonly logLikelihood: number; readonly gradient: Float64Array } {
  const posterior = blockPosterior(parts, theta, data);
  const compiled = kernelOf(parts, data)?.scores?.(parts, theta, data);
  // One more sum, after the p scores.
  const sums =
    compiled ??
    scores(parts, p + 1, data, (block, partial) => {
      const found = posterior(block);
      for (let i = 0; i < block.rows; i++) partial[p] += block.unitWeights[i] * found.logLikelihood[i];
      return found;
    });
  return { logLikelihood: sums[p], gradient: penalised(parts, theta, sums.slice(0, p)) };
}

/**
 * Gradient of Q(· | responsibilities) at θ (p), in nats: at θ's own posterior it is that of the objective.
 *
 * @param assignment must not change, no more than the rows
 */
export function completeGradient(
  parts: Parts,
  theta: Float64Array,
  assignment: Assignment,
  data: Observations,
): Float64Array {
  const compiled = assignment.few ? undefined : kernelOf(parts, data)?.scores?.(parts, theta, data, assignment);
  if (compiled !== undefined) return penalised(parts, theta, compiled);
  const k = parts.experts.length;
  const predictors = blockPredictors(parts, theta);
  const runs = new Float64Array(k * BLOCK_ROWS);
  const sums = scores(parts, theta.length, data, (block) => {
    readRuns(assignment, block.start, block.rows, k, runs);
    return { ...predictors(block), responsibilities: runs };
  });
  return penalised(parts, theta, sums);
}

/** A block's predictors, and to whom its rows belong (k runs). */
interface Assigned extends BlockPredictors {
  readonly responsibilities: Float64Array;
}

/** Σ w r ∂ log p(y, z | x; θ)/∂θ over rows and experts, and whatever `assign` adds to the sums after the first p. */
function scores(
  { law, gateLaw, gate, experts }: Parts,
  length: number,
  data: Observations,
  assign: (block: Block, sums: Float64Array) => Assigned,
): Float64Array {
  const m = predictorCount(law);
  const probabilities = new Float64Array(gateLaw.runs * BLOCK_ROWS);
  const gateScores = new Float64Array(gate.length * BLOCK_ROWS);
  const score = new Float64Array(m * BLOCK_ROWS);
  const weight = new Float64Array(BLOCK_ROWS);
  return sumOver(data, length, (block, partial) => {
    const { logGate, responsibilities: r, eta } = assign(block, partial);
    const { rows, weights, unitWeights } = block;
    gateLaw.probabilities(logGate, rows, probabilities);
    gateLaw.scores(probabilities, r, rows, gateScores);
    gate.forEach(({ at }, h) => {
      for (let i = 0; i < rows; i++) weight[i] = unitWeights[i] * gateScores[h * BLOCK_ROWS + i];
      weightedSum(block.x.gate, rows, weight, 0, partial, at);
    });
    experts.forEach((predictors, z) => {
      law.scores(block, eta, z * m * BLOCK_ROWS, score, 0);
      predictors.forEach(({ design, at }, h) => {
        for (let i = 0; i < rows; i++) {
          weight[i] = weights[i] * r[z * BLOCK_ROWS + i] * score[h * BLOCK_ROWS + i];
        }
        weightedSum(block.x[design], rows, weight, 0, partial, at);
      });
    });
  });
}

/** Takes the pull of the penalty off a gradient. */
function penalised(parts: Parts, theta: Float64Array, gradient: Float64Array): Float64Array {
  const pull = penaltyOf(parts, theta).gradient;
  return gradient.map((value, j) => value - pull[j]);
}
