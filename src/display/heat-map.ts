import type { Data } from "plotly.js-dist-min";
import { checkArgument } from "../errors/arguments.ts";
import { callable, type Kind, number, objectOf, required, text, wholeFrom } from "../errors/kinds.ts";
import { type Declared, defaulted, readOptions } from "../errors/options.ts";
import { InputError, quote } from "../errors.ts";
import { formatNumber } from "../text/number.ts";
import { type Curve, namedCurves } from "./curve-plot.ts";
import { type Figure, figure, label, palette, plain } from "./figure.ts";

/** An axis of a plane: its title, and from where to where it goes. */
export interface Span {
  readonly title: string;
  readonly from: number;
  readonly to: number;
}

/** What is said of a heat map. */
export interface HeatMapOptions {
  readonly title: string;
  readonly x: Span;
  readonly y: Span;
  /** What the colours stand for. */
  readonly value: string;
  /** Drawn as a line where the value is this, and the colours part there: blue below, orange above. */
  readonly level?: number;
  /** Values that have the first and the last colour, as have those beyond; default: the least and the largest. */
  readonly range?: readonly [number, number];
  /** Paths on the plane, such as that of an algorithm. */
  readonly curves?: readonly Curve[];
  /** Points on the plane, without a line between them. */
  readonly marks?: readonly Curve[];
  /** Places along each axis at which the value is found; default 41. */
  readonly points?: number;
}

const span = objectOf<Span>({ title: required(text), from: required(number), to: required(number) }, "an axis");
const range: Kind<readonly [number, number]> = {
  wanted: "two numbers",
  accepts: (value) => Array.isArray(value) && value.length === 2 && Array.from(value).every(number.accepts),
};
const OPTIONS = {
  title: required(text),
  x: required(span),
  y: required(span),
  value: required(text),
  level: number,
  range,
  curves: namedCurves,
  marks: namedCurves,
  points: defaulted(wholeFrom(2), 41),
} satisfies Declared<HeatMapOptions>;

/**
 * A function of two numbers as the colours of a plane, in steps that can be counted, with paths drawn on it.
 *
 * Where the value is not finite the plane stays white.
 *
 * @param value of x and y; called at each of points × points places
 * @throws InputError for a span that does not rise, fewer than 2 points, a range that does not rise or does not hold the
 *   level, and a function that is finite nowhere
 * @remarks cost: 41 × 41 calls unless told otherwise
 * @example
 * ```ts
 * import { heatMap } from "mixlens";
 * const axis = (title: string) => ({ title, from: -2, to: 2 });
 * const chart = heatMap((x, y) => Math.hypot(x, y), {
 *   title: "Distance",
 *   x: axis("x"),
 *   y: axis("y"),
 *   value: "distance",
 *   level: 1,
 *   curves: [{ name: "path", x: [2, 1, 0], y: [2, 0.5, 0] }],
 * });
 * if (chart.data.length !== 3) throw new Error("colours, the circle of radius 1, and a path");
 * ```
 */
export function heatMap(value: (x: number, y: number) => number, options: HeatMapOptions): Figure {
  checkArgument(ACT, "value", value, callable);
  const { title, level, curves = [], marks = [], points } = readOptions(ACT, options, OPTIONS);
  const [x, y] = [places(options.x, points), places(options.y, points)];
  const z = y.map((b) => x.map((a) => shown(value(a, b))));
  const seen = extremes(z.flat());
  const range = options.range ?? seen;
  checkRange(range, options);
  const data: Data[] = [
    {
      type: "contour",
      ...{ x, y, z },
      autocontour: false,
      contours: { coloring: "fill", showlines: false, ...steps(range, level) },
      ...colours(range, level),
      line: { smoothing: 0 },
      colorbar: {
        ...{ title: { text: plain(options.value), side: "right" }, thickness: 16, outlinewidth: 0 },
        ...endsOf(steps(range, level), range, seen),
      },
      hovertemplate: hover(options),
    },
  ];
  if (level !== undefined) data.push(borderAt(level, { x, y, z }, options.value));
  data.push(...curves.map(path), ...marks.map(stars));
  return figure(alt(seen, options), data, {
    title: { text: plain(title) },
    xaxis: { title: { text: plain(options.x.title) }, range: [options.x.from, options.x.to], showgrid: false },
    yaxis: { title: { text: plain(options.y.title) }, range: [options.y.from, options.y.to], showgrid: false },
    showlegend: data.length > 1,
    // Below the chart, where it may take as many lines as it needs.
    legend: { orientation: "h", x: 0, y: -0.17, yanchor: "top" },
    height: 520,
  });
}

const ACT = "draw a heat map";

function places({ title, from, to }: Span, points: number): number[] {
  if (from < to && Number.isFinite(to - from)) {
    return Array.from({ length: points }, (_, at) => from + ((to - from) * at) / (points - 1));
  }
  throw new InputError(ACT, `${quote(title)} to rise from a number to another`, `${from} to ${to}`);
}

/** Four digits are more than steps of colour show. */
function shown(value: number): number | null {
  return Number.isFinite(value) ? Number(value.toPrecision(4)) : null;
}

/** Least and largest of the values that can be drawn. */
function extremes(values: readonly (number | null)[]): readonly [number, number] {
  const found = values.filter((value) => value !== null);
  if (found.length === 0) throw new InputError(ACT, "a finite value somewhere", "none");
  return [found.reduce((a, b) => Math.min(a, b)), found.reduce((a, b) => Math.max(a, b))];
}

function checkRange([low, high]: readonly [number, number], { range, level }: HeatMapOptions): void {
  if (range === undefined) return;
  const got = `${low} to ${high}`;
  if (!(low < high && Number.isFinite(high - low))) throw new InputError(ACT, "a range that rises", got);
  if (level !== undefined && !(low < level && level < high)) {
    throw new InputError(ACT, `a range with the level ${level} in it`, got);
  }
}

/** Steps of colour on the whole range, at the most. */
const STEPS = 16;
/** Ticks of a colour bar that says where it is clipped, but for the first. */
const TICKS = 8;

/** Where the colours change: at whole multiples of 1, 2 or 5 times a power of ten, or as far apart from the level on. */
function steps(
  [low, high]: readonly [number, number],
  level: number = 0,
): { start: number; end: number; size: number } {
  const least = (high - low) / STEPS || 1;
  const power = 10 ** Math.floor(Math.log10(least));
  const size = power * ([1, 2, 5].find((digit) => digit * power >= least * (1 - 1e-9)) ?? 10);
  const whole = (length: number): number => size * Math.floor(length / size + 1e-9);
  return { start: level - whole(level - low), end: level + whole(high - level), size };
}

/** Ticks of a colour bar whose first and last colours stand for all beyond, too; nothing where there is none beyond. */
function endsOf(
  { start, end, size }: { start: number; end: number; size: number },
  [low, high]: readonly [number, number],
  [least, largest]: readonly [number, number],
): { tickvals?: number[]; ticktext?: string[] } {
  if (low <= least && largest <= high) return {};
  const count = Math.round((end - start) / size);
  const every = Math.max(1, Math.ceil(count / TICKS));
  const tickvals = Array.from({ length: Math.floor(count / every) + 1 }, (_, at) => end - at * every * size).reverse();
  if (least < low) tickvals[0] = start;
  const ticktext = tickvals.map((value, at) => {
    const sign = at === 0 && least < low ? "≤ " : at === tickvals.length - 1 && largest > high ? "≥ " : "";
    return `${sign}${formatNumber(Number(value.toPrecision(12)))}`;
  });
  return { tickvals, ticktext };
}

interface Colours {
  readonly zmin: number;
  readonly zmax: number;
  readonly colorscale: [number, string][];
}

/** Pale to dark blue; with a level dark to pale blue below it, and pale to dark orange above. */
function colours([low, high]: readonly [number, number], level?: number): Colours {
  if (level === undefined) return { zmin: low, zmax: high, colorscale: shades(["#f4f9fc", "#7fb8d8", "#00507d"]) };
  const reach = Math.max(level - low, high - level);
  return { zmin: level - reach, zmax: level + reach, colorscale: shades([palette[0], "#ffffff", palette[1]]) };
}

function shades(colors: readonly string[]): [number, string][] {
  return colors.map((color, at) => [at / (colors.length - 1), color]);
}

interface Field {
  readonly x: number[];
  readonly y: number[];
  readonly z: (number | null)[][];
}

function borderAt(level: number, field: Field, value: string): Data {
  return {
    ...field,
    type: "contour",
    name: `${plain(value)} = ${formatNumber(level)}`,
    autocontour: false,
    contours: { coloring: "none", start: level, end: level, size: 1 },
    line: { color: "#202124", width: 2, smoothing: 0 },
    showscale: false,
    showlegend: true,
    hoverinfo: "skip",
  };
}

/** The paths' colours keep clear of those of the plane, and those of marks of the paths'. */
const PATHS = ["#5e2d91", palette[2], palette[3], palette[7], "#7a4a12"];
const MARKS = ["#202124", ...PATHS];

function path(curve: Curve, at: number): Data {
  const { color, ...points } = placed(curve, PATHS[at % PATHS.length]);
  const marker = { color, size: 6, line: EDGE };
  const mode = points.y.length > 40 ? "lines" : "lines+markers";
  return { type: "scatter", mode, ...points, line: { color, width: 2 }, marker };
}

function stars(curve: Curve, at: number): Data {
  const { color, ...points } = placed(curve, MARKS[at % MARKS.length]);
  return { type: "scatter", mode: "markers", ...points, marker: { color, size: 13, symbol: "star", line: EDGE } };
}

/** So that points can be seen on any colour. */
const EDGE = { color: "#ffffff", width: 1 };

function placed(
  { name, x, y }: Curve,
  color: string,
): { name: string; x: number[]; y: (number | null)[]; color: string } {
  return {
    name: label(name),
    x: Array.from(x ?? y, (place, step) => (x === undefined ? step : Number(place))),
    y: Array.from(y),
    color,
  };
}

function hover({ x, y, value }: HeatMapOptions): string {
  const line = (title: string, variable: string): string => `${plain(title)} %{${variable}:.4g}`;
  return `${line(x.title, "x")}<br>${line(y.title, "y")}<br>${line(value, "z")}<extra></extra>`;
}

function alt(
  [low, high]: readonly [number, number],
  { title, value, curves = [], marks = [] }: HeatMapOptions,
): string {
  const drawn = [...curves, ...marks].map(({ name }) => `; ${name}`).join("");
  return `${title}: ${value} from ${formatNumber(low)} to ${formatNumber(high)}${drawn}.`;
}
