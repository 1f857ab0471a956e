import { listed } from "../errors.ts";

/** What a value has to be: a test, and how a sentence calls it. */
export interface Kind {
  readonly wanted: string;
  readonly accepts: (value: unknown) => boolean;
  /** Whether a declaration's value of this kind must be there. */
  readonly isRequired?: boolean;
}

export const text: Kind = { wanted: "text", accepts: (value) => typeof value === "string" };
export const number: Kind = { wanted: "a number", accepts: (value) => typeof value === "number" };
export const whole: Kind = {
  wanted: "a whole number from 1 on",
  accepts: (value) => Number.isSafeInteger(value) && (value as number) >= 1,
};
export const truth: Kind = { wanted: "true or false", accepts: (value) => typeof value === "boolean" };
export const callable: Kind = { wanted: "a function", accepts: (value) => typeof value === "function" };
export const vector: Kind = { wanted: "a Float64Array", accepts: (value) => typedAs(value, "Float64Array") };
export const numbers: Kind = { wanted: "a list of numbers", accepts: isNumbers };
/** Numbers, or where one is missing null or undefined. */
export const gapped: Kind = { wanted: "a list of numbers", accepts: (value) => isNumbers(value, true) };
/** An array, typed or not, of anything. */
export const cells: Kind = {
  wanted: "an array",
  accepts: (value) => Array.isArray(value) || (ArrayBuffer.isView(value) && "length" in value),
};
export const signal: Kind = {
  wanted: "the signal of an AbortController",
  accepts: (value) => isObject(value) && typeof value.throwIfAborted === "function",
};

/** What is checked by who reads it. */
export const anything: Kind = { wanted: "anything", accepts: () => true };

/** A value of the kind that must be there. */
export function required(kind: Kind): Kind {
  return { ...kind, isRequired: true };
}

/** One of some words. */
export function oneOf(words: readonly string[]): Kind {
  return { wanted: listed(words), accepts: (value) => words.some((word) => word === value) };
}

/** A value of one of some kinds. */
export function either(...kinds: readonly Kind[]): Kind {
  return {
    wanted: kinds.map(({ wanted }) => wanted).join(" or "),
    accepts: (value) => kinds.some((kind) => kind.accepts(value)),
  };
}

/** A list, each entry of the kind. */
export function listOf(kind: Kind, wanted: string): Kind {
  return { wanted, accepts: (value) => Array.isArray(value) && Array.from(value).every(kind.accepts) };
}

/** An object that has these entries, and perhaps others. */
export function objectOf(entries: Readonly<Record<string, Kind>>, wanted: string): Kind {
  return {
    wanted,
    accepts: (value) => isObject(value) && Object.entries(entries).every(([name, kind]) => isOf(value[name], kind)),
  };
}

/** An object of numbers by name. */
export const byName: Kind = {
  wanted: "an object of numbers by name",
  accepts: (value) => isObject(value) && !Array.isArray(value) && Object.values(value).every(number.accepts),
};

/** Whether an entry is of a kind; one that is not required may be missing. */
export function isOf(value: unknown, kind: Kind): boolean {
  return value === undefined ? kind.isRequired !== true : kind.accepts(value);
}

/** Whether a value has properties. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

// By its tag: an array that another realm, such as a notebook's, made is none of this one's class.
export function typedAs(value: unknown, name: string): value is ArrayLike<number> {
  return ArrayBuffer.isView(value) && (value as { [Symbol.toStringTag]?: string })[Symbol.toStringTag] === name;
}

function isNumbers(value: unknown, hasGaps: boolean = false): value is ArrayLike<number> {
  if (ArrayBuffer.isView(value)) return "length" in value && typeof (value as never as number[])[0] !== "bigint";
  const isNumber = (entry: unknown): boolean => typeof entry === "number" || (hasGaps && (entry ?? null) === null);
  return Array.isArray(value) && Array.from(value).every(isNumber);
}
