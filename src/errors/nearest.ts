import { quote } from "../errors.ts";

/** The few of `names` that look most like `name`, likest first: what a misspelt name may have meant. */
export function nearest(name: string, names: readonly string[], count: number = 3): readonly string[] {
  const distance = new Map(names.map((known) => [known, editDistance(fold(name), fold(known))]));
  return [...distance.keys()].sort((a, b) => distance.get(a)! - distance.get(b)!).slice(0, count);
}

/** The known name that one looks like; one that begins alike before all others. */
export function likeliest(name: string, known: readonly string[]): string {
  const near = nearest(name, known, known.length);
  const begins = near.findIndex((word) => fold(name).length > 2 && fold(word).startsWith(fold(name)));
  return near[Math.max(begins, 0)];
}

/** What to ask of a word that is none of those there are, but a slip away from one. */
export function slipOf(word: unknown, words: readonly string[] = []): string | undefined {
  if (typeof word !== "string" || word.length < 2 || words.length === 0) return undefined;
  const meant = likeliest(word, words);
  const isSlip = fold(meant).startsWith(fold(word)) || editDistance(fold(word), fold(meant)) <= word.length / 3;
  return isSlip ? `did you mean ${quote(meant)}?` : undefined;
}

// Case, blanks and the usual word separators are what people mistype most.
function fold(name: string): string {
  return name.toLowerCase().replace(/[\s_.-]+/g, "");
}

function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = previous[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1);
      current.push(Math.min(replaced, previous[j] + 1, current[j - 1] + 1));
    }
    previous = current;
  }
  return previous[b.length];
}
