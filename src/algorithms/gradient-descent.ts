import { type Defaulted, type Optional, type OptionsOf, readOptions } from "../errors/options.ts";
import type { Evaluation } from "../models/model.ts";
import type { Observations } from "../rows/observations.ts";
import { type Algorithm, noMemory } from "./algorithm.ts";
import { withinBounds } from "./bounds.ts";
import { firstOrderGain, type Gated, gateStepSize, stepLengths, stepSizeOf } from "./step-size.ts";

/** What gradient descent needs at θ for its next step. */
export interface Slope extends Evaluation {
  /** ∇ of the objective (p). */
  readonly gradient: Float64Array;
}

/** The options of gradient descent. */
export class GradientDescentTable {
  /** Step size γ of a method that follows a gradient; default 0.1. */
  readonly stepSize: Defaulted<number> = stepSizeOf(0.1);

  /** Step size γ of the gate's coefficients; default: that of the experts. */
  readonly gateStepSize: Optional<number> = gateStepSize;
}

export const GRADIENT_DESCENT: GradientDescentTable = new GradientDescentTable();

/** What gradient descent may be told. */
export interface GradientDescentOptions extends OptionsOf<GradientDescentTable> {}

/**
 * Gradient descent with fixed steps, θ⁺ = θ − γ∇L(θ), where L is the mean negative log-likelihood in nats per row, with the
 * ridge penalty where there is one.
 *
 * Near a maximum it converges for γ below 2 divided by the largest curvature of L; `stepGrid` finds a γ.
 *
 * @throws InputError for an option that there is not, and for one that no step can be made of
 * @remarks cost of a step: a gradient, about that of an E-step. Cauchy 1847.
 * @example
 * ```ts
 * import { fit, gradientDescent } from "mixlens";
 * const data = { x: [-2, -1, 0, 1, 2], y: [-3, -3, 1, 1, 4] };
 * const algorithm = gradientDescent({ stepSize: 0.1 });
 * const found = fit(data, { response: "y", k: 1, algorithm, start: new Float64Array(3) });
 * const best = fit(data, { response: "y", k: 1 });
 * if (Math.abs(found.objective - best.objective) > 1e-9) throw new Error("the maximum is the same");
 * ```
 */
export function gradientDescent<Data = Observations>(
  options: GradientDescentOptions = {},
): Algorithm<Data, Gated<Data>, Slope> {
  const sizes = readOptions("use gradient descent", options, GRADIENT_DESCENT);
  return {
    name: "gradient-descent",
    monotone: false,
    memory: noMemory(sizes),
    init: (model, theta, data) => model.gradient(theta, data),
    step: (model, theta, { gradient }, data) => {
      const lengths = stepLengths(model, sizes, data);
      const next = withinBounds(
        model,
        theta.map((value, j) => value + lengths[j] * gradient[j]),
      );
      const state = model.gradient(next, data);
      const gain = firstOrderGain(gradient, theta, next);
      const { logLikelihood, objective } = state;
      return { theta: next, state, info: { logLikelihood, objective, gain } };
    },
  };
}
