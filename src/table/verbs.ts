import { checkArgument } from "../errors/arguments.ts";
import { callable, columnNames, type Kind, wholeFrom } from "../errors/kinds.ts";
import { InputError } from "../errors.ts";
import { missingRows, withoutRows } from "./missing.ts";
import { type DataSource, toTable } from "./source.ts";
import { column, type DataTable, shownTable, takeRows } from "./table.ts";

const count: Kind<number> = wholeFrom(1);

/** A row's cells by the names of their columns: numbers, NaN where one is missing, and texts, null where one is. */
export type Row = Readonly<Record<string, number | string | null>>;

/**
 * The first rows of data.
 *
 * @param n how many at the most; default 6
 * @throws InputError as `toTable`
 * @example
 * ```ts
 * import { datasetPath, head } from "mixlens";
 * const first = head(datasetPath("iris"), 3);
 * console.log(first);
 * if (first.rows !== 3) throw new Error("three irises");
 * ```
 */
export function head(data: DataSource, n: number = 6): DataTable {
  const table = toTable(data);
  checkArgument("take the first rows", "n", n, count);
  return takeRows(
    table,
    Int32Array.from({ length: Math.min(n, table.rows) }, (_, row) => row),
  );
}

/**
 * The rows of data that pass a test.
 *
 * @param keep takes the cells of a row by name, and says whether it stays: a missing number is NaN, a missing text null
 * @throws InputError as `toTable`, and where no row passes
 * @example
 * ```ts
 * import { datasetPath, filter } from "mixlens";
 * const large = filter(datasetPath("iris"), (row) => row.species === "virginica" && Number(row.petal_length) > 6);
 * if (large.rows !== 9) throw new Error(String(large.rows));
 * ```
 */
export function filter(data: DataSource, keep: (row: Row) => unknown): DataTable {
  const table = toTable(data);
  checkArgument("filter rows", "the test", keep, callable);
  const kept: number[] = [];
  for (let row = 0; row < table.rows; row++) {
    const cells = table.columns.map(({ name, values }) => [name, values[row]] as const);
    if (keep(Object.fromEntries(cells))) kept.push(row);
  }
  if (kept.length > 0) return takeRows(table, Int32Array.from(kept));
  throw new InputError("filter rows", "a row that passes the test", `none of ${table.rows}`);
}

/**
 * The columns of data that have these names, in this order.
 *
 * @throws InputError as `toTable`, for a name that there is not, with the nearest ones, and for one that comes twice
 * @example
 * ```ts
 * import { datasetPath, selectColumns } from "mixlens";
 * const { columns } = selectColumns(datasetPath("iris"), ["species", "petal_width"]);
 * if (columns[0].name !== "species" || columns.length !== 2) throw new Error("two columns");
 * ```
 */
export function selectColumns(data: DataSource, names: string | readonly string[]): DataTable {
  const table = toTable(data);
  checkArgument("select columns", "names", names, columnNames);
  const selected = [names].flat();
  const twice = selected.find((name, at) => selected.indexOf(name) !== at);
  if (twice !== undefined) throw new InputError("select columns", "each name once", `${JSON.stringify(twice)} twice`);
  if (selected.length === 0) throw new InputError("select columns", "at least one name", "none");
  return shownTable({ ...table, columns: selected.map((name) => column(table, name)) });
}

/**
 * The rows of data that miss no value.
 *
 * @param names columns that must have one; default: all
 * @throws InputError as `toTable`, for a name that there is not, and where every row misses a value
 * @example
 * ```ts
 * import { dropMissing, parseCsv } from "mixlens";
 * const table = parseCsv("x,note\n1,NA\nNA,a\n3,b\n");
 * if (dropMissing(table).rows !== 1 || dropMissing(table, ["x"]).rows !== 2) throw new Error("one whole row, two with x");
 * ```
 */
export function dropMissing(data: DataSource, names?: string | readonly string[]): DataTable {
  const table = toTable(data);
  if (names !== undefined) checkArgument("drop rows", "names", names, columnNames);
  const asked = names === undefined ? table.columns.map(({ name }) => name) : [names].flat();
  for (const name of asked) column(table, name);
  return withoutRows(table, missingRows(table, asked));
}
