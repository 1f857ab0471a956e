/** Replaces the text from `start` to `end`. */
export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** Text with edits made. */
export interface Edited {
  readonly text: string;
  /** The offset before the edits; none inside what was put in. */
  readonly before: (offset: number) => number | undefined;
}

/** Makes edits that do not overlap. */
export function edited(source: string, edits: readonly Edit[]): Edited {
  const sorted = [...edits].sort((a, b) => a.start - b.start);
  let text = "";
  let at = 0;
  for (const { start, end, text: replacement } of sorted) {
    text += source.slice(at, start) + replacement;
    at = end;
  }
  text += source.slice(at);
  return { text, before: (offset) => before(sorted, offset) };
}

function before(edits: readonly Edit[], offset: number): number | undefined {
  let shift = 0;
  for (const { start, end, text } of edits) {
    if (start + shift > offset) break;
    // What stands in the place of something begins where that did; what was only put in has no place.
    if (offset < start + shift + text.length) return end > start ? start : undefined;
    shift += text.length - (end - start);
  }
  return offset - shift;
}
