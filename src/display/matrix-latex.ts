import { checkArgument } from "../errors/arguments.ts";
import { listOf, numbers, text, whole } from "../errors/kinds.ts";
import { optionalPackage } from "../errors/optional-package.ts";
import { type Declared, defaulted, readOptions } from "../errors/options.ts";
import { InputError } from "../errors.ts";

/** A formula as a value: LaTeX without dollar signs around it. */
export interface Latex {
  readonly latex: string;
}

/** True of a formula. */
export function isLatex(value: unknown): value is Latex {
  return typeof value === "object" && value !== null && "latex" in value && typeof value.latex === "string";
}

/** What may be told to the LaTeX of a matrix. */
export interface MatrixLatexOptions {
  readonly rowNames?: readonly string[];
  readonly columnNames?: readonly string[];
  /** Significant digits, 4 unless told otherwise. */
  readonly precision?: number;
}

const ACT = "write the matrix as LaTeX";
const OPTIONS = {
  rowNames: listOf(text, "a list of names"),
  columnNames: listOf(text, "a list of names"),
  precision: defaulted(whole, 4),
} satisfies Declared<MatrixLatexOptions>;

/**
 * A numeric matrix as LaTeX, in brackets, or ruled off from its row and column names where these are given.
 *
 * @param matrix rows of equal length; a mathjs matrix gives them as `matrix.toArray()`
 * @throws InputError if rows or names differ in length, or if the package mathjs was left out of the installation
 * @example
 * ```ts
 * import { matrixLatex } from "mixlens";
 * const { latex } = await matrixLatex([[1, 0.25], [0, -2]]);
 * if (latex !== "\\begin{bmatrix}\n1 & 0.25 \\\\\n0 & -2\n\\end{bmatrix}") throw new Error(latex);
 * ```
 */
export async function matrixLatex(
  matrix: readonly ArrayLike<number>[],
  options: MatrixLatexOptions = {},
): Promise<Latex> {
  checkArgument(ACT, "matrix", matrix, listOf(numbers, "a list of rows, each a list of numbers"));
  const { rowNames, columnNames, precision } = readOptions(ACT, options, OPTIONS);
  const width = matrix.length === 0 ? 0 : matrix[0].length;
  requireLengths(
    "rows of equal length",
    matrix.map((row) => row.length),
    width,
  );
  if (rowNames !== undefined) requireLengths("a name per row", [rowNames.length], matrix.length);
  if (columnNames !== undefined) requireLengths("a name per column", [columnNames.length], width);
  optionalPackage("write a matrix as LaTeX", "mathjs");
  const { format, parse } = await import("mathjs");
  const rows = matrix.map((row, i) => [
    ...(rowNames === undefined ? [] : [latexText(rowNames[i])]),
    ...Array.from(row, (value) => number(value, () => parse(format(value, { precision })).toTex())),
  ]);
  if (rowNames === undefined && columnNames === undefined) return { latex: environment("bmatrix", "", rows) };
  const stub = rowNames === undefined ? [] : [""];
  const head = columnNames === undefined ? [] : [[...stub, ...columnNames.map(latexText)]];
  const rule = columnNames === undefined ? "" : "\\hline\n";
  const columns = `{${rowNames === undefined ? "" : "l|"}${"r".repeat(width)}}`;
  return { latex: environment("array", columns, rows, `${lines(head)}${rule}`) };
}

/** What mathjs writes, less its plus sign in exponents and its ∞ for what is not a number. */
function number(value: number, latex: () => string): string {
  return Number.isNaN(value) ? "\\text{NaN}" : latex().replace("10^{+", "10^{");
}

function requireLengths(expected: string, lengths: readonly number[], wanted: number): void {
  const wrong = lengths.findIndex((length) => length !== wanted);
  if (wrong < 0) return;
  throw new InputError(ACT, `${expected} (${wanted})`, `${lengths[wrong]} at position ${wrong + 1}`);
}

function environment(name: string, columns: string, rows: readonly string[][], head = ""): string {
  return `\\begin{${name}}${columns}\n${head}${rows.map((row) => row.join(" & ")).join(" \\\\\n")}\n\\end{${name}}`;
}

function lines(rows: readonly string[][]): string {
  return rows.map((row) => `${row.join(" & ")} \\\\\n`).join("");
}

/** A name set upright, with what LaTeX would read as commands put so that LaTeX and MathJax both print it. */
function latexText(text: string): string {
  const codes: Record<string, string> = { "\\": "$\\backslash$", "^": "$\\hat{}$", "~": "$\\sim$" };
  return `\\text{${text.replace(/[\\^~#$%&_{}]/g, (letter) => codes[letter] ?? `\\${letter}`)}}`;
}
