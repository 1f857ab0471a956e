import type { FitOptions } from "../../src/fit/fit-options.ts";
import type { Fit } from "../../src/fit/fit-result.ts";
import { predict } from "../../src/fit/predict.ts";
import { snr } from "../../src/inference/snr.ts";
import { spectrum } from "../../src/inference/spectrum.ts";
import type { Random } from "../../src/math/random.ts";

// Random problems of every law, and what is compared where they are changed.

export const LAWS = ["linear", "student-t", "gamma", "poisson", "negative-binomial", "binomial", "logistic"] as const;
export type Law = (typeof LAWS)[number];
export type Columns = Record<string, (number | string)[]>;

export const FEATURES: readonly string[] = ["x", "v", "f"];

/** Two groups of rows, each with a law of its own, and responsibilities near them. */
export function problem(law: Law, rng: Random): Columns {
  // Labels tell little of an expert each: there are eight of one, in a group.
  const size = law === "logistic" ? 8 : 1;
  const n = size * ((law === "logistic" ? 40 : 90) + rng.integer(60));
  let second = false;
  const rows = Array.from({ length: n }, (_, row) => {
    const [x, v, f] = [rng.normal(), rng.normal(), rng.integer(3)];
    if (row % size === 0) second = rng.uniform() < 1 / (1 + Math.exp(-0.5 - (size === 1 ? x : 0)));
    const eta = second ? 1 + 0.6 * x - 0.3 * v + 0.2 * f : -0.8 - 0.5 * x + 0.4 * v;
    const r2 = second ? 0.9 : 0.1;
    return { x, v, f: "abc"[f], y: responseOf(law, eta, rng), t: 8, q: `q${Math.floor(row / size)}`, r1: 1 - r2, r2 };
  });
  const names = Object.keys(rows[0]) as (keyof (typeof rows)[0])[];
  return Object.fromEntries(names.map((name) => [name, rows.map((row) => row[name])]));
}

function responseOf(law: Law, eta: number, rng: Random): number | string {
  const count = (mean: number): number => {
    let y = -1;
    for (let left = mean; left > 0; y++) left += Math.log(rng.uniform());
    return Math.max(0, y);
  };
  const isHigh = (): boolean => rng.uniform() < 1 / (1 + Math.exp(-1.5 * eta));
  if (law === "logistic") return isHigh() ? (isHigh() ? "high" : "above") : isHigh() ? "below" : "low";
  if (law === "binomial") return Array.from({ length: 8 }, isHigh).filter(Boolean).length;
  if (law === "poisson") return count(Math.exp(1 + eta));
  if (law === "negative-binomial") return count(Math.exp(1 + eta + 0.7 * rng.normal()));
  if (law === "gamma") return Math.exp(eta + 0.3 * rng.normal());
  return 2 * eta + 0.5 * rng.normal();
}

export const optionsOf = (law: Law, more: Partial<FitOptions> = {}): FitOptions =>
  ({
    response: "y",
    features: FEATURES,
    experts: law,
    startColumns: ["r1", "r2"],
    tolerance: 1e-12,
    maxIterations: 20_000,
    ...(law === "binomial" && { trials: "t" }),
    ...(law === "logistic" && { group: "q", gate: "constant" }),
    ...more,
  }) as FitOptions;

/** All that is compared. */
export interface Facts {
  readonly logLikelihood: number;
  readonly theta: ReadonlyMap<string, number>;
  readonly errors: ReadonlyMap<string, number>;
  readonly eigenvalues: readonly number[];
  readonly responsibilities: Float64Array;
  readonly parameters: number;
  readonly snr: readonly number[];
  /** Means, or probabilities of the labels, of the rows that it was fitted to. */
  readonly predictions: ArrayLike<number>;
  /** What the criteria add to −2ℓ: 2p, p ln n, and twice the doubt of the rows' experts, hard and soft. */
  readonly penalties: readonly [aic: number, bic: number, icl: number, iclSoft: number];
}

export function factsOf(found: Fit, columns: Columns): Facts {
  const { aic, bic, icl, iclSoft } = found.criteria;
  const predicted = predict(found, columns);
  const { eigenvalues, standardErrors } = spectrum(found);
  const { names } = found.mixture;
  const named = (values: ArrayLike<number>) => new Map(names.map((name, j) => [name, values[j]]));
  return {
    logLikelihood: found.logLikelihood,
    theta: named(found.theta),
    errors: named(standardErrors),
    eigenvalues: [...eigenvalues].sort((a, b) => a - b),
    responsibilities: found.responsibilities,
    parameters: found.mixture.free.length,
    snr: snr(found).map((pair) => pair.snr),
    predictions: predicted.mean ?? predicted.probabilities,
    penalties: [aic + 2 * found.logLikelihood, bic + 2 * found.logLikelihood, icl - bic, iclSoft - bic],
  };
}

/** A change of the problem, and what becomes of what is found. */
export interface Change {
  readonly name: string;
  readonly laws?: readonly Law[];
  readonly of: (columns: Columns, rng: Random) => Columns;
  readonly options?: Partial<FitOptions>;
  /** Rows of the changed problem in place of those of the first; default: the same. */
  readonly rowOf?: (row: number, rows: number) => number;
  /** Whether the start numbers the experts the other way round. */
  readonly isExchanged?: boolean;
  /** The place of a label among those of a row in the changed problem; default: the same. */
  readonly labelOf?: (label: number, labels: number) => number;
  /** What the log-likelihood becomes, of n rows, and coefficients and standard errors; nothing said: the same. */
  readonly logLikelihood?: (value: number, rows: number) => number;
  readonly theta?: (value: number, name: string, theta: ReadonlyMap<string, number>) => number;
  readonly error?: (value: number, name: string) => number;
  /** How often each row is there; default: once. Logarithms and information are then as many times what they are. */
  readonly copies?: number;
  /** What the response becomes; default: the same. */
  readonly response?: (value: number) => number;
  /** Whether the coefficients are of another coding, and only what they say of rows is the same. */
  readonly isRecoded?: boolean;
}

/** The largest difference, of values that are compared in proportion to their size. */
export const off = (found: number, wanted: number): number =>
  Number.isNaN(wanted) ? 0 : Math.abs(found - wanted) / Math.max(1, Math.abs(wanted));

/** What a coefficient of the first problem is called in the changed one, and the other way round. */
export const nameIn = ({ isExchanged }: Change, name: string): string =>
  isExchanged ? name.replace(/^expert([12])/, (_, z) => `expert${3 - Number(z)}`) : name;

export function differences(
  found: Facts,
  first: Facts,
  change: Change,
  rows: number,
): Readonly<Record<string, number>> {
  const { rowOf = (row) => row, isRecoded, isExchanged = false, copies = 1, response = (value) => value } = change;
  const { labelOf = (label) => label } = change;
  const { logLikelihood = (value) => copies * value, theta = (value) => value } = change;
  const { error = (value) => value / Math.sqrt(copies) } = change;
  const most = (values: Iterable<number>): number => Math.max(0, ...values);
  const names = isRecoded ? [] : [...first.theta.keys()];
  const width = first.predictions.length / rows;
  const [aic, bic, ...doubts] = first.penalties;
  return {
    parameters: Math.abs(found.parameters - first.parameters),
    logLikelihood: off(found.logLikelihood, logLikelihood(first.logLikelihood, rows)),
    // Groups have one each, in the order of their first rows: the likelihood tells of those.
    responsibilities: most(
      Array.from({ length: found.responsibilities.length < 2 * rows ? 0 : 2 * rows }, (_, at) =>
        off(
          found.responsibilities[at],
          first.responsibilities[2 * rowOf(Math.floor(at / 2), rows) + ((at % 2) ^ Number(isExchanged))],
        ),
      ),
    ),
    theta: most(
      names.map((name) =>
        off(found.theta.get(nameIn(change, name))!, theta(first.theta.get(name)!, name, first.theta)),
      ),
    ),
    errors: most(
      names.map((name) => off(found.errors.get(nameIn(change, name))!, error(first.errors.get(name)!, name))),
    ),
    eigenvalues: most(first.eigenvalues.map((value, j) => off(found.eigenvalues[j], value))),
    snr: most(first.snr.map((value, j) => off(found.snr[j], value))),
    predictions: most(
      Array.from({ length: width * rows }, (_, at) =>
        off(
          found.predictions[at - (at % width) + labelOf(at % width, width)],
          response(first.predictions[width * rowOf(Math.floor(at / width), rows) + (at % width)]),
        ),
      ),
    ),
    penalties: most(
      [aic, bic + first.parameters * Math.log(copies), ...doubts.map((doubt) => copies * doubt)].map((value, j) =>
        off(found.penalties[j], value),
      ),
    ),
  };
}

/** What two maxima that were found to 1e-12 standard errors may differ by. */
export const CLOSE = 2e-4;
