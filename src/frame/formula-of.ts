import type { Kind } from "../errors/kinds.ts";
import type { PlanOf } from "../errors/options.ts";
import { InputError, listed, quote } from "../errors.ts";
import { type GateKind, readsColumns } from "../laws/gates/registry.ts";
import { type ExpertKind, lawOf } from "../laws/registry.ts";
import { labelColumn } from "../table/labels.ts";
import { column, type DataTable } from "../table/table.ts";
import { type Coding, codingOf, factorOf } from "./column-types.ts";
import { defaultFeatures, type LeftOut } from "./default-features.ts";
import { INTERCEPT } from "./design.ts";
import { FORMULA, type Formula, type FormulaTable } from "./formula.ts";
import { computedOf } from "./formula-text.ts";
import { changesWithin, unitColumn } from "./groups.ts";
import { polynomialBasis } from "./polynomial.ts";
import { responseNumbers } from "./response.ts";
import { scaledColumn } from "./scale.ts";
import { failuresAmong } from "./trials.ts";
import { columnsRead, variablesOf, type Written, withComputed, writtenIn } from "./written.ts";

/** What options and the text of a formula say of a table's columns. */
export interface Said
  extends Partial<Omit<Written, "response" | "features" | "intercept">>,
    Pick<Written, "response" | "features" | "intercept"> {
  /** The options themselves, but for those that a formula may stand for. */
  readonly options: Omit<PlanOf<FormulaTable>, "formula">;
  /** Columns that are no features because none were named. */
  readonly leftOut: readonly LeftOut[];
  /** Columns that are not features though nobody said what they are. */
  readonly except: readonly string[];
}

/**
 * Reads options, and the text of a formula, against a table: features default to every numeric column with no other part.
 *
 * @param except columns that are not features though nobody said what they are
 */
export function readOptionsOf(
  table: DataTable,
  { formula, ...options }: PlanOf<FormulaTable>,
  except: readonly string[],
): Said {
  const written = writtenOr(table, { ...options, ...(formula !== undefined && { formula }) }, except);
  if (written.features !== undefined) return { ...written, options, features: written.features, leftOut: [], except };
  const taken = [...partsOf({ ...options, ...written }).map(([, name]) => name), ...except];
  // A name that there is not says more than what else is odd.
  for (const name of taken) column(table, name);
  const { features, leftOut } = defaultFeatures(table, taken);
  const failures = options.trials === undefined ? [] : failuresAmong(table, written.response, options.trials, features);
  return {
    ...{ ...written, options, except },
    features: features.filter((name) => !failures.includes(name)),
    leftOut: [...leftOut, ...failures.map((name) => ({ column: name, reason: "the rest of the trials" }))],
  };
}

/**
 * The formula a user means.
 *
 * @param except columns that are not features though nobody said what they are
 * @throws InputError as {@link formulaFrom}
 */
export function formulaOf(
  table: DataTable,
  options: PlanOf<FormulaTable>,
  experts: ExpertKind,
  except: readonly string[] = [],
): Formula {
  return formulaFrom(table, readOptionsOf(table, options, except), experts);
}

/**
 * The formula that options and the text of a formula say; gate features default to the features.
 *
 * @throws InputError for an unknown column, a column with two parts, and a response that does not vary
 */
export function formulaFrom(given: DataTable, said: Said, experts: ExpertKind): Formula {
  const { options, response, offset, computed, products, features } = said;
  const plan = { ...options, ...said };
  const table = withComputed(given, computed);
  const parts = partsOf(plan);
  checkParts(table, parts);
  const kind = lawOf(experts).response;
  const { trials } = options;
  if (trials !== undefined && !kind.hasTrials) {
    throw new InputError("fit", "trials with binomial experts only", `trials ${quote(trials)} with ${experts} experts`);
  }
  if (options.exposure !== undefined) checkExposure(options.exposure, offset, experts);
  const labels = kind.isLabel ? labelsOf(table, response) : undefined;
  if (offset !== undefined && labels !== undefined && labels.length > 2) {
    const got = `offset ${quote(offset)} with ${labels.length} labels`;
    throw new InputError("fit", "an offset with numbers, counts or two labels to predict", got);
  }
  const gateFeatures = gateFeaturesOf(table, features, plan);
  checkShared(options.shared, features, plan.intercept);
  for (const [list, names] of Object.entries({ features, "gate features": gateFeatures })) {
    checkFeatures(table, list, names, parts, plan);
  }
  const codings = codingsOf(table, [...features, ...gateFeatures], plan);
  const isEmpty = (record: object | undefined): boolean => Object.keys(record ?? {}).length === 0;
  return {
    ...options,
    response,
    ...(offset !== undefined && { offset }),
    intercept: plan.intercept,
    ...(plan.gateIntercept !== undefined &&
      plan.gateIntercept !== plan.intercept && { gateIntercept: plan.gateIntercept }),
    ...(labels === undefined ? checkVaries(table, response, trials) : { labels }),
    experts,
    features,
    gateFeatures,
    ...(!isEmpty(computed) && { computed }),
    ...(!isEmpty(products) && { products }),
    ...(!isEmpty(codings) && { codings }),
  };
}

/**
 * The columns that a fit reads, of which each row must have a value; none where there is no such column, which whoever reads
 * it says.
 */
export function columnsOfOptions(table: DataTable, said: Said): readonly string[] {
  const { options, computed, products, features, gateFeatures = [], except } = said;
  const own = [...partsOf({ ...options, ...said }).map(([, name]) => name), ...except];
  const variables = [...own, ...variablesOf([...features, ...gateFeatures], products)];
  const names = variables.flatMap((variable) => columnsRead(variable, computed));
  const known = new Set(table.columns.map(({ name }) => name));
  return names.every((name) => known.has(name)) ? names : [];
}

/** Refuses an exposure where its logarithm could be no offset of a log mean. */
function checkExposure(exposure: string, offset: string | undefined, experts: ExpertKind): void {
  if (!lawOf(experts).response.isCount) {
    throw new InputError("fit", "an exposure with counts to predict", `${quote(exposure)} with ${experts} experts`);
  }
  if (offset === undefined) return;
  throw new InputError("fit", "either an offset or an exposure", `${quote(offset)} and ${quote(exposure)}`);
}

/** What the text of a formula says, or the options that name columns. */
function writtenOr(
  table: DataTable,
  { formula, response, features, gateFeatures, offset, intercept, ...rest }: PlanOf<FormulaTable>,
  except: readonly string[],
): Partial<Written> & Pick<Written, "response" | "intercept"> {
  const named = { response, features, gateFeatures, offset };
  if (formula === undefined) {
    if (response === undefined) throw new InputError("fit", "a response, or a formula such as y ~ x", "neither");
    const given = Object.fromEntries(Object.entries(named).filter(([, value]) => value !== undefined));
    return { ...given, response, intercept };
  }
  const twice = Object.entries(named).find(([name, value]) => name !== "offset" && value !== undefined);
  if (twice !== undefined) {
    const got = `both, with ${quote(formula)}`;
    throw new InputError("fit", `either a formula or ${twice[0]}`, got, "say it in the formula");
  }
  const taken = [...partsOf({ ...rest, ...(offset !== undefined && { offset }) }).map(([, name]) => name), ...except];
  const found = writtenIn(table, formula, taken);
  if (offset !== undefined && found.offset !== undefined) {
    throw new InputError("fit", "one offset", `${quote(offset)} and that of the formula`);
  }
  return { ...(offset !== undefined && { offset }), ...found, intercept: found.intercept && intercept };
}

/** How the variables of terms that are not simply numbers are read. */
function codingsOf(
  table: DataTable,
  terms: readonly string[],
  { computed = [], products }: Partial<Written>,
): Readonly<Record<string, Coding>> {
  const variables = new Set(variablesOf(terms, products));
  const found = Array.from(variables, (variable): readonly [string, Coding | undefined] => {
    const of = computed.includes(variable) ? computedOf(variable) : undefined;
    if (of === undefined) return [variable, codingOf(table, variable)];
    if (of.kind === "factor") return [variable, factorOf(table, of.column)];
    if (of.kind === "expression") return [variable, undefined];
    const basis = polynomialBasis(scaledColumn(table, of.column), of.degree, of.column);
    return [variable, { type: "polynomial", ...basis }];
  });
  return Object.fromEntries(found.filter((entry): entry is [string, Coding] => entry[1] !== undefined));
}

/** The terms of a gate: none of a constant one, and of groups those that are the same in all of their rows. */
function gateFeaturesOf(
  table: DataTable,
  features: readonly string[],
  {
    gate = "softmax",
    gateFeatures,
    group,
    computed,
    products,
  }: Partial<Written> & Pick<PlanOf<FormulaTable>, "gateFeatures" | "group"> & { readonly gate?: GateKind },
): readonly string[] {
  if (!readsColumns(gate)) {
    if (gateFeatures === undefined || gateFeatures.length === 0) return [];
    throw new InputError("fit", `no columns of a ${gate} gate`, listed(gateFeatures, "and"), "take a softmax gate");
  }
  if (gateFeatures !== undefined || group === undefined) return gateFeatures ?? features;
  const units = unitColumn(table, group);
  const read = (term: string) => variablesOf([term], products).flatMap((variable) => columnsRead(variable, computed));
  return features.filter((term) => read(term).every((name) => changesWithin(column(table, name).values, units) < 0));
}

type Parts = readonly (readonly [part: string, name: string])[];

/** The columns that have a part of their own: the response, weights and whatever else is one column. */
export function partsOf(options: Partial<PlanOf<FormulaTable>>): Parts {
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

function checkFeatures(
  table: DataTable,
  list: string,
  names: readonly string[],
  taken: Parts,
  { computed, products }: Partial<Written>,
): void {
  const variables = variablesOf(names, products);
  for (const variable of variables) for (const name of columnsRead(variable, computed)) column(table, name);
  const seen = new Set<string>();
  const twice = names.find((name) => seen.size === seen.add(name).size);
  if (twice !== undefined) throw new InputError("fit", `each of the ${list} once`, `${quote(twice)} twice`);
  for (const [part, name] of taken) {
    if (!variables.includes(name)) continue;
    throw new InputError("fit", `${list} other than the ${part}`, `${quote(name)} as both`);
  }
  // A difference or ratio of columns may go with one of them.
  const [, response = ""] = taken.find(([part]) => part === "response") ?? [];
  const [own, ...others] = columnsRead(response, computed);
  const from = variables.find((variable) => columnsRead(variable, computed).includes(own));
  if (from === undefined || others.length > 0) return;
  throw new InputError(
    "fit",
    `${list} other than the response`,
    `${quote(from)} and ${quote(response)}, both of ${quote(own)}`,
  );
}

/** Refuses shared coefficients of what the experts do not read. */
function checkShared(shared: readonly string[] = [], features: readonly string[], intercept: boolean): void {
  const known = intercept ? [INTERCEPT, ...features] : features;
  const odd = shared.find((name) => !known.includes(name));
  if (odd !== undefined) throw new InputError("fit", `shared to name features, ${listed(known)}`, quote(odd));
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

function checkVaries(table: DataTable, response: string, trials: string | undefined): Record<string, never> {
  const values = responseNumbers(table, response);
  // As many successes of other numbers of trials are something else.
  const of = trials === undefined ? undefined : scaledColumn(table, trials);
  if (values.every((value, row) => value === values[0] && of?.[row] === of?.[0])) {
    const got = `${values[0]} in every row of column ${quote(response)}`;
    throw new InputError("fit", "a response that varies", got);
  }
  return {};
}
