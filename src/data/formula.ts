import { type Kind, listOf, objectOf, oneOf, required, text, truth } from "../errors/kinds.ts";
import { InputError, listed, quote } from "../errors.ts";
import type { ResponseKind } from "../laws/law.ts";
import { EXPERT_KINDS, type ExpertKind, GATE_KINDS, type GateKind, lawOf } from "../laws/registry.ts";
import { numericColumnNames } from "./default-features.ts";
import { changesWithin, unitColumn } from "./groups.ts";
import { labelColumn } from "./labels.ts";
import { scaledColumn } from "./scale.ts";
import { column, type DataTable, place } from "./table.ts";

/** What is regressed on what: enough to read any table the way the fitted one was read. */
export interface Formula {
  /** Column of the response. */
  readonly response: string;
  /** Labels of a logistic response in the order of their codes; absent for a number. */
  readonly labels?: readonly string[];
  /** Kind of the experts, whose law says what the response can be; default `"linear"`, and `"logistic"` with labels. */
  readonly experts?: ExpertKind;
  /** Columns the experts read. */
  readonly features: readonly string[];
  /** Columns the gate reads. */
  readonly gateFeatures: readonly string[];
  /** Kind of the gate; default `"softmax"`. */
  readonly gate?: GateKind;
  /** Whether gate and experts also have an intercept; a constant gate has one. */
  readonly intercept: boolean;
  /** Column of row weights. */
  readonly weights?: string;
  /** Column added to the mean's predictor; of two labels, to the log-odds of the second. */
  readonly offset?: string;
  /** Column of the groups: all rows with one value are of one expert, and the gate reads them once. */
  readonly group?: string;
}

/** What is taken for one. */
export const aFormula: Kind = objectOf(
  {
    response: required(text),
    labels: listOf(text, "labels"),
    experts: oneOf(EXPERT_KINDS),
    features: required(listOf(text, "names")),
    gateFeatures: required(listOf(text, "names")),
    gate: oneOf(GATE_KINDS),
    intercept: required(truth),
    weights: text,
    offset: text,
    group: text,
  },
  "the formula of a fit",
);

/** What a user says of the formula; what is left out is filled in from the table. */
export interface FormulaOptions {
  readonly response: string;
  readonly experts: ExpertKind;
  readonly features?: readonly string[];
  readonly gateFeatures?: readonly string[];
  readonly gate?: GateKind;
  readonly intercept?: boolean;
  readonly weights?: string;
  readonly offset?: string;
  readonly group?: string;
  /** Columns that are not features though nobody said what they are. */
  readonly except?: readonly string[];
}

/**
 * The formula a user means: features default to every numeric column with no other part, gate features to the features.
 *
 * @throws InputError for an unknown column, a column with two parts, and a response that does not vary
 */
export function formulaOf(table: DataTable, options: FormulaOptions): Formula {
  const { response, experts, weights, offset, group } = options;
  const named = Object.entries({ response, weights, offset, group }).flatMap(([part, name]) =>
    name === undefined ? [] : [[part, name] as const],
  );
  checkParts(table, named);
  const labels = lawOf(experts).response.isLabel ? labelsOf(table, response) : undefined;
  if (offset !== undefined && labels !== undefined && labels.length > 2) {
    const got = `offset ${quote(offset)} with ${labels.length} labels`;
    throw new InputError("fit", "an offset with numbers, counts or two labels to predict", got);
  }
  const taken = [...named.map(([, name]) => name), ...(options.except ?? [])];
  const features = options.features ?? numericColumnNames(table, taken);
  const gateFeatures = gateFeaturesOf(table, features, options);
  for (const [list, names] of Object.entries({ features, "gate features": gateFeatures })) {
    checkFeatures(table, list, names, named);
  }
  return {
    response,
    ...(labels === undefined ? checkVaries(table, response) : { labels }),
    experts,
    features,
    gateFeatures,
    intercept: options.intercept ?? true,
    ...(weights !== undefined && { weights }),
    ...(offset !== undefined && { offset }),
    ...(group !== undefined && { group }),
    ...(options.gate === "constant" && { gate: options.gate }),
  };
}

/** The columns of a gate: none of a constant one. */
function gateFeaturesOf(
  table: DataTable,
  features: readonly string[],
  { gate, gateFeatures, group }: FormulaOptions,
): readonly string[] {
  if (gate !== "constant") return gateFeatures ?? featuresOfGroups(table, features, group);
  if (gateFeatures === undefined || gateFeatures.length === 0) return [];
  throw new InputError("fit", "no columns of a constant gate", listed(gateFeatures, "and"), "take a softmax gate");
}

/** The features that are the same in all rows of a group: those that a gate can read. */
function featuresOfGroups(table: DataTable, features: readonly string[], group: string | undefined): readonly string[] {
  if (group === undefined) return features;
  const units = unitColumn(table, group);
  return features.filter((name) => changesWithin(column(table, name).values, units) < 0);
}

type Parts = readonly (readonly [part: string, name: string])[];

function checkParts(table: DataTable, parts: Parts): void {
  for (const [at, [part, name]] of parts.entries()) {
    column(table, name);
    const other = parts.slice(0, at).find(([, earlier]) => earlier === name);
    if (other !== undefined)
      throw new InputError("fit", `different columns for ${other[0]} and ${part}`, `${quote(name)} for both`);
  }
}

function checkFeatures(table: DataTable, list: string, names: readonly string[], taken: Parts): void {
  for (const name of names) column(table, name);
  const seen = new Set<string>();
  const twice = names.find((name) => seen.size === seen.add(name).size);
  if (twice !== undefined) throw new InputError("fit", `each of the ${list} once`, `${quote(twice)} twice`);
  for (const [part, name] of taken) {
    if (!names.includes(name)) continue;
    throw new InputError("fit", `${list} other than the ${part}`, `${quote(name)} as both`);
  }
}

function labelsOf(table: DataTable, response: string): readonly string[] {
  const { labels } = labelColumn(table, response);
  if (labels.length > 1) return labels;
  throw new InputError(
    "fit",
    "a response of two or more labels",
    `only ${quote(labels[0])} in column ${quote(response)}`,
  );
}

function checkVaries(table: DataTable, response: string): Record<string, never> {
  const values = scaledColumn(table, response);
  if (values.every((value) => value === values[0])) {
    const got = `${values[0]} in every row of column ${quote(response)}`;
    throw new InputError("fit", "a response that varies", got);
  }
  return {};
}

/** The weights of a table's rows: 0 or more, and not all 0. */
export function weightColumn(table: DataTable, name: string): Float64Array {
  const weights = scaledColumn(table, name);
  const negative = weights.findIndex((weight) => weight < 0);
  if (negative >= 0) {
    const got = `${weights[negative]} in column ${quote(name)} at ${place(table, negative)}`;
    throw new InputError("weight the rows", "weights of 0 or more", got);
  }
  if (weights.every((weight) => weight === 0)) {
    throw new InputError("weight the rows", "a weight above 0", `0 in every row of column ${quote(name)}`);
  }
  return weights;
}

/** What the response of a formula can be. */
export function responseKind({ experts, labels }: Pick<Formula, "experts" | "labels">): ResponseKind {
  return lawOf(experts ?? (labels === undefined ? "linear" : "logistic"), labels).response;
}

/** A column of responses, each of which the law allows. */
export function responseColumn(table: DataTable, name: string, { wanted, accepts }: ResponseKind): Float64Array {
  const values = scaledColumn(table, name);
  const odd = values.findIndex((value) => !accepts(value));
  if (odd < 0) return values;
  const expected = `${wanted} in column ${quote(name)}`;
  throw new InputError(`read ${table.source}`, expected, `${values[odd]} at ${place(table, odd)}`);
}

/** The codes of a column's labels among those a model knows. */
export function codesOf(table: DataTable, response: string, known: readonly string[]): Float64Array {
  const { labels, codes } = labelColumn(table, response);
  const translated = labels.map((label) => known.indexOf(label));
  const strange = translated.indexOf(-1);
  if (strange >= 0) {
    const expected = `the labels ${listed(known)} in column ${quote(response)}`;
    const got = `${quote(labels[strange])} at ${place(table, codes.indexOf(strange))}`;
    throw new InputError(`read ${table.source}`, expected, got);
  }
  return Float64Array.from(codes, (code) => translated[code]);
}
