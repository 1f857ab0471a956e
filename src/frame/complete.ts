import { quote } from "../errors.ts";
import { type MissingRows, missingRows, refuseMissing, withoutRows } from "../table/missing.ts";
import type { DataTable } from "../table/table.ts";

/** What may be done about rows with missing values: refuse the table, or leave them out. */
export const MISSING = ["refuse", "drop"] as const;

/** What is done about rows with missing values. */
export type Missing = (typeof MISSING)[number];

/** The rows of a table that have all values that are asked for, and those that were left out. */
export interface Complete {
  readonly table: DataTable;
  readonly dropped: MissingRows;
}

/**
 * The rows of a table that have a value in each of these columns.
 *
 * @param missing what is done about the others
 * @throws InputError where they are refused, naming the first, and where all are left out
 */
export function completeRows(table: DataTable, names: readonly string[], missing: Missing = "refuse"): Complete {
  const dropped = missingRows(table, names);
  if (missing === "refuse") {
    const them = dropped.rows.length === 1 ? "it" : "them";
    const rows = dropped.rows.length === 1 ? "this row" : "these rows";
    refuseMissing(table, dropped, `fill ${them} in, or leave ${rows} out with missing: "drop" (--missing drop)`);
  }
  return { table: withoutRows(table, dropped), dropped };
}

/** Which rows were left out, in a sentence; in none where none were. */
export function droppedInWords({ count, of, columns }: MissingRows): readonly string[] {
  if (count === 0) return [];
  const named = columns.slice(0, 5).map(({ column, rows }) => `${rows} in ${quote(column)}`);
  const more = columns.length > 5 ? [`some in ${columns.length - 5} more columns`] : [];
  return [`Left out for missing values: ${count} of ${of} rows (${[...named, ...more].join(", ")}).`];
}
