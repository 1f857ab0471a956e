import type { Answering } from "../../compute/answering-thread.ts";
import type { BatchColumn, ColumnClass, SourceColumn } from "../batch.ts";
import type { Answer, Fault, Reply, Request } from "./messages.ts";
import type { Connection, DuckDB, Result, Type, Vector } from "./package.ts";

interface Session {
  readonly duckdb: DuckDB;
  readonly connection: Connection;
  /** The query that is being read. */
  query?: {
    readonly result: Result;
    readonly columns: readonly SourceColumn[];
    readonly batchRows: number;
    /** Arrays of numbers that were used, and are free. */
    readonly room: Float64Array<ArrayBuffer>[];
    row: number;
  };
  isClosed: boolean;
  readonly close: () => void;
}

/** What the thread is given. */
export interface ThreadData extends Answering {
  /** The file of the package. */
  readonly file: string;
  readonly settings: Readonly<Record<string, string>>;
}

/**
 * The program of the thread that DuckDB runs in, so that whoever asks can wait for an answer.
 *
 * The functions below are its text, which needs no file of its own wherever a bundler puts this module: they refer to
 * each other and to nothing else.
 */
export function threadProgram(): string {
  const reading = [open, classOf, next, newColumn, add, numberOf, textOf, jsonText, isFault];
  return `
    const { workerData } = require("node:worker_threads");
    ${[...reading, start, answer, fill, collector].join("\n")}
    (${serve})(workerData, require);`;
}

/** Answers each request, in turn, and says so by the signal. */
function serve(data: ThreadData, load: <T>(file: string) => T): void {
  const { port, signal } = data;
  const collect = collector(load);
  const session = start(data, load).catch((error: Error): Fault => ({ fault: "package", message: error.message }));
  let running: Promise<Reply> | undefined;
  port.on("message", async (request) => {
    const ready = await session;
    running = "fault" in ready ? Promise.resolve(ready) : answer(ready, request);
    const reply = await running;
    const columns = ("batch" in reply && reply.batch?.columns) || [];
    const transfer = columns.map((column) => (column.kind === "numeric" ? column.values : column.codes).buffer);
    port.postMessage(reply, transfer);
    if (request.ask === "next") collect();
    if (request.ask === "close") port.close();
    Atomics.store(signal, 0, 1);
    Atomics.notify(signal, 0);
  });
  // Whoever asked may have been ended while the query runs: nobody waits for its rows.
  port.on("close", async () => {
    const ready = await session;
    if ("fault" in ready || ready.isClosed) return;
    ready.connection.interrupt();
    await running;
    ready.close();
  });
}

/**
 * A function that collects garbage: rows that DuckDB gave stay until their handles, which look small, are collected. That of
 * V8 is nowhere else to be had; the flag is set for as long as that takes.
 */
function collector(load: <T>(file: string) => T): () => void {
  const v8 = load<{ setFlagsFromString(flags: string): void }>("node:v8");
  v8.setFlagsFromString("--expose-gc");
  const collect = load<{ runInNewContext(code: string): (how: object) => void }>("node:vm").runInNewContext("gc");
  v8.setFlagsFromString("--no-expose-gc");
  return () => collect({ type: "minor" });
}

async function start({ file, settings }: ThreadData, load: (file: string) => DuckDB): Promise<Session> {
  const duckdb = load(file);
  // Points in time are written as those of Greenwich: the same on every machine.
  duckdb.DuckDBTimestampTZValue.timezoneOffsetInMinutes = 0;
  const instance = await duckdb.DuckDBInstance.create(":memory:", settings);
  const connection = await instance.connect();
  // A query can't set anything, and what it computes of points in time does not depend on the machine.
  await connection.run("set TimeZone = 'UTC'; set lock_configuration = true");
  const session: Session = {
    duckdb,
    connection,
    isClosed: false,
    close: () => {
      session.isClosed = true;
      connection.closeSync();
      instance.closeSync();
    },
  };
  return session;
}

async function answer(session: Session, request: Request): Promise<Reply> {
  try {
    switch (request.ask) {
      case "run":
        await session.connection.run(request.sql);
        return {};
      case "fill":
        await fill(session, request);
        return {};
      case "open":
        return await open(session, request.sql);
      case "next":
        return await next(session, request.room);
      case "close":
        session.close();
        return {};
    }
  } catch (error) {
    return isFault(error) ? error : { fault: "engine", message: (error as Error).message };
  }
}

function isFault(error: unknown): error is Fault {
  return typeof error === "object" && error !== null && "fault" in error;
}

async function fill({ duckdb, connection }: Session, request: Request & { ask: "fill" }): Promise<void> {
  const most = 2048;
  const types = request.columns.map(({ kind }) => (kind === "numeric" ? duckdb.DOUBLE : duckdb.VARCHAR));
  const appender = await connection.createAppender(request.table);
  for (let from = 0; from < request.rows; from += most) {
    const count = Math.min(most, request.rows - from);
    const chunk = duckdb.DuckDBDataChunk.create(types, count);
    request.columns.forEach((column, j) => {
      const vector = chunk.getColumnVector(j);
      for (let i = 0; i < count; i++) {
        const value = column.kind === "numeric" ? column.values[from + i] : column.labels[column.codes[from + i]];
        vector.setItem(i, value === undefined || Number.isNaN(value) ? null : value);
      }
      vector.flush();
    });
    appender.appendDataChunk(chunk);
  }
  appender.closeSync();
}

async function open(session: Session, sql: string): Promise<Reply> {
  const { duckdb, connection } = session;
  // Of text that holds no statement DuckDB says nothing more than that it failed.
  const statements = await connection.extractStatements(sql).catch((error: Error) => {
    if (!error.message.startsWith("Error in native callback")) throw error;
    return { count: 0, prepare: () => Promise.reject(error) };
  });
  const statement = statements.count === 1 ? await statements.prepare(0) : undefined;
  if (statement?.statementType !== duckdb.StatementType.SELECT) return { fault: "statement", count: statements.count };
  const result = await statement.stream();
  const types = result.columnTypes();
  const columns = result.columnNames().map((name, j): SourceColumn => {
    const type = types[j].alias ?? types[j].toString();
    // What DuckDB finds no type for, in a file of JSON.
    const mayBeEmpty = type === "JSON";
    return { name, type, is: classOf(types[j], duckdb.DuckDBTypeId), mayBeEmpty };
  });
  // Few numbers, in whole chunks: what is in memory at a time is some of such batches.
  const batchRows = 2048 * Math.max(1, Math.min(16, Math.floor(2 ** 18 / (2048 * columns.length))));
  session.query = { result, columns, batchRows, room: [], row: 0 };
  return { columns };
}

function classOf({ typeId }: Type, types: DuckDB["DuckDBTypeId"]): ColumnClass {
  const name = Object.keys(types).find((key) => types[key] === typeId) ?? "";
  if (/^(U?(TINY|SMALL|BIG|HUGE)INT|U?INTEGER|BIGNUM|FLOAT|DOUBLE|DECIMAL|SQLNULL)$/.test(name)) return "numbers";
  if (/^(VARCHAR|ENUM|UUID|TIME|TIME_NS|TIME_TZ)$/.test(name)) return "text";
  if (name === "BOOLEAN") return "true and false";
  return /^(DATE|TIMESTAMP(_S|_MS|_NS|_TZ)?)$/.test(name) ? "dates" : "other";
}

/** The next rows of the query, if there are any. */
async function next({ query }: Session, given: readonly Float64Array<ArrayBuffer>[]): Promise<Answer> {
  if (query === undefined) return {};
  query.room.push(...given.filter(({ length }) => length === query.batchRows));
  const growing = query.columns.map((column) => newColumn(column, query.batchRows, query.room));
  let rows = 0;
  while (rows + 2048 <= query.batchRows) {
    const chunk = await query.result.fetchChunk();
    if (chunk === null || chunk.rowCount === 0) break;
    growing.forEach((column, j) => {
      const odd = add(column, chunk.getColumnVector(j), rows, chunk.rowCount);
      if (odd === undefined) return;
      const fault: Fault = { fault: "value", column: j, row: query.row + odd.row, got: odd.got };
      throw fault;
    });
    rows += chunk.rowCount;
    query.row += chunk.rowCount;
  }
  if (rows === 0) return {};
  const columns = growing.map(({ numbers, codes, labels }): BatchColumn => {
    if (numbers !== undefined && rows === query.batchRows) return { kind: "numeric", values: numbers };
    if (numbers !== undefined) {
      query.room.push(numbers);
      return { kind: "numeric", values: numbers.slice(0, rows) };
    }
    return { kind: "text", codes: codes.slice(0, rows), labels: [...labels.keys()] };
  });
  return { batch: { rows, columns } };
}

interface Growing extends SourceColumn {
  readonly numbers?: Float64Array<ArrayBuffer>;
  readonly codes: Int32Array<ArrayBuffer>;
  /** Texts, and their places. */
  readonly labels: Map<string, number>;
}

function newColumn(column: SourceColumn, rows: number, room: Float64Array<ArrayBuffer>[]): Growing {
  const isNumeric = column.is === "numbers";
  const own = isNumeric ? { numbers: room.pop() ?? new Float64Array(rows) } : {};
  return { ...column, ...own, codes: new Int32Array(isNumeric ? 0 : rows), labels: new Map() };
}

/** Adds a column's values of some rows, from this place; where one is none of a table, it and its row. */
function add(
  column: Growing,
  vector: Vector,
  from: number,
  count: number,
): { readonly row: number; readonly got: string } | undefined {
  const { numbers, codes, labels } = column;
  for (let i = 0; i < count; i++) {
    const item = vector.getItem(i);
    if (numbers !== undefined) {
      numbers[from + i] = typeof item === "number" ? item : numberOf(item);
      continue;
    }
    const text = item === null ? undefined : textOf(item, column);
    if (text === null) return { row: i, got: String(item) };
    if (text === undefined) codes[from + i] = -1;
    else {
      const code = labels.get(text) ?? labels.size;
      if (code === labels.size) labels.set(text, code);
      codes[from + i] = code;
    }
  }
  return undefined;
}

/** The number of an item of any numeric type, or the next to it that a double holds. */
function numberOf(item: unknown): number {
  if (item === null) return Number.NaN;
  if (typeof item === "number" || typeof item === "bigint") return Number(item);
  // A decimal: the double next to it is that of its digits.
  const { value, scale } = item as { value: bigint; scale: number };
  const digits = Number(value);
  return Math.abs(digits) <= Number.MAX_SAFE_INTEGER && scale <= 22 ? digits / 10 ** scale : Number(String(item));
}

/** The text of an item; nothing for one that is missing after all, null for one that is none of a table. */
function textOf(item: unknown, { is, type }: SourceColumn): string | undefined | null {
  if (type === "JSON") return jsonText(item as string);
  const text = String(item);
  if (is !== "dates") return text;
  // Days that never end, and those before or after the years of four digits.
  if (!/^\d{4}-[^(]*$/.test(text)) return null;
  return text.replace(/[+]00$/, "Z");
}

function jsonText(json: string): string | undefined | null {
  const value: unknown = JSON.parse(json);
  if (value === null) return undefined;
  if (typeof value === "object") return null;
  // A number as it is written.
  return typeof value === "string" ? value : json;
}
