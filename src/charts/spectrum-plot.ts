import { type Figure, figure, palette, plain, quiet } from "../display/figure.ts";
import { checkArgument } from "../errors/arguments.ts";
import { isObject, numbers, text } from "../errors/kinds.ts";
import { type Declared, readOptions } from "../errors/options.ts";
import { InputError, quote } from "../errors.ts";
import type { Whole } from "../fit/fitted.ts";
import { type Spectrum, spectrum } from "../inference/spectrum.ts";
import { topSpectrum } from "../inference/top-spectrum.ts";
import { isWhole } from "../models/checks.ts";
import { DENSE } from "../models/information.ts";
import { formatRate, LEAST_EIGENVALUE } from "../text/number.ts";

/** What may be told to a spectrum plot. */
export interface SpectrumPlotOptions {
  readonly title?: string;
}

const OPTIONS = { title: text } satisfies Declared<SpectrumPlotOptions>;

/**
 * The eigenvalues of a fit's missing-information matrix, largest first: the top one is EM's rate per iteration.
 *
 * Values below 0 or above 1, which only rounding or a point that is no maximum can give, are drawn where they are and
 * in another colour. What is within rounding of 0 is drawn as 0.
 *
 * @param given a fit, whose spectrum is found: its largest eigenvalues, where it has too many parameters for all; a
 *   spectrum; or eigenvalues in any order
 * @throws InputError if there is none, or one is not a finite number
 * @example
 * ```ts
 * import { datasetPath, fit, spectrumPlot } from "mixlens";
 * const iris = fit(datasetPath("iris"), { response: "petal_width", features: ["petal_length"], starts: 5 });
 * if (!spectrumPlot(iris).alt.startsWith("8 eigenvalues")) throw new Error("one for each parameter");
 * const chart = spectrumPlot([0.31, 0.556, 0.02]);
 * if (!chart.alt.includes("0.556")) throw new Error("the rate is named");
 * ```
 */
export function spectrumPlot(
  given: Whole | Pick<Spectrum, "eigenvalues"> | ArrayLike<number>,
  options: SpectrumPlotOptions = {},
): Figure {
  const eigenvalues = eigenvaluesOf(given);
  checkArgument("plot the spectrum", "eigenvalues", eigenvalues, numbers);
  readOptions("plot the spectrum", options, OPTIONS);
  const values = Array.from(eigenvalues, (value) => (Math.abs(value) < LEAST_EIGENVALUE ? 0 : value)).sort(
    (a, b) => b - a,
  );
  const wrong = values.findIndex((value) => !Number.isFinite(value));
  if (values.length === 0) throw new InputError("plot the spectrum", "one eigenvalue or more", "none");
  if (wrong >= 0) throw new InputError("plot the spectrum", "finite eigenvalues", quote(values[wrong]));
  const [top, bottom] = [values[0], values[values.length - 1]];
  const colors = values.map((value) => (value < 0 || value > 1 ? palette[1] : palette[0]));
  const rank = values.map((_, i) => i + 1);
  return figure(
    `${values.length} eigenvalue${values.length === 1 ? "" : "s"} of the missing-information matrix, from ${formatRate(top)} to ${formatRate(bottom)}.`,
    [
      {
        type: "scatter",
        mode: "lines",
        x: rank.flatMap((i) => [i, i, null]),
        y: values.flatMap((value) => [0, value, null]),
        line: { color: "#9aa0a6", width: 1.5 },
        hoverinfo: "skip",
      },
      {
        type: "scatter",
        mode: "markers",
        x: rank,
        y: values,
        marker: { color: colors, size: 8 },
        cliponaxis: false,
      },
    ],
    {
      title: {
        text: plain(options.title ?? "Spectrum of the missing information"),
      },
      xaxis: {
        title: { text: "rank" },
        range: [0.4, values.length + 0.6],
        dtick: wholeStep(values.length),
        showgrid: false,
      },
      yaxis: {
        title: { text: "eigenvalue (fraction missing)" },
        range: [Math.min(0, bottom * 1.08 - 0.02 * Number(bottom < 0)), Math.max(1.12, top * 1.12)],
        zeroline: true,
        zerolinecolor: "#9aa0a6",
      },
      shapes: [standstill],
      annotations: [standstillRemark, rateRemark(top)],
      showlegend: false,
    },
  );
}

function eigenvaluesOf(given: Whole | Pick<Spectrum, "eigenvalues"> | ArrayLike<number>): ArrayLike<number> {
  if (isWhole<Whole>(given)) {
    return (given.mixture.free.length > DENSE ? topSpectrum(given) : spectrum(given)).eigenvalues;
  }
  return isObject(given) && "eigenvalues" in given ? (given.eigenvalues as Float64Array) : (given as number[]);
}

const remark = {
  showarrow: false,
  font: { color: quiet },
  bgcolor: "rgba(255,255,255,0.8)",
} as const;

/** The line where EM makes no way at all, and its name. */
const standstill = {
  type: "line",
  xref: "paper",
  x0: 0,
  x1: 1,
  y0: 1,
  y1: 1,
  line: { color: quiet, width: 1, dash: "dot" },
} as const;

const standstillRemark = {
  ...remark,
  x: 1,
  xref: "paper",
  xanchor: "right",
  y: 1,
  yanchor: "bottom",
  text: "1: EM stands still",
} as const;

/** Beside the largest eigenvalue, and clear of the next. */
function rateRemark(top: number): NonNullable<Figure["layout"]["annotations"]>[number] {
  return {
    ...remark,
    x: 1,
    xanchor: "left",
    xshift: 4,
    y: top,
    yanchor: "bottom",
    yshift: 4,
    text: `rate ${formatRate(top)}`,
  };
}

/** Ticks at whole ranks only, ten at most. */
function wholeStep(count: number): number {
  return Math.ceil(count / 10);
}
