import { closeSync, openSync, readSync } from "node:fs";
import { readCsv, readCsvBytes } from "./csv.ts";
import { CsvRecords, type Layout } from "./csv-records.ts";
import { isPlainUtf8 } from "./decode.ts";
import { layoutOf } from "./layout.ts";
import type { ReadCsvPlan } from "./read-options.ts";
import { type DataTable, shownTable } from "./table.ts";

/** Bytes that are read at a time: some tens of thousands of rows. */
const PIECE = 2 ** 23;

const LF = 10;
const QUOTE = 34;

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
    const next: Buffer | undefined = pieces.next().value;
    if (next === undefined) break;
    piece = Buffer.concat([piece, next]);
    [layout, end] = headerOf(piece, source, plan);
  }
  const header = piece.subarray(0, end);
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

/** Pieces of a file that end with a record, or with the file. */
function* piecesOf(descriptor: number, least: number): Generator<Buffer, undefined> {
  let rest: Buffer = Buffer.alloc(0);
  for (let size = least; ; ) {
    const bytes = Buffer.allocUnsafe(size);
    rest.copy(bytes);
    const read = readSync(descriptor, bytes, rest.length, size - rest.length, null);
    const text = bytes.subarray(0, rest.length + read);
    if (read === 0) {
      if (text.length > 0) yield text;
      return undefined;
    }
    const end = lastRecordEnd(text);
    if (end > 0) yield text.subarray(0, end);
    rest = text.subarray(end);
    // A record that is longer than a piece.
    size = Math.max(least, 2 * rest.length);
  }
}

/** Where the last whole record ends: behind a line break with an even number of quotes before it. */
function lastRecordEnd(text: Buffer): number {
  if (!text.includes(QUOTE)) return text.lastIndexOf(LF) + 1;
  let [end, isQuoted] = [0, false];
  for (let at = 0; at < text.length; at++) {
    if (text[at] === QUOTE) isQuoted = !isQuoted;
    else if (text[at] === LF && !isQuoted) end = at + 1;
  }
  return end;
}

function linesIn(text: Buffer): number {
  let count = 0;
  for (let at = text.indexOf(LF); at >= 0; at = text.indexOf(LF, at + 1)) count++;
  return count;
}
