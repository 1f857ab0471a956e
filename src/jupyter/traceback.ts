import { isAbsolute, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { inspect } from "node:util";
import { TypeScriptError } from "./compiler.ts";
import type { ErrorOutput } from "./notebook.ts";
import { codeFrame, type Place, type Places } from "./places.ts";

/** An error as a notebook shows it: its message, the cell's lines, and where it came from, without the machinery. */
export function errorOutput(error: unknown, places: Places, folder: string): ErrorOutput {
  const { name, message } = nameAndMessage(error);
  const head = `${name}: ${message}`;
  const body = error instanceof TypeScriptError ? error.frames : trail(error, places, folder);
  return { output_type: "error", ename: name, evalue: message, traceback: [head, ...body, ...causes(error)] };
}

/** Cells may throw anything, and errors of other realms are not instances of ours. */
function nameAndMessage(error: unknown): { name: string; message: string } {
  if (isErrorLike(error)) return { name: error.name, message: error.message };
  return { name: "Uncaught", message: typeof error === "string" ? error : inspect(error) };
}

function isErrorLike(value: unknown): value is Error {
  if (typeof value !== "object" || value === null || !("name" in value) || !("message" in value)) return false;
  return typeof value.name === "string" && typeof value.message === "string";
}

function causes(error: unknown): string[] {
  const said: string[] = [];
  const seen = new Set<unknown>([error]);
  for (let cause = causeOf(error); cause !== undefined && !seen.has(cause); cause = causeOf(cause)) {
    seen.add(cause);
    const { name, message } = nameAndMessage(cause);
    said.push(`caused by ${name}: ${message}`);
  }
  return said;
}

function causeOf(error: unknown): unknown {
  return isErrorLike(error) ? error.cause : undefined;
}

interface Frame {
  readonly name: string;
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

function trail(error: unknown, places: Places, folder: string): string[] {
  const frames = isErrorLike(error) ? framesOf(error) : [];
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
function framesOf(error: Error): Frame[] {
  const found: Frame[] = [];
  for (const text of (error.stack ?? "").split("\n")) {
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
