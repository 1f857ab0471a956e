import { partOf, readOptions } from "../errors/options.ts";
import { InputError } from "../errors.ts";
import type { ExpertKind } from "../laws/registry.ts";
import { random } from "../math/random.ts";
import { coefficients } from "../models/coefficients.ts";
import type { Mixture } from "../models/mixture.ts";
import { reordered } from "../models/relabel.ts";
import { expertShares, fewRows } from "../models/shares.ts";
import type { Observations } from "../rows/observations.ts";
import { READ } from "../table/read-options.ts";
import { type DataSource, toTable } from "../table/source.ts";
import type { DataTable } from "../table/table.ts";
import { printed } from "../text/printed.ts";
import { showing } from "../text/tabled.ts";
import type { Ascent } from "./ascent.ts";
import { checkpointOf, decisive, type NotedIn } from "./checkpoint.ts";
import { criteria } from "./criteria.ts";
import { type Search, type StartReport, searchOf } from "./evidence.ts";
import { finishedEm } from "./finished-em.ts";
import { advice, FitFailure } from "./fit-failure.ts";
import { exactInWords, messageOf } from "./fit-message.ts";
import { CLUSTER, FIT, type FitOptions, type FitPlan, type FitStep, STARTS, WORK } from "./fit-options.ts";
import { fitProgress } from "./fit-progress.ts";
import type { Fit } from "./fit-result.ts";
import { fitTable } from "./fit-table.ts";
import { type Task, taskOf } from "./fit-task.ts";
import { loadOf } from "./load.ts";
import { fromResponsibilities, highest, type Starts } from "./maximum.ts";
import { ordered } from "./order.ts";
import { withRestrictions } from "./restricted.ts";
import type { Beginning, Makers } from "./search.ts";
import { sourceResult, withoutRowNumbers } from "./source/result.ts";
import { isSource, type RowSource } from "./source/source.ts";
import { beside } from "./starts/beside.ts";
import { splitAndMerge } from "./starts/moves.ts";
import { reallocated } from "./starts/reallocated.ts";
import { areAlike, givenResponsibilities, startingResponsibilities } from "./starts/starts.ts";
import { fitSummary } from "./summary.ts";
import { workOfStep } from "./work.ts";

/**
 * Fits a mixture of experts and returns the best of several starts.
 *
 * The starts are drawn in different ways; each runs until it is clear where it leads, and the highest until it converges.
 * A start that fails (an expert empties, a variance collapses) is an entry of `starts`, not an error. The experts are
 * numbered by the share of the rows they answer for, the largest first, unless the start or fixed parameters number them.
 * Where some columns separate the gate's experts or a logistic expert's labels perfectly, so that their coefficients have
 * no finite maximum, the fit is that of a prior there which costs next to nothing, and `message` says where and how much.
 * A run that settles at a saddle leaves it, and a spurious maximum, which a few rows make, comes after all others. The same
 * seed gives the same bits, whether the fit was ended and gone on from its `checkpoint` or not.
 *
 * @param data path of a CSV, danfo frame, plain columns or table of n rows; or a `source`, whose rows need not fit into memory
 * @throws InputError for input that no fit can be made of, and for a checkpoint of another fit
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
export function fit<E extends ExpertKind = "linear">(data: DataSource | RowSource, options: FitOptions<E>): Fit<E> {
  return fitFrom(data, options, COLD) as Fit<E>;
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
export async function fitAsync<E extends ExpertKind = "linear">(
  data: DataSource | RowSource,
  options: FitOptions<E>,
): Promise<Fit<E>> {
  const plan = readOptions("fit", options, FIT);
  const steps = fitting(data, plan);
  const progress = fitProgress(plan);
  try {
    for (;;) {
      const { done, value } = steps.next();
      if (done) return value as Fit<E>;
      progress.step(value);
      notify(value, options);
      await new Promise((resolve) => setImmediate(resolve));
    }
  } finally {
    // A fit that is given up lets go of what it holds.
    steps.return(undefined as never);
    progress.end();
  }
}

/** Notifies the listener of a step, and ends the fit where the signal says so. */
function notify(step: FitStep, { onStep, signal }: FitOptions): void {
  onStep?.(step);
  signal?.throwIfAborted();
}

/** Responsibilities that further starts begin at, before those that are drawn. */
export interface WarmStarts {
  readonly responsibilities: readonly Float64Array[];
  /** How the starts of an earlier fit ended, in place of which none are drawn. */
  readonly before?: readonly StartReport[] | undefined;
}

const COLD: WarmStarts = { responsibilities: [] };

/** A fit as {@link fit} makes it, from these starts as well, and noted elsewhere than its options say. */
export function fitFrom(data: DataSource | RowSource, options: FitOptions, warm: WarmStarts, notedIn?: NotedIn): Fit {
  const plan = readOptions("fit", options, FIT);
  const steps = fitting(data, plan, warm, notedIn);
  const progress = fitProgress(plan);
  try {
    for (;;) {
      const { done, value } = steps.next();
      if (done) return value;
      progress.step(value);
      notify(value, options);
    }
  } finally {
    // A fit that is given up lets go of what it holds.
    steps.return(undefined as never);
    progress.end();
  }
}

/** Every step of a fit, and then the fit. */
function* fitting(
  data: DataSource | RowSource,
  options: FitPlan,
  warm: WarmStarts = COLD,
  notedIn: NotedIn = options,
): Generator<FitStep, Fit, void> {
  if (isSource(data)) return yield* fittingSource(data, options);
  const [odd] = Object.keys(partOf(options, CLUSTER));
  if (odd !== undefined) throw new InputError("fit", `a source of rows, source(…), with ${odd}`, "rows in memory");
  const task = taskOf(toTable(data, partOf(options, READ)), options);
  const { formula, model: asked, observations, leftOut, dropped, table, notes } = task;
  const algorithm = withRestrictions(options, observations);
  const journal = checkpointOf("fit", notedIn, decisive(task, options, algorithm ?? finishedEm()), observations);
  const search = { ...options, algorithm, journal };
  const { best, reports, end } = yield* highest(asked, observations, search, (model, rows, inside) =>
    startsOf(table, model, rows, options, inside, warm),
  );
  if (best === undefined) throw new FitFailure(reports, advice(asked, options, observations, reports));
  const starts = [...(warm.before ?? []), ...reports];
  // Of one expert there is one maximum, and no start stands higher than a supreme one.
  const isOnly = asked.spec.k === 1 || best.isSupreme === true;
  const evidence = searchOf(starts, isOnly, best.report.objective, end);
  const found = inOrder(best, best.responsibilities, evidence, observations, options);
  const said = [found.message, ...(journal?.notes ?? []), ...exactInWords(starts, asked), ...notes];
  const messages = said.filter((sentence) => sentence !== "");
  const { seed, sql } = options;
  const given = { formula, observations, table, leftOut, dropped, seed, ...(sql !== undefined && { sql }) };
  return shownAs({ ...given, starts, search: evidence, messages, ...found });
}

/** A fit that prints as its summary, and shows as its table. */
function shownAs(found: Fit): Fit {
  return showing(printed(found, fitSummary), fitTable);
}

/** Every step of a fit of a source, whose starts are run on a sample, and then the fit. */
function* fittingSource(source: RowSource, options: FitPlan): Generator<FitStep, Fit, void> {
  const { algorithm: _, ...search } = options;
  const found = yield* sourceResult(source, options, (asked, sample) =>
    highest(asked, sample, search, (model, rows, inside) =>
      // Start columns, the only starts that a table is asked for, are read before any search.
      startsOf({} as DataTable, model, rows, options, inside, COLD),
    ),
  );
  return shownAs(withoutRowNumbers(found as Fit));
}

/** Results of the best start, with the experts in the order of the rows that they answer for. */
function inOrder(
  best: Ascent,
  found: Float64Array,
  search: Search,
  observations: Observations,
  options: FitPlan,
): Omit<Fit, keyof Task | "starts" | "search" | "messages" | "seed" | "sql"> {
  const { spec } = best.model;
  const shares = expertShares(found, spec.k, observations);
  const { model, order, floored, placed } = ordered(best.model, best.theta, shares, options);
  const theta = placed(best.theta);
  const responsibilities = order ? reordered(found, order) : found;
  const { rows, weights, units } = observations;
  const { logLikelihood } = best.report;
  return {
    ...best.report,
    message: messageOf(
      best,
      model.totalWeight(observations),
      search,
      (expert) => order?.indexOf(expert) ?? expert,
      floored,
      (z) => fewRows(responsibilities, z, spec.k, observations),
    ),
    mixture: model,
    theta,
    responsibilities,
    coefficients: coefficients(model, theta),
    shares: order ? order.map((z) => shares[z]) : shares,
    ...loadOf(shares),
    criteria: criteria({ logLikelihood, parameters: model.free.length, rows, responsibilities, weights, units }),
    trace: best.trace,
    start: placed(best.start),
  };
}

/** The next highest maxima that starts beside the highest are made of. */
const NEXT_MAXIMA = 10;

/** How many starts there are, and a function that makes the parameters that one begins at, or says why it can't. */
function startsOf(
  table: DataTable,
  model: Mixture,
  data: Observations,
  { startColumns, start, starts, startScheme, seed }: FitPlan,
  inside: (theta: Float64Array) => Float64Array,
  { responsibilities: near, before }: WarmStarts,
): Starts {
  const { k, fixed = {} } = model.spec;
  const one = { first: 1, most: 1 };
  if (start !== undefined) {
    const { names } = model;
    if (start.length !== names.length) {
      throw new InputError("fit", `a start of ${names.length} parameters`, String(start.length));
    }
    return {
      count: one,
      draw: () => inside(start.map((value, j) => (Object.hasOwn(fixed, names[j]) ? fixed[names[j]] : value))),
    };
  }
  if (startColumns !== undefined) {
    const given = givenResponsibilities(table, startColumns, k, data.units);
    return { count: one, draw: () => fromResponsibilities(model, given, data) };
  }
  // One expert has every row: all starts are the same.
  const drawn = k === 1 ? one : starts === undefined ? STARTS : { first: starts, most: starts };
  const warm = near.length;
  const count = before
    ? { first: warm, most: warm, warm }
    : { first: warm + drawn.first, most: warm + drawn.most, steps: WORK / workOfStep(model, data), warm };
  const draw = (number: number): Beginning => {
    if (number < warm) return fromResponsibilities(model, near[number], data);
    const own = number - warm;
    const responsibilities = startingResponsibilities(startScheme, own, random(seed, own), model, data);
    return fromResponsibilities(model, responsibilities, data);
  };
  return { count, draw, makers: makersOf(model, data, seed) };
}

/** How starts are made of the ends of others. */
function makersOf(model: Mixture, data: Observations, seed: number): Makers<Ascent> {
  const at = ({ model: own, theta }: Ascent): Float64Array => own.posterior(theta, data).responsibilities;
  return {
    near: function* (leader, number) {
      // Of two experts those that are drawn find the maximum.
      if (model.spec.k < 3) return;
      const rng = random(seed, number);
      for (const each of splitAndMerge(rng, model, at(leader), data)) yield fromResponsibilities(model, each, data);
      for (const each of reallocated(rng, model, data)) yield fromResponsibilities(model, each, data);
    },
    beside: ([first, ...others], number) => {
      if (!areAlike(model)) return undefined;
      const rng = random(seed, number);
      const other = others.length > 0 ? others[rng.integer(Math.min(NEXT_MAXIMA, others.length))] : undefined;
      return fromResponsibilities(model, beside(number, rng, model, data, at(first), other && at(other)), data);
    },
  };
}
