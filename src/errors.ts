/**
 * What was wrong with the input, in one line a reader can act on.
 *
 * Everything a caller can mend (a file, a column, an option) is reported by this class and no other; any other error
 * that escapes is a defect of the library.
 *
 * @example
 * ```ts
 * import { InputError } from "mixlens";
 * const error = new InputError("fit", "k of 1 or more", "0");
 * if (error.message !== "Cannot fit: expected k of 1 or more, got 0") throw error;
 * ```
 */
export class InputError extends Error {
  override readonly name: string = "InputError";

  /**
   * @param act what could not be done, as a verb phrase: `read "a.csv"`
   * @param expected what would have been right
   * @param got what was found, naming the column, row or option
   * @param next the next step, where there is one
   */
  constructor(act: string, expected: string, got: string, next?: string) {
    super(sentence(act, expected, got, next));
  }
}

/**
 * What failed though the input was right, in the same line: a download, a fit none of whose starts came to anything.
 *
 * @example
 * ```ts
 * import { FitFailure, fit, WorkFailure } from "mixlens";
 * try {
 *   fit({ x: [1, 2, 3, 4], y: [1, 3, 5, 7] }, { response: "y", k: 1 });
 *   throw new Error("these rows have no noise to fit");
 * } catch (error) {
 *   if (!(error instanceof WorkFailure && error instanceof FitFailure)) throw error;
 * }
 * ```
 */
export class WorkFailure extends Error {
  override readonly name: string = "WorkFailure";

  /** The parts of the line, as an InputError has them. */
  constructor(act: string, expected: string, got: string, next?: string) {
    super(sentence(act, expected, got, next));
  }
}

/** What is found, or the InputError by which it is refused; what else is thrown is a defect, and goes on. */
export function attempt<T>(
  find: () => T,
): { readonly found: T } | { readonly found?: undefined; readonly refusal: InputError } {
  try {
    return { found: find() };
  } catch (error) {
    if (error instanceof InputError) return { refusal: error };
    throw error;
  }
}

/** Why something was refused: the sentence less what could not be done. */
export function reasonOf({ message }: InputError): string {
  return message.replace(/^Cannot [^:]*: /, "");
}

function sentence(act: string, expected: string, got: string, next?: string): string {
  return oneLine(`Cannot ${act}: expected ${expected}, got ${got}${next === undefined ? "" : `; ${next}`}`);
}

/** A value as it may stand in an error: quoted, on one line, cut where it is long. */
export function quote(value: unknown): string {
  const text = typeof value === "string" ? JSON.stringify(value).replace(UNSEEN, escaped) : String(value);
  return oneLine(text.length > 60 ? `${text.slice(0, 57)}…${text.at(-1) === '"' ? '"' : ""}` : text);
}

/** Blanks that look like another, and what does not show: labels may differ in these alone. */
const UNSEEN = /[\u00a0\u00ad\u1680\u2000-\u200b\u200e\u200f\u2028-\u202f\u205f\u2060\u3000\ufeff]/g;

function escaped(letter: string): string {
  return `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

/** Names as errors list them: `"a", "b" or "c"`. */
export function listed(names: readonly string[], conjunction: "or" | "and" = "or"): string {
  return joined(names.map(quote), conjunction);
}

/** Words of a sentence: `a, b or c`. */
export function joined(words: readonly string[], conjunction: "or" | "and" = "or"): string {
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} ${conjunction} ${words.at(-1)}`;
}

function oneLine(text: string): string {
  return text.replace(/\s*[\r\n]+\s*/g, " ");
}
