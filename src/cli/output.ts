import { mkdirSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { writeWhole } from "../data/write-file.ts";
import { InputError, quote } from "../errors.ts";
import { jsonText } from "./json.ts";

/** Writes a line to stdout. */
export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Writes a line to stderr, where all that is not the result goes. */
export function log(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** Prints the one JSON document of a command; what is not a finite number becomes null. */
export function printJson(value: unknown): void {
  print(jsonText(value));
}

/** Writes a file whole or not at all. */
export async function writeOutput(file: string, text: string): Promise<void> {
  checkOutput(file);
  await writeWhole(file, text).catch((error: NodeJS.ErrnoException) => {
    throw unwritable(file, error.code ?? error.message);
  });
}

/** Refuses a file that can't be there: before the work whose result it would hold. */
export function checkOutput(file: string): void {
  if (file === "") throw unwritable(file, "no name");
  if (isFolder(file)) throw unwritable(file, "a folder");
  if (!isFolder(dirname(file))) throw unwritable(file, `no folder ${quote(dirname(file))}`);
}

/** Makes a folder, with those above it, unless it is there: before the work whose results it is for. */
export function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    throw new InputError(`write to ${quote(folder)}`, "a folder", (error as NodeJS.ErrnoException).code ?? `${error}`);
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

function unwritable(file: string, got: string): InputError {
  return new InputError(`write ${quote(file)}`, "a file that can be written", got);
}

/** A table of text as CSV, its cells quoted where they must be. */
export function csv(rows: readonly (readonly (string | number)[])[]): string {
  const cell = (value: string | number): string => {
    const text = String(value);
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  return rows.map((row) => `${row.map(cell).join(",")}\n`).join("");
}
