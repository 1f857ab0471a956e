import { checkArgument } from "../errors/arguments.ts";
import { cells, type Kind, listOf, objectOf, oneOf, required, text, whole } from "../errors/kinds.ts";
import { nearest } from "../errors/nearest.ts";
import { InputError, listed, quote } from "../errors.ts";
import { dataTable } from "../text/data-table.ts";
import { printed } from "../text/printed.ts";
import { tableText } from "../text/table.ts";
import { toNumber } from "./cell.ts";
import { isCoded, rowsOf, takeText } from "./coded-text.ts";
import type { Column } from "./column.ts";

/** Named columns of equal length, whatever they were read from. */
export interface DataTable {
  /** The number of rows, 1 or more. */
  readonly rows: number;
  readonly columns: readonly Column[];
  /** A first column without a name: the names of rows that pandas and R write there. It is none of the columns. */
  readonly rowNames?: Column;
  /** Where the data came from, as errors name it: `"iris.csv"`, `the frame`, `the columns`. */
  readonly source: string;
  /** The line of the file on which a row (counted from 0) ends, where there is a file. */
  readonly line?: (row: number) => number;
  /** The part of the source that a row is in, as errors call it (a file of several, a query), and its row there, counted from 0. */
  readonly part?: (row: number) => { readonly name: string; readonly row: number };
  /** The row of the source that a row is, both counted from 0, where rows were left out. */
  readonly sourceRow?: (row: number) => number;
}

/**
 * A table of these columns, refused unless they have distinct names, one length and at least one row.
 *
 * @param given the first may have no name
 */
export function makeTable(given: readonly Column[], source: string, line?: (row: number) => number): DataTable {
  checkNames(
    given.map((column) => column.name),
    source,
  );
  const [first] = given;
  const rows = rowsOf(first);
  const odd = given.find((column) => rowsOf(column) !== rows);
  if (odd !== undefined) {
    throw new InputError(
      `read ${source}`,
      `columns of one length (${quote(first.name)} has ${rows})`,
      `${rowsOf(odd)} in column ${quote(odd.name)}`,
    );
  }
  if (rows === 0) throw new InputError(`read ${source}`, "at least one row", "none");
  const named = isNameless(first.name) ? { rowNames: first, columns: given.slice(1) } : { columns: given };
  return shownTable({ rows, ...named, source, ...(line && { line }) });
}

/** Whether a column has no name. */
export function isNameless(name: string): boolean {
  return name.trim() === "";
}

/** Refuses no names, an empty name but for that of a first column before others, and a name that comes twice. */
export function checkNames(names: readonly string[], source: string): void {
  if (names.length === 0) throw new InputError(`read ${source}`, "at least one column", "none");
  const unnamed = names.findIndex((name, at) => isNameless(name) && (at > 0 || names.length === 1));
  if (unnamed >= 0) throw noName(source, unnamed + 1);
  checkDistinct(names, source);
}

/** What is said of a column, counted from 1, that has no name. */
export function noName(source: string, number: number): InputError {
  return new InputError(`read ${source}`, "a name for every column", `an empty name for column ${number}`);
}

/** Refuses a name that comes twice. */
export function checkDistinct(names: readonly string[], source: string): void {
  const seen = new Map<string, number>();
  for (const [index, name] of names.entries()) {
    if (isNameless(name)) continue;
    const first = seen.get(name);
    if (first !== undefined) {
      const got = `${quote(name)} for columns ${first + 1} and ${index + 1}`;
      throw new InputError(`read ${source}`, "a different name for every column", got);
    }
    seen.set(name, index);
  }
}

/**
 * The column of a table that has this name.
 *
 * @throws InputError naming the nearest names where there is none
 * @example
 * ```ts
 * import { column, tableFromColumns } from "mixlens";
 * const table = tableFromColumns({ x: [1, 2], species: ["a", "b"] });
 * if (column(table, "species").kind !== "text") throw new Error("species should be text");
 * ```
 */
export function column(table: DataTable, name: string): Column {
  // Once for each table: there may be very many columns, each asked for.
  if (!places.has(table?.columns)) checkTable(table);
  checkArgument("find a column", "its name", name, text);
  const likely = table.columns[placesOf(table.columns).get(name) ?? -1];
  const found = likely?.name === name ? likely : table.columns.find((candidate) => candidate.name === name);
  if (found !== undefined) return found;
  const names = table.columns.map((candidate) => candidate.name);
  throw new InputError(
    `read ${table.source}`,
    `a column such as ${listed(nearest(name, names))}`,
    quote(name),
    table.line && noHeader(names),
  );
}

/** What to do about names that are no header: cells of a row, or all names as one. */
function noHeader(names: readonly string[]): string | undefined {
  if (names.every((name) => Number.isFinite(toNumber(name))))
    return "write a first line of names, for these are numbers";
  if (names.length > 1 || !/[,;:\t|^~]/.test(names[0])) return undefined;
  return "set separator (--separator) to what stands between the cells";
}

/** Where the columns of a table were, by name, when it was first asked: each of very many is found at once. */
function placesOf(columns: readonly Column[]): ReadonlyMap<string, number> {
  const known = places.get(columns);
  if (known !== undefined) return known;
  // The first of a name counts.
  const found = new Map(columns.map(({ name }, at) => [name, at] as const).toReversed());
  places.set(columns, found);
  return found;
}

const places = new WeakMap<readonly Column[], ReadonlyMap<string, number>>();
/** Refuses what is no table. */
export function checkTable(table: DataTable): void {
  checkArgument("read the table", "it", table, aTable);
}

const withValues = objectOf(
  { name: required(text), kind: required(oneOf(["numeric", "text"])), values: required(cells) },
  "a column",
);
const aColumn: Kind = { ...withValues, accepts: (value) => isCoded(value) || withValues.accepts(value) };
const aTable = objectOf(
  { rows: required(whole), columns: required(listOf(aColumn, "a list of columns")), source: required(text) },
  "a table such as toTable(…)",
);

/** Whether a value is a table. */
export function isTable(value: unknown): value is DataTable {
  return aTable.accepts(value);
}

/** A table of some rows of another, in their order. */
export function takeRows(table: DataTable, rows: Int32Array): DataTable {
  const { line, part, sourceRow = (row: number): number => row } = table;
  const taken = (column: Column): Column =>
    column.kind === "numeric" ? { ...column, values: takenNumbers(column.values, rows) } : takeText(column, rows);
  return shownTable({
    ...table,
    rows: rows.length,
    columns: table.columns.map(taken),
    ...(table.rowNames && { rowNames: taken(table.rowNames) }),
    ...(line && { line: (row) => line(rows[row]) }),
    ...(part && { part: (row) => part(rows[row]) }),
    sourceRow: (row) => sourceRow(rows[row]),
  });
}

/** Numbers at some places: an iterator would make as many objects. */
function takenNumbers(values: ArrayLike<number>, places: Int32Array): Float64Array {
  const taken = new Float64Array(places.length);
  for (let i = 0; i < taken.length; i++) taken[i] = values[places[i]];
  return taken;
}

/** A table that the console prints as one. */
export function shownTable(table: DataTable): DataTable {
  return printed(table, (own) => tableText(dataTable(own)));
}

/** Where a row (counted from 0) is in what was read, as errors say it: `row 7 (line 8)`, `row 7 of "b.csv" (line 8)`. */
export function place(table: DataTable, row: number): string {
  const part = table.part?.(row);
  const found = part === undefined ? rowNumber(table, row) : `${part.row + 1} of ${part.name}`;
  return `row ${found}${table.line === undefined ? "" : ` (line ${table.line(row)})`}`;
}

/** The number, from 1, that a row (counted from 0) has in what was read. */
export function rowNumber({ sourceRow }: DataTable, row: number): number {
  return (sourceRow?.(row) ?? row) + 1;
}
