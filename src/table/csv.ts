import { checkArgument } from "../errors/arguments.ts";
import { text } from "../errors/kinds.ts";
import { InputError, quote } from "../errors.ts";
import { CellColumn } from "./cell-column.ts";
import { CsvRecords } from "./csv-records.ts";
import { LineIndex } from "./line-index.ts";
import { type Check, readBytes } from "./read-bytes.ts";
import { checkNames, type DataTable, makeTable } from "./table.ts";
import { checkUtf8, lineEnd } from "./utf8.ts";

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
  const source = JSON.stringify(path);
  // Zeros without end (a device, a file of holes) are no text after the first of them.
  const refuseZeros: Check = (part, all) => {
    if (part.includes(0)) checkUtf8(all, source);
  };
  return read(readBytes(path, "a CSV file", refuseZeros), source);
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

/** The cells of one line of CSV, in which quotes may stand inside cells; none for a blank one. */
export function csvCells(line: string, source: string): readonly string[] {
  return new CsvRecords(Buffer.from(line), source, true).next() ?? [];
}

function read(bytes: Buffer, source: string): DataTable {
  if (bytes.length === 0) throw new InputError(`read ${source}`, "a header and rows", "an empty file");
  checkUtf8(bytes, source);
  checkSeparator(bytes, source);
  const first = readColumns(bytes, source, new Set());
  const spoilt = first.columns.filter((column) => column.isSpoilt).map((column) => column.name);
  // Only a second reading can give the text of cells that were taken as numbers until text came.
  const { columns, lines } = spoilt.length === 0 ? first : readColumns(bytes, source, new Set(spoilt));
  return makeTable(
    columns.map((column) => column.finish()),
    source,
    (row) => lines.lineOf(row),
  );
}

function checkSeparator(bytes: Buffer, source: string): void {
  const line = bytes.subarray(0, lineEnd(bytes, 0));
  if (line.includes(",")) return;
  const header = line.toString("utf8", 0, LONGEST_HEADER);
  const unquoted = header.replace(/"[^"]*"/g, "");
  if (!/[;\t]/.test(unquoted)) return;
  const got = `${unquoted.includes(";") ? "semicolons" : "tabs"} in the header ${quote(header.trim())}`;
  throw new InputError(`read ${source}`, "cells separated by commas", got, "save it with commas");
}

/** Bytes of a header in which separators are looked for. */
const LONGEST_HEADER = 100_000;

/** The columns of CSV text; those in `text` are text whatever their cells are. */
function readColumns(
  bytes: Buffer,
  source: string,
  text: ReadonlySet<string>,
): { readonly columns: readonly CellColumn[]; readonly lines: LineIndex } {
  const records = new CsvRecords(bytes, source);
  const names = records.next();
  if (names === undefined) throw new InputError(`read ${source}`, "a header and rows", "blank lines only");
  checkNames(names, source);
  const columns = names.map((name) => new CellColumn(name, text.has(name)));
  const lines = new LineIndex();
  for (let cells = records.next(); cells !== undefined; cells = records.next()) {
    if (cells.length !== columns.length) {
      const next = "put a cell that holds a comma in quotes";
      const got = `${cells.length} on line ${records.last}`;
      throw new InputError(`read ${source}`, `${columns.length} cells in every row, as in the header`, got, next);
    }
    for (let j = 0; j < cells.length; j++) columns[j].add(cells[j], records.quoted[j]);
    lines.add(records.last);
  }
  return { columns, lines };
}
