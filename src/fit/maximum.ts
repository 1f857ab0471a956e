import type { FitAlgorithm } from "../algorithms/named.ts";
import { own } from "../compute/own.ts";
import type { Journal } from "../files/journal.ts";
import type { Failure } from "../laws/failure.ts";
import type { Mixture } from "../models/mixture.ts";
import { gramsOf } from "../models/separation.ts";
import type { Observations } from "../rows/observations.ts";
import { type Ascent, ascend, type Climb } from "./ascent.ts";
import type { SearchEnd, StartReport } from "./evidence.ts";
import { finishedEm } from "./finished-em.ts";
import { type FitStep, TOLERANCE } from "./fit-options.ts";
import { type Beginning, type Makers, multistart, type StartCount, type StopRule } from "./search.ts";
import { firstStep } from "./starts/beginning.ts";
import { UNTAMED } from "./taming.ts";
import { recorded } from "./tape.ts";

/** How a maximum is searched for; each has the default of a fit. */
export interface SearchPlan {
  readonly algorithm?: FitAlgorithm | undefined;
  readonly tolerance?: number | undefined;
  readonly maxIterations: number;
  /** Whether columns are standardised; default: they are centred where they are far from 0. */
  readonly scale?: boolean;
  /** Where its steps are noted, and read from as far as they are there. */
  readonly journal?: Journal | undefined;
}

/** Starts of a search: how many, where one begins that is drawn, and how others are made. */
export interface Starts {
  readonly count: StartCount;
  readonly draw: (number: number) => Beginning;
  readonly makers?: Makers<Ascent>;
}

/** The highest of the starts, where any came to something, how each ended, and what ended the search early. */
export interface Highest {
  readonly best: (Ascent & { readonly responsibilities: Float64Array }) | undefined;
  readonly reports: readonly StartReport[];
  readonly end?: SearchEnd | undefined;
}

/**
 * Every step of a search for the maximum of a mixture, in columns that are standardised, or centred where they are far from 0; then the
 * highest start, in columns as they are.
 *
 * @param startsOf makes the starts, of the model and the rows as they are searched, from parameters carried `inside`
 */
export function* highest(
  asked: Mixture,
  observations: Observations,
  { algorithm, tolerance, maxIterations, scale = false, journal }: SearchPlan,
  startsOf: (model: Mixture, rows: Observations, inside: (theta: Float64Array) => Float64Array) => Starts,
): Generator<FitStep, Highest, void> {
  // Small weights make standard errors large, and must not make a fit another.
  const fraction = Math.min(1, asked.totalWeight(observations) / observations.rows);
  const about = scale ? asked.standardised(observations) : asked.centred(observations);
  const { model = asked } = about ?? {};
  const rows = own(about?.data ?? observations);
  const outside = (theta: Float64Array): Float64Array => (about && theta.length > 0 ? about.outside(theta) : theta);
  const { count, draw, makers } = startsOf(model, rows, about?.inside ?? ((theta) => theta));
  const plain = algorithm ?? finishedEm();
  const tape = journal && recorded(plain, journal);
  const climb: Climb = {
    ...{ model, data: rows, grams: gramsOf(rows), maxima: [] },
    algorithm: tape?.algorithm ?? plain,
    isEm: algorithm === undefined || algorithm.isEm === true,
  };
  const run = function* (
    number: number,
    stopRule: StopRule,
    before?: Ascent,
    begin?: Beginning,
  ): Generator<FitStep, Ascent, void> {
    const start = before?.start ?? begin ?? draw(number);
    if (!(start instanceof Float64Array)) return unstarted(model, start, number);
    const steps = ascend(climb, start, number, stopRule, before);
    let next = steps.next();
    for (; !next.done; next = steps.next()) yield { ...next.value, theta: outside(next.value.theta) };
    return next.value;
  };
  const until = { tolerance: tolerance ?? TOLERANCE * Math.sqrt(fraction), maxIterations };
  const { best, reports, end } = yield* multistart(count, run, until, makers);
  tape?.end();
  if (best === undefined) return { best, reports };
  const { responsibilities, logLikelihood, objective } = best.model.posterior(best.theta, rows);
  // A run that ended within its first steps may know no more than a bound.
  const report = best.trace.at(-1)?.isBound ? { ...best.report, logLikelihood, objective } : best.report;
  const outer: Ascent = {
    ...best,
    report,
    model: about?.modelOutside(best.model) ?? best.model,
    theta: outside(best.theta),
    start: outside(best.start),
  };
  return { best: { ...outer, responsibilities }, reports, end };
}

/** A start that could not be made. */
function unstarted(model: Mixture, failure: Failure, number: number): Ascent {
  const nothing = { logLikelihood: Number.NaN, objective: Number.NaN, iterations: 0, settled: false };
  const report = {
    ...nothing,
    result: "failed",
    message: `Stopped at the start: ${failure.reason}.`,
    failure,
  } as const;
  const where = { theta: new Float64Array(), start: new Float64Array(), trace: [], distance: Number.NaN };
  return { number, model, report, ...where, taming: UNTAMED, separated: [], spurious: undefined };
}

/** Parameters that responsibilities lead to, or why they don't. */
export function fromResponsibilities(model: Mixture, responsibilities: Float64Array, data: Observations): Beginning {
  const { theta, failure } = firstStep(model, responsibilities, data);
  return failure ?? theta;
}

/** Steps of a search that begins near its end. */
const STEPS_NEARBY = 10_000;

/**
 * The maximum of a mixture on some rows that is reached from parameters, or the highest from any of several.
 *
 * @param starts parameters (p each), or why a start could not be made
 */
export function maximumFrom(
  model: Mixture,
  data: Observations,
  starts: readonly Beginning[],
  tolerance?: number,
): Highest {
  const count = { first: starts.length, most: starts.length };
  const steps = highest(model, data, { tolerance, maxIterations: STEPS_NEARBY }, (_, __, inside) => ({
    count,
    draw: (number) => {
      const start = starts[number];
      return start instanceof Float64Array ? inside(start) : start;
    },
  }));
  let next = steps.next();
  while (!next.done) next = steps.next();
  return next.value;
}
