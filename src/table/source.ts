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
  if (typeof source !== "object" || source === null) {
    const wanted = "the path of a file, a danfo frame, a list of row objects or an object of columns";
    throw new InputError("read the data", wanted, shown(source));
  }
  if (isFrame(source)) return tableFromFrame(source);
  return isTable(source) ? source : tableFromColumns(source as ColumnArrays);
}
