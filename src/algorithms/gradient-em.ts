import { checkOptions } from "../errors/arguments.ts";
import { number } from "../errors/kinds.ts";
import { eStep } from "../models/expectation.ts";
import type { EStep, LatentModel } from "../models/model.ts";
import type { Observations } from "../models/observations.ts";
import type { Algorithm } from "./algorithm.ts";
import {
  checkCount,
  checkPositive,
  firstOrderGain,
  type Gated,
  STEP_SIZES,
  type StepSizes,
  stepLengths,
} from "./step-size.ts";

/**
 * Gradient EM: after each E-step m gradient steps on Q, φ⁺ = φ + γ∇Q(φ | θ)/n, from φ = θ.
 *
 * With one inner step and one step size it is gradient descent, by Fisher's identity ∇Q(θ | θ) = ∇ℓ(θ); many short inner
 * steps lead to EM.
 *
 * @param options.stepSize γ, above 0; one step moves along the mean over rows, as in gradient descent
 * @param options.gateStepSize γ of the gate's coefficients, above 0; default: that of the experts
 * @param options.innerSteps m, a whole number from 1 on; default 1
 * @throws InputError when a step size or m is none of these
 * @remarks cost of a step: an E-step and m gradients. Balakrishnan, Wainwright and Yu 2017, with m = 1.
 * @example
 * ```ts
 * import { fit, gradientEm } from "mixlens";
 * const data = { x: [-2, -1, 0, 1, 2], y: [-3, -3, 1, 1, 4] };
 * const algorithm = gradientEm({ stepSize: 0.1, innerSteps: 5 });
 * const found = fit(data, { response: "y", k: 1, algorithm, start: new Float64Array(3) });
 * const best = fit(data, { response: "y", k: 1 });
 * if (Math.abs(found.objective - best.objective) > 1e-9) throw new Error("the maximum is the same");
 * ```
 */
export function gradientEm<Data = Observations>(
  options: StepSizes & { readonly innerSteps?: number },
): Algorithm<Data, LatentModel<Data> & Gated<Data>, EStep> {
  checkOptions("use gradient EM", options, { ...STEP_SIZES, innerSteps: number });
  const { stepSize, gateStepSize, innerSteps = 1 } = options;
  checkPositive("use gradient EM", "a step size", { stepSize, gateStepSize });
  checkCount("use gradient EM", "innerSteps", innerSteps);
  return {
    name: "gradient-em",
    monotone: false,
    init: eStep,
    step: (model, theta, expectation, data) => {
      const lengths = stepLengths(model, options, data);
      const gradient = expectation.gradient();
      const along = (from: Float64Array, slope: Float64Array): Float64Array =>
        from.map((value, j) => value + lengths[j] * slope[j]);
      let next = along(theta, gradient);
      for (let inner = 1; inner < innerSteps; inner++) next = along(next, expectation.gradient(next));
      const state = eStep(model, next, data);
      const { logLikelihood, objective } = state;
      const gain = firstOrderGain(gradient, theta, next);
      return { theta: next, state, info: { logLikelihood, objective, gain, evaluations: innerSteps } };
    },
  };
}
