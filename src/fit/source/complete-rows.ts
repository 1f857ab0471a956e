import type { Formula } from "../../frame/formula.ts";
import { columnsNeeded } from "../../frame/observe.ts";
import type { TableBatches } from "../../table/batches.ts";
import { missingRows, rowsBeside } from "../../table/missing.ts";
import { type DataTable, takeRows } from "../../table/table.ts";
import { alike } from "./alike.ts";

/**
 * Visits the rows of a source that have a value in every column of a formula, some at a time.
 *
 * @param sketch some of its rows
 * @remarks cost: the source is read once
 */
export function eachComplete(
  { each }: TableBatches,
  sketch: DataTable,
  formula: Formula,
  visit: (table: DataTable) => void,
): void {
  const needed = columnsNeeded(sketch, formula, true);
  const kinds = new Map(sketch.columns.map(({ name, kind }) => [name, kind]));
  each((given) => {
    const all = alike(given, kinds, needed);
    const gaps = missingRows(all, needed);
    if (gaps.count < all.rows) visit(gaps.count === 0 ? all : takeRows(all, rowsBeside(gaps)));
  });
}
