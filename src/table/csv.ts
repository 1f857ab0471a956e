import { checkArgument } from "../errors/arguments.ts";
import { text } from "../errors/kinds.ts";
import { readOptions } from "../errors/options.ts";
import { InputError, quote } from "../errors.ts";
import { readColumns } from "./csv-columns.ts";
import { CsvRecords, type Layout } from "./csv-records.ts";
import { decoded, isPlainUtf8, mayHoldZeros } from "./decode.ts";
import { layoutOf } from "./layout.ts";
import { asNumbers, showsDecimalCommas } from "./notation.ts";
import { type Check, MOST, readBytes } from "./read-bytes.ts";
import { READ_CSV, type ReadCsvOptions, type ReadCsvPlan } from "./read-options.ts";
import { type DataTable, makeTable, place } from "./table.ts";
import { type CsvText, fileText, LARGE, sizeOfFile, wholeText } from "./text-pieces.ts";
import { checkUtf8 } from "./utf8.ts";

/**
 * The table in a CSV file: a header row, cells separated by commas, semicolons, tabs or bars, quoted where they hold one, a
 * quote or a line break.
 *
 * The file is in UTF-8, UTF-16 with its byte order mark, or as `options.encoding` says; packed by gzip or not. Lines that begin
 * with # before the header, blank lines, blanks around cells, blank cells at the end of rows and columns without name and
 * value don't count. A first column without a name holds row names, and so does one for which the header has no cell.
 *
 * A column is numeric where every cell is a decimal number or missing, or every one a percentage (12.3% is 0.123); text
 * otherwise. Decimals have commas where the file shows it (0,5 or 3,14, separated by something else) or `options.decimal` says
 * it; thousands separators are never read. Missing are blank cells, `NA`, `N/A`, `n/a`, `#N/A`, `<NA>`, `NaN`, `nan`, `NaT`,
 * `null`, `NULL`, `None`, `.` and `?`; among numbers also in any case and in quotes, and a dash. Among texts `"NA"` in quotes is
 * a text, as R writes it.
 *
 * @param options encoding, separator and decimal mark, for a file that does not show its own
 * @throws InputError for a file that can't be read or isn't such a table, naming the line
 * @example
 * ```ts
 * import { datasetPath, readCsv } from "mixlens";
 * const iris = readCsv(datasetPath("iris"));
 * if (iris.rows !== 150 || iris.columns.length !== 5) throw new Error("150 irises, 5 columns");
 * ```
 */
export function readCsv(path: string, options: ReadCsvOptions = {}): DataTable {
  checkArgument("read a CSV file", "its path", path, text);
  const plan = readOptions("read a CSV file", options, READ_CSV);
  const source = JSON.stringify(path);
  // Zeros without end (a device, a file of holes) are no text after the first of them.
  const refuseZeros: Check = (part, all) => {
    if (part.includes(0) && !mayHoldZeros(all, plan.encoding)) checkUtf8(all, source);
  };
  return readByPieces(path, source, plan) ?? readCsvBytes(readBytes(path, "a CSV file", refuseZeros), source, plan);
}

/** The table in a large file, of which a piece at a time is in memory; nothing where it is to be read as a whole. */
function readByPieces(path: string, source: string, plan: ReadCsvPlan): DataTable | undefined {
  const size = sizeOfFile(path);
  if (size === undefined || size < LARGE || size > MOST) return undefined;
  try {
    const { length, pieces } = fileText(path, size);
    const [first] = pieces();
    if (!isPlainUtf8(first, plan.encoding)) return undefined;
    const layout = layoutOf(first, source, plan.separator);
    // Rows that show how cells are separated must be there.
    if (layout.at > first.length / 2) return undefined;
    const checked = function* (): Generator<Buffer> {
      for (const piece of pieces()) {
        checkUtf8(piece, source);
        yield piece;
      }
    };
    return tableIn({ length, pieces: checked }, source, layout, plan);
  } catch (error) {
    // What is wrong with a text is said of the whole.
    if (error instanceof InputError) return undefined;
    throw error;
  }
}

/**
 * The table in CSV text, as `readCsv`.
 *
 * @param source how errors name the text
 * @param options as those of `readCsv`
 * @throws InputError for text that isn't such a table, naming the line
 * @example
 * ```ts
 * import { parseCsv } from "mixlens";
 * const table = parseCsv("x,species\n1.5,setosa\n2,NA\n");
 * if (table.rows !== 2 || table.columns[0].kind !== "numeric") throw new Error("2 rows, x numeric");
 * ```
 */
export function parseCsv(contents: string, source: string = "the CSV text", options: ReadCsvOptions = {}): DataTable {
  checkArgument("read CSV", "its text", contents, text);
  checkArgument("read CSV", "source", source, text);
  return readCsvBytes(Buffer.from(contents), source, readOptions("read CSV", options, READ_CSV));
}

/** The cells of one line of CSV, in which quotes may stand inside cells; none for a blank one. */
export function csvCells(line: string, source: string): readonly string[] {
  return new CsvRecords(Buffer.from(line), source, { isLoose: true }).next() ?? [];
}

/** The table in the bytes of a CSV file. */
export function readCsvBytes(file: Buffer, source: string, plan: ReadCsvPlan): DataTable {
  if (file.length === 0) throw new InputError(`read ${source}`, "a header and rows", "an empty file");
  const bytes = decoded(file, source, plan.encoding);
  return tableIn(wholeText(bytes), source, layoutOf(bytes, source, plan.separator), plan);
}

/** The table in a text. */
function tableIn(text: CsvText, source: string, layout: Layout, { decimal }: ReadCsvPlan): DataTable {
  // Where commas separate cells they are no decimal ones, unless somebody says so.
  const mayHaveCommas = decimal === "," || (decimal === undefined && layout.separator !== ",");
  const { columns, lines } = readColumns(text, source, layout, mayHaveCommas);
  const found = columns.map((column) => column.finish());
  const hasCommas = decimal === "," || (mayHaveCommas && showsDecimalCommas(found));
  const read = found.map((column) => asNumbers(column, hasCommas));
  const table = makeTable(read, source, (row) => lines.lineOf(row));
  const odd = hasCommas ? columns.find(({ grouped }) => grouped !== undefined) : undefined;
  if (odd?.grouped !== undefined) {
    const { cell, row } = odd.grouped;
    const got = `${quote(cell)} in column ${quote(odd.name)} at ${place(table, row)}, beside decimals with commas`;
    const next = `write ${cell.replaceAll(".", "")} for thousands, or say what is before decimals: decimal: "." (--decimal .)`;
    throw new InputError(`read ${source}`, "numbers without thousands separators", got, next);
  }
  return table;
}
