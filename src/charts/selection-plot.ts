import { type Figure, figure, plain, quiet, seriesColor } from "../display/figure.ts";
import { checkArgument } from "../errors/arguments.ts";
import { listOf, number, objectOf, oneOf, required, text } from "../errors/kinds.ts";
import { type Declared, readOptions } from "../errors/options.ts";
import { InputError } from "../errors.ts";
import { SELECTED_BY, type SelectedModel, type Selection } from "../inference/select-model.ts";

/** What may be told to a plot of a choice. */
export interface SelectionPlotOptions {
  readonly title?: string;
}

const OPTIONS = { title: text } satisfies Declared<SelectionPlotOptions>;
const ACT = "plot the choice";

const aModel = objectOf<SelectedModel>(
  {
    k: required(number),
    result: required(text),
    aic: number,
    bic: number,
    icl: number,
    sabic: number,
    iclSoft: number,
  },
  "a model",
);
const aSelection = objectOf<Selection>(
  { models: required(listOf(aModel, "a list of models")), best: required(number), by: required(oneOf(SELECTED_BY)) },
  "what selectModel found",
);

/** The criteria that are drawn in any case. */
const DRAWN = ["aic", "bic", "icl"] as const;
const NAMES = {
  aic: "AIC",
  bic: "BIC",
  icl: "ICL",
  sabic: "SABIC",
  iclSoft: "soft ICL",
  cv: "−2 × cross-validated",
} as const;
type Drawn = keyof typeof NAMES;

/**
 * The criteria of a choice against the number of experts: the chosen number is marked. Lower is better.
 *
 * Fits that did not converge are open circles; a cross-validated log-likelihood is drawn doubled and with its sign changed, so
 * that it goes with the criteria.
 *
 * @param selection what `selectModel` found
 * @throws InputError where there is nothing to draw
 * @example
 * ```ts
 * import { datasetPath, selectionPlot, selectModel } from "mixlens";
 * const options = { response: "petal_width", features: ["petal_length"], gate: "constant", starts: 3 } as const;
 * const chart = selectionPlot(selectModel(datasetPath("iris"), { ...options, k: [1, 2] }));
 * if (chart.data.length !== 3) throw new Error("AIC, BIC and ICL");
 * ```
 */
export function selectionPlot(selection: Selection, options: SelectionPlotOptions = {}): Figure {
  checkArgument(ACT, "the choice", selection, aSelection);
  const { title = "Number of experts" } = readOptions(ACT, options, OPTIONS);
  const { models, best, by } = selection;
  const fitted = models.filter(({ bic }) => bic !== undefined);
  if (fitted.length === 0) throw new InputError(ACT, "a fit with criteria", "none");
  const isMore = by !== "blrt" && !DRAWN.some((name) => name === by);
  const shown: readonly Drawn[] = [...DRAWN, ...(isMore ? [by as Drawn] : [])];
  return figure(
    `${shown.map((name) => NAMES[name]).join(", ")} of ${fitted.map(({ k }) => k).join(", ")} experts; ${best} by ${by}.`,
    shown.map((name, at) => ({
      type: "scatter",
      mode: "lines+markers",
      name: NAMES[name],
      x: fitted.map(({ k }) => k),
      y: fitted.map((model) => heightOf(model, name)),
      line: { color: seriesColor(at), width: name === by ? 3 : 1.5 },
      marker: {
        color: seriesColor(at),
        size: 9,
        symbol: fitted.map(({ result }) => (result === "converged" ? "circle" : "circle-open")),
      },
    })),
    {
      title: { text: plain(title) },
      xaxis: { title: { text: "experts, <i>k</i>" }, tickvals: fitted.map(({ k }) => k), showgrid: false },
      yaxis: { title: { text: "criterion (lower is better)" } },
      shapes: [
        {
          type: "line",
          yref: "paper",
          y0: 0,
          y1: 1,
          x0: best,
          x1: best,
          line: { color: quiet, width: 1, dash: "dot" },
        },
      ],
      showlegend: true,
    },
  );
}

function heightOf(model: SelectedModel, name: Drawn): number | null {
  if (name !== "cv") return model[name] ?? null;
  return model.crossValidated === undefined ? null : -2 * model.crossValidated;
}
