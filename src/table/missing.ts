import { InputError, listed, quote } from "../errors.ts";
import { cellAt, numbersOf, rowsOf } from "./coded-text.ts";
import type { Column } from "./column.ts";
import { column, type DataTable, place, takeRows } from "./table.ts";

/** Rows that have a missing value in some columns. */
export interface MissingRows {
  /** The rows, counted from 0; of a source they are only counted. */
  readonly rows: Int32Array;
  /** How many they are. */
  readonly count: number;
  /** The number of all rows. */
  readonly of: number;
  /** The columns that miss a value in some rows, and in how many. */
  readonly columns: readonly { readonly column: string; readonly rows: number }[];
}

/** The rows of a table that have a missing value in one of these columns; those that there are not miss none. */
export function missingRows(table: DataTable, names: readonly string[]): MissingRows {
  const marks = new Uint8Array(table.rows);
  const read = new Set(names);
  const columns = table.columns
    .filter(({ name }) => read.has(name))
    .map((column) => ({ column: column.name, rows: markMissing(column, marks) }))
    .filter(({ rows }) => rows > 0);
  const rows = columns.length === 0 ? new Int32Array() : rowsWith(marks, 1);
  return { rows, count: rows.length, of: table.rows, columns };
}

/** How many values a column misses. */
export function missingIn(column: Column): number {
  return markMissing(column, new Uint8Array(rowsOf(column)));
}

/** The table without some of its rows; refused where none would be left. */
export function withoutRows(table: DataTable, { rows, of, columns }: Omit<MissingRows, "count">): DataTable {
  if (rows.length === 0) return table;
  if (rows.length === of) {
    const most = columns.reduce((a, b) => (b.rows > a.rows ? b : a));
    const got = `none: ${quote(most.column)} is missing in ${most.rows} of ${of}`;
    const wanted = `a row without missing values in ${columnsInWords(columns)}`;
    throw new InputError(`read ${table.source}`, wanted, got, "leave this column out");
  }
  return takeRows(table, rowsBeside({ rows, of }));
}

/** The rows that miss no value. */
export function rowsBeside({ rows, of }: Pick<MissingRows, "rows" | "of">): Int32Array {
  const marks = new Uint8Array(of);
  for (const row of rows) marks[row] = 1;
  return rowsWith(marks, 0);
}

/**
 * Refuses rows with missing values, saying how many there are and where the first is.
 *
 * @param next what to do about them
 */
export function refuseMissing(
  table: DataTable,
  { rows, of, columns }: MissingRows,
  next: string = "fill it in, or drop such rows with dropMissing",
): void {
  if (rows.length === 0) return;
  const [first] = rows;
  const odd = columns.find(({ column: name }) => isMissingAt(column(table, name), first));
  const where = `${place(table, first)}${odd === undefined || columns.length === 1 ? "" : ` in column ${quote(odd.column)}`}`;
  throw new InputError(
    `read ${table.source}`,
    `a value in every row of ${columnsInWords(columns)}`,
    `a missing value in ${rows.length} of ${of} rows, ${rows.length === 1 ? "" : "the first "}at ${where}`,
    next,
  );
}

/** Notes the rows where a column misses its value, and counts them. */
function markMissing(column: Column, marks: Uint8Array): number {
  const values = column.kind === "numeric" ? column.values : numbersOf(column, () => 0)!;
  let count = 0;
  for (let row = 0; row < marks.length; row++) {
    if (!Number.isNaN(values[row])) continue;
    marks[row] = 1;
    count++;
  }
  return count;
}

function isMissingAt(column: Column, row: number): boolean {
  const cell = cellAt(column, row);
  return cell === null || Number.isNaN(cell);
}

/** The rows that have this mark. */
function rowsWith(marks: Uint8Array, mark: number): Int32Array {
  const rows: number[] = [];
  for (let row = 0; row < marks.length; row++) if (marks[row] === mark) rows.push(row);
  return Int32Array.from(rows);
}

function columnsInWords(columns: MissingRows["columns"]): string {
  const names = columns.map(({ column }) => column);
  if (names.length === 1) return `column ${quote(names[0])}`;
  return names.length <= 5 ? `the columns ${listed(names, "and")}` : `all of ${names.length} columns`;
}
