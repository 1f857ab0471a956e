import { readOptions } from "../errors/options.ts";
import { eStep } from "../models/expectation.ts";
import type { EStep, LatentModel } from "../models/model.ts";
import type { Observations } from "../rows/observations.ts";
import type { Effort } from "../solve/effort.ts";
import { type Algorithm, noMemory } from "./algorithm.ts";

/**
 * Expectation-maximisation: θ⁺ = argmax Q(· | θ), with a converged M-step.
 *
 * The state is the E-step at θ, so responsibilities and parameters always agree. The objective never falls. Near its
 * limit the distance shrinks with every step by the largest eigenvalue of the missing information there, which `spectrum`
 * finds.
 *
 * @throws InputError for any option: there is none
 * @remarks cost of a step: an E-step and, for each part without a closed form, the value, gradient and Hessian of some
 *   Newton steps; see `fit`. Dempster, Laird and Rubin 1977; as mirror descent, arXiv 2411.06056, Theorem 4.1.
 * @example
 * ```ts
 * import { em, fit } from "mixlens";
 * const y = [0, 1, 2, 3, 3, 2, 1, 0.5];
 * const line = fit({ x: [0, 1, 2, 3, 4, 5, 6, 7], y }, { response: "y", k: 1, algorithm: em() });
 * if (line.result !== "converged") throw new Error(line.result);
 * ```
 */
export function em<Data = Observations>(
  options: Readonly<Record<never, never>> = {},
): Algorithm<Data, LatentModel<Data>, EStep> {
  readOptions("use EM", options, {});
  return alternating("em");
}

/** E-steps and M-steps in turn; these converged, or as far as an effort goes. */
export function alternating<Data>(name: string, effort?: Effort): Algorithm<Data, LatentModel<Data>, EStep> {
  return {
    name,
    monotone: true,
    isEm: effort === undefined,
    memory: noMemory({ ...effort }),
    init: eStep,
    step: (model, _, expectation, data) => {
      const maximum = expectation.maximise(effort);
      if (maximum.failure !== undefined) return { failure: maximum.failure };
      const state = eStep(model, maximum.theta, data);
      const { logLikelihood, objective } = state;
      return {
        theta: maximum.theta,
        state,
        info: { logLikelihood, objective, gain: maximum.gain },
      };
    },
  };
}
