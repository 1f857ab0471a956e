import { CsvError, parse } from "csv-parse/sync";
import { checkArgument } from "../errors/arguments.ts";
import { text } from "../errors/kinds.ts";
import { InputError, quote } from "../errors.ts";
import { CellColumn } from "./cell-column.ts";
import { LineIndex } from "./line-index.ts";
import { checkNames, type DataTable, makeTable } from "./table.ts";
import { checkUtf8, lineEnd, readBytes } from "./utf8.ts";

/**
 * The table in a CSV file: UTF-8, a header row, cells separated by commas, quoted where they hold a comma, a quote or
 * a line break.
 *
 * A column is numeric where every cell is a decimal number or missing, text otherwise. Missing are blank cells, `NA`,
 * `N/A`, `#N/A`, `NaN`, `nan`, `null` and `NULL`. Blank lines and blanks around cells don't count.
 *
 * @throws InputError for a file that can't be read or isn't such a table, naming the line
 * @example
 * ```ts
 * import { datasetPath, readCsv } from "mixlens";
 * const iris = readCsv(datasetPath("iris"));
 * if (iris.rows !== 150 || iris.columns.length !== 5) throw new Error("150 irises, 5 columns");
 * ```
 */
export function readCsv(path: string): DataTable {
  checkArgument("read a CSV file", "its path", path, text);
  return read(readBytes(path), JSON.stringify(path));
}

/**
 * The table in CSV text, as `readCsv`.
 *
 * @param source how errors name the text
 * @throws InputError for text that isn't such a table, naming the line
 * @example
 * ```ts
 * import { parseCsv } from "mixlens";
 * const table = parseCsv("x,species\n1.5,setosa\n2,NA\n");
 * if (table.rows !== 2 || table.columns[0].kind !== "numeric") throw new Error("2 rows, x numeric");
 * ```
 */
export function parseCsv(contents: string, source: string = "the CSV text"): DataTable {
  checkArgument("read CSV", "its text", contents, text);
  checkArgument("read CSV", "source", source, text);
  return read(Buffer.from(contents), source);
}

/** The cells of one line of CSV, none for a blank one. */
export function csvCells(line: string, source: string): readonly string[] {
  try {
    return parse(line, { trim: true, relax_quotes: true, skip_empty_lines: true })[0] ?? [];
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw new InputError(`read ${source}`, "cells separated by commas", "quotes that don't pair");
  }
}

function read(bytes: Buffer, source: string): DataTable {
  if (bytes.length === 0) throw new InputError(`read ${source}`, "a header and rows", "an empty file");
  checkUtf8(bytes, source);
  checkSeparator(bytes, source);
  const first = readRecords(bytes, source, new Set());
  const spoilt = first.columns.filter((column) => column.isSpoilt).map((column) => column.name);
  // Only a second reading can give the text of cells that were taken as numbers until text came.
  const { columns, lines } = spoilt.length === 0 ? first : readRecords(bytes, source, new Set(spoilt));
  return makeTable(
    columns.map((column) => column.finish(lines.rows)),
    source,
    (row) => lines.lineOf(row),
  );
}

function checkSeparator(bytes: Buffer, source: string): void {
  const header = bytes.toString("utf8", 0, lineEnd(bytes, 0));
  const unquoted = header.replace(/"[^"]*"/g, "");
  if (header.includes(",") || !/[;\t]/.test(unquoted)) return;
  const got = `${unquoted.includes(";") ? "semicolons" : "tabs"} in the header ${quote(header.trim())}`;
  throw new InputError(`read ${source}`, "cells separated by commas", got, "save it with commas");
}

function readRecords(bytes: Buffer, source: string, text: ReadonlySet<string>): Records {
  const records = new Records(source, text, countLines(bytes));
  try {
    parse(bytes, {
      bom: true,
      trim: true,
      skip_empty_lines: true,
      record_delimiter: ["\r\n", "\n", "\r"],
      // The parser keeps no record.
      on_record: (record: string[], { lines }) => {
        records.add(record, lines);
        return null;
      },
    });
  } catch (error) {
    throw error instanceof CsvError ? malformed(error, source, records) : error;
  }
  if (records.columns.length === 0) throw new InputError(`read ${source}`, "a header and rows", "blank lines only");
  return records;
}

class Records {
  columns: readonly CellColumn[] = [];
  readonly lines: LineIndex = new LineIndex();

  constructor(
    readonly source: string,
    readonly text: ReadonlySet<string>,
    readonly capacity: number,
  ) {}

  add(record: readonly string[], counted: number): void {
    if (this.columns.length === 0) {
      checkNames(record, this.source);
      this.columns = record.map((name) => new CellColumn(name, this.capacity, this.text.has(name)));
      this.lines.header(record, counted);
    } else {
      for (let j = 0; j < record.length; j++) this.columns[j].add(record[j], this.lines.rows);
      this.lines.add(record, counted);
    }
  }
}

// As many line ends as there can be rows: each row comes after one.
function countLines(bytes: Buffer): number {
  let count = 0;
  for (const end of ["\n", "\r"]) {
    for (let at = bytes.indexOf(end); at >= 0; at = bytes.indexOf(end, at + 1)) count++;
  }
  return count;
}

function malformed(error: CsvError, source: string, { lines, columns }: Records): InputError {
  const line = `on line ${lines.lineAt(Number(error.lines))}`;
  switch (error.code) {
    case "CSV_RECORD_INCONSISTENT_FIELDS_LENGTH": {
      const next = "put a cell that holds a comma in quotes";
      const got = `${error.index} ${line}`;
      return new InputError(`read ${source}`, `${columns.length} cells in every row, as in the header`, got, next);
    }
    case "CSV_QUOTE_NOT_CLOSED": {
      const got = `one in the row from line ${lines.last + 1} that stays open to the end`;
      return new InputError(`read ${source}`, "a closing quote for every opening one", got);
    }
    case "INVALID_OPENING_QUOTE": {
      const next = 'put the whole cell in quotes and write the quote inside as ""';
      return new InputError(`read ${source}`, "quotes around whole cells only", `one inside a cell ${line}`, next);
    }
    default: {
      const got = `something else ${line}`;
      return new InputError(`read ${source}`, "a comma or the end of the line after a closing quote", got);
    }
  }
}
