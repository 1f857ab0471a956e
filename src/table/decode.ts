import { gunzipSync } from "node:zlib";
import { InputError } from "../errors.ts";
import type { Encoding } from "./read-options.ts";
import { checkUtf8 } from "./utf8.ts";

const GZIP = Buffer.of(0x1f, 0x8b);

/** Byte order marks, and the encodings that they are of. */
const MARKS: readonly (readonly [mark: Buffer, encoding: Encoding])[] = [
  [Buffer.of(0xef, 0xbb, 0xbf), "utf-8"],
  [Buffer.of(0xff, 0xfe), "utf-16le"],
  [Buffer.of(0xfe, 0xff), "utf-16be"],
];

/** Bytes that are decoded at a time, and that an archive may hold at the most. */
const PART = 2 ** 24;
const MOST = 2 ** 31 - 1;
/** How many times its size an archive may hold, and what any may: more is no table, but zeros, say, without end. */
const RATIO = 100;
const ANY = 2 ** 26;

/** Whether the bytes of a file may hold zeros and be a table all the same: in an archive, or in UTF-16. */
export function mayHoldZeros(bytes: Buffer, encoding: Encoding | undefined): boolean {
  return begins(bytes, GZIP) || (encodingOf(bytes) ?? encoding ?? "utf-8").startsWith("utf-16");
}

/** Whether a text is in UTF-8 as it is, by how it begins. */
export function isPlainUtf8(bytes: Buffer, encoding: Encoding | undefined): boolean {
  return !begins(bytes, GZIP) && (encodingOf(bytes) ?? encoding ?? "utf-8") === "utf-8";
}

/**
 * The text of a file in UTF-8, whatever its encoding; a gzip archive is unpacked. A byte order mark says more than `encoding`.
 *
 * @throws InputError for an archive that is broken, and for bytes that are no text in the encoding
 */
export function decoded(file: Buffer, source: string, encoding?: Encoding): Buffer {
  const bytes = begins(file, GZIP) ? unpacked(file, source) : file;
  const found = encodingOf(bytes) ?? encoding ?? "utf-8";
  const text = found === "utf-8" ? bytes : toUtf8(bytes, source, found);
  checkUtf8(text, source);
  return text;
}

function encodingOf(bytes: Buffer): Encoding | undefined {
  return MARKS.find(([mark]) => begins(bytes, mark))?.[1];
}

function begins(bytes: Buffer, beginning: Buffer): boolean {
  return bytes.subarray(0, beginning.length).equals(beginning);
}

/**
 * What a gzip archive holds.
 *
 * @param wanted what the file should have been, for the error
 * @throws InputError for one that is broken, and for one of 2 GiB or of more than 64 MiB and 100 times its size
 */
export function unpacked(file: Buffer, source: string, wanted: string = "a CSV file"): Buffer {
  const most = Math.min(MOST, Math.max(ANY, RATIO * file.length));
  try {
    return gunzipSync(file, { maxOutputLength: most });
  } catch (error) {
    const isLarge = (error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE";
    const [got, next] = !isLarge
      ? ["a broken gzip archive", "fetch it again"]
      : most === MOST
        ? ["one of 2 GiB or more", "split it"]
        : [`one of more than ${RATIO} times its own size`, "unpack it first, if it is to be trusted"];
    throw new InputError(`read ${source}`, `${wanted}, packed or not`, got, next);
  }
}

function toUtf8(bytes: Buffer, source: string, encoding: Encoding): Buffer {
  const decoder = new TextDecoder(encoding, { fatal: true });
  const parts: Buffer[] = [];
  try {
    for (let at = 0; at < bytes.length; at += PART) {
      parts.push(Buffer.from(decoder.decode(bytes.subarray(at, at + PART), { stream: true })));
    }
    parts.push(Buffer.from(decoder.decode()));
  } catch {
    throw new InputError(`read ${source}`, `text in ${encoding.toUpperCase()}`, "bytes that are none");
  }
  return Buffer.concat(parts);
}
