import { InputError, quote } from "../errors.ts";
import { isObject, isOf, type Kind } from "./kinds.ts";
import { nearest } from "./nearest.ts";

/** The options of a function, each with what it has to be: the one place that says so. */
export type Declared<Options> = { readonly [Name in keyof Options]-?: Kind };

/**
 * Refuses options that are no object, an unknown one, with the known name that it looks like, and a value of the wrong
 * kind. What numbers may be is left to who reads them.
 *
 * @param act what could not be done, as a verb phrase
 */
export function checkOptions<Options>(act: string, options: unknown, declared: Declared<Options>): void {
  checkObject(act, "options", options, declared);
  const known = Object.keys(declared);
  const unknown = Object.keys(options as object).find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new InputError(
      act,
      "the name of an option",
      quote(unknown),
      `did you mean ${quote(likeliest(unknown, known))}?`,
    );
  }
  checkEntries(act, options, declared);
}

/** Refuses an object that lacks what it must have, or has a value of the wrong kind; it may have other entries. */
export function checkFields<Fields>(act: string, name: string, object: unknown, declared: Declared<Fields>): void {
  checkObject(act, name, object, declared);
  checkEntries(act, object, declared);
}

/** Refuses an argument of the wrong kind. */
export function checkArgument(act: string, name: string, value: unknown, kind: Kind, next?: string): void {
  if (kind.accepts(value)) return;
  throw new InputError(act, `${name} to be ${kind.wanted}`, shown(value), next);
}

/** A value as an error shows it: what it is, where it can't be quoted. */
export function shown(value: unknown): string {
  if (typeof value === "function") return "a function";
  if (!isObject(value)) return quote(value);
  if (Array.isArray(value)) return value.length === 0 ? "an empty array" : `an array of ${value.length}`;
  if (ArrayBuffer.isView(value)) return `a ${Object.prototype.toString.call(value).slice(8, -1)}`;
  return "mixture" in value && "theta" in value ? "a fit" : "an object";
}

function checkObject(act: string, name: string, value: unknown, declared: object): void {
  if (isObject(value) && !Array.isArray(value) && !ArrayBuffer.isView(value)) return;
  const [first] = Object.keys(declared);
  throw new InputError(act, `${name} such as { ${first}: … }`, shown(value));
}

function checkEntries<Fields>(act: string, object: unknown, declared: Declared<Fields>): void {
  for (const [name, kind] of Object.entries<Kind>(declared)) {
    const value = (object as Record<string, unknown>)[name];
    if (!isOf(value, kind)) throw new InputError(act, `${name} to be ${kind.wanted}`, shown(value));
  }
}

/** The known name that one looks like; one that begins alike before all others. */
function likeliest(name: string, known: readonly string[]): string {
  const near = nearest(name, known, known.length);
  const [a, ...rest] = [name, ...near].map((word) => word.toLowerCase().replace(/[_-]/g, ""));
  const begins = rest.findIndex((word) => a.length > 2 && word.startsWith(a));
  return near[Math.max(begins, 0)];
}
