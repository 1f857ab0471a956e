import type { Formula } from "../frame/formula.ts";
import { isTree } from "../laws/gates/registry.ts";
import { branchesInWords } from "../models/coefficient-table.ts";
import { coefficients } from "../models/coefficients.ts";
import type { ByColumn, Coefficients } from "../models/named-parameters.ts";
import type { Observations } from "../rows/observations.ts";
import { formatHundredths, formatNumber } from "../text/number.ts";
import { type Cell, type Table, tableText } from "../text/table.ts";
import type { Search } from "./evidence.ts";
import { fitErrors } from "./fit-errors.ts";
import type { FittedMixture } from "./fitted.ts";
import { deadInWords } from "./load.ts";

// A summary has 30 lines at the most.
const MESSAGES = 4;
const EXPERT_ROWS = 7;
const GATE_ROWS = 4;
const TABLE_COLUMNS = 9;
const NAMES = 6;

/** Parts of a fit that its summary shows. */
export interface Fitted extends FittedMixture {
  readonly observations: Observations;
  readonly coefficients: Coefficients;
  readonly shares: readonly number[];
  readonly deadExperts: number;
  readonly criteria: { readonly aic: number; readonly bic: number; readonly icl: number };
  readonly logLikelihood: number;
  readonly iterations: number;
  readonly result: string;
  readonly search: Pick<Search, "starts" | "summary" | "unseen">;
  readonly messages: readonly string[];
}

/** What there is to see of a fit at a glance, and where to look on. */
export function fitSummary(fit: Fitted): string {
  const { mixture, observations, iterations, result, messages } = fit;
  const found = fitErrors(fit);
  const sizes = [counted(observations.rows, "row"), counted(mixture.free.length, "parameter")];
  const more = messages.length > MESSAGES ? [`… and ${messages.length - MESSAGES} more, in messages`] : [];
  return [
    `${modelInWords(fit)}; ${sizes.join(", ")}`,
    scoresInWords(fit),
    `${result} after ${counted(iterations, "step")}`,
    ...deadInWords(fit),
    ...certainty(fit),
    ...[...messages.slice(0, MESSAGES), ...more].map((message) => message.replace(/\s+/g, " ")),
    ...tables(fit.coefficients, fit.shares, "errors" in found ? spreadOf(fit, found.errors) : undefined),
    "errors" in found ? "± one standard error; 95 % intervals reach 1.96 of them to either side." : found.reason,
    "Look on with spectrum(fit), snr(fit), predict(fit, rows), classify(fit), coefficientPlot(fit).",
  ].join("\n");
}

/** Standard errors of the coefficients; of a scale by that of its logarithm. */
function spreadOf({ mixture, theta }: Fitted, errors: Float64Array): Coefficients {
  return coefficients(mixture, errors, (error, at) => error * Math.exp(theta[at]));
}

/** Such as `log-likelihood −9.12, AIC 26.24`. */
export function scoresInWords({ logLikelihood, criteria }: Pick<Fitted, "logLikelihood" | "criteria">): string {
  const { aic, bic, icl } = criteria;
  const scores = { "log-likelihood": logLikelihood, AIC: aic, BIC: bic, ICL: icl };
  return Object.entries(scores)
    .map(([name, score]) => `${name} ${formatHundredths(score)}`)
    .join(", ");
}

/** How sure it is that no other start leads higher; nothing where there is one maximum, or a message says it, and more. */
export function certainty({ search, messages }: Pick<Fitted, "search" | "messages">): readonly string[] {
  const { starts, summary, unseen } = search;
  if (unseen === 0 || messages.some((message) => message.startsWith(summary))) return [];
  return [starts === 1 ? "the only start: another may lead to a higher maximum" : summary];
}

/** The same of a model that was read from a file. */
export function modelSummary(model: FittedMixture): string {
  return [
    `${modelInWords(model)}; ${counted(model.mixture.free.length, "parameter")}`,
    ...tables(coefficients(model)),
    "",
    "It has no rows: predict(model, rows), spectrum(model, rows), snr(model, rows).",
  ].join("\n");
}

/** Such as `2 linear experts, y ~ x | z`. */
export function modelInWords({ mixture, formula }: FittedMixture): string {
  return `${expertsInWords(mixture)}, ${formulaInWords(formula, mixture.spec.k)}`;
}

/** Such as `4 linear experts in a tree 2x2`. */
export function expertsInWords({ spec: { k, experts, zeroInflated, gate } }: FittedMixture["mixture"]): string {
  const tree = isTree(gate) ? ` in a ${String(gate).replace(":", " ")}` : "";
  return `${counted(k, `${experts} expert`)}${tree}${zeroInflated ? ", the last always 0" : ""}`;
}

/** Such as `y ~ x1 + x2 | z`: what the experts read, and after the bar what the gate reads where that is something else. */
function formulaInWords(formula: Formula, k: number): string {
  const { response, features, gateFeatures, intercept, gateIntercept = intercept } = formula;
  const sum = (names: readonly string[], intercept: boolean): string => {
    const shown = names.slice(0, NAMES);
    const rest = names.length > NAMES ? [`${names.length - NAMES} more`] : [];
    return [...(intercept ? [] : ["0"]), ...shown, ...rest].join(" + ") || "1";
  };
  const same =
    intercept === gateIntercept &&
    features.length === gateFeatures.length &&
    features.every((name, j) => name === gateFeatures[j]);
  return `${response} ~ ${sum(features, intercept)}${k === 1 || same ? "" : ` | ${sum(gateFeatures, gateIntercept)}`}`;
}

/** The coefficients of the experts side by side, with their shares; and of the gate, against expert 1, or the first branch. */
function tables(found: Coefficients, shares?: readonly number[], spread?: Coefficients): readonly string[] {
  const { columns, gate, contrasts } = found;
  const own = named(found);
  const spreads = spread && named(spread);
  const [first] = own;
  const scaleOf = (at: number): Cell => withError(own[at].scale?.[1], spreads?.[at].scale?.[1]);
  const below: Cell[][] = [
    ...(first.scale === undefined ? [] : [[first.scale[0], ...own.map((_, at) => scaleOf(at))]]),
    ...(shares === undefined
      ? []
      : [["share of rows", ...own.map(({ expert }) => (expert === undefined ? undefined : shares[expert]))]]),
  ];
  const gates = contrasts.map(({ name, at }) => ({ name, values: gate[at], errors: spread?.gate[at] }));
  const parts = own.map((part, at) => ({ ...part, errors: spreads?.[at].values }));
  return [
    ...["", sideBySide(columns.expert, parts, below, EXPERT_ROWS)],
    ...(gates.length === 0 ? [] : ["", sideBySide(columns.gate, gates, [], GATE_ROWS)]),
    ...branchesInWords(found),
  ];
}

interface Part {
  readonly name: string;
  readonly values: ByColumn;
  readonly scale: [string, number] | undefined;
  /** The expert, of its first part. */
  readonly expert: number | undefined;
}

/** The experts, each of a logistic one's labels for itself. */
function named({ experts }: Coefficients): readonly Part[] {
  return experts.flatMap(({ coefficients: read, always, ...scales }, z) => {
    const [scale] = Object.entries(scales).filter(([, value]) => value !== undefined) as [string, number][];
    const lists = Array.isArray(read)
      ? read.slice(1)
      : [{ label: always === undefined ? "" : `always ${always}`, values: read as ByColumn }];
    return lists.map(({ label, values }, at) => ({
      name: label === "" ? `expert ${z + 1}` : `expert ${z + 1}, ${label}`,
      values: values as ByColumn,
      scale,
      expert: at === 0 ? z : undefined,
    }));
  });
}

interface Named {
  readonly name: string;
  readonly values: ByColumn;
  readonly errors: ByColumn | undefined;
}

/** Such as `0.1234 ± 0.05`; of what is not fitted the value alone. */
function withError(value: number | undefined, error: number | undefined): Cell {
  if (value === undefined || error === undefined || Number.isNaN(error)) return value;
  return `${formatNumber(value)} ± ${formatNumber(Number(error.toPrecision(2)))}`;
}

function sideBySide(
  names: readonly string[],
  parts: readonly Named[],
  below: readonly (readonly Cell[])[],
  most: number,
): string {
  const rows = names
    .slice(0, most)
    .map((name) => [name, ...parts.map(({ values, errors }) => withError(values[name], errors?.[name]))]);
  const left = names.length - rows.length;
  const table: Table = {
    columns: [{ name: "" }, ...parts.map(({ name }) => ({ name, align: "right" as const }))],
    rows: [...rows, ...below],
    ...(left > 0 && { note: `… ${counted(left, "more column")}` }),
  };
  return tableText(table, { columns: TABLE_COLUMNS });
}

/** Such as `1 row` or `2 rows`. */
export function counted(count: number, unit: string): string {
  return `${formatNumber(count)} ${unit}${count === 1 ? "" : "s"}`;
}
