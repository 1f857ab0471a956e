import {
  type BaseIssue,
  type BaseSchema,
  custom,
  object,
  optional,
  type PipeItem,
  pipe,
  safeParse,
  strictObject,
} from "valibot";
import { isObject, type Kind, listOf, required, seed, text, wholeFrom } from "../errors/kinds.ts";
import type { Declared } from "../errors/options.ts";
import { listed, quote } from "../errors.ts";
import { FORMULA_ENTRIES, type Formula } from "../frame/formula.ts";
import { MAKE } from "../models/make.ts";
import type { Make } from "./fitted-mixture.ts";
import type { Fingerprint, Origin } from "./origin.ts";
import { MATRICES, ORIGINS, type PriorsInFile } from "./priors-in-file.ts";

// What a model file may say: the entries of formula and make as they are declared for a fit, those of the file here.

export const FORMAT = "mixlens mixture";
export const VERSION = 1;

/** A make as a file has it. */
export type MakeInFile = Omit<Make, "priors"> & PriorsInFile;

/** What a model file says; the parameters are the mixture's to check. */
export interface ModelFile {
  readonly formula: Formula;
  readonly make: MakeInFile;
  readonly parameters: readonly unknown[];
  /** Absent in files of the first versions, and of models that were made by hand. */
  readonly origin?: Origin;
}

/** What was expected in a place of a file, and what is there. */
export interface Fault {
  readonly expected: string;
  readonly found: unknown;
  /** Whether it is another version that wrote the file. */
  readonly isVersion: boolean;
}

type Schema = BaseSchema<unknown, unknown, BaseIssue<unknown>>;

/** An entry of an object: what has to be there, and the sentence that says so. */
interface Entry {
  readonly wanted: string;
  readonly schema: Schema;
  readonly isOptional: boolean;
}

function entry(wanted: string, accepts: (value: unknown) => boolean, isOptional: boolean = false): Entry {
  return { wanted, schema: custom(accepts, wanted), isOptional };
}

/** The entries of a table, each with what its kind says. */
function entriesOf(what: string, table: object): Readonly<Record<string, Entry>> {
  const kinds = Object.entries<Kind>({ ...table });
  return Object.fromEntries(
    kinds.map(([name, { wanted, accepts, isRequired }]) => [
      name,
      entry(`the ${what}'s ${name} to be ${wanted}`, accepts, isRequired !== true),
    ]),
  );
}

/**
 * An object of such entries.
 *
 * @param others what to say of an entry that is none of them; absent: nothing
 */
function objectOfEntries(wanted: string, entries: Readonly<Record<string, Entry>>, others?: string): Entry {
  const schemas = Object.entries(entries).map(([name, { schema, isOptional }]) => {
    return [name, isOptional ? optional(schema) : schema] as const;
  });
  // Of an entry that is not there valibot says the name that it expected, in quotes.
  const said = new Map(Object.entries(entries).map(([name, own]) => [JSON.stringify(name), own.wanted]));
  const fields = Object.fromEntries(schemas);
  const message = ({ expected }: BaseIssue<unknown>): string => said.get(expected ?? "") ?? others ?? wanted;
  const parts = others === undefined ? object(fields, message) : strictObject(fields, message);
  // An array would pass for an object.
  const isRecord = custom<object>((value) => isObject(value) && !Array.isArray(value), wanted);
  return { wanted, schema: pipe(isRecord, parts as PipeItem<object, unknown, BaseIssue<unknown>>), isOptional: false };
}

/** A part of the model: an entry that another version may know would make another model of it. */
function part(what: string, table: object): Entry {
  const others = `no other entry of the ${what} than ${listed(Object.keys(table), "and")}`;
  return objectOfEntries(`the ${what} to be an object`, entriesOf(what, table), others);
}

// The make says which experts they are.
const { experts: _, ...FORMULA_IN_FILE } = FORMULA_ENTRIES;

const MAKE_IN_FILE = {
  ...MAKE,
  experts: required(MAKE.experts),
  k: required(MAKE.k),
  priors: MATRICES,
  priorOrigins: ORIGINS,
} satisfies Declared<MakeInFile>;

const checksum: Kind<string> = {
  wanted: "the 64 digits of a SHA-256",
  accepts: (value) => typeof value === "string" && /^[0-9a-f]{64}$/.test(value),
};

const DATA = {
  rows: required(wholeFrom(1)),
  columns: required(listOf(text, "a list of names")),
  sha256: required(checksum),
} satisfies Declared<Fingerprint>;

const ORIGIN: Readonly<Record<string, Entry>> = {
  ...entriesOf("origin", { mixlens: required(text), node: required(text), seed: required(seed), sql: text }),
  data: objectOfEntries("the origin's data to be an object", entriesOf("origin's data", DATA)),
};

const FILE = objectOfEntries(`an object with the format ${quote(FORMAT)}`, {
  format: entry(`the format ${quote(FORMAT)}`, (value) => value === FORMAT),
  version: entry(`version ${VERSION}`, (value) => value === VERSION),
  formula: part("formula", FORMULA_IN_FILE),
  make: part("make", MAKE_IN_FILE),
  parameters: entry("a list of parameters", Array.isArray),
  origin: { ...objectOfEntries("the origin to be an object", ORIGIN), isOptional: true },
});

/** What a file's JSON says, or the first fault in it. */
export function readModelFile(json: unknown): ModelFile | Fault {
  const { issues } = safeParse(FILE.schema, json, { abortEarly: true });
  // As the file has it, in its order.
  if (issues === undefined) return json as ModelFile;
  const [{ message, input, path }] = issues;
  return { expected: message, found: input, isVersion: path?.[0].key === "version" };
}
