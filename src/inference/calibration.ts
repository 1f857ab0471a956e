import { type Kind, wholeFrom } from "../errors/kinds.ts";
import { type Defaulted, type Optional, optional, readOptions } from "../errors/options.ts";
import { InputError } from "../errors.ts";
import { type FitRows, fittedMixture, rowsOfFit, type Whole } from "../fit/fitted.ts";
import { probabilities } from "../fit/predict-options.ts";
import { normalQuantile } from "../math/normal.ts";
import { expectedResponse } from "../models/prediction.ts";
import type { Observations } from "../rows/observations.ts";
import type { Table } from "../text/table.ts";
import { tabled } from "../text/tabled.ts";
import { type Interval, LevelTable, percent, proportionOf } from "./level.ts";
import { RESIDUALS, residualsAt } from "./residuals.ts";

/** How a calibration is found. */
export interface CalibrationOptions {
  /** Bins of rows with probabilities near each other, of labels; default 10. */
  readonly bins?: number;
  /** Probabilities of the quantiles, of numbers; default: nine from 0.025 to 0.975. */
  readonly quantiles?: readonly number[];
  /** Coverage of the intervals; default 0.95. */
  readonly level?: number;
  /** Seed of what is drawn within a count's probability; default 1. */
  readonly seed?: number;
}

/** What a fit says of some rows, and what there is. */
export interface CalibrationPoint extends Interval {
  /** The label whose probability it is; absent of numbers. */
  readonly label?: string;
  /** What the fit says: the mean probability of the label in a bin, or that of a quantile. */
  readonly expected: number;
  /** Rows that it is about, by their weights. */
  readonly rows: number;
}

/** Probabilities of a fit held against frequencies: `estimate`, with its binomial interval, should be `expected`. */
export interface Calibration {
  /** Of what: the probability that a row has a label, or that its response is below a quantile. */
  readonly of: "labels" | "quantiles";
  readonly level: number;
  readonly points: readonly CalibrationPoint[];
}

const BINS = 10;
const QUANTILES: readonly number[] = [0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.975];

const several: Kind<number> = wholeFrom(1, 1000);

/** Table of these options. */
export class CalibrationTable extends LevelTable {
  readonly bins: Optional<number> = optional(several, "bins of rows with probabilities near each other");
  readonly quantiles: Optional<readonly number[]> = optional(probabilities, "probabilities of the quantiles");
  readonly seed: Defaulted<number> = RESIDUALS.seed;
}

export const CALIBRATION: CalibrationTable = new CalibrationTable();

const ACT = "find a calibration";

/**
 * Whether a fit's probabilities are frequencies: of labels how often rows of some probability have the label, of numbers
 * how many responses are below the predicted quantiles.
 *
 * Bins have about as many rows each; rows of the same probability are in one. Of two labels the second is told. Counts are
 * below a quantile with the share of their own probability that is, and of single trials success is the label. Intervals are Wilson's, each for itself, of rows that are
 * independent, with weights as numbers of rows; those of rows that were fitted are a little too wide.
 *
 * @param rows those of the fit, or others with responses; default: those of the fit
 * @throws InputError for `bins` of numbers and `quantiles` of labels
 * @remarks cost: a distribution function of each expert and row; of labels that of an E-step, and sorting
 * @example
 * ```ts
 * import { calibration, datasetPath, fit } from "mixlens";
 * const petals = fit(datasetPath("iris"), { response: "petal_width", features: ["petal_length"], starts: 5 });
 * const [half] = calibration(petals, undefined, { quantiles: [0.5] }).points;
 * if (!(half.lower < 0.5 && half.upper > 0.5)) throw new Error(`${half.estimate} of the responses are below their median`);
 * const labels = fit(datasetPath("iris"), { response: "species", experts: "logistic", k: 1, ridge: 0.1 });
 * if (calibration(labels, undefined, { bins: 4 }).of !== "labels") throw new Error("probabilities of the species");
 * ```
 */
export function calibration(fit: Whole, rows?: FitRows, options: CalibrationOptions = {}): Calibration {
  const { bins, quantiles, seed, level } = readOptions(ACT, options, CALIBRATION);
  const { mixture, theta } = fittedMixture(ACT, fit);
  const data = rowsOfFit(ACT, fit, rows, "calibration(model, rows)");
  const weights = data.weights ?? new Float64Array(data.rows).fill(1);
  const events = eventsOf(fit, data);
  if (events.length === 0) {
    if (bins !== undefined) throw new InputError(ACT, "quantiles of a response of numbers", "bins of probabilities");
    const residuals = residualsAt(mixture, theta, data, seed) ?? new Float64Array();
    const points = (quantiles ?? QUANTILES).map((expected): CalibrationPoint => {
      const edge = normalQuantile(expected);
      return { expected, ...counted(Array.from(residuals.keys()), (row) => residuals[row] <= edge, weights, level) };
    });
    return tabled<Calibration>({ of: "quantiles", level, points }, calibrationTable);
  }
  if (quantiles !== undefined) throw new InputError(ACT, "bins of the probabilities of labels", "quantiles");
  const points = events.flatMap(({ label, probability, code }) => {
    const own = weights.map((_, row) => probability(row));
    return binned(own, weights, bins ?? BINS).map((bin): CalibrationPoint => {
      const found = counted(bin, (row) => data.response[row] === code, weights, level);
      const said = bin.reduce((sum, row) => sum + weights[row] * own[row], 0) / found.rows;
      return { label, expected: said, ...found };
    });
  });
  return tabled<Calibration>({ of: "labels", level, points }, calibrationTable);
}

/** What a row can be or not, with what probability, and the response where it is. */
interface Event {
  readonly label: string;
  readonly probability: (row: number) => number;
  readonly code: number;
}

/** The labels of a response, or success in a single trial; none of numbers. */
function eventsOf({ mixture, theta, formula }: Whole, data: Observations): readonly Event[] {
  const { isLabel, hasTrials } = mixture.law.response;
  const isOneTrial = hasTrials && (data.trials?.every((trials) => trials === 1) ?? true);
  if (!isLabel && !isOneTrial) return [];
  const { expected } = expectedResponse(mixture, theta, data);
  const labels = isLabel ? (formula.labels ?? []) : ["failure", "success"];
  const width = isLabel ? labels.length : 1;
  const events = labels.map((label, code): Event => {
    return { label, code, probability: (row) => expected[row * width + (isLabel ? code : 0)] };
  });
  // The first of two is what the second is not.
  return events.length === 2 ? events.slice(1) : events;
}

/** The share of some rows for which something is so. */
function counted(
  rows: readonly number[],
  isSo: (row: number) => boolean,
  weights: Float64Array,
  level: number,
): Interval & { readonly rows: number } {
  const total = rows.reduce((sum, row) => sum + weights[row], 0);
  const so = rows.reduce((sum, row) => sum + (isSo(row) ? weights[row] : 0), 0);
  return { ...proportionOf(so, total, level), rows: total };
}

/** Rows in the order of their values, in bins of about the same weight each, in which those of one value stay together. */
function binned(values: Float64Array, weights: Float64Array, bins: number): readonly (readonly number[])[] {
  const order = Array.from(values.keys())
    .filter((row) => weights[row] > 0)
    .sort((a, b) => values[a] - values[b]);
  const total = order.reduce((sum, row) => sum + weights[row], 0);
  const found: number[][] = [];
  const size = total / bins;
  let [below, edge] = [0, 0];
  for (const [at, row] of order.entries()) {
    const isNext = at === 0 || values[row] !== values[order[at - 1]];
    if (isNext && below >= edge - 1e-9 * size) {
      found.push([]);
      edge = size * (Math.floor(below / size + 1e-9) + 1);
    }
    found[found.length - 1].push(row);
    below += weights[row];
  }
  return found;
}

/** A calibration as a table. */
function calibrationTable({ of, level, points }: Calibration): Table {
  const outside = points.filter(({ expected, lower, upper }) => expected < lower || expected > upper).length;
  const isLabels = of === "labels";
  return {
    columns: [
      ...(isLabels ? [{ name: "label" }] : []),
      { name: isLabels ? "probability" : "quantile" },
      { name: isLabels ? "frequency" : "share below" },
      ...["lower", "upper"].map((name) => ({ name, note: percent(level), align: "right" as const })),
      { name: "rows" },
    ],
    rows: points.map(({ label, expected, estimate, lower, upper, rows }) => {
      return [...(isLabels ? [label] : []), expected, estimate, lower, upper, rows];
    }),
    caption: `${outside} of ${points.length} intervals of ${percent(level)} miss what the fit says`,
  };
}
