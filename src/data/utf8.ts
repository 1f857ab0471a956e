import { isUtf8 } from "node:buffer";
import { readFileSync } from "node:fs";
import { InputError } from "../errors.ts";

const FAULTS: Readonly<Record<string, string>> = {
  ENOENT: "no such file",
  ENOTDIR: "no such file",
  EISDIR: "a folder",
  EACCES: "a file that may not be read",
  ERR_FS_FILE_TOO_LARGE: "a file of 2 GiB or more",
};

/** The bytes of a file; `wanted` is what it should have been, for the error. */
export function readBytes(path: string, wanted: string = "a CSV file"): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : String(error);
    throw new InputError(`read ${JSON.stringify(path)}`, wanted, FAULTS[code] ?? code);
  }
}

/** Refuses bytes that are no text in UTF-8, naming the first line where they aren't. */
export function checkUtf8(bytes: Buffer, source: string): void {
  if (isText(bytes)) return;
  let start = 0;
  let line = 1;
  for (let end = lineEnd(bytes, 0); isText(bytes.subarray(start, end)); end = lineEnd(bytes, start)) {
    start = end;
    line++;
  }
  const got = `bytes that are none on line ${line}`;
  throw new InputError(`read ${source}`, "text in UTF-8", got, "save it as CSV in UTF-8");
}

/** Where the line that starts here ends, its line feed included. */
export function lineEnd(bytes: Buffer, start: number): number {
  const end = bytes.indexOf("\n", start);
  return end < 0 ? bytes.length : end + 1;
}

// A zero byte is valid UTF-8 but comes in no text: UTF-16, archives and the like have them.
function isText(bytes: Buffer): boolean {
  return isUtf8(bytes) && !bytes.includes(0);
}
