import { isUtf8 } from "node:buffer";
import { InputError } from "../errors.ts";

/** Refuses bytes that are no text in UTF-8, naming the first line where they aren't. */
export function checkUtf8(bytes: Buffer, source: string): void {
  if (isText(bytes)) return;
  let start = 0;
  let line = 1;
  for (let end = lineEnd(bytes, 0); isText(bytes.subarray(start, end)); end = lineEnd(bytes, start)) {
    start = end;
    line++;
  }
  const { kind, next = "save it as CSV in UTF-8" } = kindOf(bytes);
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

/** How files begin that people take for CSV. */
const BEGINNINGS: readonly (readonly [bytes: string, Kind])[] = [
  ["\xff\xfe", { kind: "text in UTF-16" }],
  ["\xfe\xff", { kind: "text in UTF-16" }],
  ["PK\x03\x04", { kind: "a ZIP archive, such as an Excel workbook", next: "save the sheet as CSV in UTF-8" }],
  ["\xd0\xcf\x11\xe0", { kind: "an old Excel workbook", next: "save the sheet as CSV in UTF-8" }],
  ["\x1f\x8b", { kind: "a gzip archive", next: "unpack it" }],
  ["PAR1", { kind: "a Parquet file" }],
  ["ARROW1", { kind: "an Arrow file" }],
];

/** What bytes are that are no text in UTF-8, as far as they show. */
function kindOf(bytes: Buffer): Kind {
  const head = bytes.toString("latin1", 0, 1000);
  const found = BEGINNINGS.find(([beginning]) => head.startsWith(beginning));
  if (found !== undefined) return found[1];
  if (!bytes.includes(0)) return {};
  // Letters of most files are below 256: every second byte is zero, and no other.
  const isWide = /^(?:[^\0]\0){2,}.?$/s.test(head) || /^(?:\0[^\0]){2,}.?$/s.test(head);
  return { kind: isWide ? "text in UTF-16 without a byte order mark" : "a binary file" };
}
