import { type Cell, moreNote, type Table } from "./table.ts";

/** Data by columns, as far as it is shown. */
export interface ShownData {
  readonly rows: number;
  readonly columns: readonly {
    readonly name: string;
    readonly kind: "numeric" | "text";
    readonly values: ArrayLike<string | number | null>;
  }[];
  readonly source: string;
  readonly sourceRow?: (row: number) => number;
}

const ROWS = 10;
const COLUMNS = 20;

/** Whether a value is data by columns. */
export function isData(value: unknown): value is ShownData {
  if (typeof value !== "object" || value === null || !("source" in value && "columns" in value)) return false;
  const { columns } = value;
  return (
    Array.isArray(columns) &&
    columns.every((each) => Object.hasOwn(Object(each), "kind") && Object.hasOwn(Object(each), "values"))
  );
}

/** The head of data as a table: numbers of rows, names with types and how many values they miss, and its shape. */
export function dataTable({ rows, columns, sourceRow }: ShownData): Table {
  const shown = columns.slice(0, COLUMNS);
  const note = moreNote(rows - ROWS, columns.length - COLUMNS);
  const cells = (row: number): Cell[] => shown.map(({ values }) => (isMissing(values[row]) ? null : values[row]));
  return {
    columns: [
      { name: "row", align: "right" },
      ...shown.map(({ name, kind, values }) => ({
        name,
        align: kind === "numeric" ? ("right" as const) : ("left" as const),
        note: noteOf(kind, values),
      })),
    ],
    rows: Array.from({ length: Math.min(rows, ROWS) }, (_, row) => [
      String((sourceRow?.(row) ?? row) + 1),
      ...cells(row),
    ]),
    caption: `${counted(rows, "row")} × ${counted(columns.length, "column")}`,
    ...(note !== undefined && { note }),
  };
}

function noteOf(kind: string, values: ArrayLike<unknown>): string {
  let missing = 0;
  for (let row = 0; row < values.length; row++) if (isMissing(values[row])) missing++;
  return missing === 0 ? kind : `${kind}, ${missing} missing`;
}

function isMissing(cell: unknown): boolean {
  return cell === null || Number.isNaN(cell);
}

function counted(count: number, unit: string): string {
  return `${count} ${unit}${count === 1 ? "" : "s"}`;
}
