import type { Column, TextColumn } from "./column.ts";

/** The distinct texts of a column in the order in which they come first, and which of them each row has. */
export interface Tally {
  readonly levels: readonly string[];
  /** For each row the index of its text; -1 where it is missing. */
  readonly codes: Int32Array;
  /** How many rows have each. */
  readonly counts: Int32Array;
}

interface Codes {
  /** Distinct; no row need have one. */
  readonly levels: readonly string[];
  readonly codes: Int32Array;
}

/** The codes of the columns whose texts nobody has asked for. */
const coded = new WeakMap<Column, Codes>();

/**
 * A column of text by the codes of its distinct texts; -1 is missing.
 *
 * Its `values` are made when they are first asked for, and from then on they are the column: whoever has them may write to
 * them.
 */
export function codedText(name: string, levels: readonly string[], codes: Int32Array): TextColumn {
  const column = { name, kind: "text" } as TextColumn;
  const become = (value: TextColumn["values"]): TextColumn["values"] => {
    coded.delete(column);
    Object.defineProperty(column, "values", { value, writable: true, enumerable: true, configurable: true });
    return value;
  };
  Object.defineProperty(column, "values", {
    get: () => become(Array.from(codes, (code) => (code < 0 ? null : levels[code]))),
    set: become,
    enumerable: true,
    configurable: true,
  });
  coded.set(column, { levels, codes });
  return column;
}

/** Whether a value is a column whose texts nobody has asked for. */
export function isCoded(value: unknown): boolean {
  return coded.has(value as Column);
}

/** The number of rows of a column. */
export function rowsOf(column: Column): number {
  return coded.get(column)?.codes.length ?? column.values.length;
}

/** The cell of a row. */
export function cellAt(column: Column, row: number): string | number | null {
  const known = coded.get(column);
  if (known === undefined) return column.values[row];
  const code = known.codes[row];
  return code < 0 ? null : known.levels[code];
}

/** What is the same in two rows of a column if, and only if, their cells are: the cells, or their codes. */
export function marksOf(column: Column): ArrayLike<string | number | null> {
  return coded.get(column)?.codes ?? column.values;
}

/** Some rows of a column of text, in their order. */
export function takeText(column: TextColumn, rows: Int32Array): TextColumn {
  const known = coded.get(column);
  if (known === undefined) return { ...column, values: Array.from(rows, (row) => column.values[row]) };
  const codes = new Int32Array(rows.length);
  for (let i = 0; i < rows.length; i++) codes[i] = known.codes[rows[i]];
  return codedText(column.name, known.levels, codes);
}

/** The texts of a column, without what is missing: each once where its codes are known. */
export function textsOf(column: TextColumn): readonly string[] {
  return coded.has(column) ? tallyOf(column).levels : column.values.filter((cell) => cell !== null);
}

/**
 * The numbers of a column of text, NaN for those missing.
 *
 * @param read the number of a text; undefined ends it: the column has no numbers then
 */
export function numbersOf(column: TextColumn, read: (text: string) => number | undefined): Float64Array | undefined {
  const numbers = new Float64Array(rowsOf(column)).fill(Number.NaN);
  if (!coded.has(column)) {
    for (const [row, cell] of column.values.entries()) {
      const value = typeof cell === "string" ? read(cell) : Number.NaN;
      if (value === undefined) return undefined;
      numbers[row] = value;
    }
    return numbers;
  }
  const { levels, codes } = tallyOf(column);
  const found = new Float64Array(levels.length);
  for (const [code, level] of levels.entries()) {
    const value = read(level);
    if (value === undefined) return undefined;
    found[code] = value;
  }
  for (let row = 0; row < numbers.length; row++) if (codes[row] >= 0) numbers[row] = found[codes[row]];
  return numbers;
}

/** The distinct texts of a column, and which of them each row has: each need be looked at once. */
export function tallyOf(column: TextColumn): Tally {
  const { levels, codes } = coded.get(column) ?? distinct(column.values);
  const counts = new Int32Array(levels.length);
  let [isInOrder, seen] = [true, 0];
  for (let row = 0; row < codes.length; row++) {
    const code = codes[row];
    if (code >= 0 && counts[code]++ === 0 && code !== seen++) isInOrder = false;
  }
  return isInOrder && seen === levels.length ? { levels, codes, counts } : renumbered({ levels, codes });
}

/** The different cells of a column but null, in the order in which they come first, and which of them each row has; -1 for null. */
export function distinct<T>(values: ArrayLike<T | null>): {
  readonly levels: readonly T[];
  readonly codes: Int32Array;
} {
  const places = new Map<T, number>();
  const codes = new Int32Array(values.length);
  for (let row = 0; row < codes.length; row++) {
    const cell = values[row];
    if (cell === null) {
      codes[row] = -1;
      continue;
    }
    const place = places.get(cell) ?? places.size;
    if (place === places.size) places.set(cell, place);
    codes[row] = place;
  }
  return { levels: [...places.keys()], codes };
}

/** The levels that rows have, numbered as they come. */
function renumbered({ levels, codes }: Codes): Tally {
  const { levels: places, codes: own } = distinct(Array.from(codes, (code) => (code < 0 ? null : code)));
  const counts = new Int32Array(places.length);
  for (const code of own) if (code >= 0) counts[code]++;
  return { levels: places.map((place) => levels[place]), codes: own, counts };
}
