/** A column of numbers; NaN marks a missing value. */
export interface NumericColumn {
  readonly name: string;
  readonly kind: "numeric";
  readonly values: Float64Array;
}

/** A column of text; null marks a missing value. */
export interface TextColumn {
  readonly name: string;
  readonly kind: "text";
  readonly values: readonly (string | null)[];
}

/** One named column of a data table. */
export type Column = NumericColumn | TextColumn;
