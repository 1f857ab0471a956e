import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import { afterAll, beforeAll, expect } from "vitest";
import { InputError } from "../../src/errors.ts";
import type { ReadOptions } from "../../src/table/read-options.ts";
import { readTable } from "../../src/table/read-table.ts";
import type { DataTable } from "../../src/table/table.ts";

/** A folder for the files of a test file. */
export const folder: string = mkdtempSync(join(tmpdir(), "mixlens-read-table-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** A database of the tests' own, which writes files. */
export let duckdb: DuckDBConnection;
beforeAll(async () => {
  duckdb = await (await DuckDBInstance.create()).connect();
});
afterAll(() => duckdb.closeSync());

/** A file of these contents. */
export function file(name: string, contents: string | Uint8Array): string {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, contents);
  return path;
}

/** A Parquet file, or one of JSON lines, of the rows of a query. */
export async function copy(name: string, query: string): Promise<string> {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  await duckdb.run(`copy (${query}) to '${path.replaceAll("'", "''")}'${/jsonl?$/.test(name) ? " (format json)" : ""}`);
  return path;
}

/** The columns of a table, each as its name, its kind and its values. */
export const columnsOf = ({ columns }: DataTable): unknown[][] =>
  columns.map(({ name, kind, values }) => [name, kind, ...values]);
/** Those of a file. */
export const cells = (path: string, options: ReadOptions = {}): unknown[][] => columnsOf(readTable(path, options));

/** What an error says after "Cannot". */
export function refusal(of: () => unknown): string {
  try {
    of();
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    expect(error.message).toMatch(/^Cannot [^\n]+: expected [^\n]+, got [^\n]+$/);
    return error.message.replaceAll(JSON.stringify(folder).slice(1, -1), "").slice("Cannot ".length);
  }
  throw new Error("nothing was refused");
}
