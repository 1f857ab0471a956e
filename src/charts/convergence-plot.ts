import type { Data } from "plotly.js-dist-min";
import {
  type Figure,
  figure,
  label,
  legendBelow,
  logarithmicAxis,
  plain,
  seriesColor,
  wholeTicks,
} from "../display/figure.ts";
import { checkArgument } from "../errors/arguments.ts";
import { either, listOf, number, numbers, objectOf, required, text } from "../errors/kinds.ts";
import { type Declared, readOptions } from "../errors/options.ts";
import { InputError, quote } from "../errors.ts";
import { formatNumber } from "../text/number.ts";

/** The log-likelihoods of one run: the start first, then one value per iteration. */
export interface ConvergenceRun {
  readonly name: string;
  readonly logLikelihood: ArrayLike<number>;
}

const aStep = objectOf({ logLikelihood: required(number) }, "a step");
const aRun = either(
  objectOf({ name: required(text), logLikelihood: required(numbers) }, "a run"),
  objectOf({ trace: required(listOf(aStep, "steps")) }, "a fit or a run"),
);
const runsToPlot = either(
  listOf(aRun, "a list of fits and runs, or of names with log-likelihoods"),
  objectOf({ trace: required(listOf(aStep, "steps")) }, "a fit or a run"),
);

/** What has steps: a fit, or what `run` returns. */
export interface Traced {
  /** Name of the algorithm; a fit is called "fit". */
  readonly name?: string;
  readonly trace: readonly { readonly logLikelihood: number }[];
}

/** What may be told to a convergence plot. */
export interface ConvergencePlotOptions {
  readonly title?: string;
  /** The log-likelihood of the optimum, in nats; the highest one seen unless told otherwise. */
  readonly best?: number;
  /** λ, the predicted rate of the first run's parameters per iteration: a dashed line whose gaps shrink by λ². */
  readonly rate?: number;
}

const OPTIONS = { title: text, best: number, rate: number } satisfies Declared<ConvergencePlotOptions>;

/**
 * How fast a fit approached the optimum, or several fits and runs did: `best − ℓ` in nats on a logarithmic axis against the iteration, a line per run.
 *
 * A gap of rounding size cannot be told from zero and is left out, so the line of the best run ends before its last
 * iterate, and the axis where the last line does. Without `best`, that run's last gaps are too small, for it stopped short
 * of the optimum itself: for straight lines to the end, give `best` from a run with a tighter tolerance.
 *
 * @throws InputError if no log-likelihood is finite, or `rate` is not between 0 and 1
 * @example
 * ```ts
 * import { convergencePlot, datasetPath, fit, run } from "mixlens";
 * const iris = fit(datasetPath("iris"), { response: "petal_width", features: ["petal_length"], starts: 5 });
 * const both = convergencePlot([iris, run("anderson", iris)]);
 * if (both.data.length !== 2 || convergencePlot(iris).data.length !== 1) throw new Error("one line for each");
 * const logLikelihood = Array.from({ length: 20 }, (_, t) => -100 - 0.3 ** t);
 * const chart = convergencePlot([{ name: "EM", logLikelihood }], { best: -100, rate: Math.sqrt(0.3) });
 * if (chart.data.length !== 2) throw new Error("one line for the run, one for the prediction");
 * ```
 */
export function convergencePlot(
  given: Traced | readonly (Traced | ConvergenceRun)[],
  options: ConvergencePlotOptions = {},
): Figure {
  checkArgument("plot the convergence", "runs", given, runsToPlot);
  const runs = (Array.isArray(given) ? (given as readonly (Traced | ConvergenceRun)[]) : [given as Traced]).map(named);
  readOptions("plot the convergence", options, OPTIONS);
  if (runs.length === 0) throw new InputError("plot the convergence", "a run with a finite log-likelihood", "none");
  const best = options.best ?? highest(runs);
  const floor = roundingFloor(best);
  const gaps = runs.map((run) => Array.from(run.logLikelihood, (value) => gap(best - value, floor)));
  const data = runs.map(({ name }, i) => line(name, gaps[i], seriesColor(i)));
  if (options.rate !== undefined) data.push(...prediction(gaps[0], options.rate));
  return figure(alt(runs, gaps), data, {
    title: { text: plain(options.title ?? "Convergence") },
    xaxis: { title: { text: "iteration" }, rangemode: "tozero", ...wholeTicks(gaps.flatMap((run) => [...run.keys()])) },
    yaxis: {
      title: { text: "best − log-likelihood (nats)" },
      ...logarithmicAxis(gaps.flat()),
    },
    showlegend: data.length > 1,
    ...(data.length > ABOVE ? below : data.length > 1 && above),
  });
}

/** Lines whose names have room above the chart; lines that fall from corner to corner leave none inside. */
const ABOVE = 3;
const above = { legend: { orientation: "h", x: 0, y: 1.02, yanchor: "bottom" }, margin: { t: 84 } } as const;
const below = { ...legendBelow, height: 480 } as const;

function named(run: Traced | ConvergenceRun): ConvergenceRun {
  if (!("trace" in run)) return run;
  return { name: run.name ?? "fit", logLikelihood: run.trace.map((step) => step.logLikelihood) };
}

function highest(runs: readonly ConvergenceRun[]): number {
  const values = runs.flatMap((run) => Array.from(run.logLikelihood).filter(Number.isFinite));
  if (values.length > 0) return values.reduce((a, b) => Math.max(a, b));
  throw new InputError("plot the convergence", "a run with a finite log-likelihood", "none");
}

/** Differences below this are rounding of the sum over rows for a good part, and not the same on any two processors. */
function roundingFloor(best: number): number {
  return 1000 * Number.EPSILON * Math.max(1, Math.abs(best));
}

function gap(value: number, floor: number): number | null {
  return Number.isFinite(value) && value > floor ? value : null;
}

/** A run as far as it is drawn: what is left out at its end has no place on the axis either. */
function line(name: string, gaps: readonly (number | null)[], color: string): Data {
  // A trace without any point would have no entry in the legend.
  const drawn = gaps.slice(0, Math.max(1, gaps.findLastIndex((value) => value !== null) + 1));
  return {
    type: "scatter",
    mode: drawn.length > 40 ? "lines" : "lines+markers",
    name: label(name),
    x: drawn.map((_, iteration) => iteration),
    y: drawn,
    line: { color, width: 2 },
    marker: { color, size: 5 },
  };
}

/** The predicted slope, drawn through the middle of the gaps: past the transient, before the end. */
function prediction(gaps: readonly (number | null)[], rate: number): Data[] {
  if (!(rate > 0 && rate < 1)) {
    throw new InputError("plot the predicted rate", "a rate above 0 and below 1", quote(rate));
  }
  const drawn = gaps.flatMap((value, iteration) => (value === null ? [] : [{ iteration, log: Math.log(value) }]));
  if (drawn.length < 2) return [];
  const slope = 2 * Math.log(rate);
  const [first, anchor, last] = [drawn[0], drawn[drawn.length >> 1], drawn[drawn.length - 1]];
  // No further than a decade above and below the run, so that the prediction does not set the scale.
  const reach = (log: number): number => anchor.iteration + (log - anchor.log) / slope;
  const x = [
    Math.max(first.iteration, reach(first.log + Math.LN10)),
    Math.min(last.iteration, reach(last.log - Math.LN10)),
  ];
  return [
    {
      type: "scatter",
      mode: "lines",
      name: `predicted, λ² = ${formatNumber(rate ** 2)}`,
      x,
      y: x.map((iteration) => Math.exp(anchor.log + slope * (iteration - anchor.iteration))),
      line: { color: "#202124", width: 1.5, dash: "dash" },
    },
  ];
}

function alt(runs: readonly ConvergenceRun[], gaps: readonly (readonly (number | null)[])[]): string {
  const ends = runs.map(({ name }, i) => {
    const last = gaps[i].findLast((value) => value !== null);
    return `${name} ${last == null ? "at the optimum" : `down to ${formatNumber(last)} nats`} in ${gaps[i].length - 1} iterations`;
  });
  return `Gap to the best log-likelihood by iteration: ${ends.join("; ")}.`;
}
