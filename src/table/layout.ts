import { InputError, quote } from "../errors.ts";
import { isMissingNumber, toNumber } from "./cell.ts";
import { CsvRecords, type Layout, textStart } from "./csv-records.ts";
import { isDecimalComma } from "./foreign-number.ts";
import { lineEnd } from "./utf8.ts";

/** Separators, the likeliest first. */
const SEPARATORS = [",", ";", "\t", "|"];

/** Records after the header that are looked at, and bytes of them. */
const SAMPLE = 20;
const LONGEST = 1_000_000;

const HASH = 35;

/**
 * Where the header of a CSV text is, past comments (lines that begin with #) and Excel's `sep=;`, and what its cells are
 * separated by.
 *
 * @param given the separator, where somebody said it
 * @throws InputError for a header of words between blanks
 */
export function layoutOf(bytes: Buffer, source: string, given?: string): Layout {
  const { at, line, comment, separator = given } = preamble(bytes);
  const found = separator ?? sniffed(bytes, at, line);
  const header = comment === undefined ? undefined : { at: comment, line: line - 1, separator: found };
  const layout =
    header && isHeader(bytes, header, { at, line, separator: found }) ? header : { at, line, separator: found };
  if (separator === undefined) refuseBlanks(bytes, source, layout);
  return layout;
}

interface Preamble {
  readonly at: number;
  readonly line: number;
  /** Where the text of the last comment begins, right before what follows. */
  readonly comment?: number;
  readonly separator?: string;
}

function preamble(bytes: Buffer): Preamble {
  let at = textStart(bytes);
  let line = 1;
  let comment: number | undefined;
  let separator: string | undefined;
  for (let end = lineEnd(bytes, at); at < bytes.length; at = end, end = lineEnd(bytes, at), line++) {
    const text = bytes.toString("utf8", at, Math.min(end, at + LONGEST));
    const said = line === 1 ? /^"?sep=([ -~\t])"?[\r\n]*$/i.exec(text) : null;
    if (said) separator = said[1];
    else if (bytes[at] === HASH) comment = text.startsWith("#,") ? at : at + 1;
    else if (text.trim() === "") comment = undefined;
    else break;
  }
  return { at, line, ...(comment !== undefined && { comment }), ...(separator !== undefined && { separator }) };
}

/** Whether a comment is the header of the row below it: it names as many cells, one of which is a number. */
function isHeader(bytes: Buffer, comment: Layout, below: Layout): boolean {
  const [names = []] = sampled(bytes, comment, 1);
  const [first = []] = sampled(bytes, below, 1);
  return names.length === first.length && first.some(isNumber) && !names.some(isNumber);
}

/** The separator that makes rows as long as the header; of several the one that makes most numbers. */
function sniffed(bytes: Buffer, at: number, line: number): string {
  const tried = SEPARATORS.map((separator) => {
    const [header = [], ...rows] = sampled(bytes, { at, line, separator }, SAMPLE);
    const width = header.length;
    const fits = width > 1 && rows.every((row) => row.length >= width && filled(row) <= width + 1);
    const cells = rows.flat();
    const share =
      cells.filter((cell) => isNumber(cell) || (separator !== "," && isDecimalComma(cell))).length / cells.length;
    return { separator, width, score: fits ? 1 + (share || 0) : 0 };
  });
  const best = tried.reduce((a, b) => (b.score > a.score ? b : a));
  if (best.score > 0) return best.separator;
  return tried.find(({ width }) => width > 1)?.separator ?? ",";
}

/** The number of cells without blank ones at the end. */
function filled(row: readonly string[]): number {
  return row.findLastIndex((cell) => cell !== "") + 1;
}

function isNumber(cell: string): boolean {
  return !Number.isNaN(toNumber(cell)) || (cell !== "" && isMissingNumber(cell));
}

/** The first records, of which a fault ends the list. */
function sampled(bytes: Buffer, layout: Layout, count: number): readonly (readonly string[])[] {
  const records = new CsvRecords(bytes.subarray(0, layout.at + LONGEST), "the sample", { ...layout, isLoose: true });
  const found: (readonly string[])[] = [];
  try {
    for (let cells = records.next(); cells !== undefined && found.length <= count; cells = records.next()) {
      found.push(cells);
    }
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
  }
  // The last one of a sample that is cut may be cut, too.
  return bytes.length > layout.at + LONGEST && found.length > 1 ? found.slice(0, -1) : found;
}

/** Refuses cells between blanks, as R's write.table has them: one that a header of words and rows of numbers show. */
function refuseBlanks(bytes: Buffer, source: string, layout: Layout): void {
  const [header = [], ...rows] = sampled(bytes, layout, SAMPLE);
  if (header.length !== 1 || rows.length === 0) return;
  const words = (text: string): string[] => text.match(/"[^"]*"|\S+/g) ?? [];
  const width = words(header[0]).length;
  const isSplit = (row: readonly string[]): boolean => {
    const cells = words(row.join(",")).map((cell) => cell.replace(/^"(.*)"$/, "$1"));
    return (
      (cells.length === width || cells.length === width + 1) && cells.some((cell) => !Number.isNaN(toNumber(cell)))
    );
  };
  if (width < 2 || !rows.every(isSplit)) return;
  const got = `blanks in the header ${quote(header[0])}`;
  throw new InputError(
    `read ${source}`,
    "cells separated by commas, semicolons, tabs or bars",
    got,
    "save it with commas",
  );
}
