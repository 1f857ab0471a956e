import { checkArgument } from "../errors/arguments.ts";
import { objectOf } from "../errors/kinds.ts";
import { InputError, quote } from "../errors.ts";
import { isMissing, isMissingNumber, toNumber } from "./cell.ts";
import type { Column } from "./column.ts";
import { asNumbers } from "./notation.ts";
import { type DataTable, makeTable } from "./table.ts";

/** Plain columns: arrays or typed arrays of numbers or text, by name. */
export type ColumnArrays = Readonly<Record<string, ArrayLike<unknown> & object>>;

/**
 * A table of plain columns: `{ x: [1, 2], species: ["a", "b"] }`.
 *
 * Columns of numbers, or of percentages such as "12.3%", are numeric; a column with any text, true or false, or date in it is
 * text, also where the text is digits. Whole numbers of more than 2^53, given as BigInts, are rounded to the number next to them. Missing are null, undefined, NaN and the text cells that `readCsv` takes as missing. Values are copied.
 *
 * @throws InputError for no columns, no rows, columns of different lengths, and cells that are neither number nor text
 * @example
 * ```ts
 * import { tableFromColumns } from "mixlens";
 * const table = tableFromColumns({ x: new Float64Array([1, 2]), species: ["a", null] });
 * if (table.rows !== 2 || table.columns[1].kind !== "text") throw new Error("2 rows, text in the second column");
 * ```
 */
export function tableFromColumns(columns: ColumnArrays): DataTable {
  const source = "the columns";
  checkArgument(`read ${source}`, "them", columns, objectOf({}, "an object of arrays"));
  return makeTable(
    Object.entries(columns).map(([name, values]) => {
      if (isArray(values)) return columnOf(name, values, source);
      const got = `${kindOf(values)} for ${quote(name)}`;
      throw new InputError(`read ${source}`, "an array for every column", got);
    }),
    source,
  );
}

/** A column of the cells of an array: numeric unless there is text among them. */
export function columnOf(name: string, cells: ArrayLike<unknown>, source: string): Column {
  const values = new Float64Array(cells.length);
  let isNumbers = true;
  let hasNumber = false;
  for (let row = 0; row < cells.length; row++) {
    const value = numeric(cells[row]);
    if (value === undefined) return textOf(name, cells, source);
    values[row] = value;
    if (!Number.isNaN(value)) hasNumber = true;
    else if (typeof cells[row] === "string" && !isMissing(cells[row] as string)) isNumbers = false;
  }
  return isNumbers || hasNumber ? { name, kind: "numeric", values } : textOf(name, cells, source);
}

function textOf(name: string, cells: ArrayLike<unknown>, source: string): Column {
  const values = Array.from(cells, (cell, row) => {
    if (typeof cell === "string") return isMissing(cell) ? null : cell;
    if (cell === null || cell === undefined || Number.isNaN(cell)) return null;
    if (typeof cell === "number" || typeof cell === "boolean" || typeof cell === "bigint") return String(cell);
    if (cell instanceof Date) return Number.isNaN(cell.getTime()) ? null : cell.toISOString();
    const got = `${kindOf(cell)} at row ${row + 1}`;
    throw new InputError(`read ${source}`, `numbers or text in column ${quote(name)}`, got);
  });
  // Digits given as text may be used as numbers, and a dash among them is none.
  const isDigits = values.every((cell) => cell === null || isMissingNumber(cell) || !Number.isNaN(toNumber(cell)));
  const hasDigits = isDigits && values.some((cell) => cell !== null && !isMissingNumber(cell));
  if (!hasDigits) return asNumbers({ name, kind: "text", values }, false);
  return { name, kind: "text", values: values.map((cell) => (cell !== null && isMissingNumber(cell) ? null : cell)) };
}

function numeric(cell: unknown): number | undefined {
  if (typeof cell === "number") return cell;
  if (cell === null || cell === undefined) return Number.NaN;
  if (typeof cell === "string") return isMissingNumber(cell) ? Number.NaN : undefined;
  // The number next to it, as files have it: of more than 2⁵³ it may be another's, too, which those that name things are refused for.
  return typeof cell === "bigint" ? Number(cell) : undefined;
}

function isArray(value: unknown): value is ArrayLike<unknown> {
  return Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView));
}

function kindOf(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (Array.isArray(value)) return "an array";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}
