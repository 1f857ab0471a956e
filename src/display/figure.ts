import type { Data, Layout, LayoutAxis, Template } from "plotly.js-dist-min";
import { checkArgument } from "../errors/arguments.ts";
import { text as aText, isOf, type Kind, listOf, objectOf } from "../errors/kinds.ts";
import { InputError, quote } from "../errors.ts";

/**
 * A chart as a value: plotly's traces and layout, and one sentence for readers who cannot see it.
 *
 * Showing it is a separate act: `show` in a notebook, `picture` for a file.
 */
export interface Figure {
  readonly data: readonly Data[];
  readonly layout: Partial<Layout>;
  /** What the chart shows, as plain text. */
  readonly alt: string;
}

/** How plotly is told of error bars. */
interface Bars {
  readonly type: "data";
  readonly symmetric: boolean;
  readonly color: string;
  readonly thickness: number;
  readonly width: number;
  array: number[];
  arrayminus: number[];
}

/** Colours that stay apart for colour-blind readers (Okabe and Ito), strongest contrast on white first. */
export const palette: readonly string[] = [
  "#0072B2",
  "#D55E00",
  "#009E73",
  "#CC79A7",
  "#E69F00",
  "#56B4E9",
  "#5B5B5B",
  "#B8A800",
];

/** The colour of the series at a position, from the start again after the last. */
export function seriesColor(index: number): string {
  return palette[index % palette.length];
}

/** The grey of reference lines and remarks. */
export const quiet = "#5f6368";

/** A legend below the chart, where it may take as many lines as it needs. */
export const legendBelow = { legend: { orientation: "h", x: 0, y: -0.2, yanchor: "top" } } as const;

/** Powers of ten that need ticks between them. */
const FEW_DECADES = 2.5;

/** The most places of an axis that all have their tick. */
const TICKS = 12;

/** What an axis of these places needs so that it has no ticks between whole numbers, where all of them are such. */
export function wholeTicks(places: readonly number[]): { tick0?: number; dtick?: number } {
  const [low, high] = places.reduce(([a, b], x) => [Math.min(a, x), Math.max(b, x)], [Infinity, -Infinity]);
  // Where the places go further, plotly's own ticks are whole.
  const isFew = high > low && high - low <= TICKS && new Set(places).size > 2;
  return isFew && places.every(Number.isInteger) ? { tick0: 0, dtick: 1 } : {};
}

/** A logarithmic axis of these values: some eight powers of ten, or plain numbers where they span few. */
export function logarithmicAxis(values: readonly (number | null)[]): Partial<LayoutAxis> {
  const logs = values.flatMap((value) => (value === null ? [] : [Math.log10(value)]));
  const [low, high] = logs.reduce(([a, b], x) => [Math.min(a, x), Math.max(b, x)], [Infinity, -Infinity]);
  const span = high - low;
  // Plotly's own ticks between powers bear a single digit, of which the reader has to guess the power.
  if (span < FEW_DECADES) return { type: "log", tickformat: "~g", ...(span > 0.8 && { dtick: "D2" }) };
  // Plotly draws powers of ten a quarter larger than it is told.
  return { type: "log", exponentformat: "power", dtick: Math.ceil(span / 8), tickfont: { size: 10.5 } };
}

/** Numbers to six digits, which are more than a chart shows. */
export function rounded(values: ArrayLike<number>): number[] {
  return Array.from(values, (value) => Number(value.toPrecision(6)));
}

/** Bars of a trace's points from the lower ends of intervals to the upper ones. */
export function errorBars(
  values: ArrayLike<number>,
  lower: ArrayLike<number>,
  upper: ArrayLike<number>,
  color: string,
): Bars {
  return {
    ...{ type: "data", symmetric: false, color, thickness: 1.5, width: 3 },
    array: rounded(Array.from(values, (value, at) => upper[at] - value)),
    arrayminus: rounded(Array.from(values, (value, at) => value - lower[at])),
  };
}

const axis: object = {
  automargin: true,
  gridcolor: "#e8eaed",
  linecolor: "#9aa0a6",
  showline: true,
  ticks: "outside",
  tickcolor: "#9aa0a6",
  ticklen: 4,
  zeroline: false,
  title: { standoff: 12 },
};

const template: Template = {
  layout: {
    colorway: [...palette],
    paper_bgcolor: "#ffffff",
    plot_bgcolor: "#ffffff",
    font: { family: "system-ui, sans-serif", size: 13, color: "#202124" },
    title: {
      font: { size: 16 },
      x: 0.02,
      xanchor: "left",
      y: 0.96,
      yanchor: "top",
      yref: "container",
    },
    margin: { l: 72, r: 28, t: 56, b: 60 },
    xaxis: axis,
    yaxis: axis,
    legend: { x: 1.02, y: 1 },
    hoverlabel: { namelength: -1 },
  },
};

/**
 * A figure in the house style: white ground, light grid, system font, colours safe for colour-blind readers.
 *
 * Texts in `data` and `layout` are read by plotly as a little HTML: pass names that come from data through `plain`.
 *
 * @param alt one sentence that says what the chart shows
 * @param layout plotly's layout; give both axes a title
 * @example
 * ```ts
 * import { figure } from "mixlens";
 * const chart = figure("Two points", [{ x: [0, 1], y: [1, 2] }], {
 *   xaxis: { title: { text: "time (s)" } },
 *   yaxis: { title: { text: "height (m)" } },
 * });
 * if (chart.layout.width !== 720) throw new Error("the width is 720 unless told otherwise");
 * ```
 */
export function figure(alt: string, data: readonly Data[], layout: Partial<Layout>): Figure {
  checkArgument("make a figure", "alt", alt, aText);
  checkArgument("make a figure", "data", data, listOf(objectOf<Data>({}, "a trace"), "a list of plotly's traces"));
  checkArgument("make a figure", "layout", layout, objectOf<Layout>({}, "an object, plotly's layout"));
  return {
    alt,
    data,
    layout: { width: 720, height: 420, template, ...layout },
  };
}

/**
 * Text from data as plotly shall show it: to the letter, never as its little HTML, nor as TeX.
 *
 * @example
 * ```ts
 * import { plain } from "mixlens";
 * if (plain("<b>x</b>") !== "&lt;b&gt;x&lt;/b&gt;") throw new Error("tags are text");
 * ```
 */
export function plain(text: string): string {
  checkArgument("show text", "text", text, aText);
  const codes: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", $: "&#36;" };
  return text.replace(/[&<>$]/g, (letter) => codes[letter]);
}

/** A name from data, for legends and ticks: plain, and cut where it would leave no room for the chart. */
export function label(name: string): string {
  const letters = [...name];
  return plain(letters.length > 32 ? `${letters.slice(0, 31).join("")}…` : name);
}

export const aFigure: Kind<Figure> = {
  wanted: "a figure: its data and layout, and what it shows in words",
  accepts: (value) => isFigure(value) && isOf(value.alt, aText),
};

/** True of a figure of this library, and of any value with plotly's `data` and `layout`. */
export function isFigure(value: unknown): value is Figure {
  if (typeof value !== "object" || value === null || !("data" in value) || !("layout" in value)) return false;
  return Array.isArray(value.data) && typeof value.layout === "object" && value.layout !== null;
}

/** Width of a figure in pixels. */
export function figureWidth(figure: Figure): number {
  return figure.layout.width ?? 720;
}

/** Height of a figure in pixels. */
export function figureHeight(figure: Figure): number {
  return figure.layout.height ?? 420;
}

/**
 * A figure as plotly's JSON: typed arrays become arrays, what is not finite becomes a gap, and fractions are kept to nine
 * digits: more than a chart can show, and too few to tell one machine's rounding from another's.
 *
 * @throws InputError if the figure holds what JSON cannot
 */
export function figureJson({ data, layout, alt }: Figure): string {
  try {
    return JSON.stringify({ data, layout }, plotlyValue);
  } catch (error) {
    const refusal = new InputError(
      `draw ${alt === undefined ? "the figure" : quote(alt)}`,
      "data and layout that JSON can hold",
      "others",
    );
    throw Object.assign(refusal, { cause: error });
  }
}

function plotlyValue(_key: string, value: unknown): unknown {
  if (typeof value === "number") return Number.isInteger(value) ? value : Number(value.toPrecision(9));
  return ArrayBuffer.isView(value) && !(value instanceof DataView) ? Array.from(value as Float64Array) : value;
}
