import { quote } from "../errors.ts";
import { type Expression, expressionOf } from "./expression.ts";
import { MOST_TERMS, productOf, TermSum, type Terms, tooManyTerms } from "./terms.ts";
import { formulaError, type Token, tokensOf, written } from "./tokens.ts";

/** What of a formula is not simply the name of a column. */
export type Computed =
  | { readonly kind: "expression"; readonly expression: Expression }
  | { readonly kind: "factor"; readonly column: string }
  | { readonly kind: "polynomial"; readonly column: string; readonly degree: number };

/** One side of a formula: terms, each a product of variables by their labels, and whether there is an intercept. */
export interface Side {
  readonly terms: readonly (readonly string[])[];
  readonly intercept: boolean;
}

/** A formula as it is written, `response ~ experts | gate`. */
export interface ParsedFormula {
  readonly response: string;
  readonly experts: Side;
  /** Absent: what the experts read. */
  readonly gate?: Side;
  readonly offset?: string;
  /** The variables that are not columns, by label. */
  readonly computed: ReadonlyMap<string, Computed>;
}

/**
 * Reads a formula such as `y ~ x1 + x2*f + log(income) + poly(age, 2) - 1 | z1 + z2`.
 *
 * What stands before the bar the experts read, and after it the gate. `a:b` is a product, `a*b` is `a + b + a:b`, `(a + b)^2`
 * all products of two, `.` every column with no other part, `- 1` no intercept. `x^2` of one column is its square, which R
 * writes I(x^2).
 *
 * @param dot the columns that `.` stands for
 * @throws InputError that says where the formula goes wrong, and for arithmetic where the package mathjs is missing
 */
export function parseFormula(formula: string, dot: (response: string) => readonly string[]): ParsedFormula {
  const parser = new Parser(formula, dot);
  return parser.whole();
}

/** The variable that a label is of, as `parseFormula` names them. */
export function computedOf(label: string): Computed {
  return new Parser(label, () => []).only();
}

/** Products of terms that are tried for one formula. */
const MOST_PRODUCTS = 20 * MOST_TERMS;

/** Terms, and whether they are those of a 0. */
type Part = Terms & { readonly none?: boolean };

/** Descends through a formula, from its loosest sign to its tightest. */
class Parser {
  readonly #formula: string;
  readonly #tokens: readonly Token[];
  readonly #dot: (response: string) => readonly string[];
  readonly #computed = new Map<string, Computed>();
  /** The places of variables in the order of their first appearance: in a product they stand in it. */
  readonly #order = new Map<string, number>();
  #products = 0;
  #at = 0;
  #response = "";
  #offset: string | undefined;

  constructor(formula: string, dot: (response: string) => readonly string[]) {
    this.#formula = formula;
    this.#tokens = tokensOf(formula);
    this.#dot = dot;
  }

  whole(): ParsedFormula {
    this.#response = this.#variable("the response");
    const { kind } = this.#computed.get(this.#response) ?? { kind: "expression" };
    if (kind !== "expression") {
      const next = "name the column alone: logistic experts take it for labels (--experts logistic)";
      throw formulaError(this.#formula, 0, "a column or an expression as the response", quote(this.#response), next);
    }
    if (!this.#take("~")) throw this.#error("~");
    const experts = this.#side();
    const gate = this.#take("|") ? this.#side() : undefined;
    if (this.#next.kind !== "end") throw this.#error(gate === undefined ? "+, | or the end" : "+ or the end");
    const offset = this.#offset;
    return {
      response: this.#response,
      experts,
      ...(gate && { gate }),
      ...(offset && { offset }),
      computed: this.#computed,
    };
  }

  only(): Computed {
    const label = this.#variable("a variable");
    return this.#computed.get(label) ?? { kind: "factor", column: label };
  }

  get #next(): Token {
    return this.#tokens[this.#at];
  }

  #take(...signs: readonly string[]): string | undefined {
    const { kind, text } = this.#next;
    if (kind !== "sign" || !signs.includes(text)) return undefined;
    this.#at++;
    return text;
  }

  #error(wanted: string, next: string | undefined = this.#way()): Error {
    const { kind, text, from } = this.#next;
    return formulaError(this.#formula, from, wanted, kind === "end" ? "its end" : quote(text), next);
  }

  /** What to write where the next token is out of place. */
  #way(): string | undefined {
    const { kind, text } = this.#next;
    const before = this.#tokens[this.#at - 1]?.kind;
    if (kind === "name" && (before === "name" || before === "number"))
      return "write a name of several words in backticks";
    if (kind !== "sign") return undefined;
    if (text === "*") return "write ^ for a power";
    return /[/<>=]/.test(text) ? "write I(…) for arithmetic" : undefined;
  }

  /** Terms by their order, as R has them: all columns before all products of two. */
  #side(): Side {
    const { terms, one } = this.#sum(this.#take("+", "-") ?? "+", true);
    if (terms.length > MOST_TERMS) throw tooManyTerms(terms.length);
    const place = (label: string): number => this.#order.get(label) ?? 0;
    const byPlace = terms.map((term) => [...term].sort((a, b) => place(a) - place(b)));
    const orders = [...new Set(terms.map((term) => term.length))].sort((a, b) => a - b);
    return { terms: orders.flatMap((order) => byPlace.filter((term) => term.length === order)), intercept: one };
  }

  /** a + b - c, the first of this sign; with the constant, unless it is taken out. */
  #sum(first: string, one: boolean): Terms {
    const sum = new TermSum(one);
    for (let sign = first; sign !== ""; sign = this.#take("+", "-") ?? "") {
      const part = this.#crossed();
      if (sign === "+") sum.add(part);
      else sum.remove(part);
      if (part.none && one) sum.one = sign === "-";
    }
    return sum;
  }

  /** a*b*c */
  #crossed(): Part {
    const first = this.#interaction();
    if (this.#next.text !== "*") return first;
    const sum = new TermSum().add(first);
    while (this.#take("*")) {
      const other = this.#interaction();
      const both = this.#product(sum, other);
      sum.add(other).add(both);
    }
    return sum;
  }

  /** a:b:c */
  #interaction(): Part {
    let sum = this.#power();
    while (this.#take(":")) sum = this.#product(sum, this.#power());
    return sum;
  }

  #product(a: Terms, b: Terms): Terms {
    this.#products += a.terms.length * b.terms.length;
    if (this.#products > MOST_PRODUCTS) throw tooManyTerms(this.#products);
    return productOf(a, b);
  }

  /** (a + b)^2, and x^2 of one variable. */
  #power(): Part {
    const from = this.#at;
    const base = this.#primary();
    if (!this.#take("^")) return base;
    const { kind, text } = this.#next;
    if (kind !== "number" || !/^[1-9]$/.test(text)) throw this.#error("a whole power from 1 to 9");
    this.#at++;
    const isColumn = base.terms.length === 1 && base.terms[0].length === 1 && this.#tokens[from].kind === "name";
    if (isColumn) return { terms: [[this.#seen(this.#square(from))]], one: false };
    const sum = new TermSum().add(base);
    for (let times = 1; times < Number(text); times++) sum.add(this.#product(sum, base));
    return sum;
  }

  /** I(x^2), read from where x begins. */
  #square(from: number): string {
    const expression = expressionOf(this.#formula, this.#tokens.slice(from, this.#at));
    return this.#keepExpression(`I(${expression.label})`, expression);
  }

  #primary(): Part {
    if (this.#take("(")) {
      const sum = this.#sum("+", false);
      const groups = "for rows that are of one expert together, name the column of their groups as group (--group)";
      if (!this.#take(")")) throw this.#error("+ or )", this.#next.text === "|" ? groups : undefined);
      return sum;
    }
    const { kind, text } = this.#next;
    if (kind === "number") {
      if (text !== "0" && text !== "1") throw this.#error("a column", "write I(…) for arithmetic");
      this.#at++;
      return text === "1" ? { terms: [], one: true } : { terms: [], one: false, none: true };
    }
    if (kind === "name" && text === "." && this.#tokens[this.#at + 1].text !== "(") {
      this.#at++;
      return { terms: this.#dot(this.#response).map((name) => [this.#seen(name)]), one: false };
    }
    const label = this.#variable("a column");
    return { terms: label === "" ? [] : [[this.#seen(label)]], one: false };
  }

  #seen(label: string): string {
    if (!this.#order.has(label)) this.#order.set(label, this.#order.size);
    return label;
  }

  /** The label of a column or of a call; an offset has none. */
  #variable(wanted: string): string {
    const token = this.#next;
    if (token.kind !== "name") throw this.#error(wanted);
    const from = this.#at++;
    if (this.#next.text !== "(" || this.#next.kind !== "sign") return token.text;
    const end = this.#closing(this.#at);
    const inside = this.#tokens.slice(from + 2, end);
    this.#at = end + 1;
    if (token.text === "offset") return this.#takeOffset(inside, from);
    if (token.text === "factor") {
      const column = this.#columnIn(inside, from, "factor(column)");
      return this.#keep(`factor(${written(column)})`, { kind: "factor", column });
    }
    if (token.text === "poly") return this.#polynomial(inside, from);
    const expression = expressionOf(this.#formula, this.#tokens.slice(from, end + 1));
    return this.#keepExpression(token.text === "I" ? `I${expression.label}` : expression.label, expression);
  }

  /** Where the parenthesis is closed that opens at a token. */
  #closing(open: number): number {
    let depth = 0;
    for (let at = open; at < this.#tokens.length; at++) {
      if (this.#tokens[at].text === "(") depth++;
      if (this.#tokens[at].text === ")" && --depth === 0) return at;
    }
    this.#at = this.#tokens.length - 1;
    throw this.#error(")");
  }

  #takeOffset(inside: readonly Token[], from: number): string {
    if (this.#offset !== undefined) {
      this.#at = from;
      throw this.#error("one offset", "write their sum in it: offset(a + b)");
    }
    if (inside.length === 0) {
      this.#at = from;
      throw this.#error("offset(column)");
    }
    const isColumn = inside.length === 1 && inside[0].kind === "name";
    if (isColumn) this.#offset = inside[0].text;
    else {
      const expression = expressionOf(this.#formula, inside);
      const isCall = inside[0].kind === "name" && inside[1].text === "(" && this.#closing(from + 3) === this.#at - 2;
      // As it may stand alone in a formula, which a model file keeps it as.
      const label = isCall ? expression.label : `(${expression.label})`;
      const isArithmetic = !isCall || inside[0].text === "I";
      this.#offset = this.#keepExpression(isArithmetic ? `I${label}` : label, expression);
    }
    return "";
  }

  #polynomial(inside: readonly Token[], from: number): string {
    const degree = inside.length === 3 && inside[1].text === "," ? Number(inside[2].text) : Number.NaN;
    if (!(Number.isSafeInteger(degree) && degree > 0 && degree < 10)) {
      this.#at = from;
      throw this.#error("poly(column, degree) with a degree from 1 to 9");
    }
    const column = this.#columnIn(inside.slice(0, 1), from, "poly(column, degree)");
    return this.#keep(`poly(${written(column)}, ${degree})`, { kind: "polynomial", column, degree });
  }

  #columnIn(inside: readonly Token[], from: number, wanted: string): string {
    if (inside.length === 1 && inside[0].kind === "name") return inside[0].text;
    this.#at = from;
    throw this.#error(wanted);
  }

  #keepExpression(label: string, expression: Expression): string {
    return this.#keep(label, { kind: "expression", expression: { ...expression, label } });
  }

  #keep(label: string, computed: Computed): string {
    this.#computed.set(label, computed);
    return label;
  }
}
