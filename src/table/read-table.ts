import { checkArgument } from "../errors/arguments.ts";
import { text } from "../errors/kinds.ts";
import { partOf, readOptions } from "../errors/options.ts";
import { InputError } from "../errors.ts";
import { filesMatching } from "../files/glob.ts";
import { arrowParts } from "./arrow/arrow-file.ts";
import { columnOf } from "./columns.ts";
import { readCsv } from "./csv.ts";
import { withDuckDb } from "./duckdb/session.ts";
import { type Files, partsOf, queryRows, refuseRounded, viewFiles, viewTable } from "./duckdb/sources.ts";
import { kindOfFiles } from "./file-kind.ts";
import { READ, READ_CSV, type ReadCsvOptions, type ReadOptions } from "./read-options.ts";
import { type Part, partOfTable, type ReadText, stacked } from "./stack.ts";
import { type DataTable, shownTable } from "./table.ts";

/**
 * The table in a file of rows, or in several of the same columns, one below the other in the order of their names.
 *
 * A file is Parquet (`.parquet`), JSON (`.json`, `.jsonl`, `.ndjson`: an object for each row), Arrow (`.arrow`, `.feather`) or CSV
 * (any other). Several are
 * named by a pattern: `*` and `?` stand for letters of a name, `[a-c]` for one of some, `**` for folders, however deep. CSV files
 * are read as `readCsv` reads them, those of Arrow by the optional package `apache-arrow`, if they are not compressed, and the others
 * by DuckDB, the optional package `@duckdb/node-api`: numbers as they are (whole ones above 2^53 rounded to 16 digits, in what a query of CSV or Arrow files reads, too), true
 * and false, dates and points in time as CSV files have them, text as `tableFromColumns` reads it.
 *
 * @param options those of `readCsv` for CSV files, and `sql`, the query that gives the rows, of the table `data`; DuckDB runs
 *   it on one core, so that the same query always gives the same rows, and it may read other files
 * @throws InputError for a file that can't be read, files that differ in their columns, columns that are neither numbers nor
 *   text (lists, objects, bytes), and SQL that DuckDB refuses
 * @remarks cost: with DuckDB 0.1 s to start a thread for it, then about 0.6 s for ten million numbers, and for a million texts.
 * @example
 * ```ts
 * import { datasetPath, readTable } from "mixlens";
 * const sql = "select species, max(petal_width) as width from data group by species order by species";
 * const widths = readTable(datasetPath("iris"), { sql });
 * if (widths.columns[1].values.join() !== "0.6,1.8,2.5") throw new Error(String(widths.columns[1].values));
 * ```
 */
export function readTable(path: string, options: ReadOptions = {}): DataTable {
  checkArgument("read a table", "its path", path, text);
  const plan = readOptions("read a table", options, READ);
  const source = JSON.stringify(path);
  const names = filesMatching(path);
  if (names.length === 0) throw new InputError(`read ${source}`, "files whose names match it", "none");
  const files: Files = { kind: kindOfFiles(names, source), names, source };
  const csv = partOf(plan, READ_CSV);
  if (files.kind === "a CSV file") {
    const read = (): DataTable => readCsvFiles(files, csv);
    return plan.sql === undefined ? read() : queryTable(read, source, plan.sql);
  }
  const [odd] = Object.keys(csv);
  if (odd !== undefined) {
    throw new InputError(`read ${source}`, `${odd} for a CSV file`, `it for ${files.kind}`, "leave this option out");
  }
  if (files.kind === "an Arrow file") {
    const read = (): DataTable => stacked(arrowParts(names, source), source, asGiven(source));
    return plan.sql === undefined ? read() : queryTable(read, source, plan.sql);
  }
  return withDuckDb(`read ${source}`, (session) => {
    if (plan.sql === undefined) return stacked(partsOf(session, files), source, asGiven(source));
    viewFiles(session, files);
    const part = queryRows(session, plan.sql, source);
    return stacked([part], part.name, asGiven(source));
  });
}

/**
 * The rows of a query on a table.
 *
 * @param read gives the table, where the query names it
 */
export function queryTable(read: () => DataTable, source: string, sql: string): DataTable {
  return withDuckDb(`run the query on ${source}`, (session) => {
    const isNamed = /\bdata\b/i.test(sql);
    if (isNamed) {
      const table = read();
      refuseRounded(table, sql);
      viewTable(session, table);
    }
    const part = queryRows(session, sql, source);
    // What is missing in a table was told from text as it was read.
    return stacked([part], part.name, isNamed ? asItIs : asGiven(part.name));
  });
}

const asItIs: ReadText = (column) => column;

/** Text that was given as cells of a column, not written in a file of text. */
export function asGiven(source: string): ReadText {
  return ({ name, values }) => columnOf(name, values, source);
}

function readCsvFiles({ names, source }: Files, options: ReadCsvOptions): DataTable {
  if (names.length === 1) return readCsv(names[0], options);
  const tables = new Map<string, DataTable>();
  const parts = function* (): Generator<Part, void> {
    for (const file of names) {
      const table = readCsv(file, options);
      tables.set(table.source, table);
      yield partOfTable(table);
    }
  };
  const table = stacked(parts(), source, asItIs);
  const line = (row: number): number => {
    const { name, row: own } = table.part?.(row) ?? { name: source, row };
    return tables.get(name)?.line?.(own) ?? own;
  };
  return shownTable({ ...table, line });
}
