import { gunzipSync } from "node:zlib";
import { checkArgument } from "../errors/arguments.ts";
import { text } from "../errors/kinds.ts";
import { InputError } from "../errors.ts";
import { readBytes } from "../table/read-bytes.ts";

/** An array of bytes from an IDX file, the format of MNIST and its kin. */
export interface Idx {
  /** Its length along each dimension: rows first. */
  readonly shape: readonly number[];
  /** The entries, the last dimension fastest: views of the file's own bytes. */
  readonly values: Uint8Array;
}

/** The type of the entries that an IDX file names in its third byte: unsigned bytes. */
const UNSIGNED_BYTES = 0x08;

/**
 * Reads an IDX file of unsigned bytes, gzipped or plain.
 *
 * The entries stay bytes: 60,000 images of 28 × 28 take 47 MB, where numbers in double precision would take 376.
 *
 * @param path name of the file; one that ends in `.gz` must be gzipped
 * @throws InputError naming the file when it cannot be read, is no IDX file of unsigned bytes, or is cut short
 * @remarks http://yann.lecun.com/exdb/mnist: two zero bytes, the type, the number of dimensions, their lengths as
 *   big-endian numbers of four bytes, the entries.
 * @example
 * ```ts
 * import { writeFileSync } from "node:fs";
 * import { tmpdir } from "node:os";
 * import { join } from "node:path";
 * import { readIdx } from "mixlens";
 * const path = join(tmpdir(), "three-labels-idx1-ubyte");
 * writeFileSync(path, Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 3, 7, 9, 2));
 * const { shape, values } = readIdx(path);
 * if (shape.join() !== "3" || values.join() !== "7,9,2") throw new Error("three labels");
 * ```
 */
export function readIdx(path: string): Idx {
  checkArgument("read an IDX file", "its path", path, text);
  const source = JSON.stringify(path);
  const contents = unzipped(readBytes(path, "an IDX file"), path);
  if (typeof contents === "string") throw new InputError(`read ${source}`, "a whole gzip file", contents);
  return parseIdx(contents, source);
}

/** The array that the bytes of an IDX file hold; `source` is how errors name it. */
export function parseIdx(bytes: Uint8Array, source: string): Idx {
  const refuse = (expected: string, got: string): never => {
    throw new InputError(`read ${source}`, expected, got);
  };
  const magic = `an IDX file, which begins with 00 00 08 and the number of dimensions`;
  const [zero, nought, type, dimensions] = bytes;
  if (bytes.length < 4 || zero !== 0 || nought !== 0) {
    refuse(magic, bytes.length === 0 ? "an empty file" : hex(bytes.subarray(0, 4)));
  }
  if (type !== UNSIGNED_BYTES) refuse("an IDX file of unsigned bytes (type 08)", `type ${hex(bytes.subarray(2, 3))}`);
  if (dimensions === 0) refuse(magic, "0 dimensions");
  const start = 4 + 4 * dimensions;
  if (bytes.length < start) refuse(`a head of ${start} bytes`, `a file of ${bytes.length}`);
  const head = new DataView(bytes.buffer, bytes.byteOffset, start);
  const shape = Array.from({ length: dimensions }, (_, j) => head.getUint32(4 + 4 * j));
  const size = start + shape.reduce((product, length) => product * length, 1);
  if (bytes.length !== size) refuse(`${size} bytes for ${shape.join(" × ")} entries`, `${bytes.length}`);
  return { shape, values: bytes.subarray(start) };
}

/**
 * What the bytes of a file hold, unzipped where they are gzipped; or, of a file that can't be unzipped, what it is.
 *
 * @param path name of the file: one that ends in `.gz` must be gzipped
 * @param limit bytes it may hold at the most
 */
export function unzipped(bytes: Uint8Array, path: string, limit?: number): Uint8Array | string {
  const isZipped = bytes[0] === 0x1f && bytes[1] === 0x8b;
  if (!isZipped && !path.endsWith(".gz")) return bytes;
  if (!isZipped) return bytes.length === 0 ? "an empty file" : `one that begins with ${hex(bytes.subarray(0, 2))}`;
  try {
    return gunzipSync(bytes, limit === undefined ? {} : { maxOutputLength: limit });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ERR_BUFFER_TOO_LARGE") return `one of more than ${limit} bytes when unzipped`;
    return code === "Z_BUF_ERROR" ? "one that was cut short" : `one that is damaged (${code})`;
  }
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(" ");
}
