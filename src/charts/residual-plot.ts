import { type Figure, figure, legendBelow, plain, quiet, rounded, seriesColor } from "../display/figure.ts";
import { text } from "../errors/kinds.ts";
import { partOf, readOptions } from "../errors/options.ts";
import type { Whole } from "../fit/fitted.ts";
import { quantileResiduals, RESIDUALS, type ResidualOptions } from "../inference/residuals.ts";
import { normalQuantile } from "../math/normal.ts";

/** What may be told to a plot of residuals. */
export interface ResidualPlotOptions extends ResidualOptions {
  readonly title?: string;
}

const ACT = "plot residuals";
/** Points that are drawn at the most. */
const POINTS = 2000;
/** Standard deviations of an order statistic that the band about the line covers: nineteen of twenty points. */
const BAND = 1.96;

/**
 * The quantile residuals of a fit against those of the standard normal law: a straight line where the fit is the truth.
 *
 * The band holds each point with a probability of 95 % if it is. Of more than 2000 rows some are drawn, evenly spaced.
 *
 * @throws InputError for a response of labels
 * @remarks cost that of `quantileResiduals`
 * @example
 * ```ts
 * import { datasetPath, fit, residualPlot } from "mixlens";
 * const iris = fit(datasetPath("iris"), { response: "petal_width", features: ["petal_length"], starts: 5 });
 * if (residualPlot(iris).data.length !== 3) throw new Error("band, line, points");
 * ```
 */
export function residualPlot(fit: Whole, options: ResidualPlotOptions = {}): Figure {
  const { title, ...plan } = readOptions(ACT, options, { ...RESIDUALS, title: text });
  const { residuals } = quantileResiduals(fit, undefined, partOf(plan, RESIDUALS));
  const sorted = residuals.slice().sort();
  const n = sorted.length;
  const every = Math.ceil(n / POINTS);
  const drawn = Array.from(sorted.keys()).filter((at) => at % every === 0);
  const share = (at: number): number => (at + 0.5) / n;
  const x = rounded(drawn.map((at) => normalQuantile(share(at))));
  // The standard deviation of an order statistic, by the density at its quantile.
  const spread = drawn.map((at, i) => {
    const density = Math.exp((-x[i] * x[i]) / 2) / Math.sqrt(2 * Math.PI);
    return (BAND * Math.sqrt((share(at) * (1 - share(at))) / n)) / density;
  });
  const edge = {
    x: [...x, ...x.slice().reverse()],
    y: [
      ...rounded(x.map((value, i) => value - spread[i])),
      ...rounded(x.map((value, i) => value + spread[i])).reverse(),
    ],
  };
  const outside = drawn.filter((at, i) => Math.abs(sorted[at] - x[i]) > spread[i]).length;
  const found = `${outside} of ${drawn.length} points are outside the band of 95 %`;
  return figure(
    `Quantile residuals of ${n} rows against the normal law: ${found}.`,
    [
      {
        ...{ type: "scatter", mode: "lines", name: "95 % of each point", ...edge },
        ...{ fill: "toself", fillcolor: "rgba(128, 128, 128, 0.2)", line: { width: 0 }, hoverinfo: "skip" },
      },
      { type: "scatter", mode: "lines", name: "the fit is the truth", x: ends(x), y: ends(x), line: { color: quiet } },
      {
        ...{ type: "scatter", mode: "markers", name: "residuals", x, y: rounded(drawn.map((at) => sorted[at])) },
        marker: { color: seriesColor(0), size: 5 },
      },
    ],
    {
      title: { text: plain(title ?? "Quantile residuals") },
      xaxis: { title: { text: "standard normal" } },
      yaxis: { title: { text: "residual" } },
      showlegend: true,
      ...legendBelow,
    },
  );
}

function ends(values: readonly number[]): number[] {
  return [values[0], values[values.length - 1]];
}
