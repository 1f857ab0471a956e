import type { StepInfo } from "../algorithms/algorithm.ts";
import { type Iterate, iterate, type Outcome, type Position } from "../algorithms/iterate.ts";
import type { FitAlgorithm } from "../algorithms/named.ts";
import { estimateDistance } from "../algorithms/stop.ts";
import { isOfGate } from "../laws/gates/nodes.ts";
import type { Mixture } from "../models/mixture.ts";
import type { Evaluation } from "../models/model.ts";
import { type Grams, type Separation, SHORT, separations } from "../models/separation.ts";
import type { Observations } from "../rows/observations.ts";
import { SAME } from "./evidence.ts";
import type { FitStep } from "./fit-options.ts";
import { lookAround } from "./saddle.ts";
import { NEAR_CONVERGENCE, SHORT_RUN, type StopRule } from "./search.ts";
import { type Spurious, spuriousExpert } from "./spurious.ts";
import type { Run } from "./standing.ts";
import { hasPart, more, revised, type Taming, tamed, UNTAMED } from "./taming.ts";

/** How many pieces a run may have, and how often it may begin anew with other priors. */
const MOST_PIECES = 10;
const MOST_PRIORS = 12;
/** A run is elsewhere, or its prior too large, where it falls short by so many times what the prior costs, or is to cost. */
const MOST_COST = 4;
/** Steps after which separation is first looked for; then at twice as many, and so on. */
const FIRST_LOOK = 10;
/** Nats per row below the most that labels can be predicted with at which nothing is left to fit: several times a prior's. */
const CERTAIN = 10 * SHORT;
const CERTAINTY = "Every label is predicted with certainty.";

/** What all starts of a fit have in common. */
export interface Climb {
  readonly model: Mixture;
  readonly data: Observations;
  readonly algorithm: FitAlgorithm;
  /** Whether its steps are EM's, for the most part: then the spectrum tells their rate. */
  readonly isEm: boolean;
  readonly grams: Grams;
  /** Heights of maxima that are known, in nats: who settles there need not look around. Filled on the way. */
  readonly maxima: number[];
}

/** What was found of a start, and how. */
export interface Ascent extends Run {
  readonly number: number;
  /** The mixture that was fitted: with priors on the parts that are separated. */
  readonly model: Mixture;
  readonly theta: Float64Array;
  readonly start: Float64Array;
  readonly trace: readonly Omit<Iterate, "theta">[];
  /** The priors that it was fitted with. */
  readonly taming: Taming;
  /** Where its algorithm stands, and how; absent where it can't go on from there. */
  readonly pause?: Pause | undefined;
  /** The parts that have no finite maximum without their prior. */
  readonly separated: readonly Separation[];
  readonly spurious: Spurious | undefined;
  /** Whether it is one of many maxima of one height beside each other. */
  readonly isFlat?: boolean;
}

/**
 * Runs an algorithm from one start to where a stop rule ends it, past saddles, and with a small prior on each part that is
 * separated.
 *
 * Separation is looked for after 10 steps, 20, 40 and so on, and at the end. The prior, ½ρ Σ w η² on the part's linear
 * predictors over the rows, does not depend on origin or units of columns, nor on the scale of weights; ρ is a power of a
 * hundred that costs about 1e-6 nats per row at the most. The run then begins anew; where that leads it to a lower place than
 * the one that was separated, from there.
 *
 * @param before this start's run under an earlier rule, to go on from
 */
export function* ascend(
  climb: Climb,
  start: Float64Array,
  number: number,
  stopRule: StopRule,
  before?: Ascent,
): Generator<FitStep, Ascent, void> {
  const { model: asked, data, grams } = climb;
  const watches = (asked.spec.ridge ?? 0) === 0;
  let { taming } = before ?? { taming: UNTAMED };
  let from = start;
  let highest: Path | undefined;
  for (let round = 0; ; round++) {
    const model = taming.parts.length === 0 ? asked : tamed(asked, taming, grams);
    const isLast = round >= MOST_PRIORS;
    const watch = (theta: Float64Array): readonly Separation[] =>
      watches && !isLast
        ? separations(asked, theta, data, { grams, isLookedAt: (part) => !hasPart(taming, part) })
        : [];
    const past = round === 0 ? before : undefined;
    const run = yield* segments(climb, model, from, number, stopRule, watch, past);
    if (run.separated.length > 0) {
      taming = more(taming, run.separated);
      if (highest === undefined || run.report.logLikelihood > highest.report.logLikelihood) highest = run;
      continue;
    }
    const separated = separations(asked, run.theta, data, {
      grams,
      isLookedAt: (part) => taming.parts.includes(part),
      isHeld: true,
    });
    const cost = run.report.logLikelihood - run.report.objective;
    const short = (highest?.report.logLikelihood ?? 0) - run.report.logLikelihood;
    if (highest !== undefined && from === start && separated.length === 0 && short > MOST_COST * cost) {
      // By more than the prior costs: it came elsewhere, which tells nothing of the place that was separated.
      from = highest.theta;
      continue;
    }
    const next = isLast ? taming : revised(taming, separated, cost > MOST_COST * SHORT * asked.totalWeight(data));
    if (next === taming) {
      const mayBeSupreme = separated.length > 0 && asked.law.response.isLabel && !run.report.settled;
      const isBoundless = separated.filter(({ part }) => !isOfGate(part)).length === asked.spec.k;
      return { ...run, model, number, start, separated, taming, mayBeSupreme, isBoundless };
    }
    taming = next;
  }
}

type Path = Omit<Ascent, "number" | "model" | "start" | "taming">;

/**
 * A run in one piece, or in several where it left saddles or had not settled after all; it ends early where `watch` finds
 * that a part is separated, and where every label is predicted with certainty.
 */
function* segments(
  { data, algorithm, isEm, maxima }: Climb,
  model: Mixture,
  start: Float64Array,
  number: number,
  stopRule: StopRule,
  watch: (theta: Float64Array) => readonly Separation[],
  before?: Ascent,
): Generator<FitStep, Path, void> {
  const position = before?.pause && resumed(algorithm, model, data, before.pause);
  const trace = position === undefined ? [] : [...(before?.trace ?? [])];
  const note = (theta: Float64Array, info: StepInfo): FitStep => {
    const step = { ...info, iteration: trace.length };
    trace.push(step);
    return { ...step, theta, start: number };
  };
  const look = (theta: Float64Array): readonly Separation[] => (hasFallen(trace, rounding) ? [] : watch(theta));
  const certain = certainty(model, data);
  const rounding = SHORT * model.totalWeight(data);
  let from: Float64Array | Position<Evaluation> = position ?? start;
  let rate: number | undefined;
  for (let piece = 0; ; piece++) {
    const past = "gains" in from ? from.gains.length : 0;
    const left = past + stopRule.maxIterations - Math.max(0, trace.length - 1);
    const { tolerance } = stopRule;
    const stop = { tolerance, maxIterations: left, ...(rate !== undefined && { rate }) };
    const steps = iterate(algorithm, model, from, data, stop);
    let next = steps.next();
    for (; !next.done; next = steps.next()) {
      const { theta, iteration, ...info } = next.value;
      // A further piece begins where the one before ended.
      if (piece > 0 && iteration === 0) continue;
      yield note(theta, info);
      if (trace.length > SHORT_RUN && info.logLikelihood >= certain) {
        return ended(model, theta, data, trace, { result: "converged", message: CERTAINTY }, look(theta));
      }
      const separated = isCheckpoint(trace.length - 1) ? look(theta) : [];
      if (separated.length > 0) {
        return ended(model, theta, data, trace, { result: "max-iterations", message: "" }, separated);
      }
    }
    const { theta, result } = next.value;
    const found = result === "failed" ? [] : look(theta);
    const run = ended(model, theta, data, trace, next.value, found, paused(algorithm, next.value));
    const { settled, objective, iterations } = run.report;
    const isKnown = !stopRule.isLong && maxima.some((height) => Math.abs(height - objective) <= SAME);
    if (run.separated.length > 0 || !settled || isKnown || piece >= MOST_PIECES) return run;
    const around = lookAround(model, theta, data);
    const isRateKnown = isEm && !stopRule.isLong && around.rate !== undefined && around.rate < 1;
    const isThere = !isRateKnown || estimateDistance(gainsOf(trace), around.rate).distance <= tolerance;
    if (around.above === undefined && isThere) {
      maxima.push(objective);
      return { ...run, isFlat: around.isFlat === true };
    }
    if (iterations >= stopRule.maxIterations) return around.above === undefined ? run : atSaddle(run);
    if (around.above === undefined) [from, rate] = [theta, around.rate];
    else {
      const { theta: above, ...evaluation } = around.above;
      yield note(above, { ...evaluation, gain: evaluation.objective - objective });
      from = above;
    }
  }
}

/**
 * Whether a run stands below its start, by more than rounding: it has overshot, and that nothing curves where it is says nothing of
 * the data.
 */
function hasFallen(trace: readonly Omit<Iterate, "theta">[], rounding: number): boolean {
  return trace.length > 0 && trace[trace.length - 1].objective < trace[0].objective - rounding;
}

/** Where a run stands, without what takes memory for each row: that is found again when it goes on. */
interface Pause extends Omit<Position<never>, "state"> {
  readonly kept: unknown;
}

function paused({ memory }: FitAlgorithm, { theta, gains, state }: Outcome<Evaluation>): Pause | undefined {
  return memory && { theta, gains, kept: memory.of(state) };
}

function resumed(
  { init, memory }: FitAlgorithm,
  model: Mixture,
  data: Observations,
  { theta, gains, kept }: Pause,
): Position<Evaluation> | undefined {
  return memory && { theta, gains, state: memory.back(init(model, theta, data), kept) };
}

/** The log-likelihood from which on every label is predicted with certainty. */
function certainty({ law, totalWeight }: Mixture, data: Observations): number {
  return law.response.isLabel ? -CERTAIN * totalWeight(data) : Number.POSITIVE_INFINITY;
}

/** A run that had no step left to leave a saddle. */
function atSaddle(run: Path): Path {
  const message = `Stopped at a saddle after ${run.report.iterations} steps: raise maxIterations.`;
  return { ...run, report: { ...run.report, result: "max-iterations", settled: false, message } };
}

function gainsOf(trace: readonly Omit<Iterate, "theta">[]): number[] {
  return trace.slice(-4).map(({ gain }) => gain);
}

function isCheckpoint(iteration: number): boolean {
  return iteration >= FIRST_LOOK && Number.isInteger(Math.log2(iteration / FIRST_LOOK));
}

function ended(
  model: Mixture,
  theta: Float64Array,
  data: Observations,
  trace: readonly Omit<Iterate, "theta">[],
  { result, message, failure }: Pick<Outcome<Evaluation>, "result" | "message" | "failure">,
  separated: readonly Separation[],
  pause?: Pause,
): Path {
  const { logLikelihood, objective, iteration } = trace.at(-1) ?? {
    logLikelihood: Number.NaN,
    objective: Number.NaN,
    iteration: 0,
  };
  const { distance } = estimateDistance(gainsOf(trace));
  const settled = result === "converged" || distance <= NEAR_CONVERGENCE;
  const isAlive = result === "converged" || result === "max-iterations";
  const spurious = isAlive ? spuriousExpert(model, theta, data) : undefined;
  const report = {
    logLikelihood,
    objective,
    iterations: iteration,
    result,
    settled,
    message,
    ...(failure && { failure }),
  };
  // No log-likelihood of labels is above 0.
  const isSupreme = isAlive && logLikelihood >= certainty(model, data);
  return { theta, trace, report, distance, separated, spurious, isSupreme, pause };
}
