import { createRequire } from "node:module";
import type { MathNode } from "mathjs";
import { nearest } from "../errors/nearest.ts";
import { optionalPackage } from "../errors/optional-package.ts";
import { InputError, listed, quote } from "../errors.ts";
import { toNumber } from "../table/cell.ts";
import type { NumericColumn } from "../table/column.ts";
import { numericColumn } from "../table/numeric.ts";
import { column, type DataTable, place } from "../table/table.ts";
import { formulaError, type Token, written } from "./tokens.ts";

/** An expression of a formula, such as `log(income)`: arithmetic on columns, row by row. */
export interface Expression {
  /** As R writes it: the name of the computed column. */
  readonly label: string;
  /** The columns it reads. */
  readonly columns: readonly string[];
  /** Its values from those of the columns, in their order. */
  readonly evaluate: (values: readonly number[]) => number;
}

const SAME = "abs acos asin atan cos cosh exp expm1 floor log log10 log1p log2 sign sin sinh sqrt tan tanh";

/** mathjs's functions by R's names of them. Nothing else of mathjs can be reached. */
const FUNCTIONS: ReadonlyMap<string, string> = new Map([
  ...SAME.split(" ").map((name) => [name, name] as const),
  ["ceiling", "ceil"],
  ["pmax", "max"],
  ["pmin", "min"],
]);
const NAMES: ReadonlyMap<string, string> = new Map(Array.from(FUNCTIONS, ([name, own]) => [own, name]));

/** Names, numbers and signs of an expression at the most: mathjs descends as deep as there may be signs. */
const MOST_TOKENS = 1000;

/** What to write in place of functions that R's formulas have. */
const WAYS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    "as.factor C as.character": "write factor(…)",
    "as.numeric as.integer": "name the column alone",
    ln: "write log(…), the natural logarithm",
    cbind: "name the column of successes, and that of trials as trials (--trials)",
    "s te ns bs lo": "write poly(…, 3), a polynomial",
    "ifelse cut": "write I(x > 0), which is 1 where it is true, and else 0",
  }).flatMap(([names, way]) => names.split(" ").map((name) => [name, way] as const)),
);

/** Refuses a function that formulas do not have. */
function noFunction(formula: string, { text, from }: Token): InputError {
  const known = [...FUNCTIONS.keys(), "I", "factor", "poly", "offset"];
  const wanted = `a function such as ${listed(nearest(text, known))}`;
  return formulaError(formula, from, wanted, `${quote(text)}(…)`, WAYS.get(text));
}

/**
 * Reads an expression from the tokens of a formula.
 *
 * What mathjs is given is made of numbers, signs, functions of the list above and a symbol for each column: names can't
 * reach anything of it.
 */
export function expressionOf(formula: string, tokens: readonly Token[]): Expression {
  if (tokens.length > MOST_TOKENS) {
    const got = `${tokens.length} in one`;
    throw formulaError(formula, tokens[0].from, `expressions of at most ${MOST_TOKENS} names, numbers and signs`, got);
  }
  const columns: string[] = [];
  const pieces = tokens.map((token, at) => {
    if (token.kind !== "name") return token.text;
    if (tokens[at + 1]?.text === "(") {
      if (token.text === "I") return "";
      const own = FUNCTIONS.get(token.text);
      if (own === undefined) throw noFunction(formula, token);
      return own;
    }
    if (!columns.includes(token.text)) columns.push(token.text);
    return `v${columns.indexOf(token.text)}`;
  });
  const whole = quote(formula.slice(tokens[0].from, tokens.at(-1)?.to));
  optionalPackage(`compute ${whole}`, "mathjs");
  const { parse } = createRequire(import.meta.url)("mathjs/number") as typeof import("mathjs");
  let node: MathNode;
  try {
    node = parse(pieces.join(" "));
  } catch {
    throw formulaError(formula, tokens[0].from, "an expression", whole);
  }
  if (isImplicit(node)) {
    throw formulaError(formula, tokens[0].from, "a sign between numbers and columns", whole);
  }
  const code = node.compile();
  const scope: Record<string, number> = {};
  return {
    label: labelOf(node, columns),
    columns,
    evaluate: (values) => {
      for (let at = 0; at < values.length; at++) scope[`v${at}`] = values[at];
      return Number(code.evaluate(scope));
    },
  };
}

/** Whether anything stands beside another without a sign: `2 x`, which mathjs takes for a product; or `a < b < c`. */
function isImplicit(node: MathNode): boolean {
  let found = false;
  node.traverse((part) => {
    found ||= part.type === "RelationalNode" || (part as MathNode & { implicit?: boolean }).implicit === true;
  });
  return found;
}

/** An expression as R writes it: spaces around sums, products and comparisons, none around powers and quotients. */
function labelOf(node: MathNode, columns: readonly string[]): string {
  const inside = (part: MathNode): string => labelOf(part, columns);
  const known = node as MathNode & Record<string, never>;
  if (node.type === "ParenthesisNode") return `(${inside(known.content)})`;
  if (node.type === "SymbolNode") return written(columns[Number((known.name as string).slice(1))]);
  if (node.type === "FunctionNode") {
    const name = (known.fn as { name: string }).name;
    return `${NAMES.get(name)}(${(known.args as MathNode[]).map(inside).join(", ")})`;
  }
  if (node.type !== "OperatorNode") return node.toString();
  const [op, args] = [known.op as string, known.args as MathNode[]];
  if (args.length === 1) return `${op}${inside(args[0])}`;
  return args.map(inside).join("^/".includes(op) ? op : ` ${op} `);
}

/**
 * The column that an expression comes to.
 *
 * @param isKnown `"everywhere"`: refused where it is no finite number; `"somewhere"`: NaN there, as for a response to predict
 */
export function computedColumn(
  table: DataTable,
  { label, columns, evaluate }: Expression,
  isKnown: "everywhere" | "somewhere" = "everywhere",
): NumericColumn {
  const read = columns.map((name) => (isKnown === "everywhere" ? numericColumn(table, name) : perhaps(table, name)));
  const cells = new Array<number>(read.length);
  const values = new Float64Array(table.rows);
  for (let row = 0; row < table.rows; row++) {
    for (let at = 0; at < read.length; at++) cells[at] = read[at][row];
    values[row] = evaluate(cells);
    if (Number.isFinite(values[row])) continue;
    if (isKnown === "everywhere") throw notFinite(table, label, columns, cells, values[row], row);
    values[row] = Number.NaN;
  }
  return { name: label, kind: "numeric", values };
}

/** The numbers of a column that may have none. */
function perhaps(table: DataTable, name: string): Float64Array {
  const { kind, values } = column(table, name);
  return kind === "numeric"
    ? values
    : Float64Array.from(values, (cell) => (cell === null ? Number.NaN : toNumber(cell)));
}

function notFinite(
  table: DataTable,
  label: string,
  columns: readonly string[],
  cells: readonly number[],
  value: number,
  row: number,
): InputError {
  const where = columns.map((name, at) => `${quote(name)} is ${cells[at]}`).join(" and ");
  const got = `${value} at ${place(table, row)}${where === "" ? "" : `, where ${where}`}`;
  const next = "leave out such rows, or write another expression";
  return new InputError(`compute ${quote(label)}`, "a finite number in every row", got, next);
}
