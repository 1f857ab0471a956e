import { InputError } from "../errors.ts";
import { isObject, isOf, type Kind } from "./kinds.ts";
import { slipOf } from "./nearest.ts";
import { shown } from "./shown.ts";

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
