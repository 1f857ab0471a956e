import { type Algorithm, memoryOf } from "../algorithms/algorithm.ts";
import { type AcceleratedPosterior, ANDERSON, accelerated, extrapolating } from "../algorithms/anderson.ts";
import { alternating } from "../algorithms/em.ts";
import type { EStep, Evaluation, LatentModel } from "../models/model.ts";
import type { Observations } from "../rows/observations.ts";

/** Steps that EM takes as it is. */
const PLAIN_STEPS = 100;
/**
 * What their M-steps may leave of a gain: near a limit one Newton step leaves less, and EM is what it is; on the way there the
 * next M-step takes it up. An acceleration looks at differences between steps, which must not be what they have left.
 */
const ROUGH = 1e-3;
const FINE = 1e-6;

/** How many steps were taken, and what the next one needs. */
interface FinishedPosterior extends Evaluation {
  readonly steps: number;
  readonly state: EStep | AcceleratedPosterior;
}

/**
 * EM that is finished by its acceleration: where 100 steps have not arrived, it goes on with Anderson's.
 *
 * Problems on which EM is quick see EM and nothing else. Where it is slow, what takes thousands of steps, or ends short of
 * the limit, takes some dozens more. M-steps by Newton's method go as far as is of use to the next step.
 *
 * @remarks cost of a step: that of {@link em}, then that of {@link anderson}
 */
export function finishedEm(): Algorithm<Observations, LatentModel<Observations>, FinishedPosterior> {
  const plain = alternating<Observations>("em", { left: ROUGH });
  const quick = extrapolating<Observations>(ANDERSON.memory.value, { left: FINE });
  const counted = (state: EStep | AcceleratedPosterior, steps: number): FinishedPosterior => {
    return { steps, state, logLikelihood: state.logLikelihood, objective: state.objective };
  };
  return {
    name: "em, accelerated after 100 steps",
    monotone: true,
    memory: memoryOf(
      {},
      ({ steps, state }) => ({ steps, history: isPlain(state) ? undefined : state.history }),
      ({ state }, { steps, history }) =>
        counted(history !== undefined && isPlain(state) ? accelerated(state, history) : state, steps),
    ),
    init: (model, theta, data) => counted(plain.init(model, theta, data), 0),
    step: (model, theta, { state, steps }, data) => {
      const step =
        isPlain(state) && steps < PLAIN_STEPS
          ? plain.step(model, theta, state, data)
          : quick.step(model, theta, isPlain(state) ? accelerated(state, []) : state, data);
      return "failure" in step ? step : { ...step, state: counted(step.state, steps + 1) };
    },
  };
}

function isPlain(state: EStep | AcceleratedPosterior): state is EStep {
  return "maximise" in state;
}
