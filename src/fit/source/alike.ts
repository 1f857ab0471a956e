import { InputError, quote } from "../../errors.ts";
import { codedText, rowsOf } from "../../table/coded-text.ts";
import type { Column } from "../../table/column.ts";
import { type DataTable, place, shownTable } from "../../table/table.ts";

/**
 * A table of some rows whose columns are numbers or text as they are in others.
 *
 * @param kinds what columns are; what is not known yet is what it is here, and known then
 * @param needed the columns that are kept
 * @throws InputError for a column that is of the other kind
 */
export function alike(table: DataTable, kinds: Map<string, Column["kind"]>, needed: readonly string[]): DataTable {
  const columns = table.columns
    .filter(({ name }) => needed.includes(name))
    .map((column): Column => {
      const { name, kind } = column;
      // A column without any value in these rows may be of either kind.
      const isEmpty = kind === "numeric" && column.values.every(Number.isNaN);
      const wanted = kinds.get(name);
      if (wanted === undefined && !isEmpty) kinds.set(name, kind);
      if (wanted === undefined || wanted === kind) return column;
      if (isEmpty) return codedText(name, [], new Int32Array(rowsOf(column)).fill(-1));
      const [here, elsewhere] = kind === "text" ? ["text", "numbers"] : ["numbers", "text"];
      const next = "make them one kind, such as by a query (sql, --sql) that casts the column";
      const got = `${here} from ${place(table, 0)} on`;
      throw new InputError(`read ${table.source}`, `${elsewhere} in column ${quote(name)}, as elsewhere`, got, next);
    });
  return shownTable({ ...table, columns });
}
