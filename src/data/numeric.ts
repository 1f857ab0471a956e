import { InputError, quote } from "../errors.ts";
import { toNumber } from "./cell.ts";
import { column, type DataTable, place, type TextColumn } from "./table.ts";

/**
 * The numbers of a column, one for each row; not a copy where the column is numeric.
 *
 * @throws InputError naming column and row for an unknown column, text, infinite numbers and missing values
 * @example
 * ```ts
 * import { numericColumn, tableFromColumns } from "mixlens";
 * const x = numericColumn(tableFromColumns({ x: [1, 2.5], species: ["a", "b"] }), "x");
 * if (x[1] !== 2.5) throw new Error("the second x is 2.5");
 * ```
 */
export function numericColumn(table: DataTable, name: string): Float64Array {
  const found = column(table, name);
  const values = found.kind === "numeric" ? found.values : parsed(table, found);
  const infinite = values.findIndex((value) => Math.abs(value) === Number.POSITIVE_INFINITY);
  if (infinite >= 0) throw notFinite(table, name, String(values[infinite]), infinite);
  refuseMissing(table, name, values, Number.isNaN);
  return values;
}

/**
 * The names of a table's numeric columns but for those in `except`: the features of a fit that names none.
 *
 * @throws InputError for a column that is mostly numbers with some text among them, which would otherwise be left out
 *   without a word
 * @example
 * ```ts
 * import { numericColumnNames, tableFromColumns } from "mixlens";
 * const table = tableFromColumns({ x: [1, 2], y: [3, 4], species: ["a", "b"] });
 * if (numericColumnNames(table, ["y"]).join() !== "x") throw new Error("x is the only feature");
 * ```
 */
export function numericColumnNames(table: DataTable, except: readonly string[] = []): readonly string[] {
  const candidates = table.columns.filter(({ name }) => !except.includes(name));
  for (const candidate of candidates) {
    if (candidate.kind === "text" && isMostlyNumbers(candidate)) parsed(table, candidate);
  }
  return candidates.filter(({ kind }) => kind === "numeric").map(({ name }) => name);
}

/** Refuses a column with missing values, saying how many there are and where the first is. */
export function refuseMissing<Value>(
  table: DataTable,
  name: string,
  values: { readonly length: number; readonly [row: number]: Value },
  isMissing: (value: Value) => boolean,
): void {
  let count = 0;
  let first = 0;
  for (let row = values.length - 1; row >= 0; row--) {
    if (isMissing(values[row])) {
      count++;
      first = row;
    }
  }
  if (count === 0) return;
  const found = count === 1 ? "a missing value" : `${count} missing values, the first`;
  throw new InputError(
    `read ${table.source}`,
    `a value in every row of column ${quote(name)}`,
    `${found} at ${place(table, first)}`,
    count === 1 ? "drop this row or fill it in" : "drop these rows or fill them in",
  );
}

// Digits given as text throughout were meant as labels, and pass; more numbers than text were meant as numbers.
function isMostlyNumbers({ values }: TextColumn): boolean {
  const cells = values.filter((cell) => cell !== null);
  return 2 * cells.filter((cell) => !Number.isNaN(toNumber(cell))).length > cells.length;
}

function parsed(table: DataTable, { name, values }: TextColumn): Float64Array {
  return Float64Array.from(values, (cell, row) => {
    if (cell === null) return Number.NaN;
    const value = toNumber(cell);
    if (Number.isNaN(value)) throw notFinite(table, name, quote(cell), row);
    return value;
  });
}

function notFinite(table: DataTable, name: string, found: string, row: number): InputError {
  return new InputError(
    `read ${table.source}`,
    `a finite number in column ${quote(name)}`,
    `${found} at ${place(table, row)}`,
    /^"[+-]?\d+,\d+"$/.test(found) ? "write decimals with a point" : undefined,
  );
}
