import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Answering, answeringThread } from "../../compute/answering-thread.ts";
import { installing, optionalPackage } from "../../errors/optional-package.ts";
import { InputError, quote, WorkFailure } from "../../errors.ts";
import type { Batch, BatchColumn, ColumnClass, Rows, SourceColumn } from "../batch.ts";
import { FETCH } from "../read-bytes.ts";
import type { Answer, Fault, Reply, Request } from "./messages.ts";
import { type ThreadData, threadProgram } from "./program.ts";
import { quoteName } from "./quote.ts";

const PACKAGE = "@duckdb/node-api";

/** What is asked of DuckDB, for the sentence that says why it can't be had. */
export interface Purpose {
  /** What can't be done, as a verb phrase. */
  readonly act: string;
  /** What would have been right. */
  readonly wanted: string;
  /** What errors call a row of the query, counted from 0. */
  readonly at: (row: number) => string;
  /** What the rows are selected from in a query that does without a value. */
  readonly from: string;
}

/** A database in memory, for as long as something is read. */
export interface Session {
  /** Runs statements of the package's own. */
  readonly run: (sql: string, purpose: Purpose) => void;
  /** Fills a table that there is. */
  readonly fill: (table: string, rows: number, columns: readonly BatchColumn[], purpose: Purpose) => void;
  /** Begins a query, the only statement of its text; the one before ends. */
  readonly open: (sql: string, purpose: Purpose) => Rows;
}

/**
 * Opens a database in memory, hands it out, and closes it.
 *
 * DuckDB answers in a turn of the event loop, and a fit is one call: so it has a thread, for whose answer the caller waits. It
 * takes one core, so that a query gives the same rows in the same order on every machine, and it installs and loads nothing.
 *
 * @param act what needs it, as a verb phrase
 * @throws InputError where the package was left out of the installation, and for what DuckDB refuses
 */
export function withDuckDb<T>(act: string, use: (session: Session) => T): T {
  const call = startThread(act, optionalPackage(act, PACKAGE));
  const ask = (request: Request, purpose: Purpose): Answer => {
    const reply = call(request);
    if (!("fault" in reply)) return reply;
    throw refusal(purpose, reply, request.ask === "next" ? columns : []);
  };
  let columns: readonly SourceColumn[] = [];
  try {
    return use({
      run: (sql, purpose) => void ask({ ask: "run", sql }, purpose),
      fill: (table, rows, columns, purpose) => void ask({ ask: "fill", table, rows, columns }, purpose),
      open: (sql, purpose) => {
        ({ columns = [] } = ask({ ask: "open", sql }, purpose));
        return { columns, next: (done) => ask({ ask: "next", room: numbersOf(done) }, purpose).batch };
      },
    });
  } finally {
    call({ ask: "close" });
  }
}

/** The arrays of numbers of a batch. */
function numbersOf(batch: Batch | undefined): readonly Float64Array<ArrayBuffer>[] {
  return batch?.columns.flatMap((column) => (column.kind === "numeric" ? [column.values] : [])) ?? [];
}

const SETTINGS = {
  threads: "1",
  preserve_insertion_order: "true",
  autoinstall_known_extensions: "false",
  autoload_known_extensions: "false",
  allow_community_extensions: "false",
};

/** The thread that was asked last: an interrupt of a notebook may have ended whoever waited for it. */
let last: { readonly close: () => void } | undefined;

/** Starts the thread; what it is asked is answered before the call returns. */
function startThread(act: string, file: string): (request: Request) => Reply {
  last?.close();
  // Where DuckDB keeps what does not fit into memory, if it must.
  const settings = { ...SETTINGS, temp_directory: join(tmpdir(), `mixlens-duckdb-${process.pid}`) };
  const own: Omit<ThreadData, keyof Answering> = { file, settings };
  const thread = answeringThread<Request, Reply>(threadProgram(), own);
  last = thread;
  return (request) => {
    const moved = request.ask === "next" ? request.room.map(({ buffer }) => buffer) : [];
    const reply = thread.ask(request, moved);
    if (request.ask === "close") thread.close();
    if (reply === undefined) throw new WorkFailure(act, "an answer of DuckDB", `none: ${thread.ending()}`);
    return reply;
  };
}

function refusal({ act, wanted, at, from }: Purpose, fault: Fault, columns: readonly SourceColumn[]): Error {
  switch (fault.fault) {
    case "package": {
      const program = `the package ${PACKAGE} for ${process.platform} on ${process.arch}`;
      return new InputError(act, program, `an error: ${linesOf(fault.message)[0]}`, installing(PACKAGE));
    }
    case "statement": {
      const got = fault.count === 1 ? "another statement" : `${fault.count || "no"} statements`;
      return new InputError(act, "one query that gives rows, such as select * from data", got);
    }
    case "value": {
      const { name, is } = columns[fault.column];
      const [value, instead] = VALUES[is]?.(quoteName(name), from) ?? ["a value", ""];
      const got = `${quote(fault.got)} at ${at(fault.row)}`;
      return new InputError(act, `${value} in column ${quote(name)}`, got, `set sql (--sql) to ${instead}`);
    }
    case "engine": {
      const [first, second] = linesOf(fault.message);
      const elsewhere = /^Missing Extension Error: File (\S+) requires/.exec(first)?.[1];
      if (elsewhere !== undefined) return new InputError(act, "files of this machine", quote(elsewhere), FETCH);
      // It did not fit into memory: the query may well be right.
      if (first.startsWith("Out of Memory Error")) return new WorkFailure(act, "an answer of DuckDB", first);
      // What it was sure could not be: in a file that no program wrote, for queries are checked.
      const odd = /^(?:INTERNAL|FATAL) Error: (.*)/.exec(first)?.[1];
      if (odd !== undefined) {
        const next = "a file that is damaged is to be written anew";
        return new InputError(act, wanted, `one at which DuckDB fails (${odd})`, next);
      }
      return new InputError(act, wanted, first, /^(Candidate|Did you mean)/.test(second) ? second : undefined);
    }
  }
}

/** What a value of each class has to be, and a query that does without those that are not. */
const VALUES: Readonly<Partial<Record<ColumnClass, (name: string, from: string) => readonly [string, string]>>> = {
  dates: (name, from) => [
    "a date of the years 0 to 9999",
    `select * from ${from} where ${name} between '0001-01-01' and '9999-12-31'`,
  ],
  text: (name, from) => ["one value", `select * exclude (${name}) from ${from}`],
};

/** Lines of a message of DuckDB: what is wrong, what would be right, and where in the query it is. */
function linesOf(message: string): readonly string[] {
  const lines = message.replace(/^Failed to extract statements: /, "").split("\n");
  return lines.map((line) => line.trim()).filter((line) => line !== "");
}
