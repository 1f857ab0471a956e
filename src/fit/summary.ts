import type { Formula } from "../frame/formula.ts";
import { type ByColumn, type Coefficients, coefficients } from "../models/coefficients.ts";
import { formatNumber } from "../text/number.ts";
import { type Cell, type Table, tableText } from "../text/table.ts";
import type { FittedMixture } from "./fitted.ts";

// A summary has 30 lines at the most.
const MESSAGES = 4;
const EXPERT_ROWS = 7;
const GATE_ROWS = 4;
const TABLE_COLUMNS = 9;
const NAMES = 6;

/** Parts of a fit that its summary shows. */
interface Fitted extends FittedMixture {
  readonly observations: { readonly rows: number };
  readonly coefficients: Coefficients;
  readonly shares: readonly number[];
  readonly criteria: { readonly aic: number; readonly bic: number; readonly icl: number };
  readonly logLikelihood: number;
  readonly iterations: number;
  readonly result: string;
  readonly starts: readonly unknown[];
  readonly search: { readonly summary: string };
  readonly messages: readonly string[];
}

/** What there is to see of a fit at a glance, and where to look on. */
export function fitSummary(fit: Fitted): string {
  const { mixture, observations, criteria, logLikelihood, iterations, result, messages } = fit;
  const { aic, bic, icl } = criteria;
  const search = fit.search.summary;
  const score = (value: number): string => value.toFixed(2).replace("-", "−");
  const sizes = [counted(observations.rows, "row"), counted(mixture.free.length, "parameter")];
  const more = messages.length > MESSAGES ? [`… and ${messages.length - MESSAGES} more, in messages`] : [];
  return [
    `${modelInWords(fit)}; ${sizes.join(", ")}`,
    `log-likelihood ${score(logLikelihood)}, AIC ${score(aic)}, BIC ${score(bic)}, ICL ${score(icl)}`,
    `${result} after ${counted(iterations, "step")}`,
    // A message that begins with it says more.
    ...(fit.starts.length > 1 && !messages.some((message) => message.startsWith(search)) ? [search] : []),
    ...[...messages.slice(0, MESSAGES), ...more].map((message) => message.replace(/\s+/g, " ")),
    ...tables(fit.coefficients, fit.shares),
    "",
    "Look on with spectrum(fit), snr(fit), predict(fit, rows), classify(fit), coefficientPlot(fit).",
  ].join("\n");
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
  const { k, experts, zeroInflated } = mixture.spec;
  const zero = zeroInflated ? ", the last always 0" : "";
  return `${counted(k, `${experts} expert`)}${zero}, ${formulaInWords(formula, k)}`;
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

/** The coefficients of the experts side by side, with their shares; and of the gate, against expert 1. */
function tables(found: Coefficients, shares?: readonly number[]): readonly string[] {
  const { columns, experts, gate } = found;
  const own = experts.flatMap(({ coefficients: read, always, ...scales }, z) => {
    const [scale] = Object.entries(scales).filter(([, value]) => value !== undefined);
    const lists = Array.isArray(read)
      ? read.slice(1)
      : [{ label: always === undefined ? "" : `always ${always}`, values: read as ByColumn }];
    return lists.map(({ label, values }, at) => ({
      name: label === "" ? `expert ${z + 1}` : `expert ${z + 1}, ${label}`,
      values: values as ByColumn,
      scale,
      share: at === 0 ? shares?.[z] : undefined,
    }));
  });
  const [first] = own;
  const below: Cell[][] = [
    ...(first.scale === undefined ? [] : [[first.scale[0], ...own.map(({ scale }) => scale?.[1])]]),
    ...(shares === undefined ? [] : [["share of rows", ...own.map(({ share }) => share)]]),
  ];
  const gates = gate.slice(1).map((values, at) => ({ name: `gate ${at + 2}`, values }));
  return [
    ...["", sideBySide(columns.expert, own, below, EXPERT_ROWS)],
    ...(gates.length === 0 ? [] : ["", sideBySide(columns.gate, gates, [], GATE_ROWS)]),
  ];
}

interface Named {
  readonly name: string;
  readonly values: ByColumn;
}

function sideBySide(
  names: readonly string[],
  parts: readonly Named[],
  below: readonly (readonly Cell[])[],
  most: number,
): string {
  const rows = names.slice(0, most).map((name) => [name, ...parts.map(({ values }) => values[name])]);
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
