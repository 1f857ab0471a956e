import { InputError, quote } from "../errors.ts";
import { toNumber } from "./cell.ts";
import { distinct, tallyOf } from "./coded-text.ts";
import { quoteName } from "./duckdb/quote.ts";
import { missingRows, refuseMissing } from "./missing.ts";
import { column, type DataTable, place } from "./table.ts";

/** The labels of a column: what they are, and which one each row has. */
export interface Labels {
  /**
   * The distinct labels, numbers by their size (-1 before 0 before 1), text in natural order ("class 2" before
   * "class 10"): the same whatever the order of the rows.
   */
  readonly labels: readonly string[];
  /** For each row the index of its label. */
  readonly codes: Int32Array;
}

/**
 * The labels of a column of text or whole numbers.
 *
 * @throws InputError naming column and row for an unknown column, missing values and numbers that are not whole
 * @example
 * ```ts
 * import { labelColumn, tableFromColumns } from "mixlens";
 * const { labels, codes } = labelColumn(tableFromColumns({ species: ["b", "a", "b"] }), "species");
 * if (labels.join() !== "a,b" || codes.join() !== "1,0,1") throw new Error("labels are sorted, codes follow");
 * ```
 */
export function labelColumn(table: DataTable, name: string): Labels {
  const found = column(table, name);
  if (found.kind === "text") {
    const tally = tallyOf(found);
    const known = tally.counts.reduce((sum, count) => sum + count, 0);
    if (known < table.rows) refuseMissing(table, missingRows(table, [name]));
    return encode(tally);
  }
  refuseMissing(table, missingRows(table, [name]));
  const odd = found.values.findIndex((value) => !Number.isSafeInteger(value));
  if (odd >= 0) {
    if (isAmbiguous(found.values[odd])) throw tooLarge(table, name, odd);
    const expected = `text or whole numbers as labels in column ${quote(name)}`;
    const next = "round it, or write words for its values";
    throw new InputError(`read ${table.source}`, expected, `${found.values[odd]} at ${place(table, odd)}`, next);
  }
  return encode(distinct(found.values));
}

/** Whole numbers of computers end here, as those that name things do: larger ones are measured. */
const MOST_WHOLE = 2 ** 64;

/** Whether a number that stands for a name is so large that it may be another's: 2⁵³ whole ones have one of their own. */
export function isAmbiguous(value: unknown): boolean {
  return Number.isInteger(value) && !Number.isSafeInteger(value);
}

/** Whether numbers are whole, and some so large that not all of their digits are kept. */
export function holdsLargeWholes(values: Float64Array): boolean {
  return (
    values.every((value) => Number.isNaN(value) || (Number.isInteger(value) && Math.abs(value) < MOST_WHOLE)) &&
    values.some(isAmbiguous)
  );
}

/** What is wrong with such a number in a row. */
export function tooLarge(table: DataTable, name: string, row: number): InputError {
  const wanted = `names, or whole numbers up to ${Number.MAX_SAFE_INTEGER}, in column ${quote(name)}`;
  const got = `${column(table, name).values[row]} at ${place(table, row)}`;
  const own = quoteName(name);
  const next = `larger ones lose digits: give the column as text, of Parquet and JSON files by setting sql (--sql) to select * replace (${own}::varchar as ${own}) from data, or write a letter before each`;
  return new InputError(`read ${table.source}`, wanted, got, next);
}

function encode({ levels, codes: seen }: { levels: readonly (string | number)[]; codes: Int32Array }): Labels {
  const found = levels.map(String);
  const order = found.every(isNumber) ? byNumber : naturally;
  const sorted = Array.from(found.keys()).sort((a, b) => order(found[a], found[b]));
  const codes = new Int32Array(found.length);
  sorted.forEach((place, code) => {
    codes[place] = code;
  });
  const own = new Int32Array(seen.length);
  for (let row = 0; row < own.length; row++) own[row] = codes[seen[row]];
  return { labels: sorted.map((place) => found[place]), codes: own };
}

// One fixed language, so that labels come in the same order on every machine.
const collator = new Intl.Collator("en", { numeric: true });

function isNumber(cell: string): boolean {
  return Number.isFinite(toNumber(cell));
}

// Different texts may be one number, as 1 and 1.0 are.
function byNumber(a: string, b: string): number {
  return toNumber(a) - toNumber(b) || naturally(a, b);
}

// Some different texts collate as equal; code units settle these.
function naturally(a: string, b: string): number {
  return collator.compare(a, b) || (a < b ? -1 : 1);
}
