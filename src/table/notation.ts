import { isMissingNumber, toNumber } from "./cell.ts";
import { numbersOf, textsOf } from "./coded-text.ts";
import type { Column, TextColumn } from "./column.ts";
import { foreignNumber, hasDecimalCommas, isDecimalComma } from "./foreign-number.ts";

/**
 * A column of text whose cells are all percentages (12.3% is 0.123) or, where decimals have commas, all such numbers (3,14),
 * as numbers; any other as it is. Thousands separators are never read.
 *
 * @param hasCommas whether decimals have commas
 */
export function asNumbers(column: Column, hasCommas: boolean): Column {
  if (column.kind === "numeric") return column;
  return (
    inNotation(column, (cell) => percentage(cell, hasCommas)) ??
    ((hasCommas && inNotation(column, commaNumber)) || column)
  );
}

/** Whether some column of a file shows that its decimals have commas: one of nothing but such numbers. */
export function showsDecimalCommas(columns: readonly Column[]): boolean {
  return columns.some((column) => {
    if (column.kind === "numeric") return false;
    const plain = textsOf(column).map((text) => text.replace(/\s*%$/, ""));
    return (
      hasDecimalCommas(plain) &&
      inNotation({ name: column.name, kind: "text", values: plain }, commaNumber) !== undefined
    );
  });
}

/** The numbers of a column in a notation; nothing where a cell is none, or no cell is there. */
function inNotation(column: TextColumn, read: (cell: string) => number): Column | undefined {
  let hasNumber = false;
  const values = numbersOf(column, (cell) => {
    if (isMissingNumber(cell)) return Number.NaN;
    const value = read(cell);
    if (Number.isNaN(value)) return undefined;
    hasNumber = true;
    return value;
  });
  return values && hasNumber ? { name: column.name, kind: "numeric", values } : undefined;
}

function percentage(cell: string, hasCommas: boolean): number {
  const text = cell.trim();
  if (!text.endsWith("%")) return Number.NaN;
  const inner = text.slice(0, -1).trim();
  const isRead = !Number.isNaN(toNumber(inner)) || (hasCommas && isDecimalComma(inner));
  return isRead ? toNumber(foreignNumber(text, hasCommas)?.plain ?? "") : Number.NaN;
}

function commaNumber(cell: string): number {
  return /^\s*[+-]?\d+\s*$/.test(cell) || isDecimalComma(cell) ? toNumber(cell.replace(",", ".")) : Number.NaN;
}
