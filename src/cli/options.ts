import { type Command, Option } from "commander";
import type { Written } from "../errors/kinds.ts";
import { slipOf } from "../errors/nearest.ts";
import type { Defaulted, Optional } from "../errors/options.ts";
import { InputError, joined, quote } from "../errors.ts";
import { toNumber } from "../table/cell.ts";
import { csvCells } from "../table/csv.ts";

/** What a command reads rows from. */
export const DATA: string = "CSV, Parquet, JSON or Arrow file, or several by a pattern in quotes: 'sales-*.csv'";

type AnyOption = Optional<unknown> & Partial<Defaulted<unknown>>;

/** The model that a command reads. */
export const MODEL: string = "model file, as written by mixlens fit --model-out";

/** Adds a flag for each option of a table that can be written. */
export function addFlags(command: Command, table: object): void {
  for (const [name, option] of Object.entries<AnyOption>({ ...table })) {
    const written = flagOf(name, option);
    if (written === undefined) continue;
    const flag = new Option(written, describe(option)).makeOptionMandatory(option.isRequired === true);
    if (option.written !== "switch") flag.argParser(reader(name, option)).default(option.by ? undefined : option.value);
    command.addOption(flag);
  }
}

/** The flag of an option with the place of its value; nothing where it can't be written. */
export function flagOf(name: string, option: AnyOption): string | undefined {
  const { written, value } = option;
  if (written === undefined) return undefined;
  if (written === "switch") return value === true ? `--no-${nameOf(name, option)}` : `--${nameOf(name, option)}`;
  return `--${nameOf(name, option)} <${written}>`;
}

/** The name of a flag without its dashes. */
function nameOf(name: string, { flag }: AnyOption): string {
  return flag ?? name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

function describe(option: AnyOption): string {
  const { help = "", written, words, value, by, otherwise = by ? String(value) : "none" } = option;
  if (written === "switch") return value === true ? `no ${help}` : help;
  return `${help}${words ? `: ${joined(words)}` : ""}${otherwise === "none" ? "" : ` (default: ${otherwise})`}`;
}

/** Reads the value of an option's flag. */
export function reader(name: string, option: AnyOption): (text: string, before?: unknown) => unknown {
  const { written = "name", words, accepts, wanted, textWanted = words ? joined(words) : wanted } = option;
  const flag = `--${nameOf(name, option)}`;
  return (text, before) => {
    const value = readers[written](text, flag, before);
    if (accepts(value)) return value;
    throw new InputError("run mixlens", `${flag} to be ${textWanted}`, quote(text), slipOf(text, words));
  };
}

type Reader = (text: string, flag: string, before: unknown) => unknown;
const asItIs: Reader = (text) => text;

const readers: Readonly<Record<Written, Reader>> = {
  switch: asItIs,
  name: asItIs,
  column: asItIs,
  file: asItIs,
  query: asItIs,
  // Written as in a header: in quotes where a name holds a comma.
  columns: (text) => csvCells(text, `the columns ${quote(text)}`),
  number: (text, flag) => {
    const value = toNumber(text);
    if (!Number.isNaN(value)) return value;
    throw new InputError("run mixlens", `a number for ${flag}`, quote(text));
  },
  numbers: (text, flag) => text.split(",").map((part) => readers.number(part, flag, undefined)),
  // Each is added to those before it.
  "parameter=value": (text, flag, before) => {
    // A column's name may hold an equals sign, a number never does.
    const at = text.lastIndexOf("=");
    if (at < 0) throw new InputError("run mixlens", `${flag} parameter=value`, quote(text));
    const value = readers.number(text.slice(at + 1), flag, undefined);
    return { ...(before as object | undefined), [text.slice(0, at)]: value };
  },
};
