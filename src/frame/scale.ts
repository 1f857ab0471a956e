import { LARGEST } from "../errors/kinds.ts";
import { InputError, quote } from "../errors.ts";
import { numericColumn } from "../table/numeric.ts";
import { column, type DataTable, place } from "../table/table.ts";

/** Squares of only smaller numbers vanish. */
const SMALLEST = 1e-50;

/**
 * The numbers of a column that sums of squares can be made of.
 *
 * @throws InputError as `numericColumn`, and for numbers too large, or all too small, to be squared
 */
export function scaledColumn(table: DataTable, name: string): Float64Array {
  const found = column(table, name);
  const values = found.kind === "numeric" ? found.values : numericColumn(table, name);
  let size = 0;
  for (let row = 0; row < values.length; row++) {
    const magnitude = Math.abs(values[row]);
    if (magnitude > size) size = magnitude;
    if (magnitude <= LARGEST) continue;
    // What is missing or infinite is said first, wherever it is.
    numericColumn(table, name);
    throw outOfScale(table, name, `${values[row]} at ${place(table, row)}`);
  }
  if (size > 0 && size < SMALLEST) throw outOfScale(table, name, `none above ${Number(size.toPrecision(3))}`);
  return values;
}

function outOfScale(table: DataTable, name: string, got: string): InputError {
  const expected = `numbers of a size from ${SMALLEST} to ${LARGEST} in column ${quote(name)}`;
  return new InputError(`read ${table.source}`, expected, got, "give them in another unit");
}
