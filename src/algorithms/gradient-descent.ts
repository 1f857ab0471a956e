import type { Evaluation } from "../models/model.ts";
import type { Observations } from "../models/observations.ts";
import type { Algorithm } from "./algorithm.ts";
import { checkPositive, firstOrderGain, type Gated, type StepSizes, stepLengths } from "./step-size.ts";

/** What gradient descent needs at θ for its next step. */
export interface Slope extends Evaluation {
  /** ∇ of the objective (p). */
  readonly gradient: Float64Array;
}

/**
 * Gradient descent with fixed steps, θ⁺ = θ − γ∇L(θ), where L is the mean negative log-likelihood in nats per row.
 *
 * @param options.stepSize γ, above 0
 * @param options.gateStepSize γ of the gate's coefficients, above 0; default: that of the experts
 * @throws InputError when a step size is not a positive number
 * @example
 * ```ts
 * import { gradientDescent } from "mixlens";
 * if (gradientDescent({ stepSize: 0.1 }).monotone) throw new Error("a long step can overshoot");
 * ```
 */
export function gradientDescent<Data = Observations>(options: StepSizes): Algorithm<Data, Gated<Data>, Slope> {
  const { stepSize, gateStepSize } = options;
  checkPositive("use gradient descent", "a step size", { stepSize, gateStepSize });
  return {
    name: "gradient-descent",
    monotone: false,
    init: (model, theta, data) => model.gradient(theta, data),
    step: (model, theta, { gradient }, data) => {
      const lengths = stepLengths(model, options, data);
      const next = theta.map((value, j) => value + lengths[j] * gradient[j]);
      const state = model.gradient(next, data);
      const gain = firstOrderGain(gradient, theta, next);
      const { logLikelihood, objective } = state;
      return { theta: next, state, info: { logLikelihood, objective, gain } };
    },
  };
}
