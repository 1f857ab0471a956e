import { InputError, quote } from "../errors.ts";
import type { DataTable } from "../table/table.ts";
import { leftOutOf } from "./default-features.ts";
import { computedColumn } from "./expression.ts";
import { type Computed, computedOf, type ParsedFormula, parseFormula, type Side } from "./formula-text.ts";

/** An entry of a record whose names are columns': one may be called `constructor`. */
export function entryOf<T>(record: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}

/** The variables of terms: of a product each of its own, of any other term itself. */
export function variablesOf(
  terms: readonly string[],
  products: Readonly<Record<string, readonly string[]>> = {},
): readonly string[] {
  return terms.flatMap((term) => entryOf(products, term) ?? [term]);
}

/** The variables that a formula's experts and gate read. */
export function variablesOfSides({
  features,
  gateFeatures,
  products,
}: Pick<Written, "features"> & {
  readonly gateFeatures: readonly string[];
  readonly products?: Written["products"];
}): readonly string[] {
  return variablesOf([...features, ...gateFeatures], products);
}

/** What a formula's text says, in the words of the options. */
export interface Written {
  readonly response: string;
  readonly features: readonly string[];
  /** Absent: there is no bar. */
  readonly gateFeatures?: readonly string[];
  readonly intercept: boolean;
  readonly gateIntercept?: boolean;
  readonly offset?: string;
  /** Variables that are computed, such as `log(x)`. */
  readonly computed: readonly string[];
  /** Variables of the terms that are products, by their names. */
  readonly products: Readonly<Record<string, readonly string[]>>;
}

/**
 * Reads the text of a formula against a table.
 *
 * @param taken columns that `.` does not stand for
 */
export function writtenIn(table: DataTable, formula: string, taken: readonly string[]): Written {
  const parsed = parseFormula(formula, (response) => {
    const computed = responseColumns(response);
    const out = new Set([...taken, ...computed]);
    const empty = leftOutOf(table, [...out]).filter(({ reason }) => /^(row numbers|no values)$/.test(reason));
    for (const left of empty) out.add(left.column);
    return table.columns.map(({ name }) => name).filter((name) => !out.has(name));
  });
  const { response, experts, gate, offset, computed } = parsed;
  const sides = gate === undefined ? [experts] : [experts, gate];
  const products = sides.flatMap(({ terms }) =>
    terms.filter((term) => term.length > 1).map((term) => [labelOf(term), term] as const),
  );
  return {
    response,
    features: namesOf(experts),
    ...(gate && { gateFeatures: namesOf(gate), gateIntercept: gate.intercept }),
    intercept: experts.intercept,
    ...(offset !== undefined && { offset }),
    computed: usedOf(parsed, sides, computed),
    products: Object.fromEntries(products),
  };
}

const labelOf = (term: readonly string[]): string => term.join(":");
const namesOf = ({ terms }: Side): readonly string[] => terms.map(labelOf);

/** The columns that a response reads. */
function responseColumns(response: string): readonly string[] {
  const computed = /[(]/.test(response) ? computedOf(response) : undefined;
  return computed?.kind === "expression" ? [response, ...computed.expression.columns] : [response];
}

/** The computed variables that are left in the formula, some of which `-` may have taken out. */
function usedOf(
  { response, offset }: ParsedFormula,
  sides: readonly Side[],
  computed: ReadonlyMap<string, Computed>,
): readonly string[] {
  const used = new Set([response, offset, ...sides.flatMap(({ terms }) => terms.flat())]);
  return [...computed.keys()].filter((label) => used.has(label));
}

/**
 * A table with the columns that a formula computes, such as `log(x)`, beside its own.
 *
 * @param response the response; and whether each row must have one
 */
export function withComputed(
  table: DataTable,
  computed: readonly string[] = [],
  response?: { readonly name: string; readonly isNeeded: boolean },
): DataTable {
  const made = computed.flatMap((label) => {
    const of = computedOf(label);
    if (of.kind !== "expression") return [];
    if (label !== response?.name || response.isNeeded) return [computedColumn(table, of.expression)];
    const isThere = of.expression.columns.every((name) => table.columns.some((each) => each.name === name));
    return isThere ? [computedColumn(table, of.expression, "somewhere")] : [];
  });
  if (made.length === 0) return table;
  const names = new Set(made.map(({ name }) => name));
  const clash = table.columns.find(({ name }) => names.has(name));
  if (clash !== undefined) {
    const got = `a column of that name in ${table.source}`;
    throw new InputError("compute a column", `${quote(clash.name)} to be an expression`, got, "rename the column");
  }
  return { ...table, columns: [...table.columns, ...made] };
}

/** The columns of a table that a variable reads. */
export function columnsRead(variable: string, computed: readonly string[] = []): readonly string[] {
  if (!computed.includes(variable)) return [variable];
  const of = computedOf(variable);
  return of.kind === "expression" ? of.expression.columns : [of.column];
}
