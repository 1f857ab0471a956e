import { readOptions } from "../errors/options.ts";
import type { Evaluation, Maximum, OnePassModel } from "../models/model.ts";
import type { Observations } from "../rows/observations.ts";
import { type Algorithm, noMemory, type StepResult } from "./algorithm.ts";

/** Rounding of the objective, relative to it, that is no fall. */
const ROUNDING = 1e-13;
/** A share of Newton's step below which there is none that does not lower the objective. */
const SHORTEST = 2 ** -30;

/** The sums at θ, of which the next step is made. */
export interface OnePassState extends Evaluation {
  readonly sums: Float64Array;
}

/**
 * Generalised EM that reads the rows once in each step, wherever they are: the default of a `source`.
 *
 * The sums of the E-step at θ lead to θ⁺: by least squares for linear experts, by one step of Newton's method for the gate and
 * for all others. The pass at θ⁺, which the next step needs anyway, says whether the objective has risen; where it has fallen
 * the Newton steps are halved until it has not. Near the limit its steps are as EM's, and shrink at EM's rate.
 *
 * @throws InputError for any option: there is none
 * @remarks cost of a step: one pass with all sums, and one more for each time that a step is halved, which is rare. Lange 1995.
 * @example
 * ```ts
 * import { datasetPath, fit, onePassEm } from "mixlens";
 * const options = { response: "petal_width", features: ["petal_length"], starts: 3 } as const;
 * const [one, other] = [fit(datasetPath("iris"), { ...options, algorithm: onePassEm() }), fit(datasetPath("iris"), options)];
 * if (Math.abs(one.logLikelihood - other.logLikelihood) > 1e-9) throw new Error("they have one maximum");
 * ```
 */
export function onePassEm<Data = Observations>(
  options: Readonly<Record<never, never>> = {},
): Algorithm<Data, OnePassModel<Data>, OnePassState> {
  readOptions("use one-pass EM", options, {});
  return {
    name: "one-pass-em",
    monotone: true,
    isEm: true,
    memory: noMemory({}),
    init: (model, theta, data) => model.stepSums(theta, data),
    step: (model, theta, { sums, objective }, data) => {
      let step = model.stepFrom(theta, sums);
      for (let share = 1, passes = 1; ; share /= 2, passes++) {
        if (step.failure !== undefined) return { failure: step.failure };
        const state = model.stepSums(step.theta, data);
        const hasFallen = !(state.objective >= objective - ROUNDING * Math.abs(objective));
        if (!hasFallen || share < SHORTEST) return taken(step, state, share, passes);
        step = model.stepFrom(theta, sums, share / 2);
      }
    },
  };
}

function taken(
  { theta, gain }: Maximum,
  state: OnePassState,
  share: number,
  evaluations: number,
): StepResult<OnePassState> {
  const { logLikelihood, objective } = state;
  // The gain of a whole step: a shortened one says nothing of the distance to the limit.
  return { theta, state, info: { logLikelihood, objective, gain, evaluations, relaxation: share } };
}
