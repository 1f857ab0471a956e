import { InputError, quote } from "../errors.ts";
import { toNumber } from "./cell.ts";
import { cellAt, numbersOf, textsOf } from "./coded-text.ts";
import type { TextColumn } from "./column.ts";
import { adviceOn, foreignNumber, hasDecimalCommas } from "./foreign-number.ts";
import { missingRows, refuseMissing } from "./missing.ts";
import { column, type DataTable, place } from "./table.ts";

/**
 * The numbers of a column, one for each row; not a copy where the column is numeric.
 *
 * @throws InputError naming column and row for an unknown column, text, infinite numbers and missing values
 * @example
 * ```ts
 * import { numericColumn, tableFromColumns } from "mixlens";
 * const x = numericColumn(tableFromColumns({ x: [1, 2.5], species: ["a", "b"] }), "x");
 * if (x[1] !== 2.5) throw new Error("the second x is 2.5");
 * ```
 */
export function numericColumn(table: DataTable, name: string): Float64Array {
  const found = column(table, name);
  const values = found.kind === "numeric" ? found.values : parsed(table, found);
  for (let row = 0; row < values.length; row++) {
    if (Number.isFinite(values[row])) continue;
    refuseInfinite(table, name, values);
    refuseMissing(table, missingRows(table, [name]));
  }
  return values;
}

function refuseInfinite(table: DataTable, name: string, values: Float64Array): void {
  const infinite = values.findIndex((value) => Math.abs(value) === Number.POSITIVE_INFINITY);
  if (infinite >= 0) throw notFinite(table, name, String(values[infinite]), infinite);
}

/**
 * The numbers of a column of text, NaN for those missing; the first cell that holds none is refused, with what to do
 * `otherwise` where it is no number that is written elsewhere, either.
 */
export function parsed(table: DataTable, column: TextColumn, otherwise?: string): Float64Array {
  const numbers = numbersOf(column, toNumber)!;
  for (let row = 0; row < numbers.length; row++) {
    if (!Number.isNaN(numbers[row])) continue;
    const cell = cellAt(column, row);
    if (typeof cell !== "string") continue;
    const foreign = foreignNumber(cell, hasDecimalCommas(textsOf(column)));
    const next = foreign === undefined ? otherwise : adviceOn(foreign, table.line !== undefined);
    throw notFinite(table, column.name, quote(cell), row, next);
  }
  return numbers;
}

function notFinite(table: DataTable, name: string, found: string, row: number, next?: string): InputError {
  const expected = `a finite number in column ${quote(name)}`;
  return new InputError(`read ${table.source}`, expected, `${found} at ${place(table, row)}`, next);
}
