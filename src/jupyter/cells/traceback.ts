import { inspect } from "node:util";
import { wellFormed } from "../../display/json.ts";
import type { ErrorOutput } from "../run/notebook.ts";
import { TypeScriptError } from "./compiler.ts";
import { codeFrame } from "./places.ts";
import type { Stacks, Step } from "./stacks.ts";

/** Characters of a message, at the most. */
const LONGEST = 100_000;
/** Errors within an error, at the most: a cause may be made as it is asked for. */
const INNER = 10;
/** Calls that are shown of each of them. */
const CALLS = 3;

/**
 * An error as a notebook shows it: its message, the cell's lines, and where it came from, without the machinery.
 *
 * Cells may throw anything: what can't be read is said to be so.
 */
export function errorOutput(error: unknown, stacks: Stacks): ErrorOutput {
  const { name, message } = nameAndMessage(error);
  const head = `${name}: ${message}`;
  const inner = innerErrors(error);
  // That is made where all of a block has ended, by code that nobody wrote.
  const steps = [isSuppressed(error) ? undefined : error, ...inner.map(([, one]) => one)].map((one) =>
    stepsOf(one, stacks),
  );
  const own = steps.flat().find(({ place }) => place !== undefined)?.place;
  const frames = attempt(() => (error instanceof TypeScriptError ? error.frames : undefined));
  const body = frames ?? [...(own === undefined ? [] : [codeFrame(own)]), ...callsOf(steps[0])];
  const more = inner.map(([how, one], at) => {
    const { name, message } = nameAndMessage(one);
    return [`${how} ${name}: ${message}`, ...callsOf(steps[at + 1].slice(0, CALLS))].join("\n");
  });
  return { output_type: "error", ename: name, evalue: message, traceback: [head, ...body, ...more] };
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

/** The errors that an error tells of, and how: what caused it, and those that it gathers. */
function innerErrors(error: unknown): [string, unknown][] {
  const found: [string, unknown][] = [];
  const seen = new Set([error]);
  const gather = (outer: unknown): void => {
    const [cause, errors] = [member(outer, "cause"), member(outer, "errors")];
    const gathered = (Array.isArray(errors) ? attempt(() => errors.slice(0, INNER)) : undefined) ?? [];
    const inner = [
      ...(cause === undefined ? [] : [["caused by", cause]]),
      ...gathered.map((one) => ["one is", one]),
      ...(isSuppressed(outer) ? SUPPRESSED.map(([how, name]) => [how, member(outer, name)]) : []),
    ];
    for (const [how, one] of inner as [string, unknown][]) {
      if (seen.has(one) || found.length >= INNER) continue;
      seen.add(one);
      found.push([how, one]);
      gather(one);
    }
  };
  gather(error);
  return found;
}

/** What the error of a block, and then of what it disposes of, came to. */
const SUPPRESSED = [
  ["one is", "suppressed"],
  ["and then", "error"],
] as const;

function isSuppressed(error: unknown): boolean {
  return textOf(error, "name") === "SuppressedError";
}

/** The calls that led to an error. */
function stepsOf(error: unknown, stacks: Stacks): readonly Step[] {
  const stack = textOf(error, "stack");
  return stack === undefined ? stacks.stepsOfBare(error) : stacks.stepsOf(error as object, stack);
}

function callsOf(steps: readonly Step[]): string[] {
  return steps.length === 0 ? [] : [steps.map(({ text }) => text).join("\n")];
}
