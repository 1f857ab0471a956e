import { checkArgument } from "../errors/arguments.ts";
import { isObject, type Kind } from "../errors/kinds.ts";
import { shown } from "../errors/shown.ts";
import { InputError } from "../errors.ts";
import { columnOf } from "./columns.ts";
import { type DataTable, makeTable } from "./table.ts";

/** Rows as objects: the cells of each by the names of its columns. */
export type RowObjects = readonly Readonly<Record<string, unknown>>[];

const aList: Kind = { wanted: "a list of objects", accepts: Array.isArray };

/**
 * A table of rows as objects: `[{ x: 1, species: "a" }, { x: 2, species: "b" }]`.
 *
 * There is a column for every name, in the order in which they come; a row without it misses the value. Cells are read as
 * `tableFromColumns` reads them.
 *
 * @throws InputError naming the row that is no object, and as `tableFromColumns`
 * @example
 * ```ts
 * import { tableFromRows } from "mixlens";
 * const table = tableFromRows([{ x: 1, species: "a" }, { x: null }]);
 * if (table.rows !== 2 || table.columns[1].values[1] !== null) throw new Error("the second row has no species");
 * ```
 */
export function tableFromRows(rows: RowObjects): DataTable {
  const source = "the rows";
  checkArgument(`read ${source}`, "them", rows, aList);
  const names = new Set<string>();
  for (const [index, row] of rows.entries()) {
    if (!isObject(row) || Array.isArray(row) || ArrayBuffer.isView(row)) {
      throw new InputError(`read ${source}`, "an object for every row", `${shown(row)} at row ${index + 1}`);
    }
    for (const name of Object.keys(row)) names.add(name);
  }
  const cellsOf = (name: string): unknown[] => rows.map((row) => (Object.hasOwn(row, name) ? row[name] : null));
  return makeTable(
    Array.from(names, (name) => columnOf(name, cellsOf(name), source)),
    source,
  );
}
