import type { Data } from "plotly.js-dist-min";
import { type Figure, figure, label, plain, quiet, seriesColor } from "../display/figure.ts";
import { checkArgument } from "../errors/arguments.ts";
import { byName, listOf, objectOf, required, text } from "../errors/kinds.ts";
import { type Declared, readOptions } from "../errors/options.ts";
import { attempt, InputError } from "../errors.ts";
import type { Whole } from "../fit/fitted.ts";
import { spectrum } from "../inference/spectrum.ts";
import { isWhole } from "../models/checks.ts";
import { byLabel } from "../models/coefficient-table.ts";
import { coefficients } from "../models/coefficients.ts";
import { DENSE } from "../models/information.ts";
import type { Coefficients } from "../models/named-parameters.ts";

/** One expert's coefficients by name, and their standard errors where they are known. */
export interface NamedCoefficients {
  readonly name: string;
  readonly coefficients: Readonly<Record<string, number>>;
  readonly standardErrors?: Readonly<Record<string, number>>;
}

const namedExperts = listOf(
  objectOf({ name: required(text), coefficients: required(byName), standardErrors: byName }, "an expert's"),
  "a list of experts, each with a name and coefficients",
);

/** What may be told to a coefficient plot. */
export interface CoefficientPlotOptions {
  readonly title?: string;
  /** Names in the order of the rows, such as `coefficients.columns.expert` of a fit; default: in that of the keys, of which JavaScript puts those that look like whole numbers first. */
  readonly order?: readonly string[];
}

const OPTIONS = { title: text, order: listOf(text, "a list of names") } satisfies Declared<CoefficientPlotOptions>;

/**
 * A fit's coefficients side by side: a row per column, a dot per expert, and 95% intervals where there are standard errors.
 *
 * Of a fit they are those of the observed information, where that is positive definite; of a list of coefficients, those
 * that it has. Experts of labels have a dot for each label but the first.
 *
 * @throws InputError if there is no coefficient
 * @example
 * ```ts
 * import { coefficientPlot, datasetPath, fit } from "mixlens";
 * const iris = fit(datasetPath("iris"), { response: "petal_width", features: ["petal_length"], starts: 5 });
 * if (coefficientPlot(iris).data.length !== 2) throw new Error("one series per expert");
 * const chart = coefficientPlot([
 *   { name: "expert 1", coefficients: { x1: 0.2, x2: -1 }, standardErrors: { x1: 0.05, x2: 0.1 } },
 *   { name: "expert 2", coefficients: { x1: 1.4, x2: 0.3 } },
 * ]);
 * if (chart.data.length !== 2) throw new Error("one series per expert");
 * ```
 */
export function coefficientPlot(
  experts: Whole | readonly NamedCoefficients[],
  options: CoefficientPlotOptions = {},
): Figure {
  if (isWhole<Whole>(experts)) {
    return coefficientPlot(expertsOf(experts), { order: experts.mixture.spec.expertColumns, ...options });
  }
  checkArgument("plot the coefficients", "experts", experts, namedExperts);
  readOptions("plot the coefficients", options, OPTIONS);
  const given = new Set(experts.flatMap((expert) => Object.keys(expert.coefficients)));
  const first = (options.order ?? []).filter((name) => given.has(name));
  const names = [...new Set([...first, ...given])];
  if (names.length === 0) throw new InputError("plot the coefficients", "one coefficient or more", "none");
  const intervals = experts.some((expert) => expert.standardErrors !== undefined);
  return figure(
    `Coefficients of ${experts.map((expert) => expert.name).join(", ")}: ${names.join(", ")}.`,
    experts.map((expert, i) => dots(expert, names, offset(i, experts.length), seriesColor(i))),
    {
      title: { text: plain(options.title ?? "Coefficients") },
      height: Math.max(300, 140 + names.length * (16 + 14 * experts.length)),
      xaxis: {
        title: { text: intervals ? "estimate (95% interval)" : "estimate" },
        zeroline: true,
        zerolinecolor: quiet,
      },
      yaxis: {
        title: { text: "coefficient" },
        tickvals: names.map((_, row) => row),
        ticktext: names.map(label),
        range: [names.length - 0.4, -0.6],
        showgrid: false,
      },
      showlegend: experts.length > 1,
    },
  );
}

/** Experts, of labels each label but the first, with their standard errors. */
function expertsOf(fit: Whole): readonly NamedCoefficients[] {
  const errors = errorsOf(fit);
  const found = coefficients(fit);
  return found.experts.flatMap((expert, z) => {
    const spreads = errors && byLabel(errors.experts[z]);
    return byLabel(expert).map(({ label, values }, at): NamedCoefficients => {
      const name = label === "" ? `expert ${z + 1}` : `expert ${z + 1}, ${label}`;
      return { name, coefficients: values, ...(spreads && { standardErrors: spreads[at].values }) };
    });
  });
}

/** Nothing where there are none: at what is no maximum, and of too many parameters. */
function errorsOf(fit: Whole): Coefficients | undefined {
  const { mixture, observations } = fit;
  if (observations === undefined || mixture.free.length > DENSE) return undefined;
  const { found } = attempt(() => spectrum(fit));
  return found?.observedInformation === "positive definite" ? coefficients(mixture, found.standardErrors) : undefined;
}

/** Where an expert's dots sit around the middle of a row, in rows. */
function offset(index: number, count: number): number {
  return (index - (count - 1) / 2) * Math.min(0.25, 0.7 / count);
}

function dots(expert: NamedCoefficients, names: readonly string[], shift: number, color: string): Data {
  const own = names.filter((name) => Object.hasOwn(expert.coefficients, name));
  const halfWidths = own.map((name) => 1.96 * (expert.standardErrors?.[name] ?? 0));
  return {
    type: "scatter",
    mode: "markers",
    name: label(expert.name),
    x: own.map((name) => expert.coefficients[name]),
    y: own.map((name) => names.indexOf(name) + shift),
    text: own.map(plain),
    hoverinfo: "x+text+name",
    marker: { color, size: 9 },
    error_x: {
      type: "data",
      array: halfWidths,
      visible: halfWidths.some((width) => width > 0),
      color,
      thickness: 2,
      width: 0,
    },
  };
}
