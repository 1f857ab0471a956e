import { shown } from "../errors/shown.ts";
import { InputError } from "../errors.ts";
import { type ColumnArrays, tableFromColumns } from "./columns.ts";
import { readCsv } from "./csv.ts";
import { type Frame, isFrame, tableFromFrame } from "./frame.ts";
import { type DataTable, isTable } from "./table.ts";

/** What data may be given as: the path of a CSV file, a danfo frame, plain columns, or a table already made. */
export type DataSource = string | Frame | ColumnArrays | DataTable;

/**
 * A table of whatever the data is given as.
 *
 * @throws InputError as `readCsv`, `tableFromFrame` and `tableFromColumns`, and for anything else
 * @example
 * ```ts
 * import { datasetPath, toTable } from "mixlens";
 * const iris = toTable(datasetPath("iris"));
 * if (iris.rows !== 150 || toTable(iris) !== iris) throw new Error("a table is its own table");
 * ```
 */
export function toTable(source: DataSource): DataTable {
  if (typeof source === "string") return readCsv(source);
  if (typeof source !== "object" || source === null || Array.isArray(source)) throw noData(source);
  if (isFrame(source)) return tableFromFrame(source);
  return isTable(source) ? source : tableFromColumns(source);
}

function noData(source: unknown): InputError {
  return new InputError(
    "read the data",
    "the path of a CSV file, a danfo frame or an object of columns",
    Array.isArray(source) ? "an array" : shown(source),
    Array.isArray(source) ? "for rows of objects write { x: rows.map((row) => row.x) }" : undefined,
  );
}
