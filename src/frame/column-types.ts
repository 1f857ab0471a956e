import { type Kind, listOf, number, objectOf, required, text } from "../errors/kinds.ts";
import { InputError, joined, listed, quote } from "../errors.ts";
import { toNumber } from "../table/cell.ts";
import { cellAt, numbersOf, tallyOf } from "../table/coded-text.ts";
import type { TextColumn } from "../table/column.ts";
import { foreignNumber, hasDecimalCommas } from "../table/foreign-number.ts";
import { labelColumn } from "../table/labels.ts";
import { parsed } from "../table/numeric.ts";
import { column, type DataTable, place } from "../table/table.ts";
import { written } from "./tokens.ts";

/** How a column that is not simply numbers is read as numbers: kept with a model, so that other rows are read alike. */
export type Coding =
  | { readonly type: "factor"; readonly levels: readonly string[] }
  | { readonly type: "boolean" }
  | { readonly type: "date" }
  | { readonly type: "polynomial"; readonly centres: readonly number[]; readonly norms: readonly number[] };

const manyNumbers = listOf(number, "a list of numbers");
const codingEntries: Readonly<Record<Coding["type"], Kind<object>>> = {
  factor: objectOf({ levels: required(listOf(text, "a list of levels")) }, "a factor"),
  boolean: objectOf({}, "true and false"),
  date: objectOf({}, "dates"),
  polynomial: objectOf({ centres: required(manyNumbers), norms: required(manyNumbers) }, "a polynomial"),
};

/** What is taken for a coding. */
export const aCoding: Kind<Coding> = {
  wanted: "how a variable is read as numbers",
  accepts: (value) => {
    const { type } = (value ?? {}) as { readonly type?: unknown };
    return Object.hasOwn(codingEntries, String(type)) && codingEntries[type as Coding["type"]].accepts(value);
  },
};

const TRUTH = /^(true|false)$/i;
const DATE = /^\d{4}-\d{2}-\d{2}([T ][\d:.]+(Z|[+-]\d{2}:?\d{2})?)?$/;
const DAY = 86_400_000;

/**
 * How a column of a table would be read as a feature; nothing where it is numbers.
 *
 * Text that is mostly numbers, in whatever notation, was meant as numbers: the cells that are not read as such are refused.
 *
 * @throws InputError for missing values, for a factor of one level, and for text that is different in every row
 */
export function codingOf(table: DataTable, name: string): Coding | undefined {
  const found = column(table, name);
  if (found.kind === "numeric") return undefined;
  const { levels: cells, counts } = tallyOf(found);
  const isPlain = cells.map((cell) => !Number.isNaN(toNumber(cell)));
  const isDecimal = hasDecimalCommas(cells);
  const words = cells.reduce((sum, cell, at) => {
    return sum + (isPlain[at] || foreignNumber(cell, isDecimal) !== undefined ? 0 : counts[at]);
  }, 0);
  const isMostlyNumbers = 2 * words < counts.reduce((sum, count) => sum + count, 0);
  if (isMostlyNumbers) {
    if (isPlain.includes(false)) refuseText(table, found);
    return undefined;
  }
  if (cells.every((cell) => TRUTH.test(cell))) return { type: "boolean" };
  if (cells.every((cell) => DATE.test(cell))) return { type: "date" };
  return factorOf(table, name);
}

/** Refuses a column of text that was meant as numbers at its first cell that is none. */
export function refuseText(table: DataTable, column: TextColumn): void {
  parsed(table, column, `if these are labels, write factor(${written(column.name)}) in a formula`);
}

/** A factor of whatever levels the table has of a column, text or whole numbers; the first is the reference. */
export function factorOf(table: DataTable, name: string): Coding {
  const { labels } = labelColumn(table, name);
  const act = `read ${table.source}`;
  if (labels.length === 1) {
    const got = `only ${quote(labels[0])} in column ${quote(name)}`;
    throw new InputError(act, "a factor of two or more levels", got, "leave it out of the features");
  }
  if (labels.length === table.rows && table.rows > 2) {
    const got = `another in each of the ${table.rows} rows of column ${quote(name)}`;
    throw new InputError(act, "a factor of fewer levels than rows", got, "leave it out of the features");
  }
  return { type: "factor", levels: labels };
}

/**
 * The level of each row, from 0.
 *
 * @throws InputError naming the row of a level that the factor does not have, and those that it has
 */
export function levelsOf(table: DataTable, name: string, levels: readonly string[]): Int32Array {
  const { labels, codes } = labelColumn(table, name);
  const known = labels.map((label) => levels.indexOf(label));
  const strange = known.indexOf(-1);
  // The levels are most often those of the table itself.
  if (known.every((place, code) => place === code)) return codes;
  if (strange < 0) return codes.map((code) => known[code]);
  const some = levels.length > 6 ? `${listed(levels.slice(0, 5), "or")}, one of ${levels.length},` : listed(levels);
  const got = `${quote(labels[strange])} at ${place(table, codes.indexOf(strange))}`;
  throw new InputError(`read ${table.source}`, `the level ${some} in column ${quote(name)}`, got);
}

/** A column of true and false as 1 and 0, or of dates as days since 1970-01-01. */
export function codedNumbers(table: DataTable, name: string, type: "boolean" | "date"): Float64Array {
  const found = column(table, name);
  if (found.kind === "numeric") return found.values;
  const values = numbersOf(found, (cell) => (type === "boolean" ? truthOf(cell) : daysOf(cell)))!;
  const odd = values.findIndex((value, row) => Number.isNaN(value) && cellAt(found, row) !== null);
  if (odd < 0) return values;
  const wanted = type === "boolean" ? "true or false" : "a date such as 2024-01-31";
  const got = `${quote(cellAt(found, odd))} at ${place(table, odd)}`;
  throw new InputError(`read ${table.source}`, `${wanted} in column ${quote(name)}`, got);
}

function truthOf(cell: string): number {
  return TRUTH.test(cell) ? Number(cell.toLowerCase() === "true") : Number.NaN;
}

function daysOf(cell: string): number {
  if (!DATE.test(cell) || !isDay(cell.slice(0, 10))) return Number.NaN;
  // A time without a zone is that of Greenwich: the same number on every machine.
  const hasZone = /(Z|[+-]\d{2}:?\d{2})$/.test(cell) && cell.length > 10;
  return Date.parse(hasZone || cell.length === 10 ? cell : `${cell.replace(" ", "T")}Z`) / DAY;
}

/** Whether there is such a day: the 30th of February would be read as the first of March. */
function isDay(text: string): boolean {
  const time = Date.parse(text);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}

/** What was made of columns that are not simply numbers, in sentences. */
export function codingsInWords(codings: Readonly<Record<string, Coding>>): readonly string[] {
  const of = (type: Coding["type"]): readonly string[] =>
    Object.keys(codings).filter((name) => codings[name].type === type);
  const factors = Object.entries(codings).flatMap(([name, coding]) => {
    return coding.type === "factor" ? [`${quote(name)} against ${quote(coding.levels[0])}`] : [];
  });
  const shown = factors.length > 6 ? [...factors.slice(0, 5), `${factors.length - 5} more`] : factors;
  return [
    ...(factors.length > 0 ? [`Coded as factors, each level against the first: ${joined(shown, "and")}.`] : []),
    ...(of("boolean").length > 0
      ? [`Read as 1 where it is true, and else as 0: ${listed(of("boolean"), "and")}.`]
      : []),
    ...(of("date").length > 0 ? [`Read as days since 1970-01-01: ${listed(of("date"), "and")}.`] : []),
  ];
}
