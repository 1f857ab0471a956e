import type { Data } from "plotly.js-dist-min";
import { type Figure, figure, label, legendBelow, plain, rounded, seriesColor } from "../display/figure.ts";
import { text } from "../errors/kinds.ts";
import { type Declared, readOptions } from "../errors/options.ts";
import { InputError, quote } from "../errors.ts";
import { classify } from "../fit/classify.ts";
import { fittedMixture, rowsOfFit, tableOfFit, type Whole } from "../fit/fitted.ts";
import { codingIn, columnsOfTermsIn, evenly, rowsAlong } from "../frame/along.ts";
import type { Formula } from "../frame/formula.ts";
import { expectedResponse, expertAlone } from "../models/prediction.ts";
import { numericColumn } from "../table/numeric.ts";
import { takeRows } from "../table/table.ts";

/** What may be told to a plot of a fit. */
export interface FitPlotOptions {
  readonly title?: string;
  /** Column along the horizontal axis, of numbers; default: the first that the experts read. */
  readonly x?: string;
}

const OPTIONS = { title: text, x: text } satisfies Declared<FitPlotOptions>;
const ACT = "plot a fit";

/** Rows that are drawn at the most: more are a stain, and a heavy page. */
const POINTS = 2000;
/** Places along a curve. */
const PLACES = 61;

/**
 * The rows of a fit by one column, in the colour of their most probable expert, and what each expert expects along its rows.
 *
 * Along an expert's curve all other columns of numbers, and the offset, stand at their means over its rows, and those of texts
 * at their most frequent one: terms such as `x:f` or `log(x)` are made of those. Of more than 2000 rows some are drawn, evenly
 * spaced.
 *
 * @param options.x a column of numbers that the experts or the gate read; default: the first of the experts
 * @throws InputError for a response of labels, for a column that the fit does not read, and for a fit of rows without a table
 * @remarks cost: that of an E-step
 * @example
 * ```ts
 * import { datasetPath, fit, fitPlot } from "mixlens";
 * const iris = fit(datasetPath("iris"), { response: "petal_width", features: ["petal_length"], starts: 5 });
 * const chart = fitPlot(iris, { title: "Two rules for petals" });
 * if (chart.data.length !== 4) throw new Error("the rows of two experts, and two lines");
 * ```
 */
export function fitPlot(fit: Whole, options: FitPlotOptions = {}): Figure {
  const { mixture, theta, formula } = fittedMixture(ACT, fit);
  const rows = rowsOfFit(ACT, fit, undefined, "fitPlot(fit(data, options))");
  const { title, x } = readOptions(ACT, options, OPTIONS);
  if (mixture.law.response.isLabel) {
    throw new InputError(ACT, "a response of numbers", "labels", "coefficientPlot draws what its experts have found");
  }
  const table = tableOfFit(ACT, fit, undefined);
  const name = columnOf(formula, x);
  const places = numericColumn(table, name);
  const { experts } = classify(fit);
  const every = Math.ceil(rows.rows / POINTS);
  const series = mixture.experts.flatMap((_, z): Data[] => {
    const own = Array.from(experts.keys()).filter((row) => experts[row] === z + 1);
    const drawn = own.filter((row) => row % every === 0);
    const ownRows = own.length > 0 ? takeRows(table, Int32Array.from(own)) : table;
    const along = evenly(ownRows, name, PLACES);
    const line = rowsAlong(ownRows, formula, { name, kind: "numeric", values: along });
    const { expected } = expectedResponse(expertAlone(mixture, z), theta, line);
    const color = seriesColor(z);
    const both = { type: "scatter", name: `expert ${z + 1}`, legendgroup: String(z) } as const;
    const points = { x: rounded(drawn.map((row) => places[row])), y: rounded(drawn.map((row) => rows.response[row])) };
    const curve = { x: rounded(along), y: rounded(expected) };
    return [
      { ...both, ...points, mode: "markers", marker: { color, size: 6, opacity: 0.65 } },
      { ...both, ...curve, mode: "lines", line: { color, width: 2 }, showlegend: false },
    ];
  });
  const some = every > 1 ? `${Math.ceil(rows.rows / every)} of ${rows.rows}` : String(rows.rows);
  const counts = mixture.experts.map((_, z) => {
    return `${experts.filter((found) => found === z + 1).length} of expert ${z + 1}`;
  });
  return figure(`${formula.response} by ${name} in ${some} rows: ${counts.join(", ")}.`, series, {
    title: { text: plain(title ?? "Rows and experts") },
    xaxis: { title: { text: label(name) } },
    yaxis: { title: { text: label(formula.response) } },
    showlegend: mixture.experts.length > 1,
    ...legendBelow,
    height: 440,
  });
}

/** The column of that name, or the first of numbers that the experts read. */
function columnOf(formula: Formula, x: string | undefined): string {
  const names = columnsOfTermsIn(formula).filter((name) => codingIn(formula, name) === undefined);
  if (names.length === 0) throw new InputError(ACT, "a fit that reads a column of numbers", "one that reads none");
  if (x === undefined || names.includes(x)) return x ?? names[0];
  throw new InputError(ACT, `x to be a column of the fit: ${names.map(quote).join(", ")}`, quote(x));
}
