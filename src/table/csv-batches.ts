import { closeSync, openSync, readSync } from "node:fs";
import { readCsv, readCsvBytes } from "./csv.ts";
import { CsvRecords } from "./csv-records.ts";
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
 */
export function csvBatches(path: string, plan: ReadCsvPlan, visit: (table: DataTable) => void): void {
  const descriptor = openSync(path, "r");
  try {
    const pieces = piecesOf(descriptor);
    const first = pieces.next().value;
    if (first === undefined || !isPlainUtf8(first, plan.encoding)) {
      visit(readCsv(path, plan));
      return;
    }
    const source = JSON.stringify(path);
    const layout = layoutOf(first, source, plan.separator);
    const records = new CsvRecords(first, source, layout);
    records.next();
    const header = first.subarray(0, records.at);
    const known = { ...plan, separator: layout.separator };
    let [rows, lines] = [0, 0];
    const take = (text: Buffer, linesAbove: number): void => {
      const table = readCsvBytes(text, source, known);
      const [from, above] = [rows, linesAbove];
      const line = (row: number): number => above + (table.line?.(row) ?? row);
      visit(shownTable({ ...table, line, sourceRow: (row) => from + row }));
      rows += table.rows;
    };
    take(first, 0);
    lines += linesIn(first);
    for (const piece of pieces) {
      if (piece.some((byte) => byte > 32)) take(Buffer.concat([header, piece]), lines - linesIn(header));
      lines += linesIn(piece);
    }
  } finally {
    closeSync(descriptor);
  }
}

/** Pieces of a file that end with a record, or with the file. */
function* piecesOf(descriptor: number): Generator<Buffer, undefined> {
  let rest: Buffer = Buffer.alloc(0);
  for (let size = PIECE; ; ) {
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
    size = Math.max(PIECE, 2 * rest.length);
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
