import { inspect } from "node:util";
import { wellFormed } from "../../display/json.ts";
import type { ErrorOutput } from "../run/notebook.ts";
import { TypeScriptError } from "./compiler.ts";
import { codeFrame } from "./places.ts";
import type { Stacks } from "./stacks.ts";

/** Characters of a message, at the most. */
const LONGEST = 100_000;
/** Errors of a chain of causes, at the most: a cause may be made as it is asked for. */
const CAUSES = 10;

/**
 * An error as a notebook shows it: its message, the cell's lines, and where it came from, without the machinery.
 *
 * Cells may throw anything: what can't be read is said to be so.
 */
export function errorOutput(error: unknown, stacks: Stacks): ErrorOutput {
  const { name, message } = nameAndMessage(error);
  const head = `${name}: ${message}`;
  const lines = attempt(() => (error instanceof TypeScriptError ? error.frames : undefined));
  const body = lines ?? trail(error, stacks);
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

/** The lines of the author's that are nearest to the error, and the calls that led there. */
function trail(error: unknown, stacks: Stacks): string[] {
  const stack = textOf(error, "stack");
  if (stack === undefined) return [];
  const steps = stacks.stepsOf(error as object, stack);
  const own = steps.find(({ place }) => place !== undefined)?.place;
  const calls = steps.map(({ text }) => text).join("\n");
  return [...(own === undefined ? [] : [codeFrame(own)]), ...(calls === "" ? [] : [calls])];
}
