import { inspect } from "node:util";
import { type Latex, matrixLatex } from "./matrix-latex.ts";

// What mathjs gives to every value of its classes: the name of the class, on the prototype, and what writes it.
interface MathjsValue {
  readonly type: string;
  /** By so many significant digits: complex numbers, units and matrices. */
  format?(precision: number): string;
  /** As a ratio, of fractions. */
  toFraction?(): string;
  /** Expressions. */
  toTex?(): string;
  /** Of matrices. */
  size?(): readonly number[];
  toArray?(): unknown;
  toString(): string;
}

/** How many significant digits of a double are no rounding. */
const DIGITS = 14;
/** How many rows or columns of a matrix can be read as a formula, and how many entries as a line. */
const READABLE = 12;

/** True of mathjs's matrices, units, complex numbers, fractions, expressions and the like, of whichever copy of mathjs. */
export function isMathjsValue(value: unknown): value is MathjsValue {
  if (typeof value !== "object" || value === null || Object.hasOwn(value, "type")) return false;
  if (value.toString === Object.prototype.toString) return false;
  const { type } = value as { type?: unknown };
  return typeof type === "string" && (value as Record<string, unknown>)[`is${type}`] === true;
}

/** A value of mathjs as mathjs writes it, which its fields, shown one by one, do not say; of a large matrix the first entries. */
export function mathjsText(value: MathjsValue): string {
  switch (value.type) {
    case "DenseMatrix":
    case "SparseMatrix":
      return sizeOf(value).reduce((entries, length) => entries * length, 1) > READABLE ** 2
        ? inspect(value)
        : String(value.format?.(DIGITS));
    case "Complex":
    case "Unit":
      return String(value.format?.(DIGITS));
    case "Fraction":
      return String(value.toFraction?.());
    default:
      return value.toString();
  }
}

/** The formula of an expression, or of a matrix of numbers that is small enough to be read; undefined of anything else. */
export async function mathjsLatex(value: MathjsValue): Promise<Latex | undefined> {
  if (value.type.endsWith("Node")) return { latex: String(value.toTex?.()) };
  if (!value.type.endsWith("Matrix")) return;
  const size = sizeOf(value);
  if (size.length !== 2 || size.some((length) => length < 1 || length > READABLE)) return;
  const rows = value.toArray?.() as unknown[][];
  if (rows.flat().some((entry) => typeof entry !== "number")) return;
  // The matrix may be of a copy of mathjs that stands elsewhere, and ours left out of the installation: the text does, then.
  return matrixLatex(rows as number[][]).catch(() => undefined);
}

function sizeOf(matrix: MathjsValue): readonly number[] {
  return matrix.size?.() ?? [];
}

interface Tensor {
  readonly isDisposed: boolean;
  toString(): string;
}

/** True of a tensor of TensorFlow.js, which danfo brings, that still holds its numbers. */
export function isTensor(value: unknown): value is Tensor {
  if (typeof value !== "object" || value === null) return false;
  const { isDisposed, dataId, rankType, dtype } = value as Record<string, unknown>;
  return isDisposed === false && dataId !== undefined && rankType !== undefined && dtype !== undefined;
}
