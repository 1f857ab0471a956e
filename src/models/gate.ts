import { BLOCK_ROWS } from "../compute/blocks.ts";
import type { Predictor } from "./family.ts";
import { type Likelihood, maximiseByNewton } from "./newton.ts";
import type { Observations } from "./observations.ts";
import { logSoftmax, softmaxPenalty } from "./softmax.ts";

/**
 * The gate's M-step: multinomial logistic regression of the responsibilities on the gate's columns, by Newton, writing
 * into `theta`.
 *
 * @param predictors of the experts 2 … k; expert 1 is the reference, w_1 = 0
 * @param responsibilities soft targets, n × k
 * @returns the first-order gain, in nats
 */
export function maximiseGate(
  predictors: readonly Predictor[],
  theta: Float64Array,
  responsibilities: Float64Array,
  data: Observations,
  ridge: number,
): number {
  if (predictors.length === 0) return 0;
  const k = predictors.length + 1;
  const m = k - 1;
  const logG = new Float64Array(k * BLOCK_ROWS);
  const g = new Float64Array(m);
  const likelihood: Likelihood = {
    penalty: softmaxPenalty(k).map((entry) => ridge * entry),
    evaluate: ({ start, rows, weights }, eta, score, curvature) => {
      logSoftmax(eta, 0, k, rows, logG);
      let value = 0;
      for (let i = 0; i < rows; i++) {
        const w = weights[i];
        const r = (start + i) * k;
        for (let z = 0; z < k; z++) value += w * responsibilities[r + z] * logG[z * BLOCK_ROWS + i];
        for (let h = 0; h < m; h++) {
          g[h] = Math.exp(logG[(h + 1) * BLOCK_ROWS + i]);
          score[h * BLOCK_ROWS + i] = w * (responsibilities[r + h + 1] - g[h]);
          for (let j = 0; j <= h; j++)
            curvature[(h * m + j) * BLOCK_ROWS + i] = w * ((h === j ? g[h] : 0) - g[h] * g[j]);
        }
      }
      return value;
    },
  };
  return maximiseByNewton(likelihood, predictors, theta, data);
}
