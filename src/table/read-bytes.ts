import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  fstatSync,
  openSync,
  readdirSync,
  readSync,
  statSync,
} from "node:fs";
import { basename, dirname } from "node:path";
import { slipOf } from "../errors/nearest.ts";
import { InputError, quote } from "../errors.ts";
import { isAddress } from "../files/glob.ts";

const FAULTS: Readonly<Record<string, string>> = {
  ENOENT: "no such file",
  ENOTDIR: "no such file",
  EISDIR: "a folder",
  EACCES: "a file that may not be read",
  ELOOP: "links that lead in a circle",
  ENAMETOOLONG: "a name that is too long",
  ENXIO: "a socket",
  EBADF: "no open descriptor",
  ERR_INVALID_ARG_VALUE: "a name with a zero byte",
};

/** Bytes at the most: what one buffer holds on every machine. */
export const MOST: number = 2 ** 31 - 1;
/** Bytes of the first part, and of the others at the most. */
const FIRST = 2 ** 16;
const PART = 2 ** 24;

/**
 * The bytes of a file, or of what is none: a FIFO, `/dev/stdin`, process substitution.
 *
 * @param wanted what the file should have been, for the error
 * @param check refuses a part as it comes, so that no more is read of what is refused
 * @throws InputError for a file that can't be read, and for 2 GiB or more
 */
export function readBytes(path: string, wanted: string = "a CSV file", check: Check = pass): Buffer {
  try {
    const own = /^\/dev\/(?:std(in)|fd\/(\d+))$/.exec(path);
    // Opening it anew fails for a socket, as programs that start others make.
    if (own !== null) return readAll(own[1] ? 0 : Number(own[2]), check);
    const descriptor = openSync(path, "r");
    try {
      return readAll(descriptor, check);
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    throw refusal(path, wanted, error);
  }
}

/**
 * Refuses what is no file that others can open by its name, and read more than once.
 *
 * @param wanted what the file should have been
 */
export function checkFile(path: string, wanted: string): void {
  try {
    const found = statSync(path);
    if (found.isDirectory()) throw Object.assign(new Error(), { code: "EISDIR" });
    if (!found.isFile()) throw new InputError(`read ${JSON.stringify(path)}`, wanted, "no file", "write it to one");
    accessSync(path, constants.R_OK);
  } catch (error) {
    throw refusal(path, wanted, error);
  }
}

/** What is said of a file that can't be read. */
function refusal(path: string, wanted: string, error: unknown): unknown {
  if (!(error instanceof Error && "code" in error)) return error;
  const code = String(error.code);
  const next = isAddress(path) ? FETCH : code === "EISDIR" ? inFolder(path, wanted) : (NEXT[code] ?? meant(path, code));
  return new InputError(`read ${JSON.stringify(path)}`, wanted, FAULTS[code] ?? code, next);
}

/** What to ask of a name that no file has. */
function meant(path: string, code: string): string | undefined {
  if (code !== "ENOENT") return undefined;
  if (path === "-") return "the name of the standard input is /dev/stdin";
  const folder = dirname(path);
  if (!existsSync(folder)) return `there is no folder ${quote(folder)}`;
  try {
    return slipOf(basename(path), readdirSync(folder));
  } catch {
    return undefined;
  }
}

/** What a folder of files of rows may be named by; one whose name says nothing may have others in it, as Hive writes them. */
const FILES: Readonly<Record<string, string>> = {
  "a CSV file": "**/*.parquet",
  "a Parquet file": "*.parquet",
  "a JSON file": "*.json",
  "an Arrow file": "*.arrow",
};

/** What to do about a folder. */
function inFolder(path: string, wanted: string): string | undefined {
  const files = FILES[wanted];
  return files && `name the files in it, such as ${quote(`${path.replace(/\/$/, "")}/${files}`)}`;
}

/** What to do about a file of another machine. */
export const FETCH: string = "fetch it first: only files of this machine are read";

const NEXT: Readonly<Record<string, string>> = { [tooLarge().code]: "split it, or leave columns and rows out" };

/** Sees a part as it comes, and all that has come with it. */
export type Check = (part: Buffer, all: Buffer) => void;

function pass(): void {}

function readAll(descriptor: number, check: Check): Buffer {
  // What is no file may say any size.
  const { size } = fstatSync(descriptor);
  let bytes: Buffer = Buffer.allocUnsafe(FIRST);
  let length = 0;
  for (;;) {
    const count = readPart(descriptor, bytes, length);
    if (count === 0) return bytes.subarray(0, length);
    length += count;
    check(bytes.subarray(length - count, length), bytes.subarray(0, length));
    if (length >= MOST || size > MOST) throw tooLarge();
    if (length < bytes.length) continue;
    const larger = Buffer.allocUnsafe(Math.min(MOST, Math.max(2 * length, size + 1)));
    bytes.copy(larger);
    bytes = larger;
  }
}

function tooLarge(): Error & { readonly code: string } {
  return Object.assign(new Error(), { code: "a file of 2 GiB or more" });
}

/** Milliseconds until a pipe that has nothing yet is asked again. */
const PAUSE = 10;

function readPart(descriptor: number, bytes: Buffer, from: number): number {
  for (;;) {
    try {
      return readSync(descriptor, bytes, from, Math.min(PART, bytes.length - from), null);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === "EOF") return 0;
      if (code !== "EAGAIN") throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE);
    }
  }
}
