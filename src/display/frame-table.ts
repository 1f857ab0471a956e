import { type Declared, defaulted, readOptions } from "../errors/options.ts";
import { shown } from "../errors/shown.ts";
import { InputError } from "../errors.ts";
import type { Frame } from "../table/frame.ts";
import { atMost, type Cell, moreNote, type Table, type TableColumn, type TableLimits } from "../text/table.ts";

// Where danfo keeps what its public properties give: those are shadowed by columns of the same name (shape, values).
interface Stored {
  readonly $data: readonly unknown[];
  readonly $columns: readonly string[] | string;
  readonly $index: readonly (string | number)[];
  readonly $dtypes: readonly string[];
  readonly $isSeries: boolean;
}

const LIMITS = {
  rows: defaulted(atMost, 10),
  columns: defaulted(atMost, 20),
} satisfies Declared<TableLimits>;

/** True of danfo's DataFrame and Series, of whichever copy of danfo. */
export function isFrame(value: unknown): value is Frame {
  return isStored(value);
}

function isStored(value: unknown): value is Stored {
  const names = ["$data", "$columns", "$index", "$dtypes", "$isSeries"];
  return typeof value === "object" && value !== null && names.every((name) => Object.hasOwn(value, name));
}

/**
 * The head of a danfo frame as a table: its index, names with data types, and its shape. Only the rows shown are read.
 *
 * @param limits 10 rows and 20 columns unless told otherwise
 * @throws InputError for anything but a danfo DataFrame or Series
 * @example
 * ```ts
 * import { frameTable } from "mixlens";
 * import { DataFrame } from "danfojs-node";
 * const table = frameTable(new DataFrame({ x: [1, 2], species: ["a", "b"] }));
 * if (table.caption !== "2 rows × 2 columns") throw new Error(table.caption);
 * ```
 */
export function frameTable(frame: Frame, limits: TableLimits = {}): Table {
  if (!isStored(frame)) throw new InputError("show the frame", "a danfo DataFrame or Series", shown(frame));
  const { rows, columns } = readOptions("show the frame", limits, LIMITS);
  const names = [frame.$columns].flat();
  const named = names.slice(0, columns);
  const data = frame.$data.slice(0, rows);
  const note = moreNote(frame.$data.length - rows, names.length - columns);
  return {
    columns: [{ name: "" }, ...named.map((name, i) => column(name, frame.$dtypes[i]))],
    rows: data.map((row, i) => [frame.$index[i], ...cells(row, frame.$isSeries, named.length)]),
    caption: `${plural(frame.$data.length, "row")} × ${plural(names.length, "column")}`,
    ...(note === undefined ? {} : { note }),
  };
}

function column(name: string, dtype: string | undefined): TableColumn {
  return dtype === undefined ? { name: String(name) } : { name: String(name), note: dtype };
}

function cells(row: unknown, isSeries: boolean, count: number): Cell[] {
  return isSeries ? [row as Cell] : Array.from(row as ArrayLike<Cell>).slice(0, count);
}

function plural(count: number, unit: string): string {
  return `${count} ${unit}${count === 1 ? "" : "s"}`;
}
