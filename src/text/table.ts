import { checkArgument } from "../errors/arguments.ts";
import { isObject, isOf, type Kind, numberIn, text } from "../errors/kinds.ts";
import { type Declared, defaulted, readOptions } from "../errors/options.ts";
import { shown } from "../errors/shown.ts";
import { formatAbove } from "./number.ts";

/** What may stand in a cell; anything else is shown as its text. */
export type Cell = string | number | bigint | boolean | Date | null | undefined;

/** A column of a table; numbers stand right and text left unless told otherwise. */
export interface TableColumn {
  readonly name: string;
  readonly align?: "left" | "right";
  /** A remark under the name, such as a unit or a data type. */
  readonly note?: string;
  /** What numbers are rounding below, whatever their sign: they are shown as `< 1e−12`, say. */
  readonly floor?: number;
}

/** A table as a value: named columns, and rows of as many cells. */
export interface Table {
  readonly columns: readonly TableColumn[];
  readonly rows: readonly (readonly Cell[])[];
  readonly caption?: string;
  /** What is not in the rows, such as "… 45 more rows". */
  readonly note?: string;
}

/** How much of a table is shown at most: 50 rows and 20 columns unless told otherwise. */
export interface TableLimits {
  readonly rows?: number;
  readonly columns?: number;
}

/** How many are shown at the most: Infinity shows all. */
export const atMost: Kind<number> = numberIn(
  "a whole number from 0 on, or Infinity",
  (value) => value >= 0 && (Number.isInteger(value) || value === Number.POSITIVE_INFINITY),
);
const LIMITS = {
  rows: defaulted(atMost, 50),
  columns: defaulted(atMost, 20),
} satisfies Declared<TableLimits>;

const aTable: Kind<Table> = {
  wanted: "a table: columns, each with a name, and rows of cells",
  accepts: (value) =>
    isTable(value) &&
    value.columns.every(({ name, note }) => text.accepts(name) && isOf(note, text)) &&
    isOf(value.caption, text) &&
    isOf(value.note, text),
};

/** True of anything with a table's columns and rows. */
export function isTable(value: unknown): value is Table {
  if (typeof value !== "object" || value === null || !("columns" in value) || !("rows" in value)) return false;
  const { columns, rows } = value;
  return (
    isList(columns, (column) => typeof column === "object" && column !== null && "name" in column) &&
    isList(rows, Array.isArray)
  );
}

function isList(value: unknown, holds: (item: unknown) => boolean): boolean {
  return Array.isArray(value) && value.every(holds);
}

/** A cell as people read it; what is missing is a dash. */
function cellText(cell: Cell, { floor = 0 }: TableColumn): string {
  if (cell === null || cell === undefined) return "–";
  if (typeof cell === "number") return formatAbove(floor, cell);
  if (isObject(cell) && !(cell instanceof Date)) return shown(cell);
  return cell instanceof Date && !Number.isNaN(cell.valueOf()) ? cell.toISOString() : String(cell);
}

/** The cells of a table as people read them, by rows. */
export function textOf({ columns, rows }: Table): readonly (readonly string[])[] {
  return rows.map((row) => row.map((cell, i) => cellText(cell, columns[i])));
}

/** Whether a column stands right: as told, or because it holds numbers and nothing else. */
export function isRightAligned({ columns, rows }: Table, index: number): boolean {
  const { align } = columns[index];
  if (align !== undefined) return align === "right";
  const present = rows.map((row) => row[index]).filter((cell) => cell !== null && cell !== undefined);
  return present.length > 0 && present.every((cell) => typeof cell === "number" || typeof cell === "bigint");
}

/** The part of a table that is shown, with a note on what is not. */
export function cut(table: Table, limits: TableLimits): Table {
  checkArgument("show a table", "table", table, aTable);
  const { rows, columns } = readOptions("show a table", limits, LIMITS);
  const more = moreNote(table.rows.length - rows, table.columns.length - columns);
  const note = [table.note, more].filter((text) => text !== undefined).join(", ");
  return {
    ...table,
    columns: table.columns.slice(0, columns),
    rows: table.rows.slice(0, rows).map((row) => table.columns.slice(0, columns).map((_, i) => row[i])),
    ...(note === "" ? {} : { note }),
  };
}

/** "… 45 more rows, 3 more columns", or nothing. */
export function moreNote(rows: number, columns: number): string | undefined {
  const parts = [count(rows, "row"), count(columns, "column")].filter((part) => part !== "");
  return parts.length === 0 ? undefined : `… ${parts.join(", ")}`;
}

function count(more: number, unit: string): string {
  return more > 0 ? `${more} more ${unit}${more === 1 ? "" : "s"}` : "";
}

/**
 * A table as aligned plain text, for terminals and for readers without HTML.
 *
 * @example
 * ```ts
 * import { tableText } from "mixlens";
 * const text = tableText({ columns: [{ name: "name" }, { name: "x" }], rows: [["a", 1], ["b", -0.25]] });
 * if (text !== "name      x\na         1\nb     −0.25") throw new Error(text);
 * ```
 */
export function tableText(table: Table, limits: TableLimits = {}): string {
  const part = cut(table, limits);
  const head = part.columns.map(({ name, note }) => (note === undefined ? name : `${name} (${note})`));
  const lines = [head, ...textOf(part)].map((cells) => cells.map(oneLine));
  const widths = part.columns.map((_, i) => Math.max(...lines.map((cells) => length(cells[i]))));
  const right = part.columns.map((_, i) => isRightAligned(part, i));
  const body = lines.map((cells) =>
    cells
      .map((text, i) => padded(text, widths[i], right[i]))
      .join("  ")
      .trimEnd(),
  );
  return [...body, ...[part.caption, part.note].filter((text) => text !== undefined)].join("\n");
}

function padded(text: string, width: number, right: boolean): string {
  const space = " ".repeat(width - length(text));
  return right ? space + text : text + space;
}

function length(text: string): number {
  return [...text].length;
}

/** Control characters could move a terminal's cursor or break a line. */
function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029]+/gu, " ");
}
