import { InputError, listed, quote } from "../errors.ts";
import { type BatchColumn, batchOf, isEmpty, type Rows, type SourceColumn } from "./batch.ts";
import type { Column, TextColumn } from "./column.ts";
import { type DataTable, makeTable, shownTable } from "./table.ts";

/** Rows that become a part of a table. */
export interface Part extends Rows {
  /** What errors call it. */
  readonly name: string;
}

/** Makes a column of one of text: numbers of what is written otherwise, and what is missing of words for it. */
export type ReadText = (column: TextColumn) => Column;

/** A table as a part of another. */
export function partOfTable({ source, rows, columns, rowNames }: DataTable): Part {
  const all = rowNames === undefined ? columns : [rowNames, ...columns];
  const batch = { rows, columns: all.map(batchOf) };
  const given = [batch];
  return {
    name: source,
    columns: all.map(({ name, kind }, j) => {
      const is = kind === "numeric" ? "numbers" : "text";
      return { name, is, type: is, mayBeEmpty: isEmpty(batch.columns[j]) };
    }),
    next: () => given.pop(),
  };
}

/**
 * A table of the rows of all parts, one below the other.
 *
 * @throws InputError for a part whose columns are not those of the first, naming it, and as `makeTable`
 */
export function stacked(parts: Iterable<Part>, source: string, read: ReadText): DataTable {
  let first: Part | undefined;
  let columns: readonly Growing[] = [];
  const begins: { readonly name: string; readonly row: number }[] = [];
  let rows = 0;
  for (const part of parts) {
    if (first === undefined)
      columns = part.columns.map(({ name, is }) => ({ name, isText: is !== "numbers", parts: [] }));
    else checkSame(first, part, source, false);
    first ??= part;
    begins.push({ name: part.name, row: rows });
    const order = columns.map(({ name }) => part.columns.findIndex((column) => column.name === name));
    for (let batch = part.next(); batch !== undefined; batch = part.next()) {
      for (const [j, column] of columns.entries()) {
        if (extend(column, batch.columns[order[j]])) continue;
        throw differs(first, part, source, column.name, column.isText ? ["text", "numbers"] : ["numbers", "text"]);
      }
      rows += batch.rows;
    }
  }
  const made = columns.map((column) => {
    return column.isText && column.hasValue ? read(texts(column)) : numbers(column, rows);
  });
  const table = makeTable(namesFirst(made), source);
  // Where errors say that a row is, unless the source says it.
  const partOf = (row: number): { name: string; row: number } => {
    const { name, row: from } = begins.findLast((begin) => begin.row <= row) ?? begins[0];
    return { name, row: row - from };
  };
  return begins.length === 1 && begins[0].name === source ? table : shownTable({ ...table, part: partOf });
}

/** Columns with the names of rows first and without a name, as files of text have them: pandas writes this one, last. */
function namesFirst(columns: readonly Column[]): readonly Column[] {
  const names = columns.find(({ name }) => name === "__index_level_0__");
  if (names === undefined || columns.length === 1) return columns;
  return [{ ...names, name: "" }, ...columns.filter((column) => column !== names)];
}

/** A column as its values come. */
interface Growing {
  readonly name: string;
  isText: boolean;
  hasValue?: boolean;
  readonly parts: BatchColumn[];
}

/** Adds values to a column; false where they are of the other kind. What has no value as yet may be of either. */
function extend(column: Growing, values: BatchColumn): boolean {
  column.parts.push(values);
  if (isEmpty(values)) return true;
  const isText = values.kind === "text";
  if (column.hasValue && isText !== column.isText) return false;
  column.isText = isText;
  column.hasValue = true;
  return true;
}

function lengthOf(part: BatchColumn): number {
  return part.kind === "text" ? part.codes.length : part.values.length;
}

function numbers({ name, parts }: Growing, rows: number): Column {
  const [only, ...others] = parts;
  if (only?.kind === "numeric" && others.length === 0) return { name, kind: "numeric", values: only.values };
  const values = new Float64Array(rows).fill(Number.NaN);
  let at = 0;
  for (const part of parts.splice(0)) {
    if (part.kind === "numeric") values.set(part.values, at);
    at += lengthOf(part);
  }
  return { name, kind: "numeric", values };
}

/** Labels that are looked up at the most: names and sentences don't repeat. */
const MANY = 1000;

function texts({ name, parts }: Growing): TextColumn {
  const values: (string | null)[] = [];
  // One string for each label: each part brings its own.
  const known = new Map<string, string>();
  for (const part of parts.splice(0)) {
    const labels = part.kind === "text" ? part.labels : [];
    const own = labels.map((label) => {
      if (known.size < MANY && !known.has(label)) known.set(label, label);
      return known.get(label) ?? label;
    });
    for (let i = 0; i < lengthOf(part); i++) values.push(part.kind === "text" ? (own[part.codes[i]] ?? null) : null);
  }
  return { name, kind: "text", values };
}

/**
 * Refuses a part whose columns are not those of the first, whatever their order.
 *
 * @param isFinal whether numbers and text differ though there may be no value among the ones or the others
 */
export function checkSame(first: Part, other: Part, source: string, isFinal: boolean): void {
  const refuse = (wanted: string, got: string): InputError =>
    new InputError(`read ${source}`, `${wanted} in every file, as in ${first.name}`, `${got} in ${other.name}`);
  const found = new Map(other.columns.map((column) => [column.name, column]));
  const missing = first.columns.filter(({ name }) => !found.has(name)).map(({ name }) => name);
  if (missing.length > 0) throw refuse(`the column${missing.length > 1 ? "s" : ""} ${listed(missing, "and")}`, "none");
  const own = new Set(first.columns.map(({ name }) => name));
  const more = other.columns.find(({ name }) => !own.has(name));
  if (more !== undefined) throw refuse("the same columns", `${quote(more.name)}, too,`);
  for (const column of first.columns) {
    const same = found.get(column.name) as SourceColumn;
    if (same.is === column.is || same.mayBeEmpty || column.mayBeEmpty) continue;
    if (!isFinal && [same.is, column.is].includes("numbers")) continue;
    throw differs(first, other, source, column.name, [column.is, same.is]);
  }
}

function differs(
  first: Part,
  other: Part,
  source: string,
  name: string,
  [wanted, got]: readonly [string, string],
): InputError {
  const expected = `${wanted} in column ${quote(name)} of every file, as in ${first.name}`;
  return new InputError(`read ${source}`, expected, `${got} in ${other.name}`);
}
