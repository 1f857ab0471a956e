import { type PlanOf, partOf, readOptions } from "../errors/options.ts";
import { InputError } from "../errors.ts";
import { type FitRows, inPlace, unseenRows, type Whole } from "../fit/fitted.ts";
import { dot } from "../math/vector.ts";
import { expectedResponse } from "../models/prediction.ts";
import type { Table } from "../text/table.ts";
import { tabled } from "../text/tabled.ts";
import { type Covariance, covarianceFor, ERRORS, type ErrorTable } from "./covariance.ts";
import { type Estimate, estimateOf, halfWidth, LEVEL } from "./level.ts";
import type { ContrastOptions } from "./linear-contrast.ts";

const OPTIONS = { ...LEVEL, ...ERRORS };

const PREDICT_CALL = "predictWithErrors(model, data, { rows })";
const EFFECT_CALL = "averageEffect(model, from, to, { rows })";

/** Expected responses with what estimation leaves open of them. */
export interface PredictedErrors {
  readonly rows: number;
  /** Labels of a logistic response: each row has a number for each. Absent: one number for each row. */
  readonly labels?: readonly string[];
  /** Means of the response, or probabilities of the labels (n × C row-major). */
  readonly expected: Float64Array;
  /** Their standard errors. */
  readonly standardErrors: Float64Array;
  /** Ends of their intervals. */
  readonly lower: Float64Array;
  readonly upper: Float64Array;
}

/**
 * The expected response of each row with its standard error, by the delta method.
 *
 * The mean Σ_z P(z | x) E[y | x, z] of {@link predict}, or of labels the probability of each; the interval is of this
 * expectation, not of a new response. It is symmetric, and may leave what a mean or a probability can be.
 *
 * @param rows as those of `predict`; default: those of the fit
 * @param options.rows the rows that a loaded model was fitted to
 * @throws InputError as `covariance` and `predict`
 * @remarks cost: that of `covariance`, and two predictions for each parameter
 * @example
 * ```ts
 * import { datasetPath, fit, predict, predictWithErrors } from "mixlens";
 * const iris = fit(datasetPath("iris"), { response: "petal_width", features: ["petal_length"], starts: 5 });
 * const { expected, standardErrors } = predictWithErrors(iris, { petal_length: [1.5, 4.5] });
 * if (expected[1] !== predict(iris, { petal_length: [1.5, 4.5] }).mean[1]) throw new Error("the same mean");
 * if (!(standardErrors[0] > 0 && standardErrors[0] < 0.1)) throw new Error(String(standardErrors[0]));
 * ```
 */
export function predictWithErrors(fit: Whole, rows?: FitRows, options: ContrastOptions = {}): PredictedErrors {
  const act = "predict with errors";
  const plan = readOptions(act, options, OPTIONS);
  const errorsOf = deltaMethod(act, PREDICT_CALL, fit, partOf(plan, ERRORS));
  const unseen = unseenRows(act, fit, rows, PREDICT_CALL);
  const labels = fit.formula.labels;
  const width = labels?.length ?? 1;
  const { mixture, theta } = fit;
  const { observations: read } = unseen;
  const found = read && expectedResponse(mixture, theta, read).expected;
  const errors = read && errorsOf((moved) => expectedResponse(mixture, moved, read).expected);
  if (found?.some((value) => !Number.isFinite(value))) {
    throw new InputError(act, "parameters and data that give finite numbers", "others", "leave such rows out");
  }
  const expected = inPlace(found, width, unseen);
  const standardErrors = inPlace(errors, width, unseen);
  const half = halfWidth(plan.level);
  return tabled<PredictedErrors>(
    {
      rows: unseen.rows,
      ...(labels && { labels }),
      expected,
      standardErrors,
      lower: expected.map((value, i) => value - half * standardErrors[i]),
      upper: expected.map((value, i) => value + half * standardErrors[i]),
    },
    errorTable,
  );
}

/** An effect on the probability of a label, or on the mean. */
export interface Effect extends Estimate {
  /** The label; absent: the mean. */
  readonly label?: string;
}

/**
 * How much the expected response changes, on average over rows, from one state of their columns to another; with its
 * standard error by the delta method.
 *
 * Rows with a dose one higher than in others, say, or all treated and all not. The average is over rows as they are given,
 * each once.
 *
 * @param from rows, as `predict` reads them
 * @param to as many rows
 * @returns one effect on the mean; of labels one on the probability of each
 * @throws InputError as `covariance` and `predict`, and for another number of rows
 * @remarks cost: that of `covariance`, and four predictions for each parameter
 * @example
 * ```ts
 * import { averageEffect, fit } from "mixlens";
 * const x = [0, 1, 2, 3, 4, 5];
 * const line = fit({ x, y: [1.1, 2.9, 5.1, 6.9, 9.1, 10.9] }, { response: "y", k: 1 });
 * const [{ estimate }] = averageEffect(line, { x }, { x: x.map((value) => value + 1) });
 * if (Math.abs(estimate - line.coefficients.experts[0].coefficients.x) > 1e-9) throw new Error("the slope");
 * ```
 */
export function averageEffect(
  fit: Whole,
  from: FitRows,
  to: FitRows,
  options: ContrastOptions = {},
): readonly Effect[] {
  const act = "estimate an effect";
  const plan = readOptions(act, options, OPTIONS);
  const errorsOf = deltaMethod(act, EFFECT_CALL, fit, partOf(plan, ERRORS));
  const [before, after] = [from, to].map((rows) => {
    const { observations, places, at } = unseenRows(act, fit, rows, EFFECT_CALL);
    if (observations !== undefined && places === undefined) return observations;
    throw new InputError(act, "a value in every row and column", `a missing one, such as at ${at(0)}`, "fill it in");
  });
  if (before.rows !== after.rows) {
    throw new InputError(act, `as many rows after as before, ${before.rows}`, String(after.rows));
  }
  const { mixture, theta, formula } = fit;
  const width = formula.labels?.length ?? 1;
  const effects = (at: Float64Array): Float64Array => {
    const [less, more] = [before, after].map((rows) => averages(expectedResponse(mixture, at, rows).expected, width));
    return more.map((mean, c) => mean - less[c]);
  };
  const errors = errorsOf(effects);
  return Array.from(effects(theta), (effect, c) => {
    const label = formula.labels?.[c];
    return { ...(label !== undefined && { label }), ...estimateOf(effect, errors[c], plan.level) };
  });
}

/** Length of a difference, in standard errors. */
const STEP = 1e-3;

/** What finds the standard errors of numbers that depend on a fit's parameters, by the delta method. */
export function deltaMethod(
  act: string,
  call: string,
  fit: Whole,
  plan: PlanOf<ErrorTable>,
): (of: (theta: Float64Array) => Float64Array) => Float64Array {
  const { covariance, free } = covarianceFor(act, call, fit, plan);
  const { theta } = fit;
  return (of) => {
    const value = (at: number, step: number): Float64Array => of(theta.with(at, theta[at] + step));
    const slopes = free.map((at, j) => {
      const h = STEP * covariance.standardErrors[j] || STEP;
      const [up, down, far, near] = [value(at, h), value(at, -h), value(at, 2 * h), value(at, -2 * h)];
      return up.map((one, i) => (8 * (one - down[i]) - (far[i] - near[i])) / (12 * h));
    });
    const gradient = (i: number): Float64Array => Float64Array.from(slopes, (own) => own[i]);
    return Float64Array.from({ length: slopes[0].length }, (_, i) => errorOf(covariance, gradient(i)));
  };
}

/** √(g'Vg) */
function errorOf({ matrix, names }: Covariance, gradient: Float64Array): number {
  const q = names.length;
  const square = gradient.reduce((sum, g, j) => sum + g * dot(matrix.subarray(j * q, (j + 1) * q), gradient), 0);
  return Math.sqrt(Math.max(0, square));
}

/** Means over rows of each of some numbers. */
function averages(values: Float64Array, width: number): Float64Array {
  const sums = new Float64Array(width);
  values.forEach((value, at) => {
    sums[at % width] += (value * width) / values.length;
  });
  return sums;
}

/** Rows that are printed. */
const SHOWN = 10;

function errorTable({ rows, labels = [""], expected, standardErrors, lower, upper }: PredictedErrors): Table {
  const names = ["row", ...(labels.length > 1 ? ["label"] : []), "expected", "standard error", "lower", "upper"];
  const shown = Array.from({ length: Math.min(SHOWN, expected.length) }, (_, at) => [
    String(Math.floor(at / labels.length) + 1),
    ...(labels.length > 1 ? [labels[at % labels.length]] : []),
    ...[expected[at], standardErrors[at], lower[at], upper[at]],
  ]);
  const more = rows * labels.length - shown.length;
  return { columns: names.map((name) => ({ name })), rows: shown, ...(more > 0 && { note: `… ${more} more` }) };
}
