import { type Figure, figure, legendBelow, plain, quiet, rounded, seriesColor } from "../display/figure.ts";
import { text } from "../errors/kinds.ts";
import { type Optional, optional, partOf, readOptions } from "../errors/options.ts";
import { type FitRows, rowsOfAFit, type Whole } from "../fit/fitted.ts";
import { INFLUENCE, type InfluenceOptions, influence } from "../inference/influence.ts";

/** What may be told to a plot of influences. */
export interface InfluencePlotOptions extends InfluenceOptions {
  readonly title?: string;
  /** The rows of a loaded model; default: those of the fit. */
  readonly rows?: FitRows;
}

const ROWS: Optional<FitRows> = optional(rowsOfAFit, "rows of a loaded model");
/** Stems that are drawn at the most: those of the largest distances. */
const STEMS = 2000;
/** How many times the usual distance a row has that is looked at: Bollen and Jackman's rule. */
const NOTABLE = 4;

/**
 * Cook's distance of every row of a fit, in the colour of its most probable expert; the largest have their numbers.
 *
 * Where all rows count alike a distance is about 1/n; the line stands at four times that. Of more than 2000 rows those of the
 * largest distances are drawn. The values are those of {@link influence}.
 *
 * @throws InputError as `influence`
 * @remarks cost that of `influence`
 * @example
 * ```ts
 * import { fit, influencePlot } from "mixlens";
 * const x = [0, 1, 2, 3, 4, 5, 6, 7, 8, 20];
 * const line = fit({ x, y: [0.1, 0.9, 2.1, 2.9, 4.1, 4.9, 6.1, 6.9, 8.1, 22] }, { response: "y", k: 1 });
 * if (!influencePlot(line).alt.includes("row 10")) throw new Error("the last row moves the line");
 * ```
 */
export function influencePlot(fit: Whole, options: InfluencePlotOptions = {}): Figure {
  const plan = readOptions("plot influences", options, { ...INFLUENCE, title: text, rows: ROWS });
  const found = influence(fit, plan.rows, partOf(plan, INFLUENCE));
  const { distances, units, rows, experts, most } = found;
  const { k } = fit.mixture.spec;
  const isGrouped = fit.formula.group !== undefined;
  const edge = NOTABLE / units;
  const drawn = Array.from(distances.keys())
    .sort((a, b) => distances[b] - distances[a])
    .slice(0, STEMS)
    .sort((a, b) => a - b);
  const heights = rounded(distances);
  const series = Array.from({ length: k }, (_, z) => {
    const own = drawn.filter((unit) => experts[unit] === z + 1);
    // One line that goes up and down at each row: a page is small with it.
    return {
      ...({ type: "scatter", mode: "lines", name: `expert ${z + 1}` } as const),
      x: own.flatMap((unit) => [rows[unit], rows[unit], rows[unit]]),
      y: own.flatMap((unit) => [0, heights[unit], 0]),
      customdata: own.flatMap((unit) => [heights[unit], heights[unit], heights[unit]]),
      hovertemplate: "row %{x}: %{customdata:.3g}",
      line: { color: seriesColor(z), width: 1.5 },
    };
  });
  const far = distances.reduce((count, distance) => count + Number(distance > edge), 0);
  const [largest] = most;
  return figure(
    `Cook's distances of ${units} rows: ${far} are above ${NOTABLE}/${units}, the largest is that of row ${largest.row}, which moves ${largest.parameter} most.`,
    series,
    {
      title: { text: plain(plan.title ?? "What the fit would be without a row") },
      xaxis: { title: { text: isGrouped ? "first row of the group" : "row" } },
      yaxis: { title: { text: "Cook's distance" }, rangemode: "tozero" },
      shapes: [
        {
          ...{ type: "line", xref: "paper", x0: 0, x1: 1, y0: edge, y1: edge },
          line: { color: quiet, width: 1, dash: "dot" },
        },
      ],
      annotations: most
        .filter(({ distance }) => distance > edge)
        .map(({ row, distance }) => ({
          ...{ x: row, y: distance, text: String(row), showarrow: false, yanchor: "bottom", yshift: 2 },
          font: { size: 11, color: quiet },
        })),
      showlegend: k > 1,
      ...legendBelow,
    },
  );
}
