import { anAlgorithm } from "../algorithms/algorithm.ts";
import { BALANCE, type Balance } from "../algorithms/balanced-em.ts";
import type { Iterate } from "../algorithms/iterate.ts";
import { ALGORITHM_NAMES, type AlgorithmName, type FitAlgorithm, namedAlgorithms } from "../algorithms/named.ts";
import { fewExperts } from "../algorithms/sparse-em.ts";
import {
  callable,
  columnNames,
  either,
  file,
  isObject,
  isOf,
  type Kind,
  numbers,
  oneOf,
  seed,
  signal,
  size,
  truth,
  whole,
  wholeFrom,
} from "../errors/kinds.ts";
import { type Defaulted, defaulted, type Optional, type OptionsOf, optional, type PlanOf } from "../errors/options.ts";
import { FORMULA, type FormulaTable } from "../frame/formula.ts";
import type { ExpertKind } from "../laws/registry.ts";
import { MAKE, type MakeTable } from "../models/make.ts";
import { anEngine, type SparkAddress } from "../spark/address.ts";
import { READ, type ReadTable } from "../table/read-options.ts";
import { START_SCHEMES, type StartScheme } from "./starts/starts.ts";

/** Distance to the limit at which the best start is converged: its log-likelihood is then exact to rounding. */
export const TOLERANCE = 1e-8;

/** Starts that are drawn unless somebody says how many, and the most that are drawn or made from one other while a new maximum is likely. */
export const STARTS = { first: 20, most: 80 } as const;
/** Work of all starts after which there are none but the first, in multiplications: about a minute of a processor. */
export const WORK = 6e10;

const startVector: Kind<ArrayLike<number>, Float64Array> = { ...numbers, read: (given) => Float64Array.from(given) };
const algorithmOrName: Kind<FitAlgorithm | AlgorithmName, FitAlgorithm> = {
  ...either(oneOf(ALGORITHM_NAMES), anAlgorithm),
  read: (given) => (typeof given === "string" ? namedAlgorithms[given].make() : given),
};

/** On the command line two numbers, the second of which may be left out. */
const aBalance: Kind<Balance | readonly number[], Balance> = {
  wanted: "{ floor, until }, a number above 0 up to 1 and a whole number from 1 on",
  textWanted: "a floor above 0 up to 1 and a number of steps, such as 0.5,20",
  accepts: (value) => isObject(value) && isBalance(balanceOf(value as Balance | readonly number[])),
  written: "numbers",
  read: balanceOf,
};

function balanceOf(given: Balance | readonly number[]): Balance {
  if (!isList(given)) return given;
  const [floor = BALANCE.floor.value, until = BALANCE.until.value] = given;
  return given.length > 2 ? { floor: Number.NaN } : { floor, until };
}

function isList(given: object): given is readonly number[] {
  return Array.isArray(given);
}

function isBalance(given: object): given is Balance {
  return Object.entries(given).every(
    ([name, value]) => name in BALANCE && isOf(value, BALANCE[name as keyof typeof BALANCE]),
  );
}

/** How the maximum is searched for: options of a fit, of which nothing is kept. */
export class SearchTable {
  /**
   * Number of random starts, of which the best is kept; default: 20, and more while a new maximum is likely. Ten at a time, up to
   * 20 more are drawn while the chance that another leads to a new maximum is above 10 %. Where it is above 3 %, and there are
   * three experts or more, others are then made from the highest, and while it is above 10 % from the next maxima, by splitting
   * and merging their experts and by reallocating rows, up to 80 starts in all; where none can be made, more are drawn. Where it
   * is still above 10 %, starts are made of the experts of the highest maximum and another one, until 40 in a row do not lead
   * higher. There are no more than 5 where no expert has a finite maximum in any of these, and none are begun once all together
   * have done the work of 6·10¹⁰ multiplications, about a minute's: a step does q² + 10q for each row, summed over the gate and
   * the experts, of q coefficients each, and 800 more for each expert of another law than linear, Poisson and logistic. `search`
   * says which ended it.
   */
  readonly starts: Optional<number> = optional(
    wholeFrom(1, 1_000_000),
    "number of random starts, of which the best is kept",
    { otherwise: `${STARTS.first}, and more while a new maximum is likely` },
  );

  /** Scheme by which starts are drawn; default: all in turn. */
  readonly startScheme: Optional<StartScheme> = optional(oneOf(START_SCHEMES), "scheme by which starts are drawn", {
    otherwise: "all in turn",
  });

  /**
   * Standardise the columns on the way, for a ridge that is free of their units; default false. Coefficients are those of the
   * columns as they are; a ridge is on those of columns with the mean 0 and the standard deviation 1.
   */
  readonly scale: Defaulted<boolean> = defaulted(
    truth,
    false,
    "standardise the columns on the way, for a ridge that is free of their units",
  );

  /** Seed of the starts; default 1. */
  readonly seed: Defaulted<number> = defaulted(seed, 1, "seed of the starts");

  /** Columns of responsibilities, one for each expert, to start from; default: none. There is one start then. */
  readonly startColumns: Optional<string | readonly string[], readonly string[]> = optional(
    columnNames,
    "columns of responsibilities, one for each expert, to start from",
    { otherwise: "none" },
  );

  /** Parameters to start from; default: none. There is one start then. */
  readonly start: Optional<ArrayLike<number>, Float64Array> = optional(startVector, "parameters to start from", {
    otherwise: "none",
  });

  /** Algorithm that takes the steps; default: em, accelerated after 100 steps. Itself, or by its name. */
  readonly algorithm: Optional<FitAlgorithm | AlgorithmName, FitAlgorithm> = optional(
    algorithmOrName,
    "algorithm that takes the steps",
    { otherwise: "em, accelerated after 100 steps" },
  );

  /**
   * Shares that the first steps keep every expert to, { floor, until }; default: none. Each has at first at least `floor`/k of
   * the rows, in each further step less, and from step `until` on whatever the algorithm gives it: see `balancedEm`.
   */
  readonly balance: Optional<Balance | readonly number[], Balance> = optional(
    aBalance,
    "shares that the first steps keep every expert to, { floor, until }",
    { otherwise: "none" },
  );

  /**
   * Experts that a row may belong to in a step, those that it belongs to most; default: all. Once such steps have converged
   * the algorithm goes on with all of them: see `sparseEm`.
   */
  readonly activeExperts: Optional<number> = optional(
    fewExperts,
    "experts that a row may belong to in a step, those that it belongs to most",
    { otherwise: "all", flag: "active" },
  );

  /** Steps of a start at the most; default 10000. */
  readonly maxIterations: Defaulted<number> = defaulted(whole, 10_000, "steps of a start at the most");

  /**
   * Distance to the limit at which the best start is converged, in standard errors; default: 1e-8. Of rows that weigh less
   * than 1 on average they are those of rows that weigh 1.
   */
  readonly tolerance: Optional<number> = optional(
    size,
    "distance to the limit at which the best start is converged, in standard errors",
    { otherwise: String(TOLERANCE) },
  );

  /** Function called with every step of every run; default: none. A start that is run on begins anew, at iteration 0. */
  readonly onStep: Optional<(step: FitStep) => void> = optional(
    callable,
    "function called with every step of every run",
    { otherwise: "none" },
  );

  /**
   * File that is written on the way, for the work to go on from if it is ended; default: none. It must not be there yet, unless
   * the work is to go on from it. What is lost is a second's work, or a hundredth of it.
   */
  readonly checkpoint: Optional<string> = optional(
    file,
    "file that is written on the way, for the work to go on from if it is ended",
    { otherwise: "none" },
  );

  /** Go on from the checkpoint, to the same bits, where there is one; default false. It must be of the same data and options. */
  readonly resume: Defaulted<boolean> = defaulted(
    truth,
    false,
    "go on from the checkpoint, to the same bits, where there is one",
  );

  /** Signal that ends the fit between two steps, by throwing its reason; default: none. */
  readonly signal: Optional<AbortSignal> = optional(
    signal,
    "signal that ends the fit between two steps, by throwing its reason",
    { otherwise: "none" },
  );
}

const SEARCH: SearchTable = new SearchTable();

/** Who finds the sums over the rows of a source. */
export class ClusterTable {
  /** Server of Spark Connect whose executors find the sums over rows of a source; default: this process. */
  readonly engine: Optional<string, SparkAddress> = optional(
    anEngine,
    "server of Spark Connect whose executors find the sums over rows of a source",
    { otherwise: "this process" },
  );

  /** Number of tasks that a pass on Spark is cut into; default: as many as Spark makes. The numbers found are the same. */
  readonly partitions: Optional<number> = optional(whole, "number of tasks that a pass on Spark is cut into", {
    otherwise: "as many as Spark makes",
  });
}

export const CLUSTER: ClusterTable = new ClusterTable();

/** The options of a fit, by what becomes of them. */
export interface FitTable extends FormulaTable, MakeTable, SearchTable, ClusterTable, ReadTable {}

export const FIT: FitTable = { ...FORMULA, ...MAKE, ...SEARCH, ...CLUSTER, ...READ };

/** Options of a fit. */
export interface FitOptions<E extends ExpertKind = ExpertKind>
  extends OptionsOf<FormulaTable>,
    OptionsOf<MakeTable>,
    OptionsOf<SearchTable>,
    OptionsOf<ClusterTable>,
    OptionsOf<ReadTable> {
  /** Kind of the experts; default linear. */
  readonly experts?: E;
}

/** Options as a fit reads them: with the defaults, and whatever may be said in two ways said in one. */
export type FitPlan = PlanOf<FitTable>;

/** A step of a run, and the number of its start, from 0. */
export interface FitStep extends Iterate {
  readonly start: number;
}
