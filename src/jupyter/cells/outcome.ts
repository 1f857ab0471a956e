/** What came of a cell: the value of its last expression, or what it threw, or the compiler's complaint. */
export type Outcome = { readonly value: unknown } | { readonly error: unknown };

/** What a cell ends with when it is interrupted: nobody threw it, so it has no stack. */
export class Interrupted extends Error {
  override readonly name: string = "Interrupted";
  override readonly stack: string = "";
  readonly #isOne = true;

  /** Whether it is one: to ask what is thrown for its prototype may run code of its own. */
  static is(error: unknown): boolean {
    return typeof error === "object" && error !== null && #isOne in error;
  }
}
