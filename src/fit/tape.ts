import type { StepInfo } from "../algorithms/algorithm.ts";
import type { FitAlgorithm } from "../algorithms/named.ts";
import { isObject, isOf, type Kind, listOf, number, objectOf, required, text, vector } from "../errors/kinds.ts";
import { InputError, quote } from "../errors.ts";
import type { Journal } from "../files/journal.ts";
import type { Failure } from "../laws/failure.ts";
import type { Evaluation } from "../models/model.ts";

// A search goes on in another process by being run again, with the steps that it took read instead of computed: all that
// decides what is run next (starts, saddles, priors, stopping) is the same code, and gives the same bits.

/** A step as it was taken, or why it was not. */
type TakenStep = { readonly theta: Float64Array; readonly info: StepInfo } | { readonly failure: Failure };

/** Steps of a run: of one that begins with them, or of the one before. */
interface Taken {
  readonly begin?: Evaluation & { readonly theta: Float64Array };
  readonly steps: readonly TakenStep[];
  /** What the algorithm is to keep after the last of them. */
  readonly kept: unknown;
}

/** A run that is read. */
interface PastRun extends Required<Taken> {
  readonly steps: TakenStep[];
  kept: unknown;
}

/** A state that was read has none of the algorithm's in it until that is needed, but what the run began with. */
interface State extends Evaluation {
  readonly own?: unknown;
  readonly kept?: unknown;
}

/** An algorithm whose steps are noted, or read. */
export interface Tape {
  readonly algorithm: FitAlgorithm;
  /** Notes what is not noted yet. */
  readonly end: () => void;
}

/**
 * Notes the steps of all runs of an algorithm in a journal, once those are read that it has.
 *
 * @throws InputError for an algorithm that can't go on in another process, and for notes that are not of these runs
 */
export function recorded(algorithm: FitAlgorithm, journal: Journal): Tape {
  const { memory } = algorithm;
  if (memory === undefined) {
    throw new InputError("fit", "an algorithm with a memory for a checkpoint, as em() has", algorithm.name);
  }
  const past = runsOf(journal);
  let run: PastRun | undefined;
  let read = 0;
  let fresh: { begin?: Taken["begin"]; steps: TakenStep[]; last?: unknown } = { steps: [] };
  const flush = (): void => {
    const { begin, steps, last } = fresh;
    if (steps.length === 0 && begin === undefined) return;
    journal.note({ ...(begin && { begin }), steps, kept: last === undefined ? null : memory.of(last) } satisfies Taken);
    fresh = { steps: [] };
  };
  const init: FitAlgorithm["init"] = (model, theta, data): State => {
    flush();
    run = past.shift();
    read = 0;
    if (run !== undefined) {
      if (!isSame(run.begin.theta, theta)) throw otherSteps(journal);
      return { logLikelihood: run.begin.logLikelihood, objective: run.begin.objective };
    }
    const own = algorithm.init(model, theta, data);
    const evaluation = { logLikelihood: own.logLikelihood, objective: own.objective };
    fresh = { begin: { theta: theta.slice(), ...evaluation }, steps: [], last: own };
    return { ...evaluation, own };
  };
  const step: FitAlgorithm["step"] = (model, theta, state: State, data) => {
    let { own } = state;
    if (own === undefined && run !== undefined) {
      if (read < run.steps.length) return played(run.steps[read++]);
      // A run that others follow had no more steps than it has.
      if (past.length > 0) throw otherSteps(journal);
      own = algorithm.init(model, theta, data);
      const kept = keptOf(state);
      if (kept !== undefined) own = memory.back(own, kept);
    }
    const taken = algorithm.step(model, theta, own, data);
    if ("failure" in taken) {
      fresh.steps.push({ failure: taken.failure });
      return taken;
    }
    const { logLikelihood, objective } = taken.state;
    fresh.steps.push({ theta: taken.theta, info: taken.info });
    fresh.last = taken.state;
    if (journal.isDue()) flush();
    return { ...taken, state: { logLikelihood, objective, own: taken.state } };
  };
  const keptOf = ({ own, kept }: State): unknown => {
    if (own !== undefined) return memory.of(own);
    return run !== undefined && run.steps.length > 0 ? run.kept : kept;
  };
  const back = (fresh: State, kept: unknown): State =>
    fresh.own === undefined ? { ...fresh, kept } : { ...fresh, own: memory.back(fresh.own, kept) };
  return { algorithm: { ...algorithm, init, step, memory: { ...memory, of: keptOf, back } }, end: flush };
}

function played(taken: TakenStep): ReturnType<FitAlgorithm["step"]> {
  if ("failure" in taken) return taken;
  const { logLikelihood, objective } = taken.info;
  return { ...taken, state: { logLikelihood, objective } };
}

const evaluation = { logLikelihood: required(number), objective: required(number) };
const aFailure = objectOf({ kind: required(text), reason: required(text) }, "a failure");
const aStep: Kind<TakenStep> = {
  wanted: "a step",
  accepts: (value) =>
    isObject(value) &&
    (aFailure.accepts(value.failure) ||
      (vector.accepts(value.theta) && objectOf({ ...evaluation, gain: required(number) }, "").accepts(value.info))),
};
const TAKEN: Readonly<Record<string, Kind>> = {
  begin: objectOf({ ...evaluation, theta: required(vector) }, "the beginning of a run"),
  steps: required(listOf(aStep, "a list of steps")),
};

/** The runs that notes tell of. */
function runsOf(journal: Journal): PastRun[] {
  const runs: PastRun[] = [];
  for (const note of journal.past) {
    if (!isObject(note) || !Object.entries(TAKEN).every(([name, kind]) => isOf(note[name], kind)))
      throw otherSteps(journal);
    const { begin, steps, kept } = note as unknown as Taken;
    const last = runs.at(-1);
    if (begin !== undefined) runs.push({ begin, steps: [...steps], kept });
    else if (last !== undefined) {
      for (const step of steps) last.steps.push(step);
      last.kept = kept;
    } else throw otherSteps(journal);
  }
  return runs;
}

function isSame(a: Float64Array, b: Float64Array): boolean {
  return a.length === b.length && a.every((value, j) => Object.is(value, b[j]));
}

function otherSteps({ file }: Journal): InputError {
  const next = "name another file, and begin anew";
  return new InputError(`go on from ${quote(file)}`, "the steps of this fit on this machine", "others", next);
}
