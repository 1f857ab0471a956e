import { BLOCK_ROWS } from "../../compute/blocks.ts";
import type { Assignment } from "../../rows/assignment.ts";
import { gateRows, type Observations } from "../../rows/observations.ts";
import type { Predictor } from "../../rows/predictor.ts";
import { maximiseByNewton } from "../../solve/newton.ts";
import { gateSums } from "../gaussian-kernel.ts";
import { softmaxLikelihood } from "../softmax.ts";

/**
 * The gate's M-step: multinomial logistic regression of the responsibilities on the gate's columns, by Newton, writing
 * into `theta`.
 *
 * @param predictors of the experts 2 … k; expert 1 is the reference, w_1 = 0
 * @param assignment soft targets, n × k
 * @param newtonSteps at the most; default: until converged
 * @returns the first-order gain, in nats
 */
export function maximiseGate(
  predictors: readonly Predictor[],
  theta: Float64Array,
  assignment: Assignment,
  data: Observations,
  newtonSteps?: number,
): number {
  if (predictors.length === 0) return 0;
  const k = predictors.length + 1;
  if (data.units !== undefined) {
    const once = gateRows(data, assignment.responsibilities, k);
    return maximiseGate(predictors, theta, once, once.data, newtonSteps);
  }
  const likelihood = softmaxLikelihood(k, ({ start, rows, weights }, targets) => {
    const { responsibilities } = assignment;
    for (let i = 0; i < rows; i++) {
      for (let z = 0; z < k; z++) targets[z * BLOCK_ROWS + i] = weights[i] * responsibilities[(start + i) * k + z];
    }
  });
  const compiled = (coefficients: Float64Array, withHessian: boolean): Float64Array | undefined =>
    gateSums(k, coefficients, assignment, data, withHessian);
  return maximiseByNewton({ ...likelihood, compiled }, predictors, theta, data, newtonSteps);
}
