import { refuseCollinear } from "../data/collinear.ts";
import { type FittedMixture, mixtureFor } from "../data/fitted-mixture.ts";
import { type Formula, formulaOf } from "../data/formula.ts";
import { observe } from "../data/observe.ts";
import { type DataSource, toTable } from "../data/source.ts";
import type { DataTable } from "../data/table.ts";
import { InputError } from "../errors.ts";
import { random } from "../math/random.ts";
import type { Mixture } from "../models/mixture.ts";
import type { Evaluation, LatentModel } from "../models/model.ts";
import type { Observations } from "../models/observations.ts";
import type { Algorithm } from "./algorithm.ts";
import { em } from "./em.ts";
import { type Iterate, iterate, type Outcome, type Result } from "./iterate.ts";
import { givenResponsibilities, randomCells } from "./starts.ts";

/** What to fit and how. */
export interface FitOptions {
  /** Column of the response. */
  readonly response: string;
  /** Columns of the experts; default: every numeric column with no other part. */
  readonly features?: readonly string[];
  /** Columns of the gate; default: those of the experts. */
  readonly gateFeatures?: readonly string[];
  /** Kind of the experts; default `"linear"`. */
  readonly experts?: "linear" | "logistic";
  /** Number of experts; default 2. */
  readonly k?: number;
  /** Number of random starts, of which the best is returned; default 20. */
  readonly starts?: number;
  /** Seed of the starts; default 1. */
  readonly seed?: number;
  /** One start from these k columns of responsibilities instead. */
  readonly startColumns?: readonly string[];
  /** One start from this parameter vector instead. */
  readonly start?: Float64Array;
  /** Default EM. */
  readonly algorithm?: FitAlgorithm;
  /** Steps of a start at the most; default 10000. */
  readonly maxIterations?: number;
  /** Distance to the limit at which a start is converged, in standard errors; default 1e-10. */
  readonly tolerance?: number;
  /** Precision of a Gaussian prior on all coefficients; default 0. */
  readonly ridge?: number;
  /** Column of row weights. */
  readonly weights?: string;
  /** Column added to the linear experts' predictor. */
  readonly offset?: string;
  /** Whether gate and experts have an intercept; default true. */
  readonly intercept?: boolean;
  /** One variance for all linear experts; default false. */
  readonly sharedVariance?: boolean;
  /** Called with every step of every start. */
  readonly onStep?: (step: Iterate & { readonly start: number }) => void;
}

// biome-ignore lint/suspicious/noExplicitAny: a fit runs any algorithm and hands its state back to nobody else.
type FitAlgorithm = Algorithm<Observations, any, any>;

/** How one start ended. */
export interface StartReport extends Evaluation {
  readonly iterations: number;
  readonly result: Result;
  readonly message: string;
}

/** A finished fit. */
export interface Fit extends FittedMixture, StartReport {
  readonly observations: Observations;
  /** Responsibilities at the parameters, n × k row-major. */
  readonly responsibilities: Float64Array;
  /** The steps of the best start; the first is where it started. */
  readonly trace: readonly Omit<Iterate, "theta">[];
  /** Parameters the best start began at (p). */
  readonly start: Float64Array;
  /** Every start, in order. */
  readonly starts: readonly StartReport[];
}

/**
 * Fits a mixture of experts and returns the best of several starts.
 *
 * A start that fails (an expert empties, a variance collapses) is an entry of `starts`, not an error. Converged starts
 * come before others; among equals the one with the highest objective wins. The same seed gives the same bits.
 *
 * @param data path of a CSV, danfo frame, plain columns or table of n rows
 * @throws InputError for input that no fit can be made of, and when every start fails
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
  const table = toTable(data);
  const { formula, model, observations } = prepare(table, options);
  const stop = {
    tolerance: options.tolerance ?? 1e-10,
    maxIterations: options.maxIterations ?? 10_000,
  };
  const algorithm = options.algorithm ?? em<Observations>();
  let best: Run | undefined;
  const reports: StartReport[] = [];
  for (const [number, begin] of startsOf(table, model, observations, options).entries()) {
    const run = runStart(algorithm, model, begin(), observations, stop, (step) => {
      options.onStep?.({ ...step, start: number });
    });
    reports.push(run.report);
    if (best === undefined || isBetter(run.report, best.report)) best = run;
  }
  if (best === undefined || best.report.result === "failed" || best.report.result === "non-finite") {
    throw new FitFailure(reports);
  }
  const { theta, start, trace, report } = best;
  const { responsibilities } = model.posterior(theta, observations);
  return {
    formula,
    mixture: model,
    theta,
    observations,
    responsibilities,
    trace,
    start,
    starts: reports,
    ...report,
  };
}

/** No start came to anything: the work, not the input, failed. */
export class FitFailure extends Error {
  override readonly name: string = "FitFailure";
  /** How each start ended. */
  readonly starts: readonly StartReport[];

  constructor(starts: readonly StartReport[]) {
    const reasons = [...new Set(starts.map(({ message }) => message))];
    const advice = "try fewer experts, more starts or a ridge above 0";
    super(`Cannot fit: expected one of ${starts.length} starts to succeed, got ${reasons[0]} Next: ${advice}`);
    this.starts = starts;
  }
}

interface Run {
  readonly theta: Float64Array;
  readonly start: Float64Array;
  readonly trace: readonly Omit<Iterate, "theta">[];
  readonly report: StartReport;
}

function runStart(
  algorithm: FitAlgorithm,
  model: Mixture,
  start: Float64Array | string,
  data: Observations,
  stop: { readonly tolerance: number; readonly maxIterations: number },
  onStep: (step: Iterate) => void,
): Run {
  const nothing = { logLikelihood: Number.NaN, objective: Number.NaN };
  if (typeof start === "string") {
    const report = {
      ...nothing,
      iterations: 0,
      result: "failed",
      message: `Stopped at the start: ${start}.`,
    } as const;
    return {
      theta: new Float64Array(),
      start: new Float64Array(),
      trace: [],
      report,
    };
  }
  const trace: Omit<Iterate, "theta">[] = [];
  const steps = iterate(algorithm, model, start, data, stop);
  let next = steps.next();
  for (; !next.done; next = steps.next()) {
    const { theta: _, ...numbers } = next.value;
    trace.push(numbers);
    onStep(next.value);
  }
  const { theta, iterations, result, message } = next.value as Outcome<Evaluation>;
  const { logLikelihood, objective } = trace.at(-1) ?? nothing;
  return {
    theta,
    start,
    trace,
    report: { logLikelihood, objective, iterations, result, message },
  };
}

const rank: Record<Result, number> = {
  converged: 2,
  "max-iterations": 1,
  "non-finite": 0,
  failed: 0,
};

function isBetter(a: StartReport, b: StartReport): boolean {
  return rank[a.result] === rank[b.result] ? a.objective > b.objective : rank[a.result] > rank[b.result];
}

function prepare(
  table: DataTable,
  options: FitOptions,
): { formula: Formula; model: Mixture; observations: Observations } {
  const { k = 2, experts = "linear", ridge = 0, sharedVariance = false, startColumns } = options;
  checkNumbers(options, table.rows);
  const formula = formulaOf(table, {
    ...options,
    experts,
    ...(startColumns && { except: startColumns }),
  });
  const observations = observe(table, formula);
  for (const part of k === 1 ? (["expert"] as const) : (["expert", "gate"] as const)) {
    if (observations[part].columns.length === 0) {
      throw new InputError("fit", `at least one column for the ${part}`, "none and no intercept");
    }
    if (ridge === 0) refuseCollinear(observations[part], part);
  }
  const model = mixtureFor(formula, { experts, k, sharedVariance, ridge });
  return { formula, model, observations };
}

function checkNumbers(options: FitOptions, rows: number): void {
  const { k = 2, starts = 20, seed = 1, maxIterations = 10_000, tolerance = 1e-10, ridge = 0, experts } = options;
  const whole = (name: string, value: number, least: number, most: number, meant: string): void => {
    if (Number.isInteger(value) && value >= least && value <= most) return;
    throw new InputError("fit", `${name} to be ${meant}`, String(value));
  };
  whole("k", k, 1, rows, `a whole number from 1 to the ${rows} rows`);
  whole("starts", starts, 1, 1e6, "a whole number from 1 on");
  whole("seed", seed, -(2 ** 31), 2 ** 32 - 1, "a 32-bit whole number");
  whole("maxIterations", maxIterations, 1, Number.MAX_SAFE_INTEGER, "a whole number from 1 on");
  for (const [name, value] of Object.entries({ tolerance, ridge })) {
    if (!(value >= 0 && value < Number.POSITIVE_INFINITY)) {
      throw new InputError("fit", `${name} to be a finite number from 0 on`, String(value));
    }
  }
  if (experts !== undefined && experts !== "linear" && experts !== "logistic") {
    throw new InputError("fit", 'experts to be "linear" or "logistic"', JSON.stringify(experts));
  }
}

/** The starts, each a function that makes the parameters to begin at, or says why it can't. */
function startsOf(
  table: DataTable,
  model: Mixture,
  data: Observations,
  { startColumns, start, starts = 20, seed = 1 }: FitOptions,
): (() => Float64Array | string)[] {
  const { k, experts } = model.spec;
  if (start !== undefined) {
    if (start.length !== model.names.length) {
      throw new InputError("fit", `a start of ${model.names.length} parameters`, String(start.length));
    }
    return [() => start];
  }
  if (startColumns !== undefined)
    return [() => fromResponsibilities(model, givenResponsibilities(table, startColumns, k), data)];
  // One expert has every row: all starts are the same.
  return Array.from({ length: k === 1 ? 1 : starts }, (_, stream) => () => {
    return fromResponsibilities(model, randomCells(random(seed, stream), data, k, experts === "linear"), data);
  });
}

function fromResponsibilities(
  model: LatentModel<Observations>,
  responsibilities: Float64Array,
  data: Observations,
): Float64Array | string {
  const { theta, failure } = model.maximise(new Float64Array(model.names.length), responsibilities, data);
  return failure ?? theta;
}
