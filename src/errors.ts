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
    super(oneLine(`Cannot ${act}: expected ${expected}, got ${got}${next === undefined ? "" : `; ${next}`}`));
  }
}

/** A value as it may stand in an error: quoted, on one line, cut where it is long. */
export function quote(value: unknown): string {
  const text = typeof value === "string" ? JSON.stringify(value) : String(value);
  return oneLine(text.length > 60 ? `${text.slice(0, 57)}…${text.at(-1) === '"' ? '"' : ""}` : text);
}

function oneLine(text: string): string {
  return text.replace(/\s*[\r\n]+\s*/g, " ");
}
