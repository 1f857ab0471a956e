import type { PageSection } from "../display/render/page.ts";
import { attempt } from "../errors.ts";
import { classify } from "../fit/classify.ts";
import type { WithRows } from "../fit/fitted.ts";
import { columnsOfTermsIn } from "../frame/along.ts";
import { influence } from "../inference/influence.ts";
import type { EffectOn } from "../inference/partial-effect.ts";
import { snr } from "../inference/snr.ts";
import { type Spectrum, spectrum } from "../inference/spectrum.ts";
import type { FitSummary } from "../inference/summary.ts";
import { DENSE } from "../models/information.ts";
import { expectedResponse } from "../models/prediction.ts";
import { expertShares } from "../models/shares.ts";
import { formatHundredths, formatNumber, formatRate } from "../text/number.ts";
import type { Table } from "../text/table.ts";
import { influencePlot } from "./influence-plot.ts";
import { partialEffectPlot } from "./partial-effect-plot.ts";
import { posteriorPlot } from "./posterior-plot.ts";
import { spectrumPlot } from "./spectrum-plot.ts";
import { treePlot } from "./tree-plot.ts";

// The sections of a report. What can't be found is the sentence that says why.

/** What is shown, or the sentence that says why it can't be. */
export function shownOr(show: () => readonly unknown[]): readonly unknown[] {
  const tried = attempt(show);
  return "refusal" in tried ? [`${tried.refusal.message}.`] : tried.found;
}

/** A responsibility from which on it is sure whose a row is. */
const SURE = 0.95;

/** Whose the rows are. */
export function expertSection(own: WithRows): PageSection {
  const { mixture, theta, observations, formula } = own;
  const { k } = mixture.spec;
  const { responsibilities } = mixture.posterior(theta, observations);
  const shares = expertShares(responsibilities, k, observations);
  const found = classify(own);
  const rows = shares.map((share, z) => {
    const mine = Array.from(found.experts.keys()).filter((row) => found.experts[row] === z + 1);
    const sure = mine.filter((row) => found.responsibilities[row] >= SURE).length;
    const mean = mine.reduce((sum, row) => sum + found.responsibilities[row], 0) / mine.length;
    return [`expert ${z + 1}`, share, mine.length, sure, mine.length === 0 ? null : mean];
  });
  const table: Table = {
    columns: [
      { name: "" },
      { name: "share", note: "by responsibility" },
      { name: "rows", note: "most probably its own" },
      { name: "of them sure", note: `responsibility ${SURE} or more` },
      { name: "mean responsibility", note: "of its rows" },
    ],
    rows,
  };
  const tree = mixture.gateLaw.nodes.length > 1 ? [treePlot(own)] : [];
  const values = [table, ...labelTable(own, formula.labels), ...tree, posteriorPlot(own)];
  return { heading: "Whose the rows are", values };
}

/** How many rows of each label are predicted to have which. */
function labelTable({ mixture, theta, observations }: WithRows, labels: readonly string[] = []): readonly Table[] {
  if (labels.length === 0) return [];
  const { expected } = expectedResponse(mixture, theta, observations);
  const counts = labels.map(() => labels.map(() => 0));
  observations.response.forEach((code, row) => {
    const own = expected.subarray(row * labels.length, (row + 1) * labels.length);
    counts[code][own.indexOf(Math.max(...own))]++;
  });
  const right = counts.reduce((sum, own, code) => sum + own[code], 0);
  return [
    {
      columns: [{ name: "label" }, ...labels.map((name) => ({ name, note: "predicted" }))],
      rows: labels.map((name, code) => [name, ...counts[code]]),
      caption: `${right} of ${observations.rows} rows have the label that is the most probable`,
    },
  ];
}

/** Columns whose effects are drawn. */
const COLUMNS = 6;

/** What follows from each column: for those of the experts what each of them expects, for those of the gate the response and its shares. */
export function partialSection(own: WithRows, level: number): PageSection {
  const { formula, mixture } = own;
  const names = columnsOfTermsIn(formula);
  const isOne = mixture.spec.k === 1;
  const experts = isOne ? [] : columnsOfTermsIn({ ...formula, gateFeatures: [] });
  const gate = isOne || mixture.gate.length === 0 ? [] : columnsOfTermsIn({ ...formula, features: [] });
  const values = names.slice(0, COLUMNS).flatMap((x) => {
    const of = (effect: EffectOn): readonly unknown[] =>
      shownOr(() => [partialEffectPlot(own, { x, level, of: effect })]);
    return [
      ...(isOne || gate.includes(x) ? of("response") : []),
      ...(gate.includes(x) ? of("gate") : []),
      ...(experts.includes(x) ? of("experts") : []),
    ];
  });
  const more = names.slice(COLUMNS).join(", ");
  const rest = more === "" ? [] : [`Not drawn, after the first ${COLUMNS}: ${more}.`];
  const lead = "Along one column, all others at their average.";
  // Why there is none is the same for all.
  const shown = [lead, ...new Set([...values, ...rest])];
  return { heading: "What follows from each column", values: values.length === 0 ? [] : shown };
}

/** Which rows it hangs on. */
export function influenceSection(own: WithRows): PageSection {
  const values = shownOr(() => {
    const found = influence(own);
    const [{ row, parameter, change }] = found.most;
    const moved = `${Number(Math.abs(change).toPrecision(2))} of its standard errors`;
    const what = own.formula.group === undefined ? `row ${row}` : `the group of row ${row}`;
    const lead = `Without ${what}, on which it hangs most, ${parameter} would be ${moved} ${change > 0 ? "less" : "more"}.`;
    return [lead, influencePlot(own), found];
  });
  return { heading: "Which rows it hangs on", values };
}

/** How fast EM is here, and what it says of each parameter. */
export function spectrumSection(own: WithRows): PageSection {
  const { mixture } = own;
  const values = shownOr(() => {
    if (mixture.free.length > DENSE) return [spectrumPlot(own)];
    const found = spectrum(own);
    return [rateInWords(found), spectrumPlot(found), missingTable(found)];
  });
  const pairs = shownOr(() => [snr(own)]);
  return { heading: "How fast EM is here, and what is missing", values: [...values, ...pairs] };
}

/** What of a combination is told. */
const NAMED = 4;
const LEAST_SHARE = 0.1;

function rateInWords({
  rate,
  predictedIterationsPerDigit: pace,
  observedInformation,
  worstCombination,
}: Spectrum): string {
  if (observedInformation !== "positive definite") {
    return "The point is no maximum of these rows: the likelihood does not fall in every direction.";
  }
  const parts = Object.entries(worstCombination)
    .filter(([, share]) => Math.abs(share) >= LEAST_SHARE)
    .sort(([, a], [, b]) => Math.abs(b) - Math.abs(a));
  const words = parts.slice(0, NAMED).map(([name, share]) => `${formatHundredths(share)} ${name}`);
  return [
    `Near here EM shrinks the distance to its limit by the factor ${formatRate(rate)} with every step: ${formatNumber(pace)} steps for each digit.`,
    `That is the share of the information that is missing, as nobody says whose a row is, about the combination that it knows least of: ${words.join(" and ")}${parts.length > NAMED ? ", …" : ""}, each in its standard errors of complete data.`,
  ].join(" ");
}

function missingTable({ names, missingFraction, standardErrors }: Spectrum): Table {
  const fitted = names.map((_, j) => j).filter((j) => standardErrors[j] > 0);
  return {
    columns: [{ name: "parameter" }, { name: "missing", note: "share of its information" }],
    rows: fitted.map((j) => [names[j], missingFraction[j]]),
  };
}

/** EM held against mirror descent. */
export function certificateSection(own: WithRows, certificate: FitSummary["certificate"]): PageSection {
  const { law } = own.mixture;
  const from = "start" in own ? "from where the fit began" : "from these parameters on";
  const none =
    law.natural === undefined
      ? `There is no certificate: ${law.name} experts have no natural parameters.`
      : "There is no certificate: from here EM does not come to the limit of these parameters.";
  const words = {
    holds: `The first steps of EM ${from} are those of mirror descent, and the descent identity and all inequalities hold.`,
    fails: `The first steps of EM ${from} break an identity or an inequality of mirror descent: certify(fit) says which.`,
  };
  return { heading: "EM as mirror descent", values: [certificate === null ? none : words[certificate]] };
}
