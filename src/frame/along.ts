import { extent, mean } from "../math/statistics.ts";
import type { Observations } from "../rows/observations.ts";
import type { Column } from "../table/column.ts";
import { numericColumn } from "../table/numeric.ts";
import { column, type DataTable, makeTable } from "../table/table.ts";
import type { Coding } from "./column-types.ts";
import type { Formula } from "./formula.ts";
import { columnsNeeded, observe } from "./observe.ts";
import { columnsRead, entryOf, variablesOfSides } from "./written.ts";

/** The columns that the terms of a formula read, of the experts first. */
export function columnsOfTermsIn(formula: Formula): readonly string[] {
  const variables = variablesOfSides(formula);
  return [...new Set(variables.flatMap((variable) => columnsRead(variable, formula.computed)))];
}

/** How a column is read that has values other than numbers: levels, true and false, dates; nothing where it is numbers. */
export function codingIn({ codings = {}, computed, ...formula }: Formula, name: string): Coding | undefined {
  return variablesOfSides(formula).flatMap((variable) => {
    const coding = entryOf(codings, variable);
    const isRead = coding !== undefined && columnsRead(variable, computed).includes(name);
    return isRead && coding.type !== "polynomial" ? [coding] : [];
  })[0];
}

/**
 * Rows in which one column takes some values and all others stand still: numbers at their means, others at the value that
 * there is most of. They are in no group, and count once each.
 *
 * @param values the column with the values that it takes
 */
export function rowsAlong(table: DataTable, formula: Formula, values: Column): Observations {
  const { group: _, weights: __, ...read } = formula;
  const along = [...new Set(columnsNeeded(table, read, false))].map((name): Column => {
    if (name === values.name) return values;
    return filled(column(table, name), values.values.length, read);
  });
  return observe(makeTable(along, table.source), read, "optional");
}

function filled(own: Column, length: number, formula: Formula): Column {
  if (own.kind === "text") return { ...own, values: new Array<string | null>(length).fill(mostFrequent(own.values)) };
  const isLevel = codingIn(formula, own.name) !== undefined;
  const usual = isLevel ? mostFrequent(own.values) : mean(own.values);
  // Of trials there is a whole number.
  return { ...own, values: new Float64Array(length).fill(own.name === formula.trials ? Math.round(usual) : usual) };
}

/** The value that there is most of, the first of several. */
function mostFrequent<T>(values: ArrayLike<T>): T {
  const counts = new Map<T, number>();
  for (let i = 0; i < values.length; i++) counts.set(values[i], (counts.get(values[i]) ?? 0) + 1);
  return [...counts].reduce((most, entry) => (entry[1] > most[1] ? entry : most))[0];
}

/** Numbers evenly spaced from the least to the largest of a column. */
export function evenly(table: DataTable, name: string, places: number): Float64Array {
  const [low, high] = extent(numericColumn(table, name));
  // The last is the largest to the last bit.
  return Float64Array.from({ length: places }, (_, at) => {
    return at === places - 1 ? high : low + ((high - low) * at) / (places - 1);
  });
}
