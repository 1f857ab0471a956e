import { refuseCollinear } from "../data/collinear.ts";
import { type FittedMixture, mixtureFor } from "../data/fitted-mixture.ts";
import { type Formula, formulaOf } from "../data/formula.ts";
import { observe } from "../data/observe.ts";
import { LARGEST } from "../data/scale.ts";
import { type DataSource, toTable } from "../data/source.ts";
import { type DataTable, listed } from "../data/table.ts";
import { InputError } from "../errors.ts";
import { random } from "../math/random.ts";
import { EXPERT_KINDS, type ExpertKind } from "../models/family.ts";
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
  readonly experts?: ExpertKind;
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
  /** Column added to the predictor of the mean; of two labels, to the log-odds of the second. */
  readonly offset?: string;
  /** Whether gate and experts have an intercept; default true. */
  readonly intercept?: boolean;
  /** One variance for all linear experts; default false. */
  readonly sharedVariance?: boolean;
  /** Values that parameters, by their names in `mixture.names`, are held at; default: none. */
  readonly fixed?: Readonly<Record<string, number>>;
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
  const algorithm = options.algorithm ?? em();
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
    throw new FitFailure(reports, advice(model, options, reports));
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
export class FitFailure extends Error {
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
    super(`Cannot fit: expected ${wanted} to succeed, got ${got}${next === undefined ? "" : `; ${next}`}`);
    this.starts = starts;
  }
}

function advice(
  { spec }: Mixture,
  { startColumns, start }: FitOptions,
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
      const owner = part === "gate" ? "gate" : "experts";
      throw new InputError("fit", `at least one column for the ${owner}`, "none and no intercept");
    }
    if (ridge === 0) refuseCollinear(observations, part);
  }
  const model = mixtureFor(formula, {
    experts,
    k,
    sharedVariance,
    ridge,
    ...(options.fixed && { fixed: options.fixed }),
  });
  return { formula, model, observations };
}

function checkNumbers(options: FitOptions, rows: number): void {
  const {
    k = 2,
    starts = 20,
    seed = 1,
    maxIterations = 10_000,
    tolerance = 1e-10,
    ridge = 0,
    experts = "linear",
  } = options;
  const whole = (name: string, value: number, least: number, most: number, unit: string = ""): void => {
    if (Number.isInteger(value) && value >= least && value <= most) return;
    const range = most === Number.POSITIVE_INFINITY ? `from ${least} on` : `from ${least} to ${most}${unit}`;
    throw new InputError("fit", `${name} to be a whole number ${range}`, String(value));
  };
  whole("k", k, 1, rows, ", the number of rows");
  whole("starts", starts, 1, 1_000_000);
  whole("seed", seed, -(2 ** 31), 2 ** 32 - 1);
  whole("maxIterations", maxIterations, 1, Number.POSITIVE_INFINITY);
  for (const [name, value] of Object.entries({ tolerance, ridge })) {
    if (value >= 0 && value <= LARGEST) continue;
    throw new InputError("fit", `${name} to be a number from 0 to ${LARGEST}`, String(value));
  }
  if (!EXPERT_KINDS.includes(experts)) {
    throw new InputError("fit", `experts to be ${listed(EXPERT_KINDS)}`, JSON.stringify(experts));
  }
  if (options.sharedVariance && experts !== "linear") {
    const got = `sharedVariance with ${experts} experts`;
    throw new InputError("fit", "a shared variance with linear experts only", got);
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
    const { names, spec } = model;
    const { fixed = {} } = spec;
    return [() => start.map((value, j) => (Object.hasOwn(fixed, names[j]) ? fixed[names[j]] : value))];
  }
  if (startColumns !== undefined)
    return [() => fromResponsibilities(model, givenResponsibilities(table, startColumns, k), data)];
  // One expert has every row: all starts are the same.
  return Array.from({ length: k === 1 ? 1 : starts }, (_, stream) => () => {
    return fromResponsibilities(model, randomCells(random(seed, stream), data, k, experts !== "logistic"), data);
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
