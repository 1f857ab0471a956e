import type { LeftOut } from "../data/default-features.ts";
import type { FittedMixture } from "../data/fitted-mixture.ts";
import { type DataSource, toTable } from "../data/source.ts";
import type { DataTable } from "../data/table.ts";
import { type Criteria, criteria } from "../diagnostics/criteria.ts";
import { InputError, listed, WorkFailure } from "../errors.ts";
import { random } from "../math/random.ts";
import { dot } from "../math/vector.ts";
import { type Coefficients, coefficients } from "../models/coefficients.ts";
import { type Mixture, mixture } from "../models/mixture.ts";
import type { LatentModel } from "../models/model.ts";
import type { Observations } from "../models/observations.ts";
import { relabelled, reordered } from "../models/relabel.ts";
import { type Separation, separations } from "../models/separation.ts";
import { expertShares } from "../models/shares.ts";
import { em } from "./em.ts";
import { planOf } from "./fit-declaration.ts";
import { type FitOptions, type FitPlan, type FitStep, taskOf } from "./fit-options.ts";
import { type Iterate, iterate, type Outcome, type Result } from "./iterate.ts";
import { type Leg, type Run, race, SETTLED, type Search, type StartReport, searchOf } from "./search.ts";
import { givenResponsibilities, startingResponsibilities } from "./starts.ts";
import { outlook } from "./stop.ts";

/** A finished fit. */
export interface Fit extends FittedMixture, StartReport {
  readonly result: Result;
  readonly observations: Observations;
  /** Responsibilities at the parameters, n × k row-major. */
  readonly responsibilities: Float64Array;
  /** The parameters by expert and column. */
  readonly coefficients: Coefficients;
  /** Share of the rows, by their weights, that each expert answers for (k). */
  readonly shares: readonly number[];
  /** Information criteria: smaller is better among models of the same rows. */
  readonly criteria: Criteria;
  /** The steps of the best start; the first is where it started. */
  readonly trace: readonly Omit<Iterate, "theta">[];
  /** Parameters the best start began at (p). */
  readonly start: Float64Array;
  /** Every start, in order. */
  readonly starts: readonly StartReport[];
  /** How many starts reached the best maximum, and how likely another start would find a new one. */
  readonly search: Search;
  /** Columns that are no features because none were named, and why. */
  readonly leftOut: readonly LeftOut[];
  /** All there is to say of the fit: `message`, and what the data should make one look at. */
  readonly messages: readonly string[];
}

/**
 * Fits a mixture of experts and returns the best of several starts.
 *
 * The starts are drawn in different ways; each runs until it is clear where it leads, and the highest until it converges.
 * A start that fails (an expert empties, a variance collapses) is an entry of `starts`, not an error. The experts are
 * numbered by the share of the rows they answer for, the largest first, unless the start or fixed parameters number them.
 * Where some columns separate the gate's experts or a logistic expert's labels perfectly, so that without a ridge their
 * coefficients have no finite maximum, the fit is that of a small ridge, and `message` says of which. The same seed gives
 * the same bits.
 *
 * @param data path of a CSV, danfo frame, plain columns or table of n rows
 * @throws InputError for input that no fit can be made of
 * @throws FitFailure when every start fails
 * @remarks cost of an EM step: about (2k − 1) weighted Gram matrices of n × d, and as many again for each further Newton
 *   step of the gate. arXiv 2411.06056, section 3.
 * @example
 * ```ts
 * import { datasetPath, fit } from "mixlens";
 * const iris = fit(datasetPath("iris"), { response: "species", experts: "logistic", k: 2, ridge: 0.01, starts: 3 });
 * if (iris.result !== "converged") throw new Error(iris.message);
 * ```
 */
export function fit(data: DataSource, options: FitOptions): Fit {
  const steps = fitting(data, planOf(options));
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
    heed(value, options);
  }
}

/**
 * Fits a mixture of experts as {@link fit} does, and lets other work of the process go on between any two steps.
 *
 * Timers fire, and a signal such as that of an interrupt arrives: what a notebook or a server needs of a long fit. The
 * numbers are those of `fit`, to the bit.
 *
 * @param options.signal ends the fit between two steps: the promise is rejected with its reason
 * @throws as `fit`, by rejecting the promise
 * @remarks cost that of `fit`, and a turn of the event loop, some microseconds, for each step
 * @example
 * ```ts
 * import { datasetPath, fitAsync } from "mixlens";
 * const controller = new AbortController();
 * const options = { response: "petal_width", features: ["petal_length"], signal: controller.signal } as const;
 * const iris = await fitAsync(datasetPath("iris"), { ...options, starts: 3 });
 * setTimeout(() => controller.abort(), 1);
 * const end = await fitAsync(datasetPath("iris"), { ...options, tolerance: 0 }).catch((error: Error) => error.name);
 * if (iris.result !== "converged" || end !== "AbortError") throw new Error(String(end));
 * ```
 */
export async function fitAsync(data: DataSource, options: FitOptions): Promise<Fit> {
  const steps = fitting(data, planOf(options));
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
    heed(value, options);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

function heed(step: FitStep, { onStep, signal }: FitOptions): void {
  onStep?.(step);
  signal?.throwIfAborted();
}

/** Every step of a fit, and then the fit. */
function* fitting(data: DataSource, options: FitPlan): Generator<FitStep, Fit, void> {
  const table = toTable(data);
  const { formula, model: asked, observations, leftOut, notes } = taskOf(table, options);
  const long: Leg = { tolerance: options.tolerance ?? 1e-10, maxIterations: options.maxIterations ?? 10_000 };
  const starts = startsOf(table, asked, observations, options);
  const run = (model: Mixture, number: number, leg: Leg) =>
    runStart(model, starts[number](), observations, leg, number, options);

  let { best, reports } = yield* race(starts.length, (number, leg) => run(asked, number, leg), long);
  if (best === undefined) throw new FitFailure(reports, advice(asked, options, reports));
  let model = asked;
  const separated = asked.spec.ridge ? [] : separations(asked, best.theta, observations);
  if (separated.length > 0) {
    model = mixture({ ...asked.spec, ridge: smallRidge(observations) });
    const tamed = yield* run(model, best.number, long);
    best = { ...tamed, report: { ...tamed.report, message: inWords(separated, model, tamed.report.message) } };
  }
  const { spec } = model;
  const isNumbered = (options.startColumns ?? options.start ?? spec.fixed) !== undefined;
  const found = model.posterior(best.theta, observations).responsibilities;
  const order = isNumbered ? undefined : byShare(found, spec.k, observations);
  const placed = (theta: Float64Array): Float64Array => (order ? relabelled(model, theta, order) : theta);
  const theta = placed(best.theta);
  const responsibilities = order ? reordered(found, order) : found;
  const { rows, weights } = observations;
  const { logLikelihood } = best.report;
  return {
    formula,
    mixture: model,
    theta,
    observations,
    responsibilities,
    coefficients: coefficients(model, theta),
    shares: expertShares(responsibilities, spec.k, observations),
    criteria: criteria({ logLikelihood, parameters: model.free.length, rows, responsibilities, weights }),
    trace: best.trace,
    start: placed(best.start),
    starts: reports,
    search: searchOf(reports, spec.k),
    leftOut,
    messages: [best.report.message, ...notes].filter((sentence) => sentence !== ""),
    ...best.report,
  };
}

/**
 * No start came to anything: the work, not the input, failed.
 *
 * @example
 * ```ts
 * import { FitFailure, fit } from "mixlens";
 * try {
 *   fit({ x: [1, 2, 3, 4], y: [1, 3, 5, 7] }, { response: "y", k: 1 });
 *   throw new Error("these rows have no noise to fit");
 * } catch (error) {
 *   if (!(error instanceof FitFailure) || error.starts[0].result !== "failed") throw error;
 * }
 * ```
 */
export class FitFailure extends WorkFailure {
  override readonly name: string = "FitFailure";
  /** How each start ended. */
  readonly starts: readonly StartReport[];

  /** @param next what to try */
  constructor(starts: readonly StartReport[], next?: string) {
    const reason = `"${starts[0].message.replace(/\.$/, "")}"`;
    const [wanted, got] =
      starts.length === 1
        ? ["the start", reason]
        : [`one of ${starts.length} starts`, `only failures such as ${reason}`];
    super("fit", `${wanted} to succeed`, got, next);
    this.starts = starts;
  }
}

function advice(
  { spec }: Mixture,
  { startColumns, start }: FitPlan,
  [{ result }]: readonly StartReport[],
): string | undefined {
  // Its message says what to do.
  if (result === "non-finite") return undefined;
  if (spec.k === 1) return "leave columns out or add rows";
  const other = (startColumns ?? start) ? "another start" : "more starts";
  return spec.experts === "linear" && !spec.sharedVariance
    ? `try fewer experts, ${other} or one variance for all (sharedVariance)`
    : `try fewer experts or ${other}`;
}

/** A run from one start, with its path. */
interface StartRun extends Run {
  readonly number: number;
  readonly theta: Float64Array;
  readonly start: Float64Array;
  readonly trace: readonly Omit<Iterate, "theta">[];
}

function* runStart(
  model: Mixture,
  start: Float64Array | string,
  data: Observations,
  stop: Leg,
  number: number,
  { algorithm = em() }: FitPlan,
): Generator<FitStep, StartRun, void> {
  const nothing = { logLikelihood: Number.NaN, objective: Number.NaN };
  if (typeof start === "string") {
    const message = `Stopped at the start: ${start}.`;
    const report = { ...nothing, iterations: 0, result: "failed", settled: false, message } as const;
    return { number, theta: new Float64Array(), start: new Float64Array(), trace: [], report, distance: Number.NaN };
  }
  const trace: Omit<Iterate, "theta">[] = [];
  const steps = iterate(algorithm, model, start, data, stop);
  let next = steps.next();
  for (; !next.done; next = steps.next()) {
    const { theta: _, ...numbers } = next.value;
    trace.push(numbers);
    yield { ...next.value, start: number };
  }
  const { theta, iterations, result, message } = next.value as Outcome<StartReport>;
  const { logLikelihood, objective } = trace.at(-1) ?? nothing;
  const { distance } = outlook(trace.slice(-4).map(({ gain }) => gain));
  const settled = result === "converged" || distance <= SETTLED;
  const report = { logLikelihood, objective, iterations, result, settled, message };
  return { number, theta, start, trace, report, distance };
}

/** The starts, each a function that makes the parameters to begin at, or says why it can't. */
function startsOf(
  table: DataTable,
  model: Mixture,
  data: Observations,
  { startColumns, start, starts = 20, startScheme, seed = 1 }: FitPlan,
): (() => Float64Array | string)[] {
  const { k, fixed = {} } = model.spec;
  if (start !== undefined) {
    const { names } = model;
    if (start.length !== names.length) {
      throw new InputError("fit", `a start of ${names.length} parameters`, String(start.length));
    }
    return [() => start.map((value, j) => (Object.hasOwn(fixed, names[j]) ? fixed[names[j]] : value))];
  }
  if (startColumns !== undefined) {
    return [() => fromResponsibilities(model, givenResponsibilities(table, startColumns, k), data)];
  }
  // One expert has every row: all starts are the same.
  return Array.from({ length: k === 1 ? 1 : starts }, (_, number) => () => {
    const responsibilities = startingResponsibilities(startScheme, number, random(seed, number), model, data);
    return fromResponsibilities(model, responsibilities, data);
  });
}

function fromResponsibilities(
  model: LatentModel<Observations>,
  responsibilities: Float64Array,
  data: Observations,
): Float64Array | string {
  const { theta, failure } = model.maximise(new Float64Array(model.names.length), { responsibilities }, data);
  return failure ?? theta;
}

/** The experts in descending order of the rows they answer for. */
function byShare(responsibilities: Float64Array, k: number, data: Observations): number[] {
  const shares = expertShares(responsibilities, k, data);
  return Array.from(shares.keys()).sort((a, b) => shares[b] - shares[a]);
}

/** A ridge that holds separated coefficients at finite logits and hardly moves others, whatever the columns' units. */
function smallRidge({ gate, expert, rows }: Observations): number {
  const squares = [...gate.values, ...expert.values].map((column) => dot(column, column) / rows);
  return Number((1e-3 * Math.min(...squares.filter((square) => square > 0))).toPrecision(1));
}

function inWords(separated: readonly Separation[], { spec }: Mixture, message: string): string {
  const parts = separated.map(({ part, collinear, columns }) => {
    const named = columns.filter((name) => columns.length === 1 || name !== "(intercept)");
    const verb = named.length === 1 ? "separates" : "separate";
    const what = collinear ? "determine each other in the rows of" : `${verb} the classes of`;
    return `${listed(named, "and")} ${what} ${part}`;
  });
  const why = `Without a ridge there is no finite maximum of its own: ${parts.join("; ")}. These are the estimates of ridge ${spec.ridge}.`;
  return message === "" ? why : `${why} ${message}`;
}
