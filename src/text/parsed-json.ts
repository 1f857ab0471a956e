/** Lists and objects in one another at the most: what walks through them goes as deep. */
const DEEPEST = 500;

/**
 * What a text of JSON from elsewhere says.
 *
 * @throws SyntaxError for what is no JSON, and for lists and objects in one another without end, which JSON.parse reads and
 *   JSON.stringify, as any walk through them, does not survive
 */
export function parsedJson(text: string): unknown {
  let depth = 0;
  let isText = false;
  for (let at = 0; at < text.length; at++) {
    const letter = text.charCodeAt(at);
    if (isText) {
      if (letter === BACKSLASH) at++;
      else if (letter === QUOTE) isText = false;
    } else if (letter === QUOTE) isText = true;
    else if (letter === OPEN_LIST || letter === OPEN_OBJECT) depth++;
    else if (letter === CLOSE_LIST || letter === CLOSE_OBJECT) depth--;
    if (depth > DEEPEST) throw new SyntaxError(`more than ${DEEPEST} lists and objects in one another`);
  }
  return JSON.parse(text);
}

const [QUOTE, BACKSLASH, OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = Buffer.from('"\\[]{}');
