import { mean, median, sd } from "../math/statistics.ts";
import { printed } from "../text/printed.ts";
import { type Cell, type Table, tableText } from "../text/table.ts";
import { tallyOf } from "./coded-text.ts";
import type { Column } from "./column.ts";
import { missingIn } from "./missing.ts";
import { type DataSource, toTable } from "./source.ts";

/**
 * What is in the columns of data: type, missing and distinct values, and of numbers their mean, standard deviation, least,
 * median and greatest; of texts the most frequent one. A table that a notebook and the console show.
 *
 * @throws InputError as `toTable`
 * @remarks cost a sort of each column
 * @example
 * ```ts
 * import { describe } from "mixlens";
 * const { rows } = describe({ x: [1, 2, null, 6], s: ["a", "b", "b", null] });
 * if (rows[0][2] !== 1 || rows[0][4] !== 3 || rows[1][9] !== "b (2)") throw new Error("one x is missing, the mean is 3");
 * ```
 */
export function describe(data: DataSource): Table {
  const table = toTable(data);
  const names = ["column", "type", "missing", "distinct", "mean", "sd", "min", "median", "max", "most frequent"];
  const found: Table = {
    columns: names.map((name, at) => ({ name, align: at < 2 || at === 9 ? "left" : "right" })),
    rows: table.columns.map(rowOf),
    caption: `${table.rows} row${table.rows === 1 ? "" : "s"} of ${table.source}`,
  };
  return printed(found, tableText);
}

function rowOf(column: Column): readonly Cell[] {
  const missing = missingIn(column);
  if (column.kind === "numeric") {
    const numbers = column.values.filter((value) => !Number.isNaN(value)).sort();
    const ends = numbers.length === 0 ? [null, null] : [numbers[0], numbers[numbers.length - 1]];
    const of = (measure: (values: Float64Array) => number): Cell => (numbers.length === 0 ? null : measure(numbers));
    const distinct = new Set(numbers).size;
    return [column.name, "numeric", missing, distinct, of(mean), of(sd), ends[0], of(median), ends[1], null];
  }
  const { levels, counts } = tallyOf(column);
  const most = counts.indexOf(counts.reduce((a, b) => Math.max(a, b), 0));
  const often = most < 0 ? null : `${levels[most]} (${counts[most]})`;
  return [column.name, "text", missing, levels.length, null, null, null, null, null, often];
}
