import { InputError, quote } from "../errors.ts";
import type { Design } from "../rows/observations.ts";
import { unitNumbers } from "../rows/units.ts";
import { isAmbiguous, tooLarge } from "../table/labels.ts";
import { column, type DataTable, place } from "../table/table.ts";

/**
 * The number of the unit that each row belongs to, from 0 in the order of the first rows: rows with the same value of a
 * column, a text or a number, are of one unit.
 *
 * @throws InputError naming the row for a blank cell
 */
export function unitColumn(table: DataTable, name: string): Int32Array {
  return unitNumbers(groupNames(table, name));
}

/**
 * What the unit of each row is called.
 *
 * @throws InputError naming the row for a blank cell, and for a number so large that it may be another's
 */
export function groupNames(table: DataTable, name: string): readonly string[] {
  const { values } = column(table, name);
  return Array.from({ length: table.rows }, (_, row) => {
    const cell = values[row];
    if (cell === null || cell === "" || Number.isNaN(cell)) {
      const wanted = `a group in every row of column ${quote(name)}`;
      throw new InputError(`read ${table.source}`, wanted, `a blank at ${place(table, row)}`);
    }
    if (isAmbiguous(cell)) throw tooLarge(table, name, row);
    return String(cell);
  });
}

/** The first row where a column is another than in the first row of its unit; -1 where there is none. */
export function changesWithin(values: ArrayLike<unknown>, units: Int32Array): number {
  const first = new Map<number, unknown>();
  return units.findIndex((unit, row) => {
    if (!first.has(unit)) first.set(unit, values[row]);
    return !Object.is(first.get(unit), values[row]);
  });
}

/**
 * Refuses columns of the gate, and weights, that are not the same in all rows of a unit.
 *
 * @param at what errors call a row
 */
export function checkUnits(
  at: (row: number) => string,
  group: string,
  units: Int32Array,
  gate: Design,
  weights: { readonly name: string; readonly values: Float64Array } | undefined,
): void {
  const refuse = (what: string, name: string, values: Float64Array, next: string): void => {
    const row = changesWithin(values, units);
    if (row < 0) return;
    const before = units.indexOf(units[row]);
    const got = `${quote(name)} with ${values[before]} at ${at(before)} and ${values[row]} at ${at(row)}`;
    throw new InputError(
      "read the groups",
      `${what} that are the same in all rows with one ${quote(group)}`,
      got,
      next,
    );
  };
  gate.values.forEach(
    (values, j) => void refuse("columns of the gate", gate.columns[j], values, "leave it out of the gate's"),
  );
  if (weights) refuse("weights", weights.name, weights.values, "weigh whole groups");
}
