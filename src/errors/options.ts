import { InputError, quote } from "../errors.ts";
import { checkEntries, checkObject } from "./arguments.ts";
import type { Kind, TypeOf } from "./kinds.ts";
import { likeliest } from "./nearest.ts";

// The options of a function are declared in one table: the name, kind and default of each, and what it is. From the table
// come the checks and, where others read it too, the type of the options, the flags of the command line, what a model file
// keeps and the documentation. A table of one function alone is a constant next to it that `satisfies Declared<Options>`,
// of an interface of few entries. One that is read elsewhere is a class of fields, each with its type: the one form in which
// a name stands once and is yet known, with its comment, to whoever only has the declarations.

/** An option that may be left out. */
export interface Optional<T, Read = T> extends Kind<T, Read> {
  /** What it is, in a line that begins with its noun. */
  readonly help?: string;
  /** What stands in for it where it is left out, in words; a default that is a value is `value`. */
  readonly otherwise?: string;
  /** Name of its flag where that is not its own. */
  readonly flag?: string;
}

/** An option that must be there. */
export interface Needed<T, Read = T> extends Optional<T, Read> {
  readonly isRequired: true;
}

/** An option that has a value where it is left out. */
export interface Defaulted<T, Read = T> extends Optional<T, Read> {
  readonly value: T;
  /** The value where the others that are given decide it, if they do. */
  readonly by?: (given: Readonly<Record<string, unknown>>) => T | undefined;
}

/** More to say of an option than what it is. */
type About = Pick<Optional<unknown>, "otherwise" | "flag">;

export function optional<T, Read>(kind: Kind<T, Read>, help: string, about: About = {}): Optional<T, Read> {
  return { ...kind, help, ...about };
}

export function needed<T, Read>(kind: Kind<T, Read>, help: string): Needed<T, Read> {
  return { ...kind, help, isRequired: true };
}

export function defaulted<T, Read>(kind: Kind<T, Read>, value: T, help?: string): Defaulted<T, Read> {
  return { ...kind, ...(help && { help }), value };
}

/** The table of a function's options: one entry for each of an interface, of its type, required where that has it. */
export type Declared<Options> = {
  readonly [Name in keyof Options]-?: Kind<Exclude<Options[Name], undefined>, unknown> &
    (Record<never, never> extends Pick<Options, Name> ? unknown : { readonly isRequired: true });
};

type NeededIn<Table> = {
  [Name in keyof Table]: Table[Name] extends { readonly isRequired: true } ? Name : never;
}[keyof Table];
type FilledIn<Table> = {
  [Name in keyof Table]: Table[Name] extends { readonly value: unknown } ? Name : never;
}[keyof Table];
// Of names that are a parameter: TypeScript then keeps the comments of the table's fields.
type There<Table, Names extends keyof Table> = { readonly [Name in Names]: TypeOf<Table[Name]> };
type Perhaps<Table, Names extends keyof Table> = { readonly [Name in Names]?: TypeOf<Table[Name]> };
type ReadOf<Option> = Option extends { read?(value: never): infer Read } ? Read : never;

/** The options of a table as they are given. */
export type OptionsOf<Table> = There<Table, NeededIn<Table>> & Perhaps<Table, Exclude<keyof Table, NeededIn<Table>>>;

/** The options of a table as they are read: with the defaults, and in one form whatever may be said in two. */
export type PlanOf<Table> = {
  readonly [Name in NeededIn<Table> | FilledIn<Table>]: ReadOf<Table[Name]>;
} & { readonly [Name in Exclude<keyof Table, NeededIn<Table> | FilledIn<Table>>]?: ReadOf<Table[Name]> };

/**
 * Reads options: with the default of each that is left out.
 *
 * @param act what could not be done, as a verb phrase
 * @throws InputError for options that are no object, an unknown one, with the known name that it looks like, and a value of
 *   the wrong kind
 */
export function readOptions<Table extends object>(act: string, options: unknown, table: Table): PlanOf<Table> {
  checkObject(act, "options", options, table);
  const known = Object.keys(table);
  const unknown = Object.keys(options as object).find((name) => !known.includes(name));
  if (unknown !== undefined) throw noOption(act, unknown, known);
  checkEntries(act, options, table);
  const given = options as Readonly<Record<string, unknown>>;
  const read = Object.entries<Kind & Partial<Defaulted<unknown>>>(table as never).flatMap(([name, option]) => {
    const value = given[name] === undefined ? (option.by?.(given) ?? option.value) : given[name];
    return value === undefined ? [] : [[name, option.read ? option.read(value) : value]];
  });
  return Object.fromEntries(read);
}

/** What stands in for an option that is left out; nothing where it must be there, or need not be. */
export function defaultOf({ value, otherwise }: Optional<unknown> & { readonly value?: unknown }): string | undefined {
  if (value === undefined) return otherwise;
  return Array.isArray(value) ? value.join(" and ") : String(value);
}

/** Those of the options that are declared in this table. */
export function partOf<Plan extends object, Table extends object>(
  plan: Plan,
  table: Table,
): Pick<Plan, keyof Plan & keyof Table> {
  return Object.fromEntries(Object.entries(plan).filter(([name]) => name in table)) as never;
}

function noOption(act: string, name: string, known: readonly string[]): InputError {
  if (known.length === 0) return new InputError(act, "no options", quote(name));
  return new InputError(act, "the name of an option", quote(name), `did you mean ${quote(likeliest(name, known))}?`);
}
