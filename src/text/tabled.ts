import { printed } from "./printed.ts";
import { type Table, type TableLimits, tableText } from "./table.ts";

/** The name under which a value has a function that makes a table of it: a notebook's cells and its kernel share no module. */
const asTable = Symbol.for("mixlens.table");

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
  return printed(showing(value, table), (own) => tableText(table(own), limits));
}

/** Gives a value a table that a notebook shows; `console.log` prints something else of it. */
export function showing<Value extends object>(value: Value, table: (value: Value) => Table): Value {
  return Object.defineProperty(value, asTable, { value: () => table(value), enumerable: false });
}

/** The table that a value was given; nothing where it has none. */
export function ownTable(value: unknown): Table | undefined {
  if (typeof value !== "object" || value === null || !(asTable in value)) return undefined;
  return (value as { readonly [asTable]: () => Table })[asTable]();
}
