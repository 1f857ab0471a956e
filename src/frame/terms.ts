import { InputError } from "../errors.ts";

/** Terms, each a product of variables by their labels, in the order of their first appearance; and whether the constant is one. */
export interface Terms {
  readonly terms: readonly (readonly string[])[];
  readonly one: boolean;
}

/** More terms than any table has rows for; powers of sums come to as many in no time. */
export const MOST_TERMS = 10_000;

/** Variables of one term at the most. */
const MOST_FACTORS = 100;

/** A term whatever the order of its variables. */
const key = (term: readonly string[]): string => JSON.stringify([...term].sort());

/** A sum of terms in the making. */
export class TermSum implements Terms {
  one: boolean;
  readonly #terms = new Map<string, readonly string[]>();

  constructor(one: boolean = false) {
    this.one = one;
  }

  get terms(): readonly (readonly string[])[] {
    return [...this.#terms.values()];
  }

  add({ terms, one }: Terms): this {
    for (const term of terms) {
      const own = key(term);
      if (!this.#terms.has(own)) this.#terms.set(own, term);
    }
    this.one ||= one;
    return this;
  }

  remove({ terms, one }: Terms): this {
    for (const term of terms) this.#terms.delete(key(term));
    this.one &&= !one;
    return this;
  }
}

/**
 * Every term of one times every term of the other.
 *
 * @throws InputError for a product of very many variables
 */
export function productOf(a: Terms, b: Terms): Terms {
  const times = (one: readonly string[], other: readonly string[]): readonly string[] => {
    const both = [...new Set([...one, ...other])];
    if (both.length <= MOST_FACTORS) return both;
    throw new InputError(
      "read the formula",
      `products of at most ${MOST_FACTORS} columns`,
      "one of more",
      "take fewer",
    );
  };
  const terms = a.terms.flatMap((one) => b.terms.map((other) => times(one, other)));
  return new TermSum().add({ terms, one: false });
}

/** What is said of more terms than there may be. */
export function tooManyTerms(count: number): InputError {
  const next = "take fewer, or a lower power; columns without arithmetic may be named by features (--features)";
  return new InputError("read the formula", `at most ${MOST_TERMS} terms`, String(count), next);
}
