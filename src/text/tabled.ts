import { printed } from "./printed.ts";
import { type Table, type TableLimits, tableText } from "./table.ts";

/** The name under which a value has a function that makes a table of it. */
const asTable = Symbol("table");

/**
 * Gives a value a table, which `console.log` prints of it and a notebook shows. No listing of its properties shows that.
 *
 * @param limits how much of it is printed
 */
export function tabled<Value extends object>(
  value: Value,
  table: (value: Value) => Table,
  limits: TableLimits = {},
): Value {
  Object.defineProperty(value, asTable, { value: () => table(value), enumerable: false });
  return printed(value, (own) => tableText(table(own), limits));
}

/** The table that a value was given; nothing where it has none. */
export function ownTable(value: unknown): Table | undefined {
  if (typeof value !== "object" || value === null || !(asTable in value)) return undefined;
  return (value as { readonly [asTable]: () => Table })[asTable]();
}
