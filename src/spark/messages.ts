import type { SparkAddress } from "./address.ts";

/** What a function is run over: numbers from 0, or blocks of bytes with theirs. */
export type Input =
  | { readonly count: number; readonly partitions?: number | undefined }
  | { readonly numbers: readonly number[]; readonly blocks: readonly Uint8Array[] };

/** A function of `mixlens_spark.py`, and what it is told. */
export interface Call {
  readonly name: "listing" | "keeping" | "summing" | "looking";
  readonly task: object;
  readonly over: Input;
}

/** What a function has found, and its number, such as that of the block it was found of. */
export interface Found {
  readonly number: number;
  readonly found: Uint8Array;
}

/** What the client of Spark is asked for. */
export type Request =
  /** To begin a session, and for its version. */
  | { readonly ask: "open"; readonly address: SparkAddress }
  /** For what the session is set to. */
  | { readonly ask: "setting"; readonly key: string }
  /** To run a function on the executors. */
  | { readonly ask: "run"; readonly call: Call }
  /** To interrupt whatever runs, and to end the session. */
  | { readonly ask: "close" };

/** Why there is no answer. */
export type Fault =
  /** Nobody answers, or not as Spark would. */
  | { readonly fault: "connection"; readonly message: string }
  /** Spark's own words. */
  | { readonly fault: "engine"; readonly message: string }
  /** What a function refused on an executor: what was expected, what was got, and what to do. */
  | { readonly fault: "executor"; readonly parts: readonly [string, string, string] };

/** What is answered where nothing is wrong. */
export interface Answer {
  readonly text?: string;
  readonly rows?: readonly Found[];
}

export type Reply = Answer | Fault;
