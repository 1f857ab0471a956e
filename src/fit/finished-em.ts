import type { Algorithm } from "../algorithms/algorithm.ts";
import { type AcceleratedPosterior, accelerated, anderson } from "../algorithms/anderson.ts";
import { em } from "../algorithms/em.ts";
import type { EStep, Evaluation, LatentModel } from "../models/model.ts";
import type { Observations } from "../rows/observations.ts";

/** How many steps were taken, and what the next one needs. */
interface FinishedPosterior extends Evaluation {
  readonly steps: number;
  readonly state: EStep | AcceleratedPosterior;
}

type FinishedEm = Algorithm<Observations, LatentModel<Observations>, FinishedPosterior>;

/**
 * EM that is finished by its acceleration: where 200 steps have not arrived, it goes on with Anderson's.
 *
 * Problems on which EM is quick see EM and nothing else. Where it is slow, what takes thousands of steps, or ends short of
 * the limit, takes some dozens more.
 *
 * @remarks cost of a step: that of {@link em}, then that of {@link anderson}
 */
export function finishedEm(): FinishedEm {
  return inStages(200);
}

/**
 * The same where coefficients run off and only a small prior holds them, where EM always is slow: accelerated earlier, and
 * then with M-steps cut short, for one that goes all the way to where the prior ends it is wasted.
 *
 * Not accelerated at once: the first steps decide to which maximum a start goes, and after 20 or 40 of them the search came
 * to lower ones now and then.
 */
export function quickEm(): FinishedEm {
  return inStages(60, 2);
}

/** EM for so many steps, and then its acceleration, of M-steps cut short after so many Newton steps, or whole ones. */
function inStages(plainSteps: number, newtonSteps?: number): FinishedEm {
  const plain = em();
  const quick = anderson(newtonSteps === undefined ? {} : { innerSteps: newtonSteps });
  const counted = (state: EStep | AcceleratedPosterior, steps: number): FinishedPosterior => {
    return { steps, state, logLikelihood: state.logLikelihood, objective: state.objective };
  };
  return {
    name: `em, accelerated after ${plainSteps} steps`,
    monotone: true,
    init: (model, theta, data) => counted(plain.init(model, theta, data), 0),
    step: (model, theta, { state, steps }, data) => {
      const isPlain = "maximise" in state;
      const step =
        isPlain && steps < plainSteps
          ? plain.step(model, theta, state, data)
          : quick.step(model, theta, isPlain ? accelerated(state, []) : state, data);
      return "failure" in step ? step : { ...step, state: counted(step.state, steps + 1) };
    },
  };
}
