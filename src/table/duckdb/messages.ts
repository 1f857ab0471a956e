import type { Batch, BatchColumn, SourceColumn } from "../batch.ts";

/** What the thread of DuckDB is asked for. */
export type Request =
  /** To run statements of the package's own. */
  | { readonly ask: "run"; readonly sql: string }
  /** To fill a table that there is. */
  | { readonly ask: "fill"; readonly table: string; readonly rows: number; readonly columns: readonly BatchColumn[] }
  /** To begin a query; the one before is given up. */
  | { readonly ask: "open"; readonly sql: string }
  /** For the next rows of the query; numbers that nobody reads any more make room for them. */
  | { readonly ask: "next"; readonly room: readonly Float64Array<ArrayBuffer>[] }
  | { readonly ask: "close" };

/** Why there is no answer. */
export type Fault =
  /** The package can't be loaded on this machine. */
  | { readonly fault: "package"; readonly message: string }
  /** DuckDB's own words. */
  | { readonly fault: "engine"; readonly message: string }
  /** Not one query, but so many, or a statement that gives no rows. */
  | { readonly fault: "statement"; readonly count: number }
  /** A value that is none of a table; its row is counted from 0. */
  | { readonly fault: "value"; readonly column: number; readonly row: number; readonly got: string };

/** What the thread of DuckDB answers, where nothing is wrong: the columns of a query that was begun, or its next rows. */
export interface Answer {
  readonly columns?: readonly SourceColumn[];
  /** Absent where there are no more. */
  readonly batch?: Batch;
}

/** What it says of a request. */
export type Reply = Answer | Fault;
