import { isUtf8 } from "node:buffer";
import { InputError } from "../errors.ts";

/** Refuses bytes that are no text in UTF-8, naming the first line where they aren't, and text that is clearly no table. */
export function checkUtf8(bytes: Buffer, source: string): void {
  if (isText(bytes)) {
    const head = bytes.toString("utf8", 0, 100).trimStart();
    const found = TEXTS.find(([beginning]) => beginning.test(head));
    if (found === undefined) return;
    const { kind = "", next } = found[1];
    throw new InputError(`read ${source}`, "a table as CSV", kind, next);
  }
  let start = 0;
  let line = 1;
  for (let end = lineEnd(bytes, 0); isText(bytes.subarray(start, end)); end = lineEnd(bytes, start)) {
    start = end;
    line++;
  }
  const { kind, next = SAVE } = kindOf(bytes);
  const got = `bytes that are none on line ${line}${kind === undefined ? "" : ` (${kind})`}`;
  throw new InputError(`read ${source}`, "text in UTF-8", got, next);
}

/** Where the line that starts here ends, its end included: CR LF, LF or CR. */
export function lineEnd(bytes: Buffer, start: number): number {
  for (let at = start; at < bytes.length; at++) {
    if (bytes[at] === LF) return at + 1;
    if (bytes[at] === CR) return bytes[at + 1] === LF ? at + 2 : at + 1;
  }
  return bytes.length;
}

const LF = 10;
const CR = 13;

// A zero byte is valid UTF-8 but comes in no text: UTF-16, archives and the like have them.
function isText(bytes: Buffer): boolean {
  return isUtf8(bytes) && !bytes.includes(0);
}

interface Kind {
  readonly kind?: string;
  readonly next?: string;
}

const SAVE = "save it as CSV in UTF-8";

/** How files begin that people take for CSV. */
const BEGINNINGS: readonly (readonly [bytes: string, Kind])[] = [
  ["PK\x03\x04", { kind: "a ZIP archive, such as an Excel workbook", next: "save the sheet as CSV in UTF-8" }],
  ["\xd0\xcf\x11\xe0", { kind: "an old Excel workbook", next: "save the sheet as CSV in UTF-8" }],
  ["BZh", { kind: "a bzip2 archive", next: "unpack it" }],
  ["\xfd7zXZ", { kind: "an xz archive", next: "unpack it" }],
  ["\x28\xb5\x2f\xfd", { kind: "a zstd archive", next: "unpack it" }],
  ["7z\xbc\xaf", { kind: "a 7z archive", next: "unpack it" }],
  ["PAR1", { kind: "a Parquet file", next: "read it with readTable" }],
  ["ARROW1", { kind: "an Arrow file" }],
  ["\x89HDF", { kind: "an HDF5 file" }],
  ["\x93NUMPY", { kind: "an array of numpy" }],
  ["SQLite format 3", { kind: "a SQLite database" }],
  ["RDX", { kind: "data of R", next: "write it with write.csv" }],
  ["%PDF", { kind: "a PDF" }],
];

/** How texts begin that are no table. */
const TEXTS: readonly (readonly [beginning: RegExp, Kind])[] = [
  [
    /^(\[\s*[[{]|\{\s*")/,
    { kind: "JSON", next: "give its rows as objects, or name it .json and read it with readTable" },
  ],
  [/^<(!doctype\s+html|html)\b/i, { kind: "a web page", next: "download the file itself" }],
  [/^<\?xml\b/i, { kind: "XML", next: "save it as CSV" }],
  [/^\{\\rtf/, { kind: "a text document", next: "save it as CSV" }],
  [/^version https:\/\/git-lfs\b/, { kind: "a pointer of Git LFS", next: "fetch the file with git lfs pull" }],
];

/** What bytes are that are no text in UTF-8, as far as they show. */
function kindOf(bytes: Buffer): Kind {
  const head = bytes.toString("latin1", 0, 1000);
  const found = BEGINNINGS.find(([beginning]) => head.startsWith(beginning));
  if (found !== undefined) return found[1];
  if (!bytes.includes(0)) return { next: `${SAVE}, or set encoding to "latin1" (--encoding latin1)` };
  // Letters of most files are below 256: every second byte is zero, and no other.
  const wide = [/^(?:[^\0]\0){2,}.?$/s, /^(?:\0[^\0]){2,}.?$/s].findIndex((pattern) => pattern.test(head));
  if (wide < 0) return { kind: head.slice(257, 262) === "ustar" ? "a tar archive" : "a binary file" };
  const encoding = wide === 0 ? "utf-16le" : "utf-16be";
  const next = `${SAVE}, or set encoding to "${encoding}" (--encoding ${encoding})`;
  return { kind: "text in UTF-16 without a byte order mark", next };
}
