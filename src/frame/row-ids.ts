import type { NumericColumn } from "../table/column.ts";
import { holdsLargeWholes } from "../table/labels.ts";
import type { DataTable } from "../table/table.ts";

/** Of fewer rows the numbers from 1 on are as likely values as numbers of rows. */
const FEWEST = 20;
/** A column that counts the rows has no numbers above these, but for some rows that were taken out before. */
const GAPS = 1.1;

/** Names of identifiers, such as `id`, `patient_id`, `userId` and `row number`. */
const ID = /^(id|index|idx|row[_. -]?(id|names?|num|numbers?|no|nr|index))$|[_. -]id$/i;
const CAMEL_ID = /[\p{Ll}\d]I[dD]$/u;
/** What is counted from 1 on and means something: a trend over time, a rank. */
const QUANTITY =
  /^(t|x|time|day|week|month|quarter|year|hour|minute|second|period|step|trend|date|wave|age|rank|dose)s?$/;

/** Whether a name is that of the identifiers of something, such as `id` and `patient_id`. */
export function isIdName(name: string): boolean {
  return /(^|[_. -])id$/i.test(name) || CAMEL_ID.test(name);
}

/** What makes a column of numbers one of identifiers: its name, and that they differ in every row that has one, or are too large. */
export function idReason({ name, values }: NumericColumn): string | undefined {
  if (!ID.test(name) && !CAMEL_ID.test(name)) return undefined;
  if (areDifferent(values)) return "an id, another in every row";
  return holdsLargeWholes(values) ? "an id of more digits than a number has" : undefined;
}

/** Whether a column numbers the rows, in any order, from 0 or 1 on; some rows of the source may have been left out. */
export function isNumbering(table: DataTable, { name, values }: NumericColumn): boolean {
  const words = name.replace(/(\p{Ll})(\p{Lu})/gu, "$1 $2").split(/[_. -]/);
  if (values.length < FEWEST || words.some((word) => QUANTITY.test(word.length > 1 ? word.toLowerCase() : word))) {
    return false;
  }
  const all = 1 + (table.sourceRow?.(table.rows - 1) ?? table.rows - 1);
  const isAmong = values.every((value) => value >= 0 && value <= Math.max(all, GAPS * values.length));
  return isAmong && 2 * values.length > all && areDifferent(values);
}

/** Whether these are whole numbers, and no two the same; missing ones aside. */
function areDifferent(values: Float64Array): boolean {
  const known = values.filter((value) => !Number.isNaN(value));
  return known.length > 1 && known.every(Number.isSafeInteger) && new Set(known).size === known.length;
}
