import { printed } from "./printed.ts";
import { type Table, tableText } from "./table.ts";

/** The name under which a value has a function that makes a table of it. */
const asTable = Symbol("table");

/** Rows of it that `console.log` prints. */
const SHOWN = 12;

/** Gives a value a table, which `console.log` prints of it and a notebook shows. No listing of its properties shows that. */
export function tabled<Value extends object>(value: Value, table: (value: Value) => Table): Value {
  Object.defineProperty(value, asTable, { value: () => table(value), enumerable: false });
  return printed(value, (own) => tableText(table(own), { rows: SHOWN }));
}

/** The table that a value was given; nothing where it has none. */
export function ownTable(value: unknown): Table | undefined {
  if (typeof value !== "object" || value === null || !(asTable in value)) return undefined;
  return (value as { readonly [asTable]: () => Table })[asTable]();
}
