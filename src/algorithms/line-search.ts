import { type Defaulted, type OptionsOf, readOptions } from "../errors/options.ts";
import { dot } from "../math/vector.ts";
import type { Model } from "../models/model.ts";
import type { Observations } from "../rows/observations.ts";
import { type Algorithm, memoryOf } from "./algorithm.ts";
import { withinBounds } from "./bounds.ts";
import type { Slope } from "./gradient-descent.ts";
import { firstOrderGain, stepSizeOf } from "./step-size.ts";

/** State of a line search at θ. */
export interface SearchedSlope extends Slope {
  /** γ of the last step. */
  readonly stepSize: number;
}

/** The options of a line search. */
export class LineSearchTable {
  /** Step size γ of a method that follows a gradient; default 1. Half of it is tried first. */
  readonly stepSize: Defaulted<number> = stepSizeOf(1);
}

export const LINE_SEARCH: LineSearchTable = new LineSearchTable();

/** Options of a line search. */
export interface LineSearchOptions extends OptionsOf<LineSearchTable> {}

/** Part of the first-order gain that a step has to keep. */
const KEPT = 0.3;
/** Changes of the objective, relative to it and the weight of its rows, that drown in rounding. */
const ROUNDING = 1e-13;

/**
 * Gradient descent whose step size is searched for: θ⁺ = θ − γ∇L(θ), γ halved from twice the last one, or from the first
 * that moves θ at all, until L(θ⁺) ≤ L(θ) − 0.3 γ‖∇L(θ)‖².
 *
 * It needs no step size and never lowers the objective.
 *
 * @throws InputError for an option that there is not, and for one that no step can be made of
 * @remarks cost of a step: a gradient for each try, two or so. Armijo 1966.
 * @example
 * ```ts
 * import { fit, lineSearch } from "mixlens";
 * const data = { x: [-2, -1, 0, 1, 2], y: [-3, -3, 1, 1, 4] };
 * const start = new Float64Array(3);
 * const { result } = fit(data, { response: "y", k: 1, start, algorithm: lineSearch() });
 * if (result !== "converged") throw new Error(result);
 * ```
 */
export function lineSearch<Data = Observations>(
  options: LineSearchOptions = {},
): Algorithm<Data, Model<Data>, SearchedSlope> {
  const { stepSize } = readOptions("use a line search", options, LINE_SEARCH);
  return {
    name: "line-search",
    monotone: true,
    memory: memoryOf(
      { stepSize },
      (state) => state.stepSize,
      (fresh, last) => ({ ...fresh, stepSize: last }),
    ),
    init: (model, theta, data) => ({ ...model.gradient(theta, data), stepSize: stepSize / 2 }),
    step: (model, theta, { objective, gradient, stepSize: last }, data) => {
      const weight = model.totalWeight(data);
      const square = dot(gradient, gradient);
      let evaluations = 0;
      const along = (size: number): Float64Array =>
        withinBounds(
          model,
          theta.map((value, j) => value + (size / weight) * gradient[j]),
        );
      const isStill = (size: number): boolean => along(size).every((value, j) => value === theta[j]);
      let longest = 2 * last;
      // After a slope that was huge the step size may be too short to move θ: it costs no gradient to see that.
      while (square > 0 && longest < Number.MAX_VALUE / 2 && isStill(longest)) longest *= 2;
      for (let size = longest; size > 0; size /= 2) {
        const next = along(size);
        const slope = model.gradient(next, data);
        evaluations++;
        const gain = firstOrderGain(gradient, theta, next);
        // Where rounding hides the climb the slope at the end tells it: on a parabola the two conditions are one.
        const isHidden = KEPT * gain <= ROUNDING * (Math.abs(objective) + weight);
        const climbs = isHidden
          ? dot(slope.gradient, gradient) >= (2 * KEPT - 1) * square
          : slope.objective >= objective + KEPT * gain;
        if (!climbs) continue;
        const { logLikelihood } = slope;
        const info = { logLikelihood, objective: slope.objective, gain, evaluations };
        return { theta: next, state: { ...slope, stepSize: size }, info };
      }
      return { failure: { kind: "no step", reason: "no step along the gradient raises the objective" } };
    },
  };
}
