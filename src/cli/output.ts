import { renameSync, rmSync, writeFileSync } from "node:fs";
import { InputError, quote } from "../errors.ts";

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
  print(
    JSON.stringify(value, (_, entry) => (ArrayBuffer.isView(entry) ? Array.from(entry as Float64Array) : entry), 1),
  );
}

/** Writes a file whole or not at all. */
export function writeOutput(file: string, text: string): void {
  const partial = `${file}.${process.pid}.partial`;
  try {
    writeFileSync(partial, text);
    renameSync(partial, file);
  } catch (error) {
    rmSync(partial, { force: true });
    throw new InputError(
      `write ${quote(file)}`,
      "a file that can be written",
      (error as NodeJS.ErrnoException).code ?? "",
    );
  }
}

/** A table of text as CSV, its cells quoted where they must be. */
export function csv(rows: readonly (readonly (string | number)[])[]): string {
  const cell = (value: string | number): string => {
    const text = String(value);
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  return rows.map((row) => `${row.map(cell).join(",")}\n`).join("");
}
