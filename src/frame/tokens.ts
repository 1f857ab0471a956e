import { InputError, quote } from "../errors.ts";

/** A piece of a formula: a name, a number, or a sign. */
export interface Token {
  readonly kind: "name" | "number" | "sign" | "end";
  /** As it was written; a name without its backticks. */
  readonly text: string;
  /** Where it begins and ends in the formula. */
  readonly from: number;
  readonly to: number;
}

const PIECES: readonly (readonly [Token["kind"] | "space", RegExp])[] = [
  ["space", /\s+/y],
  ["name", /[\p{L}_.][\p{L}\p{N}_.]*|`(?:[^`\\]|\\.)+`/suy],
  ["number", /(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?/y],
  ["sign", /==|!=|<=|>=|[-+*/^:~|(),<>]/y],
];

const DEEPEST = 100;

/** Reads a formula into names, numbers and signs; the last token is its end. */
export function tokensOf(formula: string): readonly Token[] {
  const tokens: Token[] = [];
  let [at, depth] = [0, 0];
  while (at < formula.length) {
    const found = pieceAt(formula, at);
    if (found === undefined) {
      const sign = String.fromCodePoint(formula.codePointAt(at)!);
      const wanted = "names, numbers, + - * : ^ | ~ and parentheses";
      throw formulaError(formula, at, wanted, quote(sign), insteadOf(sign, depth > 0));
    }
    const [kind, text] = found;
    const to = at + text.length;
    depth += text === "(" ? 1 : text === ")" ? -1 : 0;
    if (depth > DEEPEST) {
      throw formulaError(formula, at, `at most ${DEEPEST} parentheses in one another`, "one more");
    }
    if (kind !== "space") tokens.push({ kind, text: kind === "name" ? nameOf(text) : text, from: at, to });
    at = to;
  }
  return [...tokens, { kind: "end", text: "", from: at, to: at }];
}

/** What to write instead of a character that is none of a formula's; within parentheses R has names and texts of arguments. */
function insteadOf(sign: string, isWithin: boolean): string {
  if (isWithin && /^[="']$/.test(sign)) return "functions take columns and numbers alone, such as poly(x, 2)";
  return sign === "%" ? "write a:b for a %in% b" : "write a name with other characters in backticks";
}

/** A name without its backticks; within them \` and \\ stand for a backtick and a backslash. */
function nameOf(text: string): string {
  return text.startsWith("`") ? text.slice(1, -1).replace(/\\([`\\])/g, "$1") : text;
}

/** The longest piece, so that `.5` is a number and `.x` a name. */
function pieceAt(formula: string, at: number): readonly [Token["kind"] | "space", string] | undefined {
  let longest: readonly [Token["kind"] | "space", string] | undefined;
  for (const [kind, pattern] of PIECES) {
    pattern.lastIndex = at;
    const text = pattern.exec(formula)?.[0];
    if (text !== undefined && text.length > (longest?.[1].length ?? 0)) longest = [kind, text];
  }
  return longest;
}

/** What is wrong with a formula, and where. */
export function formulaError(formula: string, at: number, wanted: string, got: string, next?: string): InputError {
  const seen = formula.slice(0, at).trimEnd();
  const where = seen === "" ? "at its start" : `after ${quote(seen.length > 30 ? `…${seen.slice(-29)}` : seen)}`;
  return new InputError(`read the formula ${quote(formula)}`, `${wanted} ${where}`, got, next);
}

/** A name as formulas have it: in backticks where it is not a word. */
export function written(name: string): string {
  return /^[\p{L}.][\p{L}\p{N}_.]*$/u.test(name) && !/^\.\d/.test(name) && name !== "."
    ? name
    : `\`${name.replace(/[`\\]/g, "\\$&")}\``;
}
