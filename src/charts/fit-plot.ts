import type { Data } from "plotly.js-dist-min";
import { type Figure, figure, label, legendBelow, plain, rounded, seriesColor } from "../display/figure.ts";
import { text } from "../errors/kinds.ts";
import { type Declared, readOptions } from "../errors/options.ts";
import { InputError, quote } from "../errors.ts";
import type { Fit } from "../fit/fit.ts";
import { fittedMixture, rowsOfFit, tableOfFit } from "../fit/fitted.ts";
import { classify } from "../fit/predict.ts";
import type { Formula } from "../frame/formula.ts";
import { columnsNeeded, observe } from "../frame/observe.ts";
import { columnsRead, entryOf, variablesOfSides } from "../frame/written.ts";
import { softmaxGate } from "../laws/gates/softmax.ts";
import { mean } from "../math/statistics.ts";
import { expectedResponse } from "../models/prediction.ts";
import type { Column } from "../table/column.ts";
import { numericColumn } from "../table/numeric.ts";
import { column, type DataTable, makeTable, takeRows } from "../table/table.ts";

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
export function fitPlot(fit: Fit, options: FitPlotOptions = {}): Figure {
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
  const series = mixture.experts.flatMap((parts, z): Data[] => {
    const own = Array.from(experts.keys()).filter((row) => experts[row] === z + 1);
    const drawn = own.filter((row) => row % every === 0);
    const line = alongColumn(own.length > 0 ? takeRows(table, Int32Array.from(own)) : table, formula, name);
    const alone = { law: mixture.law, gateLaw: softmaxGate(1), gate: [], experts: [parts] };
    const { expected } = expectedResponse(alone, theta, observe(line, formula, "optional"));
    const color = seriesColor(z);
    const both = { type: "scatter", name: `expert ${z + 1}`, legendgroup: String(z) } as const;
    const points = { x: rounded(drawn.map((row) => places[row])), y: rounded(drawn.map((row) => rows.response[row])) };
    const curve = { x: rounded(numericColumn(line, name)), y: rounded(expected) };
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
    showlegend: true,
    ...legendBelow,
    height: 440,
  });
}

/** Whether a column has values that are not numbers: levels, true and false, dates. */
function hasLevels({ codings = {}, computed, ...formula }: Formula, name: string): boolean {
  return variablesOfSides(formula).some((variable) => {
    const type = entryOf(codings, variable)?.type;
    return type !== undefined && type !== "polynomial" && columnsRead(variable, computed).includes(name);
  });
}

/** The column of that name, or the first of numbers that the experts read. */
function columnOf(formula: Formula, x: string | undefined): string {
  const read = variablesOfSides(formula).flatMap((variable) => columnsRead(variable, formula.computed));
  const names = [...new Set(read)].filter((name) => !hasLevels(formula, name));
  if (names.length === 0) throw new InputError(ACT, "a fit that reads a column of numbers", "one that reads none");
  if (x === undefined || names.includes(x)) return x ?? names[0];
  throw new InputError(ACT, `x to be a column of the fit: ${names.map(quote).join(", ")}`, quote(x));
}

/** Rows from the least to the largest value of a column, all others at their means or most frequent values. */
function alongColumn(table: DataTable, formula: Formula, name: string): DataTable {
  const values = numericColumn(table, name);
  const [low, high] = [values.reduce((a, b) => Math.min(a, b)), values.reduce((a, b) => Math.max(a, b))];
  const places = Float64Array.from({ length: PLACES }, (_, at) => low + ((high - low) * at) / (PLACES - 1));
  const along = [...new Set(columnsNeeded(table, formula, false))].map((other): Column => {
    if (other === name) return { name, kind: "numeric", values: places };
    const own = column(table, other);
    if (!hasLevels(formula, other)) {
      const usual = mean(numericColumn(table, other));
      return { name: other, kind: "numeric", values: new Float64Array(PLACES).fill(usual) };
    }
    const usual = mostFrequent<string | number | null>(own.values);
    if (own.kind === "numeric") return { ...own, values: new Float64Array(PLACES).fill(Number(usual)) };
    return { ...own, values: new Array<string | null>(PLACES).fill(usual as string | null) };
  });
  return makeTable(along, table.source);
}

/** The value that there is most of, the first of several. */
function mostFrequent<T>(values: ArrayLike<T>): T {
  const counts = new Map<T, number>();
  for (let i = 0; i < values.length; i++) counts.set(values[i], (counts.get(values[i]) ?? 0) + 1);
  return [...counts].reduce((most, entry) => (entry[1] > most[1] ? entry : most))[0];
}
