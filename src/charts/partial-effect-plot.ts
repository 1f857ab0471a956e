import { curvePlot } from "../display/curve-plot.ts";
import { errorBars, type Figure, figure, label, legendBelow, plain, rounded, seriesColor } from "../display/figure.ts";
import { text } from "../errors/kinds.ts";
import { partOf, readOptions } from "../errors/options.ts";
import { rowsOfFit, type Whole } from "../fit/fitted.ts";
import {
  PARTIAL_EFFECT,
  type PartialEffect,
  type PartialEffectOptions,
  partialEffect,
} from "../inference/partial-effect.ts";
import { extent } from "../math/statistics.ts";
import { formatNumber } from "../text/number.ts";

/** What may be told to a plot of a partial effect. */
export interface PartialEffectPlotOptions extends PartialEffectOptions {
  readonly title?: string;
}

/**
 * What a fit expects along one column, all others at their average: bands, or of a factor bars, are pointwise intervals.
 *
 * The values are those of {@link partialEffect}.
 *
 * @throws InputError as `partialEffect`
 * @remarks cost that of `partialEffect`
 * @example
 * ```ts
 * import { datasetPath, fit, partialEffectPlot } from "mixlens";
 * const iris = fit(datasetPath("iris"), { response: "petal_width", features: ["petal_length"], starts: 5 });
 * const gate = partialEffectPlot(iris, { x: "petal_length", of: "gate" });
 * if (gate.data.length !== 4) throw new Error("a curve of each expert, and its band");
 * ```
 */
export function partialEffectPlot(fit: Whole, options: PartialEffectPlotOptions = {}): Figure {
  const { title, ...plan } = readOptions("plot a partial effect", options, { ...PARTIAL_EFFECT, title: text });
  const found = partialEffect(fit, partOf(plan, PARTIAL_EFFECT));
  const { response, labels } = fit.formula;
  const { hasTrials } = fit.mixture.law.response;
  const isProbability = found.of === "gate" || labels !== undefined || hasTrials;
  const what = { response, gate: "Shares of the experts", experts: `What each expert expects of ${response}` };
  const heading = title ?? `${what[found.of]} by ${found.x}`;
  const y = isProbability ? "probability" : response;
  const chart = found.kind === "levels" ? points(found, heading, y) : curves(found, heading, y);
  if (isProbability) return chart;
  const data = rowsOfFit("plot a partial effect", fit, plan.rows, "partialEffectPlot(model, { rows })");
  const range = rangeOf(found, data.response);
  return { ...chart, layout: { ...chart.layout, yaxis: { ...chart.layout.yaxis, range } } };
}

/** Ends of the vertical axis: intervals that are wider than all there is in the data are cut, for they would hide the rest. */
function rangeOf({ curves }: PartialEffect, response: Float64Array): [number, number] {
  const [low, high] = extent([response, ...curves.map(({ expected }) => expected)].flatMap(extent));
  const [lower, upper] = extent(curves.flatMap((curve) => [curve.lower, curve.upper]).flatMap(extent));
  const [from, to] = [Math.max(low, lower), Math.min(high, upper)];
  const margin = 0.05 * (to - from) || 1;
  return [from - margin, to + margin];
}

function curves({ x, kind, places, curves }: PartialEffect, title: string, y: string): Figure {
  const at = places.map((place) => (typeof place === "string" ? Date.parse(place) : place));
  const shown = curves.map(({ name, expected, lower, upper }) => ({
    name,
    x: at,
    y: expected,
    band: { lower, upper },
  }));
  const chart = curvePlot(shown, { title, x, y });
  const { xaxis, ...layout } = chart.layout;
  const axis = kind === "dates" ? ({ ...xaxis, type: "date" } as const) : xaxis;
  return { ...chart, layout: { ...layout, ...(axis && { xaxis: axis }), showlegend: curves.length > 1 } };
}

/** Of levels beside each other, so that they do not cover one another. */
const BESIDE = 0.3;

function points({ x, places, curves }: PartialEffect, title: string, y: string): Figure {
  const series = curves.map(({ name, expected, lower, upper }, at) => {
    const color = seriesColor(at);
    const shift = curves.length === 1 ? 0 : BESIDE * (at / (curves.length - 1) - 0.5);
    return {
      ...({ type: "scatter", mode: "markers", name: label(name) } as const),
      x: places.map((_, place) => place + shift),
      y: rounded(expected),
      error_y: errorBars(expected, lower, upper, color),
      text: places.map((place) => plain(String(place))),
      hovertemplate: "%{text}: %{y}",
      marker: { color, size: 8 },
    };
  });
  const levels = places.map((place, at) => {
    return `${place} ${curves.map(({ expected }) => formatNumber(expected[at])).join(" and ")}`;
  });
  return figure(`${title}: ${levels.join("; ")}.`, series, {
    title: { text: plain(title) },
    xaxis: {
      title: { text: label(x) },
      tickvals: places.map((_, place) => place),
      ticktext: places.map((place) => label(String(place))),
      range: [-0.6, places.length - 0.4],
    },
    yaxis: { title: { text: label(y) } },
    showlegend: curves.length > 1,
    ...legendBelow,
  });
}
