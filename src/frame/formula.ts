import { columnName, columnNames, type Kind, objectOf, oneOf, required, text, truth } from "../errors/kinds.ts";
import {
  type Declared,
  type Defaulted,
  defaulted,
  type Needed,
  needed,
  type Optional,
  optional,
  type PlanOf,
} from "../errors/options.ts";
import { InputError, listed, quote } from "../errors.ts";
import { GATE_KINDS, type GateKind, readsColumns } from "../laws/gates/registry.ts";
import type { ResponseKind } from "../laws/law.ts";
import { EXPERT_KINDS, type ExpertKind, lawOf } from "../laws/registry.ts";
import { labelColumn } from "../table/labels.ts";
import { column, type DataTable, place } from "../table/table.ts";
import { MISSING, type Missing } from "./complete.ts";
import { numericColumnNames } from "./default-features.ts";
import { changesWithin, unitColumn } from "./groups.ts";
import { scaledColumn } from "./scale.ts";

/** Which column is what: options of a fit, which a model file keeps. */
export class FormulaTable {
  /** Column of the response. */
  readonly response: Needed<string> = needed(columnName, "column of the response");

  /** Columns of the experts; default: every numeric column with no other part. */
  readonly features: Optional<string | readonly string[], readonly string[]> = optional(
    columnNames,
    "columns of the experts",
    { otherwise: "every numeric column with no other part" },
  );

  /** Columns of the gate; default: those of the experts that are the same in all rows of a group. */
  readonly gateFeatures: Optional<string | readonly string[], readonly string[]> = optional(
    columnNames,
    "columns of the gate",
    { otherwise: "those of the experts that are the same in all rows of a group" },
  );

  /** Kind of the gate; default `"softmax"`. That is multinomial logistic in its columns; a constant one is the same in all rows. */
  readonly gate: Defaulted<GateKind> = defaulted(oneOf(GATE_KINDS), "softmax", "kind of the gate");

  /** Column of row weights; default: none. */
  readonly weights: Optional<string> = optional(columnName, "column of row weights", { otherwise: "none" });

  /**
   * Column added to the predictor of the mean, or to the log-odds of two labels; default: none. Of counts it is added to the
   * logarithm of the mean; of labels, to the log-odds of the second.
   */
  readonly offset: Optional<string> = optional(
    columnName,
    "column added to the predictor of the mean, or to the log-odds of two labels",
    {
      otherwise: "none",
    },
  );

  /**
   * Column of groups, whose rows are all of one expert; default: none. Of persons with several rows, say: the rows of each
   * have one weight, and are read by the gate once.
   */
  readonly group: Optional<string> = optional(columnName, "column of groups, whose rows are all of one expert", {
    otherwise: "none",
  });

  /** What is done about rows with missing values; default `"refuse"`. To drop them leaves out those that miss one the model reads. */
  readonly missing: Defaulted<Missing> = defaulted(
    oneOf(MISSING),
    "refuse",
    "what is done about rows with missing values",
  );

  /** Intercepts in gate and experts; default true. */
  readonly intercept: Defaulted<boolean> = defaulted(truth, true, "intercepts in gate and experts");
}

export const FORMULA: FormulaTable = new FormulaTable();

/** What is regressed on what: enough to read any table the way the fitted one was read. */
export interface Formula extends Omit<PlanOf<FormulaTable>, "gate" | "missing"> {
  /** Kind of the gate; absent: a softmax. */
  readonly gate?: GateKind;
  /** What is done about rows with missing values; absent: they are refused. */
  readonly missing?: Missing;
  /** Labels of a logistic response in the order of their codes; absent for a number. */
  readonly labels?: readonly string[];
  /** Kind of the experts, whose law says what the response can be; default `"linear"`, and `"logistic"` with labels. */
  readonly experts?: ExpertKind;
  /** Columns the experts read. */
  readonly features: readonly string[];
  /** Columns the gate reads. */
  readonly gateFeatures: readonly string[];
}

const different: Kind<readonly string[]> = {
  wanted: "a list of different names",
  accepts: (value) => Array.isArray(value) && value.every(text.accepts) && new Set(value).size === value.length,
};

/** The entries of a formula. */
export const FORMULA_ENTRIES: Declared<Formula> = {
  ...FORMULA,
  labels: {
    wanted: "two or more different texts",
    accepts: (value) => different.accepts(value) && (value as readonly string[]).length > 1,
  },
  experts: oneOf(EXPERT_KINDS),
  features: required(different),
  gateFeatures: required(different),
  intercept: required(truth),
};

/** What is taken for one. */
export const aFormula: Kind<Formula> = objectOf(FORMULA_ENTRIES, "the formula of a fit");

/**
 * The formula a user means: features default to every numeric column with no other part, gate features to the features.
 *
 * @param except columns that are not features though nobody said what they are
 * @throws InputError for an unknown column, a column with two parts, and a response that does not vary
 */
export function formulaOf(
  table: DataTable,
  options: PlanOf<FormulaTable>,
  experts: ExpertKind,
  except: readonly string[] = [],
): Formula {
  const { response, offset } = options;
  const parts = partsOf(options);
  checkParts(table, parts);
  const labels = lawOf(experts).response.isLabel ? labelsOf(table, response) : undefined;
  if (offset !== undefined && labels !== undefined && labels.length > 2) {
    const got = `offset ${quote(offset)} with ${labels.length} labels`;
    throw new InputError("fit", "an offset with numbers, counts or two labels to predict", got);
  }
  const features = options.features ?? numericColumnNames(table, [...parts.map(([, name]) => name), ...except]);
  const gateFeatures = gateFeaturesOf(table, features, options);
  for (const [list, names] of Object.entries({ features, "gate features": gateFeatures })) {
    checkFeatures(table, list, names, parts);
  }
  return {
    ...options,
    ...(labels === undefined ? checkVaries(table, response) : { labels }),
    experts,
    features,
    gateFeatures,
  };
}

/** The columns of a gate: none of a constant one, and of groups those that are the same in all of their rows. */
function gateFeaturesOf(
  table: DataTable,
  features: readonly string[],
  { gate, gateFeatures, group }: Pick<PlanOf<FormulaTable>, "gate" | "gateFeatures" | "group">,
): readonly string[] {
  if (!readsColumns(gate)) {
    if (gateFeatures === undefined || gateFeatures.length === 0) return [];
    throw new InputError("fit", `no columns of a ${gate} gate`, listed(gateFeatures, "and"), "take a softmax gate");
  }
  if (gateFeatures !== undefined || group === undefined) return gateFeatures ?? features;
  const units = unitColumn(table, group);
  return features.filter((name) => changesWithin(column(table, name).values, units) < 0);
}

type Parts = readonly (readonly [part: string, name: string])[];

/** The columns that have a part of their own: the response, weights and whatever else is one column. */
export function partsOf(options: PlanOf<FormulaTable>): Parts {
  return Object.entries<Kind>({ ...FORMULA }).flatMap(([part, { written }]) => {
    const name = options[part as keyof FormulaTable];
    return written === "column" && typeof name === "string" ? [[part, name] as const] : [];
  });
}

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
