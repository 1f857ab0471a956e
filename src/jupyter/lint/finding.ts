/** What is wrong with a cell, and what to write instead. */
export interface Finding {
  /** Counted as brackets show it: from 1, without text and empty cells. */
  readonly cell: number;
  /** From 1; of outputs, 1. */
  readonly line: number;
  readonly rule: Rule;
  readonly message: string;
}

export type Rule =
  | "syntax"
  | "browser-cell"
  | "taken-name"
  | "redeclared-name"
  | "floating-promise"
  | "object-as-block"
  | "unrepeatable"
  | "unexecuted"
  | "out-of-order"
  | "untagged-error"
  | "promise-output"
  | "local-path"
  | "large-output";

export interface LintOptions {
  /** Bytes of an output at the most, as the file holds it. */
  readonly largest: number;
}
