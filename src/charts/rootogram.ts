import { type Figure, figure, label, plain, quiet, rounded, seriesColor, wholeTicks } from "../display/figure.ts";
import { text } from "../errors/kinds.ts";
import { type Declared, readOptions } from "../errors/options.ts";
import { InputError } from "../errors.ts";
import { fittedMixture, rowsOfFit, type Whole } from "../fit/fitted.ts";
import { eachDistribution } from "../models/distribution.ts";

/** What may be told to a rootogram. */
export interface RootogramOptions {
  readonly title?: string;
}

const OPTIONS = { title: text } satisfies Declared<RootogramOptions>;
const ACT = "draw a rootogram";
/** Counts that have a bar of their own at the most. */
const BARS = 60;

/**
 * How many rows have which count, hung from how many the fit expects, both by their square roots.
 *
 * A bar that ends below 0 is a count that is more frequent than the fit has it, one that ends above 0 is less frequent:
 * zeros, say, that want an expert of their own. Counts above the 60th are not drawn.
 *
 * @throws InputError for a response that is no count
 * @remarks cost: a distribution function of each expert, row and count. Kleiber and Zeileis, The American Statistician 70 (2016).
 * @example
 * ```ts
 * import { fit, rootogram } from "mixlens";
 * const y = [0, 0, 0, 1, 0, 2, 5, 6, 4, 7, 5, 0];
 * const counts = fit({ y }, { formula: "y ~ 1", experts: "poisson", k: 1 });
 * if (!rootogram(counts).alt.startsWith("12 rows")) throw new Error("bars and a curve");
 * ```
 */
export function rootogram(fit: Whole, options: RootogramOptions = {}): Figure {
  const { title } = readOptions(ACT, options, OPTIONS);
  const { mixture, theta, formula } = fittedMixture(ACT, fit);
  const data = rowsOfFit(ACT, fit, undefined, "rootogram(fit(data, options))");
  const { isCount, hasTrials } = mixture.law.response;
  if (!isCount && !hasTrials) throw new InputError(ACT, "a response of counts", `${mixture.law.name} experts`);
  const largest = data.response.reduce((most, y) => Math.max(most, y), 0);
  const bars = Math.min(BARS, Math.round(largest)) + 1;
  const [observed, expected] = [new Float64Array(bars), new Float64Array(bars)];
  eachDistribution(mixture, theta, data, (row, { tails }) => {
    const weight = data.weights?.[row] ?? 1;
    const y = Math.round(data.response[row]);
    if (y < bars) observed[y] += weight;
    let below = 0;
    for (let count = 0; count < bars; count++) {
      const { lower } = tails(count);
      expected[count] += weight * (lower - below);
      below = lower;
    }
  });
  const x = Array.from(observed.keys());
  const heights = rounded(observed.map(Math.sqrt));
  // Differences of a distribution function may be below 0 by rounding.
  const curve = rounded(expected.map((rows) => Math.sqrt(Math.max(0, rows))));
  const zeros = `${Math.round(observed[0])} are 0 where the fit has ${expected[0].toFixed(1)}`;
  return figure(
    `${data.rows} rows of ${formula.response} by their counts: ${zeros}.`,
    [
      {
        ...{ type: "bar", name: "rows", x, y: heights, base: x.map((count) => curve[count] - heights[count]) },
        ...{ customdata: Array.from(observed), hovertemplate: "%{customdata} rows", marker: { color: seriesColor(0) } },
      },
      {
        ...{ type: "scatter", mode: "lines+markers", name: "expected", x, y: curve },
        ...{
          customdata: Array.from(expected),
          hovertemplate: "%{customdata:.1f} rows",
          line: { color: seriesColor(1) },
        },
      },
    ],
    {
      title: { text: plain(title ?? "Counts and what the fit expects") },
      xaxis: { title: { text: label(formula.response) }, ...wholeTicks(x) },
      yaxis: { title: { text: "√rows" }, zeroline: true, zerolinecolor: quiet },
      bargap: 0.15,
      showlegend: true,
    },
  );
}
