import { InputError } from "../errors.ts";
import type { Evaluation, Model } from "../models/model.ts";
import type { Observations } from "../models/observations.ts";
import type { Algorithm } from "./algorithm.ts";

/** What gradient descent needs at θ for its next step. */
export interface Slope extends Evaluation {
  /** ∇ of the objective (p). */
  readonly gradient: Float64Array;
}

/**
 * Gradient descent with a fixed step, θ⁺ = θ − γ∇L(θ), where L is the mean negative log-likelihood in nats per row.
 *
 * @param options.stepSize γ, above 0
 * @throws InputError when the step size is not a positive number
 * @example
 * ```ts
 * import { gradientDescent } from "mixlens";
 * if (gradientDescent({ stepSize: 0.1 }).monotone) throw new Error("a long step can overshoot");
 * ```
 */
export function gradientDescent<Data = Observations>(options: {
  readonly stepSize: number;
}): Algorithm<Data, Model<Data>, Slope> {
  const { stepSize } = options;
  if (!(stepSize > 0 && stepSize < Number.POSITIVE_INFINITY)) {
    throw new InputError("use gradient descent", "a step size above 0", `stepSize ${stepSize}`);
  }
  return {
    name: "gradient-descent",
    monotone: false,
    init: (model, theta, data) => model.gradient(theta, data),
    step: (model, theta, { gradient }, data) => {
      const length = stepSize / model.totalWeight(data);
      const next = theta.map((value, j) => value + length * gradient[j]);
      const state = model.gradient(next, data);
      const gain = length * gradient.reduce((sum, g) => sum + g * g, 0);
      const { logLikelihood, objective } = state;
      return { theta: next, state, info: { logLikelihood, objective, gain } };
    },
  };
}
