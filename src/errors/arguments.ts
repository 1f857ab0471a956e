import { InputError, quote } from "../errors.ts";
import { isObject, isOf, type Kind } from "./kinds.ts";
import { slipOf } from "./nearest.ts";

/** Refuses an object that lacks what it must have, or has a value of the wrong kind; it may have other entries. */
export function checkFields(act: string, name: string, object: unknown, table: object): void {
  checkObject(act, name, object, table);
  checkEntries(act, object, table);
}

/** Refuses an argument of the wrong kind. */
export function checkArgument(act: string, name: string, value: unknown, kind: Kind, next?: string): void {
  if (kind.accepts(value)) return;
  throw new InputError(act, `${name} to be ${kind.wanted}`, shown(value), next ?? slipOf(value, kind.words));
}

/** A value as an error shows it: what it is, where it can't be quoted. */
export function shown(value: unknown): string {
  if (typeof value === "function") return "a function";
  if (!isObject(value)) return quote(value);
  if (Array.isArray(value)) return shownList(value);
  if (ArrayBuffer.isView(value)) return `a ${Object.prototype.toString.call(value).slice(8, -1)}`;
  return "mixture" in value && "theta" in value ? "a fit" : "an object";
}

/** A short list of values as it is: which entry is wrong can then be seen. */
function shownList(values: readonly unknown[]): string {
  if (values.length === 0) return "an empty array";
  const isPlain = values.length <= 8 && Array.from(values).every((value) => !isObject(value));
  const list = isPlain ? `[${Array.from(values, shown).join(", ")}]` : "";
  return isPlain && list.length <= 60 ? list : `an array of ${values.length}`;
}

/** Refuses what has no entries by name. */
export function checkObject(act: string, name: string, value: unknown, table: object): void {
  if (isObject(value) && !Array.isArray(value) && !ArrayBuffer.isView(value)) return;
  const [first] = Object.keys(table);
  throw new InputError(act, first === undefined ? `no ${name}` : `${name} such as { ${first}: … }`, shown(value));
}

/** Refuses an entry of the wrong kind. */
export function checkEntries(act: string, object: unknown, table: object): void {
  for (const [name, kind] of Object.entries<Kind>(table as never)) {
    const value = (object as Record<string, unknown>)[name];
    if (isOf(value, kind)) continue;
    throw new InputError(act, `${name} to be ${kind.wanted}`, shown(value), slipOf(value, kind.words));
  }
}
