import { readOptions } from "../errors/options.ts";
import { shown } from "../errors/shown.ts";
import { InputError } from "../errors.ts";
import { type ColumnArrays, tableFromColumns } from "./columns.ts";
import { type Frame, isFrame, tableFromFrame } from "./frame.ts";
import { READ, type ReadOptions } from "./read-options.ts";
import { queryTable, readTable } from "./read-table.ts";
import { type RowObjects, tableFromRows } from "./rows.ts";
import { type DataTable, isTable } from "./table.ts";

/**
 * What data may be given as: the path of a file or a pattern of several (CSV, Parquet, JSON), a danfo frame, row objects, plain
 * columns, or a table already made.
 */
export type DataSource = string | Frame | RowObjects | ColumnArrays | DataTable;

/**
 * A table of whatever the data is given as.
 *
 * @param options how a file is read, as those of `readTable`; `sql` is for whatever is given
 * @throws InputError as `readTable`, `tableFromFrame`, `tableFromRows` and `tableFromColumns`, and for anything else
 * @example
 * ```ts
 * import { datasetPath, toTable } from "mixlens";
 * const iris = toTable(datasetPath("iris"));
 * if (iris.rows !== 150 || toTable(iris) !== iris) throw new Error("a table is its own table");
 * ```
 */
export function toTable(source: DataSource, options: ReadOptions = {}): DataTable {
  if (typeof source === "string") return readTable(source, options);
  const table = tableOf(source);
  const { sql } = readOptions("read the data", options, READ);
  return sql === undefined ? table : queryTable(() => table, table.source, sql);
}

function tableOf(source: Exclude<DataSource, string>): DataTable {
  if (Array.isArray(source)) return tableFromRows(source);
  if (typeof source !== "object" || source === null) throw noData(shown(source));
  if (isFrame(source)) return tableFromFrame(source);
  if (isTable(source)) return source;
  const odd = NO_COLUMNS.find(({ is }) => is(source));
  if (odd !== undefined) throw noData(odd.words, odd.next);
  return tableFromColumns(source as ColumnArrays);
}

function noData(got: string, next?: string): InputError {
  const wanted = "the path of a file, a danfo frame, a list of row objects or an object of columns";
  return new InputError("read the data", wanted, got, next);
}

/** What an object is, also of another context's classes. */
function tagOf(value: object): string {
  return Object.prototype.toString.call(value);
}

/** Objects that rows may be in, and that have no columns by name. */
const NO_COLUMNS: readonly {
  readonly is: (value: object) => boolean;
  readonly words: string;
  readonly next: string;
}[] = [
  { is: (value) => tagOf(value) === "[object Promise]", words: "a promise", next: "await it" },
  { is: (value) => tagOf(value) === "[object Map]", words: "a map", next: "Object.fromEntries makes columns of it" },
  {
    is: (value) => ArrayBuffer.isView(value),
    words: "bytes or numbers in a row",
    next: "parseCsv reads the text of a file",
  },
  {
    is: (value) => Symbol.iterator in value || Symbol.asyncIterator in value,
    words: "an iterator",
    next: "make a list of its rows",
  },
];
