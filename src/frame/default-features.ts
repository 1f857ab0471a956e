import { checkArgument } from "../errors/arguments.ts";
import { listOf, text } from "../errors/kinds.ts";
import { joined, quote } from "../errors.ts";
import { toNumber } from "../table/cell.ts";
import { tallyOf } from "../table/coded-text.ts";
import type { NumericColumn, TextColumn } from "../table/column.ts";
import { foreignNumber, hasDecimalCommas } from "../table/foreign-number.ts";
import { checkTable, type DataTable } from "../table/table.ts";
import { refuseText } from "./column-types.ts";
import { idReason, isNumbering } from "./row-ids.ts";

/** A column that the default features leave out, and why. */
export interface LeftOut {
  readonly column: string;
  readonly reason: string;
}

/**
 * The names of a table's numeric columns but for those in `except`: the features of a fit that names none.
 *
 * Row numbers that pandas or readr named, `Unnamed: 0` or `...1`, are no feature; nor are identifiers, such as an `id` that is
 * different in every row, and other columns that number the rows, where there is something else to read.
 *
 * @throws InputError for a column that is mostly numbers with some text among them, or with thousands separators or
 *   decimal commas
 * @example
 * ```ts
 * import { numericColumnNames, tableFromColumns } from "mixlens";
 * const table = tableFromColumns({ x: [1, 2], y: [3, 4], species: ["a", "b"] });
 * if (numericColumnNames(table, ["y"]).join() !== "x") throw new Error("x is the only feature");
 * ```
 */
export function numericColumnNames(table: DataTable, except: readonly string[] = []): readonly string[] {
  checkTable(table);
  checkArgument("choose features", "except", except, listOf(text, "a list of column names"));
  return defaultFeatures(table, except).features;
}

/** The features of a fit that names none, and the other columns that have no part. */
export interface DefaultFeatures {
  readonly features: readonly string[];
  readonly leftOut: readonly LeftOut[];
}

/** The columns that are features by default, and those that are none though they have no other part. */
export function defaultFeatures(table: DataTable, except: readonly string[]): DefaultFeatures {
  const leftOut = leftOutOf(table, except);
  const out = new Set([...except, ...leftOut.map(({ column }) => column)]);
  return { features: table.columns.map(({ name }) => name).filter((name) => !out.has(name)), leftOut };
}

/**
 * The columns that are no features by default though they have no other part.
 *
 * @throws InputError as `numericColumnNames`
 */
export function leftOutOf(table: DataTable, except: readonly string[]): readonly LeftOut[] {
  const nameless = table.rowNames === undefined ? [] : [{ column: table.rowNames.name, reason: "row names" }];
  const free = table.columns.filter(({ name }) => !except.includes(name));
  const named = free.flatMap((column) => {
    const reason = column.kind === "text" ? reasonOf(table, column) : reasonOfNumbers(table, column);
    return reason === undefined ? [] : [{ column: column.name, reason }];
  });
  const out = new Set(named.map(({ column }) => column));
  const numbers = free.filter((column) => column.kind === "numeric" && !out.has(column.name)) as NumericColumn[];
  const numberings = numbers.filter((column) => isNumbering(table, column));
  // The only numbers there are were meant to be read.
  if (numberings.length === numbers.length) return [...nameless, ...named];
  const numbered = numberings.map(({ name }) => ({ column: name, reason: "it numbers the rows" }));
  return [...nameless, ...inOrder(table, [...named, ...numbered])];
}

/** In the order of the table's columns. */
function inOrder({ columns }: DataTable, leftOut: readonly LeftOut[]): readonly LeftOut[] {
  const known = new Map(leftOut.map((each) => [each.column, each]));
  return columns.flatMap(({ name }) => known.get(name) ?? []);
}

/** What was left out, in a sentence; in none where that is nothing. */
export function leftOutInWords(leftOut: readonly LeftOut[]): readonly string[] {
  if (leftOut.length === 0) return [];
  const named = leftOut.slice(0, 5).map(({ column, reason }) => {
    return column.trim() === "" ? `the first column, which has no name (${reason})` : `${quote(column)} (${reason})`;
  });
  const more = leftOut.length > 5 ? [`${leftOut.length - 5} more`] : [];
  return [`Left out of the features: ${joined([...named, ...more], "and")}.`];
}

const DATE = /^\d{4}-\d{2}-\d{2}([T ]|$)/;

/** What keeps a column of text from being a feature; one that was meant as numbers is refused. */
function reasonOf(table: DataTable, column: TextColumn): string {
  const { levels: cells, counts } = tallyOf(column);
  if (cells.length === 0) return "no values";
  const all = counts.reduce((sum, count) => sum + count, 0);
  const most = (is: (cell: string) => boolean): boolean =>
    2 * cells.reduce((sum, cell, at) => sum + (is(cell) ? counts[at] : 0), 0) > all;
  const such = `such as ${quote(cells[0])}`;
  const isDecimal = hasDecimalCommas(cells);
  const foreign = (cell: string) => foreignNumber(cell, isDecimal);
  if (most((cell) => foreign(cell)?.notation === "percentage")) return `percentages, ${such}`;
  if (most((cell) => foreign(cell)?.notation === "currency")) return `amounts of money, ${such}`;
  // Digits given as text throughout were meant as labels, and pass; more numbers than text were meant as numbers.
  if (most((cell) => !Number.isNaN(toNumber(cell)) || foreign(cell) !== undefined)) {
    refuseText(table, column);
    return `numbers given as text, ${such}`;
  }
  if (cells.every((cell) => /^(true|false)$/i.test(cell))) return "true and false";
  return cells.every((cell) => DATE.test(cell)) ? `dates, ${such}` : `text, ${such}`;
}

/** What keeps a column of numbers from being a feature: that it has none, counts the rows or names them. */
function reasonOfNumbers(table: DataTable, column: NumericColumn): string | undefined {
  if (column.values.every(Number.isNaN)) return "no values";
  return rowNumbers(table, column) ?? idReason(column);
}

/** Row numbers under the names that pandas and readr give a first column without one. */
function rowNumbers(table: DataTable, { name, values }: NumericColumn): string | undefined {
  if (table.columns[0].name !== name || !/^(Unnamed: 0|\.\.\.1)$/.test(name)) return undefined;
  const first = Number(values[0]);
  const isCount = (first === 0 || first === 1) && values.every((value, row) => value === first + row);
  return isCount ? "row numbers" : undefined;
}
