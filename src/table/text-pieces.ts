import { closeSync, fstatSync, openSync, readSync } from "node:fs";

const LF = 10;
const QUOTE = 34;

/** Bytes of a piece, about. */
const PIECE = 2 ** 22;
/** Files from this size on are read in pieces. */
export const LARGE: number = 2 * PIECE;

/** A CSV text in UTF-8, in pieces of whole records, as often as it is asked for. */
export interface CsvText {
  /** Its bytes. */
  readonly length: number;
  /** The pieces in turn; each is void when the next is asked for. */
  readonly pieces: () => Iterable<Buffer>;
}

/** A text that is in memory. */
export function wholeText(bytes: Buffer): CsvText {
  return { length: bytes.length, pieces: () => [bytes] };
}

/**
 * The text of a file that can be read more than once.
 *
 * @param piece bytes of a piece, about
 */
export function fileText(path: string, size: number, piece: number = PIECE): CsvText {
  return {
    length: size,
    pieces: function* () {
      const descriptor = openSync(path, "r");
      try {
        yield* piecesOf(descriptor, piece);
      } finally {
        closeSync(descriptor);
      }
    },
  };
}

/** The size of a file that can be read more than once; nothing of what is none. */
export function sizeOfFile(path: string): number | undefined {
  try {
    const descriptor = openSync(path, "r");
    try {
      const found = fstatSync(descriptor);
      return found.isFile() ? found.size : undefined;
    } finally {
      closeSync(descriptor);
    }
  } catch {
    return undefined;
  }
}

/**
 * Pieces of a file that end with a record, or with the file: void when the next is asked for, which takes their place.
 *
 * @param least bytes of a piece at the least, but for the last
 */
export function* piecesOf(descriptor: number, least: number): Generator<Buffer, undefined> {
  let bytes: Buffer = Buffer.allocUnsafe(least);
  let length = 0;
  for (;;) {
    const read = readSync(descriptor, bytes, length, bytes.length - length, null);
    length += read;
    const text = bytes.subarray(0, length);
    if (read === 0) {
      if (length > 0) yield text;
      return undefined;
    }
    const end = lastRecordEnd(text);
    if (end > 0) yield text.subarray(0, end);
    length -= end;
    const before = bytes;
    // A record that is longer than a piece.
    if (2 * length > bytes.length) bytes = Buffer.allocUnsafe(2 * bytes.length);
    before.copy(bytes, 0, end, end + length);
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
