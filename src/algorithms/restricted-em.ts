import type { Evaluation } from "../models/model.ts";
import type { Kept, RestrictedEStep, RestrictedModel, Restriction } from "../models/restriction.ts";
import { type Algorithm, memoryOf, type StepInfo, type StepResult } from "./algorithm.ts";

/** Which E-steps of a run are restricted, and how: those at first. */
export interface Restrictions {
  /**
   * The restriction of the E-step after so many steps of M; undefined: none, there and in all that follow. What may be chosen
   * must never become less.
   *
   * @param gains first-order gains of the last steps, oldest first, in nats
   * @param objective where they led, in nats
   */
  readonly at: (step: number, gains: readonly number[], objective: number) => Restriction | undefined;
  /** Newton steps of an M-step at the most, while they are restricted; absent: until converged. */
  readonly newtonSteps?: number;
  /** Whether there is an end to them: if not, the limit is theirs, and no step of EM says whether it is near. */
  readonly isEndless?: boolean;
}

/** Gains that are looked back on. */
const LOOKED_BACK = 4;

/** Rounding of the objective, relative to it, that is no fall. */
const ROUNDING = 1e-13;
/** A share of a gate's step below which there is none that does not lower the objective. */
const SHORTEST = 2 ** -30;

/** How far a run is. */
interface Past {
  readonly steps: number;
  readonly gains: readonly number[];
  /** Objective before the last step, in nats; NaN at the start. */
  readonly from: number;
}

/** The state: a restricted E-step, or that of the algorithm which goes on without. */
export interface RestrictedState<Then extends Evaluation> extends Evaluation {
  readonly past: Past;
  readonly within?: RestrictedEStep;
  readonly plain?: Then;
  /** The state at the same θ of which this was kept. */
  readonly again: (memory: Memory) => RestrictedState<Then>;
}

/** What is kept of a state. */
interface Memory {
  readonly past: Past;
  readonly within: Kept | null;
  readonly plain: unknown;
}

/**
 * EM whose E-steps are restricted at first, and then another algorithm, from where that led.
 *
 * The objective is F less the penalties, which no step lowers, nor the end of the restrictions: F is then the log-likelihood.
 *
 * @param told what it was told
 */
export function restrictedFirst<Data, Then extends Evaluation>(
  name: string,
  told: object,
  { at, newtonSteps, isEndless = false }: Restrictions,
  then: Algorithm<Data, RestrictedModel<Data>, Then>,
): Algorithm<Data, RestrictedModel<Data>, RestrictedState<Then>> {
  const { memory } = then;
  type State = RestrictedState<Then>;
  /** The state at θ, after steps of which `before` was kept; of the same θ where the state is made again. */
  const stateAt = (model: RestrictedModel<Data>, theta: Float64Array, data: Data, past: Past, before?: Kept): State => {
    const freed = (state: Then, of: Past): State => ({ past: of, plain: state, ...evaluation(state), again });
    const held = (within: RestrictedEStep, of: Past): State => ({ past: of, within, ...evaluation(within), again });
    const again = (kept: Memory): State => {
      const restriction = kept.within === null ? undefined : at(kept.past.steps, kept.past.gains, kept.past.from);
      if (restriction === undefined) return freed(memory!.back(then.init(model, theta, data), kept.plain), kept.past);
      return held(model.eStepWithin(restriction, theta, data, kept.within!, true), kept.past);
    };
    const restriction = at(past.steps, past.gains, past.from);
    if (restriction === undefined) return freed(then.init(model, theta, data), past);
    return held(model.eStepWithin(restriction, theta, data, before), past);
  };
  return {
    name,
    monotone: isEndless || then.monotone,
    ...(isEndless && { isEm: true }),
    ...(memory && {
      memory: memoryOf(
        { ...told, followedBy: then.name, ...memory.told },
        ({ past, within, plain }: State): Memory => {
          return { past, within: within?.kept ?? null, plain: plain === undefined ? null : memory.of(plain) };
        },
        ({ again }, kept) => again(kept),
      ),
    }),
    init: (model, theta, data) => stateAt(model, theta, data, { steps: 0, gains: [], from: Number.NaN }),
    step: (model, theta, { within, plain, past, again }, data): StepResult<State> => {
      const steps = past.steps + 1;
      if (plain !== undefined) {
        const step = then.step(model, theta, plain, data);
        if ("failure" in step) return step;
        const next = { past: { ...past, steps }, plain: step.state, again, ...evaluation(step.state) };
        return { ...step, state: next };
      }
      const { objective: from, kept, maximise, mayFall } = within!;
      for (let share = 1, evaluations = 1; ; share = share > SHORTEST ? share / 2 : 0, evaluations++) {
        const { theta: next, gain, failure } = maximise({ steps: newtonSteps }, share);
        if (failure !== undefined) return { failure };
        const gains = [...past.gains, gain].slice(-LOOKED_BACK);
        const there = stateAt(model, next, data, { steps, gains, from }, kept);
        const hasFallen = !(there.objective >= from - ROUNDING * Math.abs(from));
        if (mayFall && hasFallen && share > 0) continue;
        return {
          theta: next,
          state: there,
          info: { ...evaluation(there), gain, evaluations, ...boundOf(there.within) },
        };
      }
    },
  };
}

function evaluation({ logLikelihood, objective }: Evaluation): Evaluation {
  return { logLikelihood, objective };
}

/** What there is to say of a restricted E-step: that its log-likelihood is a lower bound, and by how much. */
function boundOf(within: RestrictedEStep | undefined): Pick<StepInfo, "isBound" | "gap"> {
  if (within === undefined) return {};
  return { isBound: true, ...(within.gap !== undefined && { gap: within.gap }) };
}
