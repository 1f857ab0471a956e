import type { Content } from "./wire.ts";

/** A cell that was counted. */
type Entry = readonly [session: number, line: number, code: string];

/** The code of the cells that this kernel ran, for consoles that ask for it. */
export class History {
  readonly #entries: Entry[] = [];

  add(line: number, code: string): void {
    this.#entries.push([1, line, code]);
  }

  /** What a `history_request` asks for: the last entries, a range of them, or those like a pattern. */
  answer({ hist_access_type, output, n, session, start, stop, pattern, unique }: Content): Content {
    const found = this.#found(String(hist_access_type), { session, start, stop, pattern, unique });
    const last =
      typeof n === "number" && hist_access_type !== "range" ? found.slice(Math.max(0, found.length - n)) : found;
    const history = last.map(([session, line, code]) => [session, line, output === true ? [code, null] : code]);
    return { status: "ok", history };
  }

  #found(access: string, { session = 0, start, stop, pattern, unique }: Content): readonly Entry[] {
    if (access === "range") {
      // Of others, such as the one before (-1), nothing is kept; this one is 0, or by its number 1.
      if (session !== 0 && session !== 1) return [];
      const [first, end] = [Number(start ?? 0), Number(stop ?? Number.POSITIVE_INFINITY)];
      return this.#entries.filter(([, line]) => line >= first && line < end);
    }
    if (access !== "search") return this.#entries;
    const alike = this.#entries.filter(([, , code]) => isLike(code, String(pattern ?? "*")));
    return unique === true
      ? alike.filter(([, , code], at) => !alike.slice(at + 1).some((later) => later[2] === code))
      : alike;
  }
}

/**
 * Whether a text is like a pattern, in which `*` stands for any text and `?` for any character. Only the last star is ever tried
 * anew: no pattern takes longer than its length times that of the text.
 */
function isLike(text: string, pattern: string): boolean {
  let [at, next] = [0, 0];
  let star: { readonly next: number; at: number } | undefined;
  while (at < text.length) {
    if (pattern[next] === "*") {
      star = { next: next + 1, at };
      next += 1;
    } else if (next < pattern.length && (pattern[next] === "?" || pattern[next] === text[at])) {
      at += 1;
      next += 1;
    } else if (star === undefined) return false;
    else {
      star.at += 1;
      [at, next] = [star.at, star.next];
    }
  }
  return /^\**$/.test(pattern.slice(next));
}
