import type { Data } from "plotly.js-dist-min";
import { checkArgument } from "../errors/arguments.ts";
import { either, gapped, type Kind, listOf, numbers, objectOf, oneOf, required, text, truth } from "../errors/kinds.ts";
import { type Declared, defaulted, readOptions } from "../errors/options.ts";
import { InputError } from "../errors.ts";
import { formatNumber } from "../text/number.ts";
import { type Figure, figure, label, legendBelow, logarithmicAxis, plain, seriesColor, wholeTicks } from "./figure.ts";

/** A named curve through points. */
export interface Curve {
  readonly name: string;
  /** Where its points are; default: 0, 1, 2, … */
  readonly x?: ArrayLike<number>;
  /** Values; where one is not finite, or on a logarithmic axis not above 0, there is a gap. */
  readonly y: ArrayLike<number | null>;
  /** Lower and upper edge of a band about the curve, such as a standard deviation each way; as many as values. */
  readonly band?: { readonly lower: ArrayLike<number>; readonly upper: ArrayLike<number> };
}

/** What is said of curves. */
export interface CurvePlotOptions {
  readonly title: string;
  /** Titles of the axes. */
  readonly x: string;
  readonly y: string;
  /** Whether the vertical axis is logarithmic, or both are. */
  readonly logarithmic?: boolean | "both";
}

const aBand = objectOf({ lower: required(numbers), upper: required(numbers) }, "a band");
/** A list of curves. */
export const namedCurves: Kind<readonly Curve[]> = listOf(
  objectOf<Curve>({ name: required(text), x: numbers, y: required(gapped), band: aBand }, "a curve"),
  "a list of curves, each with a name and values",
);
const OPTIONS = {
  title: required(text),
  x: required(text),
  y: required(text),
  logarithmic: defaulted(either(truth, oneOf(["both"])), false),
} satisfies Declared<CurvePlotOptions>;

/**
 * Curves in one chart, such as the errors of several algorithms by iteration.
 *
 * @throws InputError if there is no point to draw
 * @example
 * ```ts
 * import { curvePlot } from "mixlens";
 * const curves = [{ name: "EM", y: [1, 0.1, 0.01] }, { name: "gradient descent", y: [1, 0.9, 0.8] }];
 * const chart = curvePlot(curves, { title: "Errors", x: "iteration", y: "relative error", logarithmic: true });
 * if (chart.data.length !== 2) throw new Error("one line for each");
 * ```
 */
export function curvePlot(curves: readonly Curve[], options: CurvePlotOptions): Figure {
  checkArgument("plot curves", "curves", curves, namedCurves);
  const { title, x, y, logarithmic } = readOptions("plot curves", options, OPTIONS);
  const shown = curves.map((curve) => {
    const places = Array.from(curve.x ?? curve.y, (value, at) => (curve.x === undefined ? at : Number(value)));
    return {
      name: curve.name,
      x: places,
      y: Array.from(curve.y, (value, at) => {
        const isPlaced = logarithmic !== "both" || places[at] > 0;
        return isPlaced && isShown(value, logarithmic !== false) ? value : null;
      }),
    };
  });
  if (!shown.some((curve) => curve.y.some((value) => value !== null))) {
    throw new InputError("plot curves", "a point that can be drawn", "none");
  }
  const [xs, ys] = [shown.flatMap((curve) => curve.x), shown.flatMap((curve) => curve.y)];
  const bands = curves.flatMap((curve, at) => (curve.band === undefined ? [] : [area(curve.band, shown[at].x, at)]));
  return figure(alt(title, shown), [...bands, ...shown.map(line)], {
    title: { text: plain(title) },
    xaxis: {
      title: { text: plain(x) },
      ...(logarithmic === "both" ? logarithmicAxis(xs.filter((place) => place > 0)) : wholeTicks(xs)),
    },
    yaxis: { title: { text: plain(y) }, ...(logarithmic && logarithmicAxis(ys)) },
    showlegend: shown.length > 1,
    ...legendBelow,
    height: 480,
  });
}

function isShown(value: number | null, logarithmic: boolean): value is number {
  return value !== null && Number.isFinite(value) && (!logarithmic || value > 0);
}

/** Curves that lie on each other are told apart by their dashes. */
const DASHES = ["solid", "dash", "dot", "dashdot"] as const;

interface Shown {
  readonly name: string;
  readonly x: number[];
  readonly y: (number | null)[];
}

function line({ name, x, y }: Shown, at: number): Data {
  const color = seriesColor(at);
  return {
    type: "scatter",
    mode: y.length > 40 ? "lines" : "lines+markers",
    name: label(name),
    x,
    y,
    line: { color, width: 2, dash: DASHES[at % DASHES.length] },
    marker: { color, size: 5 },
  };
}

/** A band in the colour of its curve, drawn beneath all curves. */
function area({ lower, upper }: NonNullable<Curve["band"]>, x: readonly number[], at: number): Data {
  return {
    type: "scatter",
    mode: "lines",
    x: [...x, ...x.toReversed()],
    y: [...Array.from(upper), ...Array.from(lower).toReversed()],
    fill: "toself",
    fillcolor: `${seriesColor(at)}2e`,
    line: { width: 0 },
    hoverinfo: "skip",
    showlegend: false,
  };
}

function alt(title: string, curves: readonly Shown[]): string {
  const ends = curves.map(({ name, y }) => {
    const drawn = y.filter((value) => value !== null);
    if (drawn.length === 0) return `${name} without a point`;
    return `${name} from ${formatNumber(drawn[0])} to ${formatNumber(drawn[drawn.length - 1])}`;
  });
  return `${title}: ${ends.join("; ")}.`;
}
