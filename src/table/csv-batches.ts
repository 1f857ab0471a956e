import { closeSync, openSync } from "node:fs";
import { readCsv, readCsvBytes } from "./csv.ts";
import { CsvRecords, type Layout } from "./csv-records.ts";
import { isPlainUtf8 } from "./decode.ts";
import { layoutOf } from "./layout.ts";
import type { ReadCsvPlan } from "./read-options.ts";
import { type DataTable, shownTable } from "./table.ts";
import { piecesOf } from "./text-pieces.ts";

/** Bytes that are read at a time: some tens of thousands of rows. */
const PIECE = 2 ** 23;

const LF = 10;

/**
 * Visits the rows of a CSV file some at a time, as `readCsv` reads them: each piece of whole records is read below the file's
 * header, and separated as its first piece is. What is packed, or in another encoding than UTF-8, is read at once.
 *
 * @param size bytes of a piece, about
 */
export function csvBatches(
  path: string,
  plan: ReadCsvPlan,
  visit: (table: DataTable) => void,
  size: number = PIECE,
): void {
  const descriptor = openSync(path, "r");
  try {
    const pieces = piecesOf(descriptor, size);
    const first = pieces.next().value;
    if (first === undefined || !isPlainUtf8(first, plan.encoding)) {
      visit(readCsv(path, plan));
      return;
    }
    readPieces(first, pieces, JSON.stringify(path), plan, visit);
  } finally {
    closeSync(descriptor);
  }
}

function readPieces(
  beginning: Buffer,
  pieces: Iterator<Buffer, undefined>,
  source: string,
  plan: ReadCsvPlan,
  visit: (table: DataTable) => void,
): void {
  let piece: Buffer | undefined = beginning;
  let [layout, end] = headerOf(beginning, source, plan);
  // A header that is as long as a piece has no rows behind it yet.
  while (!hasCells(piece.subarray(end))) {
    const before = Buffer.from(piece);
    const next: Buffer | undefined = pieces.next().value;
    piece = before;
    if (next === undefined) break;
    piece = Buffer.concat([before, next]);
    [layout, end] = headerOf(piece, source, plan);
  }
  const header = Buffer.from(piece.subarray(0, end));
  const known = { ...plan, separator: layout.separator };
  let [rows, lines] = [0, 0];
  for (let text: Buffer = piece; ; text = Buffer.concat([header, piece])) {
    const table = readCsvBytes(text, source, known);
    const [from, above] = [rows, lines];
    visit(shownTable({ ...table, line: (row) => above + (table.line?.(row) ?? row), sourceRow: (row) => from + row }));
    rows += table.rows;
    lines += linesIn(text) - linesIn(header);
    piece = pieces.next().value;
    for (; piece !== undefined && !hasCells(piece); piece = pieces.next().value) lines += linesIn(piece);
    if (piece === undefined) return;
  }
}

/** How the cells are separated, and where the header ends. */
function headerOf(text: Buffer, source: string, { separator }: ReadCsvPlan): [Layout, end: number] {
  const layout = layoutOf(text, source, separator);
  const records = new CsvRecords(text, source, layout);
  records.next();
  return [layout, records.at];
}

function hasCells(text: Buffer): boolean {
  return text.some((byte) => byte > 32);
}

function linesIn(text: Buffer): number {
  let count = 0;
  for (let at = text.indexOf(LF); at >= 0; at = text.indexOf(LF, at + 1)) count++;
  return count;
}
