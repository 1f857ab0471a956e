import { LARGEST } from "../errors/kinds.ts";
import { InputError, quote } from "../errors.ts";
import { numericColumn } from "../table/numeric.ts";
import { type DataTable, place } from "../table/table.ts";

/** Squares of only smaller numbers vanish. */
const SMALLEST = 1e-50;

/**
 * The numbers of a column that sums of squares can be made of.
 *
 * @throws InputError as `numericColumn`, and for numbers too large, or all too small, to be squared
 */
export function scaledColumn(table: DataTable, name: string): Float64Array {
  const values = numericColumn(table, name);
  const large = values.findIndex((value) => Math.abs(value) > LARGEST);
  if (large >= 0) throw outOfScale(table, name, `${values[large]} at ${place(table, large)}`);
  const size = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  if (size > 0 && size < SMALLEST) throw outOfScale(table, name, `none above ${Number(size.toPrecision(3))}`);
  return values;
}

function outOfScale(table: DataTable, name: string, got: string): InputError {
  const expected = `numbers of a size from ${SMALLEST} to ${LARGEST} in column ${quote(name)}`;
  return new InputError(`read ${table.source}`, expected, got, "give them in another unit");
}
