import { listed } from "../errors.ts";

/**
 * What a value has to be: a test, and how a sentence calls it.
 *
 * `T` is the type of the values that pass, `Read` what they are read as: a name alone, say, as a list of one.
 */
export interface Kind<T = unknown, Read = T> {
  readonly wanted: string;
  readonly accepts: (value: unknown) => boolean;
  /** Whether a declaration's value of this kind must be there. */
  readonly isRequired?: boolean;
  /** What the value of a flag of the command line is called; absent: there is no such flag. */
  readonly written?: Written;
  /** The words there are, where it is one of some. */
  readonly words?: readonly string[];
  /** What a text is to be, where that can be more than one of the words. */
  readonly textWanted?: string;
  /** Reads a value as whoever asked for it wants it; absent: as it is. */
  read?(value: T): Read;
  /** Never there: TypeScript's knowledge of T. */
  readonly type?: T;
}

/** How values are written on the command line. */
export type Written =
  | "switch"
  | "number"
  | "name"
  | "column"
  | "columns"
  | "parameter=value"
  | "file"
  | "query"
  | "numbers";

/** The type of the values that a kind accepts. */
export type TypeOf<K> = K extends { readonly type?: infer T } ? Exclude<T, undefined> : never;

/** Squares and products of larger numbers, summed over rows, can overflow. */
export const LARGEST = 1e50;

export const text: Kind<string> = { wanted: "text", accepts: (value) => typeof value === "string" };
export const file: Kind<string> = { ...text, wanted: "the path of a file", written: "file" };
export const columnName: Kind<string> = { ...text, wanted: "the name of a column", written: "column" };
export const number: Kind<number> = {
  wanted: "a number",
  accepts: (value) => typeof value === "number",
  written: "number",
};
export const whole: Kind<number> = wholeFrom(1);
export const positive: Kind<number> = numberIn("a number above 0", (value) => value > 0 && Number.isFinite(value));
/** A size, 0 included, that can be squared. */
export const size: Kind<number> = numberIn(`a number from 0 to ${LARGEST}`, (value) => value >= 0 && value <= LARGEST);
/** What random numbers are drawn from. */
export const seed: Kind<number> = wholeFrom(-(2 ** 31), 2 ** 32 - 1);
export const truth: Kind<boolean> = {
  wanted: "true or false",
  accepts: (value) => typeof value === "boolean",
  written: "switch",
};
// biome-ignore lint/suspicious/noExplicitAny: what a function takes can't be seen.
export const callable: Kind<(...args: any[]) => any> = {
  wanted: "a function",
  accepts: (value) => typeof value === "function",
};
export const vector: Kind<Float64Array> = {
  wanted: "a Float64Array",
  accepts: (value) => typedAs(value, "Float64Array"),
};
export const unitNumbers: Kind<Int32Array> = {
  wanted: "an Int32Array of the units' numbers",
  accepts: (value) => typedAs(value, "Int32Array"),
};
export const numbers: Kind<ArrayLike<number>> = { wanted: "a list of numbers", accepts: (value) => isNumbers(value) };
/** Numbers, or where one is missing null or undefined. */
export const gapped: Kind<ArrayLike<number | null | undefined>> = {
  wanted: "a list of numbers",
  accepts: (value) => isNumbers(value, true),
};
/** An array, typed or not, of anything. */
export const cells: Kind<ArrayLike<unknown>> = {
  wanted: "an array",
  accepts: (value) => Array.isArray(value) || (ArrayBuffer.isView(value) && "length" in value),
};
export const signal: Kind<AbortSignal> = {
  wanted: "the signal of an AbortController",
  accepts: (value) => isObject(value) && typeof value.throwIfAborted === "function",
};
/** Whatever there is. */
export const anything: Kind = { wanted: "a value", accepts: () => true };
/** Numbers by name. */
export const byName: Kind<Readonly<Record<string, number>>> = {
  wanted: "an object of numbers by name",
  accepts: (value) => isObject(value) && !Array.isArray(value) && Object.values(value).every(number.accepts),
  written: "parameter=value",
};
/** Columns in a list, or one by its name. */
export const columnNames: Kind<string | readonly string[], readonly string[]> = {
  wanted: "a list of column names or the name of a column",
  accepts: (value) => text.accepts(value) || (Array.isArray(value) && Array.from(value).every(text.accepts)),
  written: "columns",
  read: (value) => [value].flat(),
};

/** A number that passes a test. */
export function numberIn(wanted: string, accepts: (value: number) => boolean): Kind<number> {
  return { ...number, wanted, accepts: (value) => typeof value === "number" && accepts(value) };
}

/** A whole number of a range. */
export function wholeFrom(least: number, most: number = Number.POSITIVE_INFINITY): Kind<number> {
  const range = most === Number.POSITIVE_INFINITY ? `from ${least} on` : `from ${least} to ${most}`;
  const isWithin = (value: number): boolean => Number.isSafeInteger(value) && value >= least && value <= most;
  return numberIn(`a whole number ${range}`, isWithin);
}

/** A value of the kind that must be there. */
export function required<K extends Kind>(kind: K): K & { readonly isRequired: true } {
  return { ...kind, isRequired: true };
}

/** One of some words. */
export function oneOf<const Word extends string>(words: readonly Word[]): Kind<Word> {
  return { wanted: listed(words), accepts: (value) => words.some((word) => word === value), written: "name", words };
}

/** A value of one of some kinds, written as the first that can be. */
export function either<K extends readonly Kind[]>(...kinds: K): Kind<TypeOf<K[number]>> {
  const { written, words } = kinds.find((kind) => kind.written !== undefined) ?? {};
  return {
    wanted: kinds.map(({ wanted }) => wanted).join(" or "),
    accepts: (value) => kinds.some((kind) => kind.accepts(value)),
    ...(written && { written }),
    ...(words && { words }),
  };
}

/** A list, each entry of the kind. */
export function listOf<T>(kind: Kind<T>, wanted: string): Kind<readonly T[]> {
  return { wanted, accepts: (value) => Array.isArray(value) && Array.from(value).every(kind.accepts) };
}

/** An object that has these entries, and perhaps others. */
export function objectOf<T>(entries: Readonly<Record<string, Kind>>, wanted: string): Kind<T> {
  return {
    wanted,
    accepts: (value) => isObject(value) && Object.entries(entries).every(([name, kind]) => isOf(value[name], kind)),
  };
}

/** An object whose every entry is of the kind, whatever its name. */
export function recordOf<T>(kind: Kind<T>, wanted: string): Kind<Readonly<Record<string, T>>> {
  return {
    wanted,
    accepts: (value) => isObject(value) && !Array.isArray(value) && Object.values(value).every(kind.accepts),
  };
}

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
