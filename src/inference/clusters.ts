import { InputError, quote } from "../errors.ts";
import { type FitRows, tableOfFit, type Whole } from "../fit/fitted.ts";
import { changesWithin, unitColumn } from "../frame/groups.ts";
import type { Observations } from "../rows/observations.ts";
import { firstRows } from "../rows/units.ts";

/** Clusters of units: the number of each unit's, from 0, and how many there are. */
export interface Clusters {
  readonly of: Int32Array;
  readonly count: number;
}

/**
 * The clusters that the units of a fit belong to: units whose rows have the same value of a column.
 *
 * @throws InputError for an unknown column, a blank cell, a single cluster, and one that cuts a group
 */
export function clustersOf(
  act: string,
  fitted: Whole,
  rows: FitRows | undefined,
  { units }: Observations,
  column: string,
): Clusters {
  const ofRows = unitColumn(tableOfFit(act, fitted, rows), column);
  const cut = units === undefined ? -1 : changesWithin(ofRows, units);
  if (units !== undefined && cut >= 0) {
    const got = `${quote(column)} with two values within one, at row ${cut + 1}`;
    throw new InputError(act, `clusters of whole groups of ${quote(fitted.formula.group)}`, got);
  }
  const of = units === undefined ? ofRows : Int32Array.from(firstRows(units), (row) => ofRows[row]);
  const count = of.reduce((most, cluster) => Math.max(most, cluster), -1) + 1;
  if (count > 1) return { of, count };
  throw new InputError(act, `two clusters or more in column ${quote(column)}`, "one");
}
