import { escapeHtml } from "../display/html.ts";
import { jupyterDisplay, type MimeBundle } from "../display/mime.ts";
import { type PageOptions, type PageSection, PageTable, sectionPage } from "../display/render/page.ts";
import { text } from "../errors/kinds.ts";
import { type Defaulted, type Optional, optional, type PlanOf, readOptions } from "../errors/options.ts";
import { packageVersion } from "../files/package-root.ts";
import { type FitRows, fittedMixture, rowsOfAFit, type Whole, type WithRows, withRows } from "../fit/fitted.ts";
import { counted, modelInWords } from "../fit/summary.ts";
import { LevelTable } from "../inference/level.ts";
import { RESIDUALS } from "../inference/residuals.ts";
import { type FitSummary, summary, summaryTable } from "../inference/summary.ts";
import { formatRate } from "../text/number.ts";
import type { Table } from "../text/table.ts";
import { calibrationPlot } from "./calibration-plot.ts";
import { coefficientPlot } from "./coefficient-plot.ts";
import { fitPlot } from "./fit-plot.ts";
import {
  certificateSection,
  expertSection,
  influenceSection,
  partialSection,
  shownOr,
  spectrumSection,
} from "./report-sections.ts";
import { residualPlot } from "./residual-plot.ts";
import { rootogram } from "./rootogram.ts";

/** How a report is made. */
export interface ReportOptions extends PageOptions {
  /** Title of the page; default: the model in words. */
  readonly title?: string;
  /** The rows of a loaded model; default: those of the fit. */
  readonly rows?: FitRows;
  /** Coverage of intervals; default 0.95. */
  readonly level?: number;
  /** Seed of what is drawn in residuals of counts; default 1. */
  readonly seed?: number;
}

/** Table of these options. */
export class ReportTable extends LevelTable {
  readonly plotly: Optional<string> = new PageTable().plotly;
  readonly seed: Defaulted<number> = RESIDUALS.seed;
  readonly title: Optional<string> = optional(text, "title of the page", { otherwise: "the model in words" });
  readonly rows: Optional<FitRows> = optional(rowsOfAFit, "rows of a loaded model", { otherwise: "those of the fit" });
}

export const REPORT: ReportTable = new ReportTable();

const ACT = "report on a fit";

/**
 * All there is to say of a fit in one web page that needs no other file and no network: the model in words, coefficients with
 * intervals, whose the rows are, residuals and calibration, partial effects, influential rows, the spectrum, the certificate.
 *
 * Its figures are live where scripts run, and pictures where they don't. What can't be found, such as standard errors at a
 * saddle, is a sentence that says why. It holds plotly.js, 4.8 MB, once, unless `plotly` names a file for it to link to.
 *
 * @throws InputError for a loaded model without `rows`, and for rows that it can't read: by rejecting the promise
 * @remarks cost: that of some ten covariance matrices, and a second or so for each picture
 * @example
 * ```ts
 * import { datasetPath, fit, report } from "mixlens";
 * const iris = fit(datasetPath("iris"), { response: "petal_width", features: ["petal_length"], starts: 5 });
 * const page = await report(iris, { title: "Petals" });
 * if (!page.includes("<h1>Petals</h1>") || /src="http/.test(page)) throw new Error("one page that loads nothing");
 * ```
 */
export async function report(fit: Whole, options: ReportOptions = {}): Promise<string> {
  const { html } = await reportOf(fit, readOptions(ACT, options, REPORT), []);
  return html;
}

/** A page, and what should be known of it. */
export interface Report {
  readonly html: string;
  readonly messages: readonly string[];
}

/**
 * The same with what is known of where the fit comes from.
 *
 * @param facts names and values, for whoever wants to make the page again
 */
export async function reportOf(
  fit: Whole,
  { title, rows, level, seed, ...page }: PlanOf<ReportTable>,
  facts: readonly (readonly [name: string, value: string])[],
): Promise<Report> {
  const own = withRows(ACT, fittedMixture(ACT, fit), rows, "report(model, { rows })");
  const { mixture } = own;
  const { isLabel } = mixture.law.response;
  const isOne = mixture.spec.k === 1;
  const told = summary(own, { level });
  const messages = [...new Set(told.messages)];
  const { note: _, ...coefficients } = summaryTable(told);
  const sections: readonly PageSection[] = [
    { heading: "Rows and experts", values: isLabel ? [] : shownOr(() => [fitPlot(own)]) },
    { heading: "Coefficients", values: [coefficients, ...shownOr(() => [coefficientPlot(own)])] },
    ...(isOne ? [] : [expertSection(own)]),
    { heading: "Does it fit?", values: checks(own, level, seed) },
    partialSection(own, level),
    influenceSection(own),
    ...(isOne ? [] : [spectrumSection(own)]),
    certificateSection(own, told.certificate),
    { heading: "How to make this page again", values: [...again(facts, { level, seed })] },
  ];
  const warnings = messages.length === 0 ? "There is nothing to warn of." : notes(messages);
  const shown = sections.filter(({ values }) => values.length > 0);
  const { k, experts } = mixture.spec;
  const name = title ?? `${own.formula.response}: ${counted(k, `${experts} expert`)}`;
  return { html: await sectionPage(name, [...inSentences(own, told), warnings], shown, page), messages };
}

/** The model, whose the rows are, and whether it is a maximum of them. */
function inSentences(own: WithRows, { shares, rate }: FitSummary): readonly string[] {
  const { mixture, observations } = own;
  const sizes = `${counted(observations.rows, "row")} and ${counted(mixture.free.length, "parameter")}`;
  const parts = shares.map((share, z) => `expert ${z + 1} answers for ${(100 * share).toFixed(1)} %`);
  const limit = "The parameters are a maximum of these rows";
  const isOne = shares.length === 1;
  return [
    `${modelInWords(own)}, on ${sizes}.`,
    ...(isOne ? [] : [`Of the rows ${parts.join(", ")}.`]),
    ...(rate === null
      ? []
      : [
          isOne
            ? `${limit}.`
            : `${limit}: near it EM shrinks the distance by the factor ${formatRate(rate)} with every step.`,
        ]),
  ];
}

function checks(own: WithRows, level: number, seed: number): readonly unknown[] {
  const { isLabel, isCount, hasTrials } = own.mixture.law.response;
  return [
    ...(isLabel ? [] : shownOr(() => [residualPlot(own, { seed })])),
    ...shownOr(() => [calibrationPlot(own, { level, seed })]),
    ...(isCount || hasTrials ? shownOr(() => [rootogram(own)]) : []),
  ];
}

/** Sentences one below the other. */
function notes(sentences: readonly string[]): Table {
  return { columns: [{ name: "What to know" }], rows: sentences.map((sentence) => [sentence]) };
}

function again(
  facts: readonly (readonly [string, string])[],
  plan: Pick<PlanOf<ReportTable>, "level" | "seed">,
): readonly unknown[] {
  const [command, ...others] = facts;
  const known = [
    ...others,
    ["coverage of intervals", String(plan.level)],
    ["seed", String(plan.seed)],
    ["mixlens", packageVersion()],
    ["Node", process.versions.node],
  ];
  const shell = (text: string): unknown => ({
    [jupyterDisplay]: (): MimeBundle => ({ "text/html": `<pre>${escapeHtml(text)}</pre>`, "text/plain": text }),
  });
  return [
    ...(command === undefined ? [] : [shell(command[1])]),
    { columns: [{ name: "what" }, { name: "which" }], rows: known } satisfies Table,
  ];
}
