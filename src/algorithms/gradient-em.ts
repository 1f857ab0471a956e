import { type Defaulted, type Optional, type OptionsOf, readOptions } from "../errors/options.ts";
import { eStep } from "../models/expectation.ts";
import type { EStep, LatentModel } from "../models/model.ts";
import type { Observations } from "../rows/observations.ts";
import { type Algorithm, noMemory } from "./algorithm.ts";
import { withinBounds } from "./bounds.ts";
import { firstOrderGain, type Gated, gateStepSize, innerStepsOf, stepLengths, stepSizeOf } from "./step-size.ts";

/** The options of gradient EM. */
export class GradientEmTable {
  /** Step size γ of a method that follows a gradient; default 0.1. */
  readonly stepSize: Defaulted<number> = stepSizeOf(0.1);

  /** Step size γ of the gate's coefficients; default: that of the experts. */
  readonly gateStepSize: Optional<number> = gateStepSize;

  /** Steps of an M-step at the most; default 1. */
  readonly innerSteps: Defaulted<number> = innerStepsOf(1);
}

export const GRADIENT_EM: GradientEmTable = new GradientEmTable();

/** What gradient EM may be told. */
export interface GradientEmOptions extends OptionsOf<GradientEmTable> {}

/**
 * Gradient EM: after each E-step m gradient steps on Q, φ⁺ = φ + γ∇Q(φ | θ)/n, from φ = θ.
 *
 * With one inner step and one step size it is gradient descent, by Fisher's identity ∇Q(θ | θ) = ∇ℓ(θ); many short inner
 * steps lead to EM.
 *
 * @throws InputError for an option that there is not, and for one that no step can be made of
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
  options: GradientEmOptions = {},
): Algorithm<Data, LatentModel<Data> & Gated<Data>, EStep> {
  const plan = readOptions("use gradient EM", options, GRADIENT_EM);
  const { innerSteps } = plan;
  return {
    name: "gradient-em",
    monotone: false,
    memory: noMemory(plan),
    init: eStep,
    step: (model, theta, expectation, data) => {
      const lengths = stepLengths(model, plan, data);
      const gradient = expectation.gradient();
      const along = (from: Float64Array, slope: Float64Array): Float64Array =>
        withinBounds(
          model,
          from.map((value, j) => value + lengths[j] * slope[j]),
        );
      let next = along(theta, gradient);
      for (let inner = 1; inner < innerSteps; inner++) next = along(next, expectation.gradient(next));
      const state = eStep(model, next, data);
      const { logLikelihood, objective } = state;
      const gain = firstOrderGain(gradient, theta, next);
      return { theta: next, state, info: { logLikelihood, objective, gain, evaluations: innerSteps } };
    },
  };
}
