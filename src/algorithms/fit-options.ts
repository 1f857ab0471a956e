import { refuseCollinear } from "../data/collinear.ts";
import { type LeftOut, leftOutInWords, leftOutOf } from "../data/default-features.ts";
import { exposureInWords } from "../data/exposure.ts";
import { mixtureFor } from "../data/fitted-mixture.ts";
import { type Formula, formulaOf } from "../data/formula.ts";
import { observe } from "../data/observe.ts";
import { LARGEST } from "../data/scale.ts";
import type { DataTable } from "../data/table.ts";
import { InputError, listed, quote } from "../errors.ts";
import type { ExpertKind, GateKind } from "../laws/registry.ts";
import type { Mixture } from "../models/mixture.ts";
import type { Observations } from "../models/observations.ts";
import type { Iterate } from "./iterate.ts";
import type { AlgorithmName, FitAlgorithm } from "./named.ts";
import type { StartScheme } from "./starts.ts";

/** Distance to the limit at which the best start is converged: its log-likelihood is then exact to rounding. */
export const TOLERANCE = 1e-8;

/** What to fit and how. */
export interface FitOptions<E extends ExpertKind = ExpertKind> {
  /** Column of the response. */
  readonly response: string;
  /** Columns of the experts; default: every numeric column with no other part. */
  readonly features?: string | readonly string[];
  /** Columns of the gate; default: those of the experts, with groups those that are the same in all rows of a group. */
  readonly gateFeatures?: string | readonly string[];
  /**
   * How the gate weighs the experts: `"softmax"`, multinomial logistic in its columns, or `"constant"`, the same in all
   * rows; default `"softmax"`.
   */
  readonly gate?: GateKind;
  /** Kind of the experts; default `"linear"`. */
  readonly experts?: E;
  /** Number of experts; default 2. */
  readonly k?: number;
  /**
   * Number of random starts, of which the best is returned; default: 20, and up to 40, ten at a time, while the chance that
   * another leads to a new maximum is above 10 %.
   */
  readonly starts?: number;
  /** How the starts are drawn; default: by all schemes in turn. */
  readonly startScheme?: StartScheme;
  /** Seed of the starts; default 1. */
  readonly seed?: number;
  /** One start from these k columns of responsibilities instead. */
  readonly startColumns?: string | readonly string[];
  /** One start from this parameter vector instead. */
  readonly start?: ArrayLike<number>;
  /**
   * Itself, or by the name that `mixlens fit --algorithm` takes; default: EM, which goes on with Anderson's acceleration
   * where 200 steps have not arrived.
   */
  readonly algorithm?: FitAlgorithm | AlgorithmName;
  /** Steps of a start at the most; default 10000. */
  readonly maxIterations?: number;
  /**
   * Distance to the limit at which the best start is converged, in standard errors; default 1e-8, of rows that weigh 1 where
   * they weigh less on average.
   */
  readonly tolerance?: number;
  /**
   * Precision ρ of a Gaussian prior on all coefficients, intercepts included: the objective is ℓ − ½ρ‖·‖². Of the gate and of
   * labels the coefficients count less their mean over all classes, the reference's 0 among them: of two classes the
   * log-odds' coefficients have the precision ρ/2. Default 0.
   */
  readonly ridge?: number;
  /**
   * Least standard deviation of a linear expert, in units of the response: EM and its variants keep to it, so that no
   * expert collapses onto a few rows. Default 0.
   */
  readonly sigmaFloor?: number;
  /** Column of row weights. */
  readonly weights?: string;
  /** Column added to the predictor of the mean, of counts to that of its logarithm; of two labels, to the log-odds of the second. */
  readonly offset?: string;
  /**
   * Column of the groups, such as persons with several rows: all rows of a group are of one expert, have one weight, and
   * are read by the gate once. Default: each row is a group of its own.
   */
  readonly group?: string;
  /** Whether gate and experts have an intercept; default true. */
  readonly intercept?: boolean;
  /** One variance for all linear experts; default false. */
  readonly sharedVariance?: boolean;
  /** Values that parameters, by their names in `mixture.names`, are held at; default: none. */
  readonly fixed?: Readonly<Record<string, number>>;
  /** Called with every step of every run; a start that is run on begins anew, at iteration 0. */
  readonly onStep?: (step: FitStep) => void;
  /** Ends the fit between two steps, by throwing its reason. */
  readonly signal?: AbortSignal;
}

/** A step of a run, and the number of its start, from 0. */
export interface FitStep extends Iterate {
  readonly start: number;
}

/** Options as a fit reads them: whatever may be said in two ways is said in one. */
export interface FitPlan
  extends Omit<FitOptions, "features" | "gateFeatures" | "startColumns" | "start" | "algorithm"> {
  readonly features?: readonly string[];
  readonly gateFeatures?: readonly string[];
  readonly startColumns?: readonly string[];
  readonly start?: Float64Array;
  readonly algorithm?: FitAlgorithm;
}

/** A formula, the mixture that reads it, and the rows it is fitted to. */
export interface Task {
  readonly formula: Formula;
  readonly model: Mixture;
  readonly observations: Observations;
  /** Columns that are no features because none were named. */
  readonly leftOut: readonly LeftOut[];
  /** What is to be said of the data before any step. */
  readonly notes: readonly string[];
}

/** Makes a task of a table and options, or refuses what no fit can be made of. */
export function taskOf(table: DataTable, options: FitPlan): Task {
  const { k = 2, experts = "linear", ridge = 0, sharedVariance = false, sigmaFloor = 0, startColumns } = options;
  checkOptions(options, table.rows);
  const formula = formulaOf(table, { ...options, experts, ...(startColumns && { except: startColumns }) });
  const { response, weights, offset, group } = formula;
  const taken = [response, weights, offset, group, ...(startColumns ?? [])].filter((name) => name !== undefined);
  const leftOut = options.features === undefined ? leftOutOf(table, taken) : [];
  const observations = observe(table, formula);
  for (const part of k === 1 ? (["expert"] as const) : (["expert", "gate"] as const)) {
    if (observations[part].columns.length === 0) {
      const owner = part === "gate" ? "gate" : "experts";
      throw new InputError("fit", `at least one column for the ${owner}`, "none and no intercept");
    }
  }
  const make = {
    ...{ experts, k, sharedVariance, ridge },
    ...(sigmaFloor > 0 && { sigmaFloor }),
    ...(options.fixed && { fixed: options.fixed }),
  };
  const model = mixtureFor(formula, make);
  const exposure = model.law.response.isCount && offset !== undefined ? exposureInWords(observations, offset) : [];
  const notes = [
    ...leftOutInWords(leftOut),
    ...(options.gateFeatures || options.gate === "constant" ? [] : groupNotes(formula)),
    ...exposure,
  ];
  if (ridge === 0) {
    refuseCollinear(model, observations, "expert");
    if (k > 1) refuseCollinear(model, observations, "gate");
  }
  return { formula, model, observations, leftOut, notes };
}

/** Says which features the gate does not read, because they vary within groups. */
function groupNotes({ features, gateFeatures, group }: Formula): string[] {
  const varying = features.filter((name) => !gateFeatures.includes(name));
  if (group === undefined || varying.length === 0) return [];
  const [vary, are] = varying.length === 1 ? ["varies", "is no column"] : ["vary", "are no columns"];
  return [`${listed(varying, "and")} ${vary} within groups of ${quote(group)}, and ${are} of the gate.`];
}

function checkOptions(options: FitPlan, rows: number): void {
  const {
    k = 2,
    starts = 1,
    seed = 1,
    maxIterations = 10_000,
    tolerance = TOLERANCE,
    ridge = 0,
    sigmaFloor = 0,
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
  for (const [name, value] of Object.entries({ tolerance, ridge, sigmaFloor })) {
    if (value >= 0 && value <= LARGEST) continue;
    throw new InputError("fit", `${name} to be a number from 0 to ${LARGEST}`, String(value));
  }
  if (options.sharedVariance && experts !== "linear") {
    const got = `sharedVariance with ${experts} experts`;
    throw new InputError("fit", "a shared variance with linear experts only", got);
  }
  if (sigmaFloor > 0 && experts !== "linear") {
    throw new InputError("fit", "a sigmaFloor with linear experts only", `sigmaFloor with ${experts} experts`);
  }
}
