import { fstatSync, writeFileSync } from "node:fs";
import { WorkFailure } from "../errors.ts";
import { reason } from "../files/output-place.ts";
import { jsonText } from "./json.ts";

/** Writes a line to stdout. */
export function print(text: string): void {
  printText(`${text}\n`);
}

/** Writes text to stdout as it is; where there is no room for it, that is said once, and the exit code is 1. */
export function printText(text: string): void {
  try {
    write(process.stdout, text);
  } catch (error) {
    unprinted(error);
  }
}

/** Writes a line to stderr, where all that is not the result goes; a stderr that takes nothing more has had it. */
export function log(text: string): void {
  try {
    write(process.stderr, `${text}\n`);
  } catch {}
}

/** Sees that a pipe that is closed, or a disk that is full, ends no command with a stack. */
export function guardStreams(): void {
  process.stdout.on("error", unprinted);
  process.stderr.on("error", () => {});
}

/** Node's stream of a file leaves out, without a word, what a disk that fills up has no room for. */
function write(stream: NodeJS.WriteStream & { readonly fd: number }, text: string): void {
  if (stream.isTTY || !isFile(stream.fd)) stream.write(text);
  else writeFileSync(stream.fd, text);
}

function isFile(descriptor: number): boolean {
  const found = fstatSync(descriptor);
  return found.isFile() || found.isCharacterDevice();
}

let isSaid = false;

function unprinted(error: unknown): void {
  // A reader that has seen enough (`| head`) is no failure.
  if ((error as NodeJS.ErrnoException).code === "EPIPE") return;
  process.exitCode = 1;
  if (isSaid) return;
  isSaid = true;
  log(new WorkFailure("print the result", "room for it on the standard output", reason(error)).message);
}

/** Prints the one JSON document of a command; what is not a finite number becomes null. */
export function printJson(value: unknown): void {
  print(jsonText(value));
}
