import { InputError } from "../errors.ts";
import type { Model } from "../models/model.ts";
import type { Observations } from "../models/observations.ts";
import type { Algorithm } from "./algorithm.ts";
import type { Slope } from "./gradient-descent.ts";
import { checkPositive, firstOrderGain } from "./step-size.ts";

/** What Adam needs at θ for its next step. */
export interface Moments extends Slope {
  /** Steps taken. */
  readonly steps: number;
  /** Running mean of ∇L (p), in nats per row, not yet corrected for its start at 0. */
  readonly first: Float64Array;
  /** Running mean of its squares (p). */
  readonly second: Float64Array;
}

/**
 * Adam on L, the mean negative log-likelihood: θ⁺ = θ − γ m̂/(√v̂ + ε), with m̂ and v̂ the running means of ∇L and of its
 * squares, corrected for their start at 0.
 *
 * A step moves each parameter by about γ whatever its slope. The objective may fall on the way, and steps along a
 * momentum say less of the distance to the limit than EM's: give it a number of iterations.
 *
 * @param options.stepSize γ, above 0; default 0.01
 * @param options.betas how much of the two means is kept, from 0 to below 1; default 0.9 and 0.999
 * @param options.epsilon ε in nats per row, above 0; default 1e-8
 * @throws InputError when an option is none of these
 * @remarks cost of a step: a gradient. Kingma and Ba 2015, Algorithm 1.
 * @example
 * ```ts
 * import { adam, fit } from "mixlens";
 * const data = { x: [0, 1, 2, 3, 4, 5], y: [1.2, 2.8, 5.1, 7.2, 8.7, 11] };
 * const best = fit(data, { response: "y", k: 1 });
 * const start = best.theta.map((value) => value + 0.1);
 * const found = fit(data, { response: "y", k: 1, start, algorithm: adam(), maxIterations: 2000 });
 * if (best.objective - found.objective > 1e-3) throw new Error("it comes as near as its step size allows");
 * ```
 */
export function adam<Data = Observations>(
  options: { readonly stepSize?: number; readonly betas?: readonly [number, number]; readonly epsilon?: number } = {},
): Algorithm<Data, Model<Data>, Moments> {
  const { stepSize = 0.01, betas = [0.9, 0.999], epsilon = 1e-8 } = options;
  checkPositive("use Adam", "a step size", { stepSize });
  checkPositive("use Adam", "a number", { epsilon });
  const odd = betas.find((beta) => !(beta >= 0 && beta < 1));
  if (odd !== undefined) throw new InputError("use Adam", "betas from 0 to below 1", String(odd));
  const average = (mean: Float64Array, beta: number, value: (j: number) => number): Float64Array =>
    mean.map((old, j) => beta * old + (1 - beta) * value(j));
  return {
    name: "adam",
    monotone: false,
    init: (model, theta, data) => ({
      ...model.gradient(theta, data),
      steps: 0,
      first: new Float64Array(theta.length),
      second: new Float64Array(theta.length),
    }),
    step: (model, theta, state, data) => {
      const { gradient } = state;
      const weight = model.totalWeight(data);
      const steps = state.steps + 1;
      const first = average(state.first, betas[0], (j) => -gradient[j] / weight);
      const second = average(state.second, betas[1], (j) => (gradient[j] / weight) ** 2);
      const [left, right] = betas.map((beta) => 1 - beta ** steps);
      const next = theta.map(
        (value, j) => value - (stepSize * (first[j] / left)) / (Math.sqrt(second[j] / right) + epsilon),
      );
      const slope = model.gradient(next, data);
      const { logLikelihood, objective } = slope;
      const gain = firstOrderGain(gradient, theta, next);
      return { theta: next, state: { ...slope, steps, first, second }, info: { logLikelihood, objective, gain } };
    },
  };
}
