import { tallyOf } from "./coded-text.ts";
import type { Column } from "./column.ts";

// What any source of rows gives: its columns, and their values some rows at a time. A table is made of all of them
// (stack.ts); what needs each row once can take them as they come.

/** How the values of a column come to be numbers or text; `"other"` can't. */
export type ColumnClass = "numbers" | "text" | "true and false" | "dates" | "other";

/** A column of a source of rows. */
export interface SourceColumn {
  readonly name: string;
  readonly is: ColumnClass;
  /** Type as the source writes it: `DECIMAL(4,2)`. */
  readonly type: string;
  /** Whether it may turn out to have no value at all, and thereby no type. */
  readonly mayBeEmpty?: boolean;
}

/** Values of a column for some rows: numbers, NaN where one is missing, or texts by their place in a list, -1 where one is. */
export type BatchColumn =
  | { readonly kind: "numeric"; readonly values: Float64Array<ArrayBuffer> }
  | { readonly kind: "text"; readonly codes: Int32Array<ArrayBuffer>; readonly labels: readonly string[] };

/** Some rows of a source. */
export interface Batch {
  readonly rows: number;
  readonly columns: readonly BatchColumn[];
}

/** Rows that are read as they come. */
export interface Rows {
  readonly columns: readonly SourceColumn[];
  /**
   * The next rows; nothing where there are no more.
   *
   * @param done rows that nobody reads any more: their room is filled anew
   */
  readonly next: (done?: Batch) => Batch | undefined;
}

/** The values of a column. */
export function batchOf(column: Column): BatchColumn {
  if (column.kind === "numeric") return { kind: "numeric", values: Float64Array.from(column.values) };
  const { levels, codes } = tallyOf(column);
  return { kind: "text", codes: Int32Array.from(codes), labels: levels };
}

/** Whether no row has a value. */
export function isEmpty(column: BatchColumn): boolean {
  return column.kind === "numeric" ? column.values.every(Number.isNaN) : column.labels.length === 0;
}
