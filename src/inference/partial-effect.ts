import { oneOf, text } from "../errors/kinds.ts";
import { type Defaulted, defaulted, type Optional, optional, partOf, readOptions } from "../errors/options.ts";
import { InputError, quote } from "../errors.ts";
import { fittedMixture, tableOfFit, type Whole } from "../fit/fitted.ts";
import { codingIn, columnsOfTermsIn, evenly, rowsAlong } from "../frame/along.ts";
import { type Coding, levelsOf } from "../frame/column-types.ts";
import type { Formula } from "../frame/formula.ts";
import { probability } from "../math/logistic.ts";
import type { Mixture } from "../models/mixture.ts";
import { expectedResponse, expertAlone } from "../models/prediction.ts";
import type { Observations } from "../rows/observations.ts";
import type { Column } from "../table/column.ts";
import { column, type DataTable } from "../table/table.ts";
import type { Table } from "../text/table.ts";
import { tabled } from "../text/tabled.ts";
import { ERRORS, type ErrorTable } from "./covariance.ts";
import { deltaMethod } from "./delta.ts";
import { halfWidth, LEVEL, type LevelTable, percent } from "./level.ts";
import type { ContrastOptions } from "./linear-contrast.ts";

/** What a column can have an effect on. */
const EFFECTS = ["response", "gate", "experts"] as const;

/** What a column has an effect on. */
export type EffectOn = (typeof EFFECTS)[number];

/** How a partial effect is found: of which column, on what, and with which intervals. */
export interface PartialEffectOptions extends ContrastOptions {
  /** A column that experts or gate read; default: the first. */
  readonly x?: string;
  /**
   * `"response"`: the expected response, or the probabilities of its labels; `"gate"`: the probabilities of the experts;
   * `"experts"`: what each expert expects. Default `"response"`.
   */
  readonly of?: EffectOn;
}

/** Table of these options, but for those of the errors. */
export class PartialEffectTable {
  readonly x: Optional<string> = optional(text, "column whose effect it is", { otherwise: "the first that is read" });
  readonly of: Defaulted<EffectOn> = defaulted(oneOf(EFFECTS), "response", "what the column has an effect on");
}

export const PARTIAL_EFFECT: PartialEffectTable & LevelTable & ErrorTable = {
  ...new PartialEffectTable(),
  ...LEVEL,
  ...ERRORS,
};

/** One number at each place of the column. */
export interface EffectCurve {
  /** The response, a label, or an expert. */
  readonly name: string;
  readonly expected: Float64Array;
  readonly standardErrors: Float64Array;
  /** Ends of its intervals, each for itself. */
  readonly lower: Float64Array;
  readonly upper: Float64Array;
}

/** What changes with a column while all others stand still. */
export interface PartialEffect {
  readonly x: string;
  readonly of: EffectOn;
  readonly level: number;
  /** How the column is read. */
  readonly kind: "numbers" | "dates" | "levels";
  /** Where the curves are known: numbers, or levels and dates as they are written. */
  readonly places: readonly (number | string)[];
  readonly curves: readonly EffectCurve[];
}

const ACT = "find a partial effect";
/** Places along a column of numbers, and of dates at the most. */
const PLACES = 61;
/** Rows that are printed. */
const SHOWN = 12;

/**
 * What a fit expects along one column, with all others at their average: the mean response, the gate's probabilities, or what
 * each expert says; with intervals by the delta method.
 *
 * Other columns of numbers, and the offset, stand at their means over the rows, factors at the level that there is most of;
 * terms such as `x:f` or `log(x)` are made of those. A factor's own levels are told one by one. Intervals are found on the
 * log-odds of probabilities and on the logarithm of means that are above 0, so that none leaves what there can be. Rows are in
 * no group, and have one trial.
 *
 * @throws InputError for a column that the fit does not read, for the gate of one expert, for a fit without its table, and as
 *   `covariance`
 * @remarks cost: that of `covariance`, and four predictions of 61 rows for each parameter
 * @example
 * ```ts
 * import { datasetPath, fit, partialEffect } from "mixlens";
 * const iris = fit(datasetPath("iris"), { formula: "petal_width ~ petal_length + species", k: 1 });
 * const { places, curves } = partialEffect(iris, { x: "species" });
 * if (places.join() !== "setosa,versicolor,virginica" || curves[0].expected.length !== 3) throw new Error("three levels");
 * ```
 */
export function partialEffect(fit: Whole, options: PartialEffectOptions = {}): PartialEffect {
  const { x, of, level, ...plan } = readOptions(ACT, options, PARTIAL_EFFECT);
  const { mixture, theta, formula } = fittedMixture(ACT, fit);
  if (of === "gate" && mixture.spec.k === 1) {
    throw new InputError(ACT, "a gate of two or more experts", "one expert", 'ask for the effect on the "response"');
  }
  const errorsOf = deltaMethod(ACT, "partialEffect(model, { rows })", fit, partOf(plan, ERRORS));
  const table = tableOfFit(ACT, fit, plan.rows);
  const name = columnOf(formula, x);
  const coding = codingIn(formula, name);
  const { trials: _, ...single } = formula;
  const along = placesOf(table, name, coding);
  const rows = rowsAlong(table, single, along);
  const read = readers[of](mixture, formula, rows);
  const scale = read.isProbability ? LOG_ODDS : mixture.law.isLocation ? LINEAR : LOGARITHMIC;
  const scaled = (at: Float64Array): Float64Array => scale.to(read.values(at), read.width);
  const [expected, middle, errors] = [read.values(theta), scaled(theta), errorsOf(scaled)];
  const half = halfWidth(level);
  const curves = read.names.map((name, at): EffectCurve => {
    const own = (of: (i: number) => number): Float64Array =>
      Float64Array.from({ length: rows.rows }, (_, row) => of(row * read.names.length + at));
    // What is 0 or 1 to the last digit has no place on the scale, and no error.
    const end = (side: number): Float64Array =>
      own((i) => (Number.isFinite(errors[i]) ? scale.from(middle[i] + side * half * errors[i]) : expected[i]));
    const standardErrors = own((i) => (Number.isFinite(errors[i]) ? errors[i] * scale.slope(middle[i]) : 0));
    return { name, expected: own((i) => expected[i]), standardErrors, lower: end(-1), upper: end(1) };
  });
  const kind = coding === undefined ? "numbers" : coding.type === "date" ? "dates" : "levels";
  const places = Array.from<number | string | null, number | string>(along.values, (place) => place ?? "");
  return tabled<PartialEffect>({ x: name, of, level, kind, places, curves }, effectTable, { rows: SHOWN });
}

/** The column of that name, or the first that is read. */
function columnOf(formula: Formula, x: string | undefined): string {
  const names = columnsOfTermsIn(formula);
  if (names.length === 0) throw new InputError(ACT, "a fit that reads a column", "one that reads none");
  if (x === undefined || names.includes(x)) return x ?? names[0];
  throw new InputError(ACT, `x to be a column of the fit: ${names.map(quote).join(", ")}`, quote(x));
}

/** The values that a column takes: evenly spaced numbers, dates of the data, or the levels. */
function placesOf(table: DataTable, name: string, coding: Coding | undefined): Column {
  if (coding === undefined) return { name, kind: "numeric", values: evenly(table, name, PLACES) };
  const own = column(table, name);
  if (own.kind === "numeric") return { name, kind: "numeric", values: new Float64Array(new Set(own.values)).sort() };
  const there = [...new Set(own.values)].filter((value) => value !== null);
  if (coding.type === "factor") {
    const codes = levelsOf(table, name, coding.levels);
    return { name, kind: "text", values: coding.levels.filter((_, code) => codes.includes(code)) };
  }
  // Dates are written so that they sort as texts.
  const sorted = there.sort();
  const every = (sorted.length - 1) / (Math.min(PLACES, sorted.length) - 1 || 1);
  const places = Array.from({ length: Math.min(PLACES, sorted.length) }, (_, at) => sorted[Math.round(at * every)]);
  return { name, kind: "text", values: places };
}

/** What is found along a column: so many numbers for each row, and their names. */
interface Reader {
  readonly names: readonly string[];
  readonly values: (theta: Float64Array) => Float64Array;
  readonly isProbability: boolean;
  /** How many numbers in a row add up to 1, where they are probabilities of all there can be. */
  readonly width: number;
}

const readers: Readonly<Record<EffectOn, (mixture: Mixture, formula: Formula, rows: Observations) => Reader>> = {
  response: (mixture, { labels, response }, rows) => ({
    names: labels ?? [response],
    values: (theta) => expectedResponse(mixture, theta, rows).expected,
    ...kindOf(mixture),
  }),
  gate: (mixture, _, rows) => ({
    names: mixture.experts.map((_, z) => `expert ${z + 1}`),
    values: (theta) => expectedResponse(mixture, theta, rows).gate,
    ...{ isProbability: true, width: mixture.experts.length },
  }),
  experts: (mixture, { labels = [""] }, rows) => {
    const width = labels.length;
    const alone = mixture.experts.map((_, z) => expertAlone(mixture, z));
    return {
      names: alone.flatMap((_, z) => labels.map((label) => `expert ${z + 1}${label === "" ? "" : `, ${label}`}`)),
      values: (theta) => {
        const each = alone.map((parts) => expectedResponse(parts, theta, rows).expected);
        return Float64Array.from({ length: rows.rows * width * alone.length }, (_, at) => {
          const [row, place] = [Math.floor(at / (width * alone.length)), at % (width * alone.length)];
          return each[Math.floor(place / width)][row * width + (place % width)];
        });
      },
      ...kindOf(mixture),
    };
  },
};

function kindOf({ law }: Mixture): Pick<Reader, "isProbability" | "width"> {
  const { isLabel, hasTrials } = law.response;
  return { isProbability: isLabel || hasTrials, width: law.expectations };
}

/** A scale on which numbers have no ends, so that intervals on it leave nothing that there can be. */
interface Scale {
  /** Where numbers are on it; of probabilities, `width` in a row add up to 1, or one alone is that of an event. */
  readonly to: (values: Float64Array, width: number) => Float64Array;
  readonly from: (place: number) => number;
  /** Slope of `from`. */
  readonly slope: (place: number) => number;
}

/** Less than this is not known of what is left of 1. */
const ROUNDING = 1e-11;

const LINEAR: Scale = { to: (values) => values, from: (place) => place, slope: () => 1 };
const LOGARITHMIC: Scale = { to: (values) => values.map(Math.log), from: Math.exp, slope: Math.exp };
const LOG_ODDS: Scale = {
  to: (values, width) =>
    values.map((value, at) => {
      const from = at - (at % width);
      // By the others, whose sum has digits where that of 1 − p has none.
      const others = values
        .subarray(from, from + width)
        .reduce((sum, other, i) => sum + (from + i === at ? 0 : other), 0);
      const left = width > 1 ? others : 1 - value;
      return Math.log(value) - Math.log(width > 1 || left > ROUNDING ? left : 0);
    }),
  from: probability,
  slope: (place) => probability(place) * probability(-place),
};

/** A partial effect as a table. */
function effectTable({ x, of, level, places, curves }: PartialEffect): Table {
  const isOne = curves.length === 1;
  return {
    columns: [
      { name: x },
      ...(isOne ? [] : [{ name: of === "gate" || of === "experts" ? "expert" : "label" }]),
      { name: isOne ? curves[0].name : of === "experts" ? "expected" : "probability" },
      { name: "standard error" },
      ...["lower", "upper"].map((name) => ({ name, note: percent(level), align: "right" as const })),
    ],
    rows: places.flatMap((place, at) =>
      curves.map(({ name, expected, standardErrors, lower, upper }) => [
        ...(isOne ? [place] : [place, name]),
        ...[expected[at], standardErrors[at], lower[at], upper[at]],
      ]),
    ),
  };
}
