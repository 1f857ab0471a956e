import { InputError, listed, quote } from "../errors.ts";
import type { ResponseKind } from "../laws/law.ts";
import { lawOf } from "../laws/registry.ts";
import { toNumber } from "../table/cell.ts";
import { foreignNumber } from "../table/foreign-number.ts";
import { labelColumn } from "../table/labels.ts";
import { column, type DataTable, place } from "../table/table.ts";
import type { Formula } from "./formula.ts";
import { scaledColumn } from "./scale.ts";
import { adviceOnSuccesses, successesOf } from "./trials.ts";

/**
 * The weights of a table's rows: 0 or more, and not all 0.
 *
 * @param areAll whether there are no rows beside those of the table, of which one may weigh something
 */
export function weightColumn(table: DataTable, name: string, areAll: boolean): Float64Array {
  const weights = scaledColumn(table, name);
  const negative = weights.findIndex((weight) => weight < 0);
  if (negative >= 0) {
    const got = `${weights[negative]} in column ${quote(name)} at ${place(table, negative)}`;
    throw new InputError("weight the rows", "weights of 0 or more", got);
  }
  if (areAll && weights.every((weight) => weight === 0)) throw weightless(name);
  return weights;
}

/** The refusal of rows none of which weighs anything. */
export function weightless(name: string): InputError {
  return new InputError("weight the rows", "a weight above 0", `0 in every row of column ${quote(name)}`);
}

/** What the response of a formula can be. */
export function responseKind({ experts, labels }: Pick<Formula, "experts" | "labels">): ResponseKind {
  return lawOf(experts ?? (labels === undefined ? "linear" : "logistic"), labels && { labels }).response;
}

/**
 * The numbers of a response.
 *
 * @throws InputError as `scaledColumn`; of a column of labels it says what predicts them
 */
export function responseNumbers(table: DataTable, name: string): Float64Array {
  const found = column(table, name);
  const known = found.kind === "text" ? found.values.filter((cell) => cell !== null) : [];
  const isLabel = (cell: string): boolean => Number.isNaN(toNumber(cell)) && foreignNumber(cell, false) === undefined;
  const labels = new Set(known.filter(isLabel));
  const areLabels =
    2 * known.filter(isLabel).length > known.length && labels.size > 1 && labels.size <= Math.max(2, known.length / 2);
  if (!areLabels) return scaledColumn(table, name);
  const row = found.values.findIndex((cell) => labels.has(String(cell)));
  const got = `the label ${quote(found.values[row])} at ${place(table, row)}`;
  const next = 'set experts to "logistic" (--experts logistic), which predict labels';
  throw new InputError(`read ${table.source}`, `a finite number in column ${quote(name)}`, got, next);
}

/**
 * A column of responses, each of which the law allows.
 *
 * @param trials of which they are the successes; absent: 1 each
 */
export function responseColumn(
  table: DataTable,
  name: string,
  { wanted, accepts, hasTrials }: ResponseKind,
  trials?: Float64Array,
): Float64Array {
  const given = responseNumbers(table, name);
  const values = hasTrials && trials ? successesOf(given, trials) : given;
  const odd = values.findIndex((value, row) => !accepts(value, trials?.[row] ?? 1));
  if (odd < 0) return values;
  const expected = `${wanted} in column ${quote(name)}`;
  const of = hasTrials ? ` of ${trials?.[odd] ?? 1}` : "";
  const next = hasTrials ? adviceOnSuccesses(given[odd], trials, odd) : undefined;
  throw new InputError(`read ${table.source}`, expected, `${given[odd]}${of} at ${place(table, odd)}`, next);
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
