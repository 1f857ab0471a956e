import { closeSync, openSync, readSync, statSync } from "node:fs";
import { InputError, listed } from "../errors.ts";

/** Kinds of files of rows, as errors call them. */
export type FileKind = "a CSV file" | "a Parquet file" | "a JSON file" | "an Arrow file";

const ENDINGS: readonly (readonly [ending: RegExp, kind: FileKind])[] = [
  [/\.(parquet|parq|pq)$/i, "a Parquet file"],
  [/\.(json|jsonl|ndjson)(\.gz)?$/i, "a JSON file"],
  [/\.(arrow|arrows|feather|ipc)$/i, "an Arrow file"],
];

/** How files begin whatever they are called. */
const BEGINNINGS: readonly (readonly [beginning: string, kind: FileKind])[] = [
  ["PAR1", "a Parquet file"],
  ["ARROW1", "an Arrow file"],
  ["FEA1", "an Arrow file"],
];

/** The one kind that files are of, by their names, or by how they begin. */
export function kindOfFiles(files: readonly string[], source: string): FileKind {
  const kinds = files.map(kindOf);
  const odd = kinds.findIndex((kind) => kind !== kinds[0]);
  if (odd < 0) return kinds[0];
  const got = `${kinds[0]} in ${listed([files[0]])} and ${kinds[odd]} in ${listed([files[odd]])}`;
  throw new InputError(`read ${source}`, "files of one kind", got);
}

function kindOf(path: string): FileKind {
  const named = ENDINGS.find(([ending]) => ending.test(path));
  if (named !== undefined) return named[1];
  const text = beginningOf(path);
  return BEGINNINGS.find(([beginning]) => text.startsWith(beginning))?.[1] ?? "a CSV file";
}

/** The first letters of a file; none of what can be read only once, or not at all: who reads it says why. */
function beginningOf(path: string): string {
  const bytes = Buffer.alloc(6);
  try {
    if (!statSync(path).isFile()) return "";
    const file = openSync(path, "r");
    try {
      return bytes.toString("latin1", 0, readSync(file, bytes));
    } finally {
      closeSync(file);
    }
  } catch {
    return "";
  }
}
