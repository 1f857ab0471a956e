import { type Figure, figure, plain, rounded, seriesColor } from "../display/figure.ts";
import { text } from "../errors/kinds.ts";
import { type Declared, readOptions } from "../errors/options.ts";
import { fittedParts, rowsOfFit, type Whole } from "../fit/fitted.ts";

/** What may be told to a plot of responsibilities. */
export interface PosteriorPlotOptions {
  readonly title?: string;
}

const OPTIONS = { title: text } satisfies Declared<PosteriorPlotOptions>;
const ACT = "plot responsibilities";
/** Bars from 0 to 1. */
const BARS = 20;
/** Smaller responsibilities are none: they would be a bar that hides all others. */
const NONE = 1e-4;

/**
 * How sure it is whose the rows are: of each expert, how many rows have which responsibility, by its square root.
 *
 * Bars at 0 and 1 alone are experts far apart; bars in the middle are rows that could be another's. Responsibilities below
 * 0.0001 are left out. Leisch, Journal of Statistical Software 11(8) (2004), section 5.
 *
 * @remarks cost that of an E-step
 * @example
 * ```ts
 * import { datasetPath, fit, posteriorPlot } from "mixlens";
 * const iris = fit(datasetPath("iris"), { response: "petal_width", features: ["petal_length"], starts: 5 });
 * if (posteriorPlot(iris).data.length !== 2) throw new Error("bars of each expert");
 * ```
 */
export function posteriorPlot(fit: Whole, options: PosteriorPlotOptions = {}): Figure {
  const { title } = readOptions(ACT, options, OPTIONS);
  const { mixture, theta } = fittedParts(ACT, fit);
  const data = rowsOfFit(ACT, fit, undefined, "posteriorPlot(fit(data, options))");
  const { responsibilities } = mixture.posterior(theta, data);
  const { k } = mixture.spec;
  const counts = Array.from({ length: k }, () => new Array<number>(BARS).fill(0));
  responsibilities.forEach((r, at) => {
    if (r >= NONE) counts[at % k][Math.min(BARS - 1, Math.floor(r * BARS))]++;
  });
  const x = Array.from({ length: BARS }, (_, bar) => (bar + 0.5) / BARS);
  const sure = counts.map((own, z) => `${own[BARS - 1]} rows of expert ${z + 1}`);
  return figure(
    `Responsibilities of ${responsibilities.length / k} rows: ${sure.join(", ")} are its own for 95 % or more.`,
    counts.map((own, z) => ({
      ...{ type: "bar", name: `expert ${z + 1}`, x, y: rounded(own.map(Math.sqrt)) },
      ...{ customdata: own, hovertemplate: "%{customdata} rows", marker: { color: seriesColor(z) } },
    })),
    {
      title: { text: plain(title ?? "Whose the rows are") },
      xaxis: { title: { text: "responsibility" }, range: [0, 1] },
      yaxis: { title: { text: "√rows" } },
      barmode: "group",
      bargap: 0.1,
      showlegend: k > 1,
    },
  );
}
