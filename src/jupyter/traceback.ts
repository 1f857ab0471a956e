import { isAbsolute, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { inspect } from "node:util";
import { wellFormed } from "../display/json.ts";
import { TypeScriptError } from "./compiler.ts";
import type { ErrorOutput } from "./notebook.ts";
import { codeFrame, type Place, type Places } from "./places.ts";

/** Characters of a message, at the most. */
const LONGEST = 100_000;
/** Errors of a chain of causes, at the most: a cause may be made as it is asked for. */
const CAUSES = 10;

/**
 * An error as a notebook shows it: its message, the cell's lines, and where it came from, without the machinery.
 *
 * Cells may throw anything: what can't be read is said to be so.
 */
export function errorOutput(error: unknown, places: Places, folder: string): ErrorOutput {
  const { name, message } = nameAndMessage(error);
  const head = `${name}: ${message}`;
  const lines = attempt(() => (error instanceof TypeScriptError ? error.frames : undefined));
  const body = lines ?? trail(error, places, folder);
  return { output_type: "error", ename: name, evalue: message, traceback: [head, ...body, ...causes(error)] };
}

/** Errors of other realms are not instances of ours. */
function nameAndMessage(error: unknown): { name: string; message: string } {
  const [name, message] = [textOf(error, "name"), textOf(error, "message")];
  if (name !== undefined && message !== undefined) return { name: cut(name), message: cut(message) };
  const shown = typeof error === "string" ? error : attempt(() => inspect(error));
  return { name: "Uncaught", message: cut(shown ?? "a value that throws when it is read") };
}

function textOf(error: unknown, name: "name" | "message" | "stack"): string | undefined {
  const text = member(error, name);
  return typeof text === "string" ? text : undefined;
}

function member(error: unknown, name: string): unknown {
  if (typeof error !== "object" || error === null) return undefined;
  return attempt(() => (error as Record<string, unknown>)[name]);
}

function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

function cut(text: string): string {
  const rest = text.length - LONGEST;
  return wellFormed(rest > 0 ? `${text.slice(0, LONGEST)}… (${rest} more characters)` : text);
}

function causes(error: unknown): string[] {
  const seen = [error];
  for (
    let cause = member(error, "cause");
    cause !== undefined && seen.length <= CAUSES;
    cause = member(cause, "cause")
  ) {
    if (seen.includes(cause)) break;
    seen.push(cause);
  }
  return seen.slice(1).map((cause) => {
    const { name, message } = nameAndMessage(cause);
    return `caused by ${name}: ${message}`;
  });
}

interface Frame {
  readonly name: string;
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

function trail(error: unknown, places: Places, folder: string): string[] {
  const frames = framesOf(textOf(error, "stack") ?? "");
  const shown = frames
    .map((frame) => ({ frame, place: places.find(frame.file, frame.line, frame.column) }))
    // What stands around a cell's code, and is not the author's.
    .filter(({ frame, place }) => place !== undefined || !places.has(frame.file));
  const inCell = shown.find(({ place }) => place !== undefined)?.place;
  const lines = shown.slice(0, 12).map(({ frame, place }) => frameLine(frame, place, folder));
  return [...(inCell ? [codeFrame(inCell)] : []), ...(lines.length > 0 ? [lines.join("\n")] : [])];
}

function frameLine({ name, file, line, column }: Frame, place: Place | undefined, folder: string): string {
  const where = place
    ? `${place.name}, line ${place.line}, column ${place.column}`
    : `${isAbsolute(file) ? relative(folder, file) : file}:${line}:${column}`;
  return name === "" ? `    at ${where}` : `    at ${name} (${where})`;
}

const FRAME = /^ {4}at (?:(.*) \()?((?:file:|node:)?[^()\s][^()]*):(\d+):(\d+)\)?$/;

/** Frames of the author's code and the libraries it calls; below a cell's own stand those that run cells. */
function framesOf(stack: string): Frame[] {
  const found: Frame[] = [];
  for (const text of stack.split("\n")) {
    const [, name = "", file = "", line, column] = FRAME.exec(text) ?? [];
    if (file === "") continue;
    if (file === "node:vm" || /[\\/]tslab[\\/]dist[\\/]/.test(file)) break;
    if (file.startsWith("node:")) continue;
    const path = file.startsWith("file:") ? fileURLToPath(file) : file;
    found.push({
      name: name.replace(/^(async )?(?:exports|Object)\./, "$1"),
      file: path,
      line: Number(line),
      column: Number(column),
    });
  }
  return found;
}
