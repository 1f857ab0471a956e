import { BLOCK_ROWS } from "../compute/blocks.ts";
import { linearPredictor } from "../compute/kernels.ts";
import { type Parts, predictorCount } from "../laws/law.ts";
import { logSoftmax } from "../laws/softmax.ts";
import type { Block } from "./observations.ts";

/** One block's linear predictors; the arrays are scratch, overwritten by the next block. */
export interface BlockPredictors {
  /** Predictors of the experts, with the rows' offset: k × m runs of BLOCK_ROWS. */
  readonly eta: Float64Array;
  /** Log gate probabilities: k runs. */
  readonly logGate: Float64Array;
}

/** What a block's rows say about who they belong to; scratch like the predictors. */
export interface BlockPosterior extends BlockPredictors {
  /** Responsibilities: k runs. */
  readonly responsibilities: Float64Array;
  /** Log-likelihood of each row, unweighted. */
  readonly logLikelihood: Float64Array;
}

/** The predictors of one block: a function to be called block after block, with scratch of its own. */
export function blockPredictors({ law, gate, experts }: Parts, theta: Float64Array): (block: Block) => BlockPredictors {
  const k = experts.length;
  const m = predictorCount(law);
  const gateEta = new Float64Array((k - 1) * BLOCK_ROWS);
  const eta = new Float64Array(k * m * BLOCK_ROWS);
  const logGate = new Float64Array(k * BLOCK_ROWS);
  return ({ rows, x, offset: known }) => {
    gate.forEach(({ offset }, h) => {
      linearPredictor(x.gate, rows, theta, offset, gateEta, h * BLOCK_ROWS);
    });
    logSoftmax(gateEta, 0, k, rows, logGate);
    experts.forEach((predictors, z) => {
      predictors.forEach(({ design, offset }, h) => {
        linearPredictor(x[design], rows, theta, offset, eta, (z * m + h) * BLOCK_ROWS);
      });
      for (let i = 0; i < rows; i++) eta[z * m * BLOCK_ROWS + i] += known[i];
    });
    return { eta, logGate };
  };
}

/** The E-step of one block: r_z ∝ g_z p_z(y), in logarithms until the largest is known. */
export function blockPosterior(parts: Parts, theta: Float64Array): (block: Block) => BlockPosterior {
  const { law, experts } = parts;
  const k = experts.length;
  const m = predictorCount(law);
  const predict = blockPredictors(parts, theta);
  const responsibilities = new Float64Array(k * BLOCK_ROWS);
  const logLikelihood = new Float64Array(BLOCK_ROWS);
  return (block) => {
    const { eta, logGate } = predict(block);
    for (let z = 0; z < k; z++) {
      law.logDensity(block, eta, z * m * BLOCK_ROWS, responsibilities, z * BLOCK_ROWS);
    }
    for (let i = 0; i < block.rows; i++) {
      let top = Number.NEGATIVE_INFINITY;
      for (let z = 0; z < k; z++) {
        const joint = responsibilities[z * BLOCK_ROWS + i] + logGate[z * BLOCK_ROWS + i];
        responsibilities[z * BLOCK_ROWS + i] = joint;
        if (joint > top) top = joint;
      }
      let sum = 0;
      for (let z = 0; z < k; z++) {
        const ratio = Math.exp(responsibilities[z * BLOCK_ROWS + i] - top);
        responsibilities[z * BLOCK_ROWS + i] = ratio;
        sum += ratio;
      }
      for (let z = 0; z < k; z++) responsibilities[z * BLOCK_ROWS + i] /= sum;
      logLikelihood[i] = top + Math.log(sum);
    }
    return { eta, logGate, responsibilities, logLikelihood };
  };
}
