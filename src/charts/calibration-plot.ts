import {
  errorBars,
  type Figure,
  figure,
  label,
  legendBelow,
  plain,
  quiet,
  rounded,
  seriesColor,
} from "../display/figure.ts";
import { text } from "../errors/kinds.ts";
import { type Optional, optional, partOf, readOptions } from "../errors/options.ts";
import { type FitRows, rowsOfAFit, type Whole } from "../fit/fitted.ts";
import { CALIBRATION, type CalibrationOptions, calibration } from "../inference/calibration.ts";
import { percent } from "../inference/level.ts";

/** What may be told to a plot of a calibration. */
export interface CalibrationPlotOptions extends CalibrationOptions {
  readonly title?: string;
  /** Other rows with responses, and those of a loaded model; default: those of the fit. */
  readonly rows?: FitRows;
}

const ROWS: Optional<FitRows> = optional(rowsOfAFit, "other rows with responses");

/**
 * Frequencies against the probabilities that a fit predicts: on the line where the fit is the truth.
 *
 * Of labels each point is a bin of rows, of numbers a quantile with the share of the responses below it; bars are binomial
 * intervals. The values are those of {@link calibration}.
 *
 * @throws InputError as `calibration`
 * @remarks cost that of `calibration`
 * @example
 * ```ts
 * import { calibrationPlot, datasetPath, fit } from "mixlens";
 * const iris = fit(datasetPath("iris"), { response: "petal_width", features: ["petal_length"], starts: 5 });
 * if (calibrationPlot(iris).data.length !== 2) throw new Error("a line and points");
 * ```
 */
export function calibrationPlot(fit: Whole, options: CalibrationPlotOptions = {}): Figure {
  const plan = readOptions("plot a calibration", options, { ...CALIBRATION, title: text, rows: ROWS });
  const { of, level, points } = calibration(fit, plan.rows, partOf(plan, CALIBRATION));
  const isLabels = of === "labels";
  const names = [...new Set(points.map((point) => point.label))];
  const hits = points.filter(({ expected, lower, upper }) => lower <= expected && expected <= upper).length;
  const what = isLabels ? "bins of predicted probabilities" : "predicted quantiles";
  const series = names.map((name, at) => {
    const own = points.filter((point) => point.label === name);
    const color = seriesColor(at);
    const found = (end: "estimate" | "lower" | "upper"): number[] => own.map((point) => point[end]);
    return {
      ...({ type: "scatter", mode: "markers", name: name === undefined ? "responses" : label(name) } as const),
      x: rounded(own.map(({ expected }) => expected)),
      y: rounded(found("estimate")),
      error_y: errorBars(found("estimate"), found("lower"), found("upper"), color),
      customdata: rounded(own.map(({ rows }) => rows)),
      hovertemplate: `said %{x:.3f}, found %{y:.3f}${isLabels ? " of %{customdata} rows" : ""}`,
      marker: { color, size: 7 },
    };
  });
  const line = { x: [0, 1], y: [0, 1], line: { color: quiet } };
  return figure(
    `${points.length} ${what}: of ${hits} the interval of ${percent(level)} holds what the fit says.`,
    [{ type: "scatter", mode: "lines", name: "the fit is the truth", ...line }, ...series],
    {
      title: { text: plain(plan.title ?? "Calibration") },
      xaxis: {
        title: { text: isLabels ? "predicted probability" : "probability of the quantile" },
        range: [-0.02, 1.02],
      },
      yaxis: { title: { text: isLabels ? "frequency" : "share of responses below" }, range: [-0.02, 1.02] },
      showlegend: true,
      ...legendBelow,
      height: 480,
    },
  );
}
