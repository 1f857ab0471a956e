import type { Data } from "plotly.js-dist-min";
import { type Figure, figure, label, plain, seriesColor } from "../display/figure.ts";
import { text } from "../errors/kinds.ts";
import { type Declared, readOptions } from "../errors/options.ts";
import { InputError, quote } from "../errors.ts";
import type { Fit } from "../fit/fit.ts";
import { fittedParts, rowsOfFit } from "../fit/fitted.ts";
import { classify } from "../fit/predict.ts";
import { INTERCEPT } from "../frame/design.ts";
import { softmaxGate } from "../laws/gates/softmax.ts";
import { expectedResponse } from "../models/prediction.ts";
import { type Design, type Observations, rowsOf } from "../rows/observations.ts";

/** What may be told to a plot of a fit. */
export interface FitPlotOptions {
  readonly title?: string;
  /** Column along the horizontal axis; default: the first that the experts read. */
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
 * Along an expert's curve all other columns, and the offset, stand at their means over its rows. Of more than 2000 rows some
 * are drawn, evenly spaced.
 *
 * @param options.x a column that the experts or the gate read; default: the first of the experts
 * @throws InputError for a response of labels, and for a column that the fit does not read
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
  const { mixture, theta, formula } = fittedParts(ACT, fit);
  const rows = rowsOfFit(ACT, fit, undefined, "fitPlot(fit(data, options))");
  const { title, x } = readOptions(ACT, options, OPTIONS);
  if (mixture.law.response.isLabel) {
    throw new InputError(ACT, "a response of numbers", "labels", "coefficientPlot draws what its experts have found");
  }
  const { name } = columnOf(rows, x);
  const { experts } = classify(fit);
  const every = Math.ceil(rows.rows / POINTS);
  const series = mixture.experts.flatMap((parts, z): Data[] => {
    const own = Array.from(experts.keys()).filter((row) => experts[row] === z + 1);
    const drawn = rowsOf(
      rows,
      own.filter((row) => row % every === 0),
    );
    const line = alongColumn(own.length > 0 ? rowsOf(rows, own) : rows, name);
    const alone = { law: mixture.law, gateLaw: softmaxGate(1), gate: [], experts: [parts] };
    const { expected } = expectedResponse(alone, theta, line);
    const color = seriesColor(z);
    const both = { type: "scatter", name: `expert ${z + 1}`, legendgroup: String(z) } as const;
    const points = { x: rounded(columnOf(drawn, name).values), y: rounded(drawn.response) };
    const curve = { x: rounded(columnOf(line, name).values), y: rounded(expected) };
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
    // Below the chart, where it may take as many lines as it needs.
    legend: { orientation: "h", x: 0, y: -0.2, yanchor: "top" },
    height: 440,
  });
}

/** The column of that name, or the first that the experts read. */
function columnOf({ expert, gate }: Observations, x: string | undefined): { name: string; values: Float64Array } {
  const read = [expert, gate].flatMap(({ columns, values }) => columns.map((name, j) => ({ name, values: values[j] })));
  const columns = read.filter(({ name }) => name !== INTERCEPT);
  if (columns.length === 0) throw new InputError(ACT, "a fit that reads a column", "one of intercepts alone");
  const found = x === undefined ? columns[0] : columns.find(({ name }) => name === x);
  if (found !== undefined) return found;
  const names = [...new Set(columns.map(({ name }) => quote(name)))];
  throw new InputError(ACT, `x to be a column of the fit: ${names.join(", ")}`, quote(x));
}

/** Rows from the least to the largest value of a column, with all others at their means. */
function alongColumn(data: Observations, name: string): Observations {
  const { expert, gate, offset } = data;
  const { values } = columnOf(data, name);
  const [low, high] = [values.reduce((a, b) => Math.min(a, b)), values.reduce((a, b) => Math.max(a, b))];
  const places = Float64Array.from({ length: PLACES }, (_, at) => low + ((high - low) * at) / (PLACES - 1));
  const mean = (column: Float64Array): Float64Array => {
    return new Float64Array(PLACES).fill(column.reduce((sum, value) => sum + value, 0) / data.rows);
  };
  const along = ({ columns, values }: Design): Design => {
    return { columns, values: columns.map((column, j) => (column === name ? places : mean(values[j]))) };
  };
  return {
    rows: PLACES,
    expert: along(expert),
    gate: along(gate),
    response: new Float64Array(PLACES),
    ...(offset && { offset: mean(offset) }),
  };
}

/** Six digits are more than a chart shows. */
function rounded(values: Float64Array): number[] {
  return Array.from(values, (value) => Number(value.toPrecision(6)));
}
