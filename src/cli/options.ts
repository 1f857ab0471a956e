import { toNumber } from "../data/cell.ts";
import { csvCells } from "../data/csv.ts";
import { InputError, quote } from "../errors.ts";

/** Reads an option that is a number. */
export function number(name: string): (text: string) => number {
  return (text) => {
    const value = toNumber(text);
    if (!Number.isNaN(value)) return value;
    throw new InputError("run mixlens", `a number for --${name}`, quote(text));
  };
}

/** Reads an option that is a list of column names, written as in a header: in quotes where a name holds a comma. */
export function names(text: string): readonly string[] {
  return csvCells(text, `the columns ${quote(text)}`);
}

/** Reads an option that is one of a few words. */
export function oneOf<Word extends string>(name: string, words: readonly Word[]): (text: string) => Word {
  return (text) => {
    const found = words.find((word) => word === text);
    if (found !== undefined) return found;
    throw new InputError("run mixlens", `--${name} to be ${either(words)}`, quote(text));
  };
}

/** Two words or more in a sentence: `a, b or c`. */
export function either(words: readonly string[]): string {
  return `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`;
}
