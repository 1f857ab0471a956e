const [QUOTE, BACKSLASH, OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = Buffer.from('"\\[]{}');

/** Lists and objects in one another at the most: what walks through them goes as deep. */
export const DEEPEST = 500;

/** How deep lists and objects of JSON are in one another, told from its bytes as they come. */
export class Nesting {
  /** The deepest so far. */
  deepest: number = 0;
  #depth = 0;
  #isText = false;
  #isEscaped = false;

  add(bytes: Uint8Array): void {
    for (const letter of bytes) {
      if (this.#isEscaped) this.#isEscaped = false;
      else if (this.#isText) {
        this.#isEscaped = letter === BACKSLASH;
        this.#isText = letter !== QUOTE;
      } else if (letter === QUOTE) this.#isText = true;
      else if (letter === OPEN_LIST || letter === OPEN_OBJECT) {
        this.#depth++;
        if (this.#depth > this.deepest) this.deepest = this.#depth;
      } else if (letter === CLOSE_LIST || letter === CLOSE_OBJECT) this.#depth--;
    }
  }
}

/**
 * What a text of JSON from elsewhere says.
 *
 * @throws SyntaxError for what is no JSON, and for lists and objects in one another without end, which JSON.parse reads and
 *   JSON.stringify, as any walk through them, does not survive
 */
export function parsedJson(text: string): unknown {
  const nesting = new Nesting();
  nesting.add(Buffer.from(text));
  if (nesting.deepest > DEEPEST) throw new SyntaxError(`more than ${DEEPEST} lists and objects in one another`);
  return JSON.parse(text);
}
