import type * as Arrow from "apache-arrow";
import type { BatchColumn, ColumnClass, SourceColumn } from "../batch.ts";

/** What the values of a type of Arrow are as a table has them. */
export function classOf(arrow: typeof Arrow, type: Arrow.DataType): ColumnClass {
  const { DataType, DateUnit, TimeUnit } = arrow;
  if (DataType.isDictionary(type)) {
    const own = classOf(arrow, type.dictionary);
    return own === "text" ? own : "other";
  }
  if (DataType.isInt(type) || DataType.isFloat(type) || DataType.isNull(type)) return "numbers";
  if (DataType.isUtf8(type) || DataType.isLargeUtf8(type)) return "text";
  if (DataType.isBool(type)) return "true and false";
  const isDated = DataType.isDate(type) ? type.unit in DateUnit : DataType.isTimestamp(type) && type.unit in TimeUnit;
  return isDated ? "dates" : "other";
}

/**
 * The values of some rows of a column.
 *
 * @param refuse throws, for a row of these and what it has
 */
export function fillColumn(
  vector: Arrow.Vector,
  { is, type }: SourceColumn,
  from: number,
  rows: number,
  refuse: (row: number, got: string) => never,
): BatchColumn {
  if (is === "numbers") {
    const values = new Float64Array(rows);
    for (let i = 0; i < rows; i++) {
      const value: number | bigint | null = vector.get(from + i);
      values[i] = value === null ? Number.NaN : Number(value);
    }
    return { kind: "numeric", values };
  }
  const labels = new Map<string, number>();
  const codes = new Int32Array(rows);
  const textOf = is === "dates" ? dateText(vector, type, refuse) : (row: number) => textIn(vector, from + row);
  for (let i = 0; i < rows; i++) {
    const text = vector.isValid(from + i) ? textOf(i, from + i) : undefined;
    const code = text === undefined ? -1 : (labels.get(text) ?? labels.size);
    if (text !== undefined && code === labels.size) labels.set(text, code);
    codes[i] = code;
  }
  return { kind: "text", codes, labels: [...labels.keys()] };
}

function textIn(vector: Arrow.Vector, row: number): string | undefined {
  const value: unknown = vector.get(row);
  return value === null ? undefined : String(value);
}

/** Units of a second that points in time are counted in, and the digits behind its point. */
const UNITS: Readonly<Record<string, readonly [perSecond: bigint, digits: number]>> = {
  SECOND: [1n, 0],
  MILLISECOND: [1000n, 3],
  MICROSECOND: [1_000_000n, 6],
  NANOSECOND: [1_000_000_000n, 9],
};

/** Reads days and points in time as CSV files have them; those of a zone are written as Greenwich's. */
function dateText(
  vector: Arrow.Vector,
  type: string,
  refuse: (row: number, got: string) => never,
): (row: number, at: number) => string {
  // As they are counted: what get returns of them has milliseconds.
  const [{ values }] = vector.data;
  const isDay = type.startsWith("Date");
  const [, unit = "", zone] = /<(\w+)(?:, (.+))?>/.exec(type) ?? [];
  const [perSecond, digits] = isDay ? [unit === "DAY" ? 1n : 86_400_000n, 0] : UNITS[unit];
  return (row, at) => {
    const count = BigInt(values[at]);
    const whole = count >= 0n ? count / perSecond : -((-count + perSecond - 1n) / perSecond);
    const date = new Date(Number(whole) * (isDay ? 86_400_000 : 1000));
    if (!(date.getTime() >= FIRST && date.getTime() < AFTER)) refuse(row, `${count} ${unit.toLowerCase()}s since 1970`);
    const [day, time] = date.toISOString().split("T");
    if (isDay) return day;
    const rest = (count - whole * perSecond).toString().padStart(digits, "0").replace(/0+$/, "");
    return `${day} ${time.slice(0, 8)}${digits === 0 || rest === "" ? "" : `.${rest}`}${zone === undefined ? "" : "Z"}`;
  };
}

const FIRST = Date.UTC(-1, 12, 1);
const AFTER = Date.UTC(10_000, 0, 1);
