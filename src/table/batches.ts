import { existsSync } from "node:fs";
import { partOf } from "../errors/options.ts";
import { InputError } from "../errors.ts";
import { filesMatching } from "../files/glob.ts";
import { arrowParts } from "./arrow/arrow-file.ts";
import type { Batch } from "./batch.ts";
import { csvBatches } from "./csv-batches.ts";
import { withDuckDb } from "./duckdb/session.ts";
import { type Files, partsOf, queryRows, viewFiles } from "./duckdb/sources.ts";
import { kindOfFiles } from "./file-kind.ts";
import { checkFile } from "./read-bytes.ts";
import { READ_CSV, type ReadOptions } from "./read-options.ts";
import { asGiven } from "./read-table.ts";
import { type Part, stacked } from "./stack.ts";
import { type DataTable, shownTable } from "./table.ts";

/** A table that comes some rows at a time, as often as it is asked for. */
export interface TableBatches {
  /** What errors call it. */
  readonly source: string;
  /** The files that it is read from. */
  readonly files: readonly string[];
  /** Visits the rows, in their order, as tables of some of them each. */
  readonly each: (visit: (table: DataTable) => void) => void;
}

/**
 * The rows of files as they come, of which few are in memory at a time: as `readTable` reads them, which a row must not
 * depend on another for.
 *
 * @throws InputError as `readTable`; and for a column that is numbers in some rows and text in others
 */
export function fileBatches(path: string, plan: ReadOptions): TableBatches {
  const source = JSON.stringify(path);
  const names = filesMatching(path);
  if (names.length === 0) throw new InputError(`read ${source}`, "files whose names match it", "none");
  const files: Files = { kind: kindOfFiles(names, source), names, source };
  for (const name of names) checkFile(name, files.kind);
  const csv = partOf(plan, READ_CSV);
  if (plan.sql !== undefined && (files.kind === "a CSV file" || files.kind === "an Arrow file")) {
    const next = "write it as Parquet first, or read the rows that the query gives into memory without a source";
    throw new InputError(
      `read ${source}`,
      "a query of Parquet or JSON files, as a source",
      `one of ${files.kind}`,
      next,
    );
  }
  if (files.kind === "a CSV file") {
    const each = (visit: (table: DataTable) => void): void => {
      for (const name of names) csvBatches(name, csv, (table) => visit(named(table, source, name, names.length > 1)));
    };
    return { source, files: names, each };
  }
  const [odd] = Object.keys(csv);
  if (odd !== undefined) {
    throw new InputError(`read ${source}`, `${odd} for a CSV file`, `it for ${files.kind}`, "leave this option out");
  }
  if (files.kind === "an Arrow file") {
    const each = (visit: (table: DataTable) => void): void => {
      for (const part of arrowParts(names, source)) visitPart(part, source, visit);
    };
    return { source, files: names, each };
  }
  const each = (visit: (table: DataTable) => void): void =>
    withDuckDb(`read ${source}`, (session) => {
      if (plan.sql === undefined) for (const part of partsOf(session, files)) visitPart(part, source, visit);
      else {
        viewFiles(session, files);
        visitPart(queryRows(session, plan.sql, source), source, visit);
      }
    });
  return { source, files: [...names, ...filesInQuery(plan.sql)], each };
}

/** The files that a query names in quotes, such as one that it joins with. */
function filesInQuery(sql: string = ""): readonly string[] {
  const quoted = Array.from(sql.matchAll(/'((?:[^']|'')*)'|"((?:[^"]|"")*)"/g), ([, text, name]) =>
    text === undefined ? name.replaceAll('""', '"') : text.replaceAll("''", "'"),
  );
  return quoted.filter((text) => /\.\w+$/.test(text)).flatMap((text) => filesMatching(text).filter(existsSync));
}

/** Visits the rows of a part batch by batch. */
function visitPart(part: Part, source: string, visit: (table: DataTable) => void): void {
  let rows = 0;
  for (let batch = part.next(); batch !== undefined; batch = part.next(batch)) {
    const once: Batch[] = [batch];
    const table = stacked([{ ...part, next: () => once.pop() }], part.name, asGiven(source));
    const before = rows;
    visit(named({ ...table, sourceRow: (row) => before + row }, source, part.name, part.name !== source));
    rows += batch.rows;
  }
}

/** Rows of a part of a source, as errors call them. */
function named(table: DataTable, source: string, name: string, isPart: boolean): DataTable {
  const { sourceRow = (row: number) => row } = table;
  return shownTable({ ...table, source, ...(isPart && { part: (row) => ({ name, row: sourceRow(row) }) }) });
}

/** A table in memory, some rows at a time. */
export function tableBatches(table: DataTable): TableBatches {
  return { source: table.source, files: [], each: (visit) => visit(table) };
}
