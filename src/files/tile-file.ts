import { createHash } from "node:crypto";
import { closeSync, fstatSync, fsyncSync, openSync, readSync, renameSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { crc32 } from "node:zlib";
import { aheadReader, fill } from "../compute/reading-ahead.ts";
import { InputError, quote } from "../errors.ts";
import { draftOf, removeDrafts } from "./draft.ts";
import { checkOutput, placeOf, WriteFailure } from "./output-place.ts";

/** How the file begins: what it is, how long its header is and where, and the header's checksum. */
const MAGIC = Buffer.from("mixlens tiles 1\n");
/** Where the first stretch begins: on a page of its own. */
const FIRST = 4096;
const HEAD = { at: MAGIC.length, length: MAGIC.length + 8, sum: MAGIC.length + 16 } as const;

/** Bytes of many stretches in a file: all have one length, but for the last. */
export interface TileFile<Header> {
  readonly header: Header;
  /** Checksum of each stretch, CRC-32. */
  readonly sums: readonly number[];
  /** Copies a stretch, counted from 0; the next one is fetched meanwhile, where they come from a disk. */
  readonly read: (stretch: number, into: Uint8Array) => void;
  readonly close: () => void;
}

/** What the file says of itself. */
interface Contents<Header> {
  readonly header: Header;
  /** Bytes of a stretch, and of all. */
  readonly stretchBytes: number;
  readonly bytes: number;
  /** Checksum of each stretch. */
  readonly sums: readonly number[];
}

/** A file of stretches while it is written: a draft, which takes its name when all is there. */
export interface TileWriter<Header> {
  readonly add: (bytes: Uint8Array) => void;
  /** Ends the file, which is then there whole, and opens it. */
  readonly finish: (header: Header) => TileFile<Header>;
  /** Gives it up; nothing is left. */
  readonly abandon: () => void;
}

/**
 * Begins a file of stretches of a length; nobody finds it by its name before it is whole.
 *
 * @param file undefined: one without a name, which is gone with the process
 * @throws InputError for a file that can't be written, and for one that is there and was not made here
 */
export function writeTileFile<Header>(file: string | undefined, stretchBytes: number): TileWriter<Header> {
  if (file !== undefined) checkCache(file);
  const draft = draftOf(file ?? join(tmpdir(), "mixlens-tiles"));
  removeDrafts(dirname(draft));
  const sums: number[] = [];
  let bytes = 0;
  const failing = <T>(act: () => T): T => {
    try {
      return act();
    } catch (error) {
      throw new WriteFailure(file ?? draft, error);
    }
  };
  const descriptor = failing(() => openSync(draft, "wx+", 0o600));
  const abandon = (): void => {
    closeSync(descriptor);
    rmSync(draft, { force: true });
  };
  return {
    add: (stretch) =>
      failing(() => {
        writeAll(descriptor, stretch, FIRST + bytes);
        sums.push(crc32(stretch));
        bytes += stretch.length;
      }),
    finish: (header) =>
      failing(() => {
        const contents: Contents<Header> = { header, stretchBytes, bytes, sums };
        writeAll(descriptor, headOf(descriptor, contents), 0);
        if (file !== undefined) {
          fsyncSync(descriptor);
          renameSync(draft, pathOf(file));
        }
        // What is open stays, as long as it is, without a name.
        else rmSync(draft, { force: true });
        return opened(descriptor, contents);
      }),
    abandon,
  };
}

/** Writes the header behind the stretches, and returns what the file begins with. */
function headOf(descriptor: number, contents: Contents<unknown>): Buffer {
  const text = Buffer.from(JSON.stringify(contents));
  writeAll(descriptor, text, FIRST + contents.bytes);
  const head = Buffer.alloc(FIRST);
  MAGIC.copy(head);
  head.writeBigUInt64LE(BigInt(FIRST + contents.bytes), HEAD.at);
  head.writeBigUInt64LE(BigInt(text.length), HEAD.length);
  createHash("sha256").update(text).digest().copy(head, HEAD.sum);
  return head;
}

/**
 * Opens a file of stretches that is there, once every checksum in it is right.
 *
 * @returns the file, or why it can't be trusted, in words; nothing where there is no such file
 * @throws InputError for a file that was not made here
 * @remarks cost: the file is read once
 */
export function openTileFile<Header>(file: string): TileFile<Header> | string | undefined {
  if (!checkCache(file)) return undefined;
  const descriptor = openSync(file, "r");
  const fault = faultIn(descriptor);
  if (typeof fault !== "string") return opened(descriptor, fault as Contents<Header>);
  closeSync(descriptor);
  return fault;
}

/** Refuses a place where no cache can be, and a file that is none; whether there is one that is not empty. */
function checkCache(file: string): boolean {
  checkOutput(file);
  const place = placeOf(file);
  const act = `use the cache ${quote(file)}`;
  if (place.kind !== "file") throw new InputError(act, "a file that can be read again", "another place", "name a file");
  if (place.old === undefined || place.old.size === 0) return false;
  const descriptor = openSync(file, "r");
  try {
    const begins = Buffer.alloc(MAGIC.length);
    readSync(descriptor, begins);
    if (begins.equals(MAGIC)) return true;
  } finally {
    closeSync(descriptor);
  }
  throw new InputError(act, "a cache that mixlens wrote, or no file yet", "another file", "name another");
}

function pathOf(file: string): string {
  const place = placeOf(file);
  return place.kind === "file" ? place.path : file;
}

/** What a file says of itself, or why it can't be trusted. */
function faultIn(descriptor: number): Contents<unknown> | string {
  const { size } = fstatSync(descriptor);
  const head = bytesAt(descriptor, 0, FIRST);
  if (head === undefined) return "it is cut short";
  const [at, length] = [HEAD.at, HEAD.length].map((from) => Number(head.readBigUInt64LE(from)));
  if (at + length > size) return "it is cut short";
  const text = bytesAt(descriptor, at, length);
  if (
    text === undefined ||
    !createHash("sha256")
      .update(text)
      .digest()
      .equals(head.subarray(HEAD.sum, HEAD.sum + 32))
  ) {
    return "it is damaged";
  }
  const contents: Contents<unknown> = JSON.parse(text.toString());
  const stretch = Buffer.allocUnsafe(contents.stretchBytes);
  for (const [number, sum] of contents.sums.entries()) {
    const part = stretch.subarray(0, lengthOf(contents, number));
    if (!fill(readSync, descriptor, part, FIRST + number * contents.stretchBytes)) return "it is cut short";
    if (crc32(part) !== sum) return "it is damaged";
  }
  return contents;
}

function lengthOf({ stretchBytes, bytes }: Contents<unknown>, stretch: number): number {
  return Math.min(stretchBytes, bytes - stretch * stretchBytes);
}

function opened<Header>(descriptor: number, contents: Contents<Header>): TileFile<Header> {
  const { header, sums, stretchBytes } = contents;
  const { read, close } = aheadReader(descriptor);
  const partOf = (stretch: number) => ({
    at: FIRST + stretch * stretchBytes,
    length: lengthOf(contents, stretch),
  });
  return {
    header,
    sums,
    read: (stretch, into) => {
      const { at, length } = partOf(stretch);
      // After the last stretch comes the next pass.
      if (read(at, into.subarray(0, length), partOf((stretch + 1) % sums.length))) return;
      throw new InputError("read the cache", "all of its rows", "a file that was cut short since", "run it again");
    },
    close: () => {
      close();
      closeSync(descriptor);
    },
  };
}

function bytesAt(descriptor: number, at: number, length: number): Buffer | undefined {
  const bytes = Buffer.alloc(length);
  return fill(readSync, descriptor, bytes, at) ? bytes : undefined;
}

function writeAll(descriptor: number, bytes: Uint8Array, at: number): void {
  for (let done = 0; done < bytes.length; ) {
    done += writeSync(descriptor, bytes, done, bytes.length - done, at + done);
  }
}
