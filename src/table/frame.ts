import { checkArgument } from "../errors/arguments.ts";
import { InputError, quote } from "../errors.ts";
import { columnOf } from "./columns.ts";
import { type DataTable, makeTable } from "./table.ts";

/** A danfo DataFrame or Series, known by its structure: danfo itself is never imported. */
export interface Frame {
  readonly $isSeries: boolean;
}

/** Whether a value is a danfo DataFrame or Series. */
export function isFrame(value: unknown): value is Frame {
  return typeof value === "object" && value !== null && Object.hasOwn(value, "$isSeries");
}

/**
 * A table of a danfo DataFrame, or of a Series as its one column.
 *
 * The cells decide what is numeric, not danfo's dtypes, which look at the first 20 only: numbers are kept at full
 * precision, true and false and dates become text, null, undefined and NaN are missing.
 *
 * @throws InputError for a frame without rows, and as `tableFromColumns`
 * @example
 * ```ts
 * import { tableFromFrame } from "mixlens";
 * import { DataFrame } from "danfojs-node";
 * const table = tableFromFrame(new DataFrame({ x: [1, 2], species: ["a", "b"] }));
 * if (table.rows !== 2 || table.columns[0].kind !== "numeric") throw new Error("2 rows, x numeric");
 * ```
 */
export function tableFromFrame(frame: Frame): DataTable {
  checkArgument("read the frame", "it", frame, { wanted: "a danfo DataFrame or Series", accepts: isFrame });
  const source = frame.$isSeries ? "the series" : "the frame";
  const names = stored(frame, "$columns", source).map(String);
  const data = stored(frame, "$data", source);
  const rows = frame.$isSeries
    ? data.map((cell) => [cell])
    : data.map((row, index) => cellsOf(row, index, names.length));
  const columns = names.map((name, index) => {
    const cells = rows.map((row) => row[index]);
    return columnOf(name, cells, source);
  });
  return makeTable(columns, source);
}

// danfo's rows are read where it keeps them: its copy by columns may hold a Series in place of an array, its public
// properties give way to columns of the same name (shape, values), and so does this one to a column named "$data".
function stored(frame: Frame, property: "$columns" | "$data", source: string): readonly unknown[] {
  const value: unknown = Object.getOwnPropertyDescriptor(frame, property)?.value;
  if (Array.isArray(value)) return value;
  if (property === "$columns" && typeof value === "string") return [value];
  const next = "rename that column or pass plain columns";
  throw new InputError(`read ${source}`, "column names other than danfo's own fields", quote(property), next);
}

function cellsOf(row: unknown, index: number, count: number): readonly unknown[] {
  if (Array.isArray(row) && row.length === count) return row;
  const got = `${Array.isArray(row) ? row.length : "no array of cells"} in row ${index + 1}`;
  throw new InputError("read the frame", `${count} cell${count === 1 ? "" : "s"} in every row`, got);
}
