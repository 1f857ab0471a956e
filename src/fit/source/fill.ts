import { InputError, quote } from "../../errors.ts";
import type { TileWriter } from "../../files/tile-file.ts";
import type { Formula } from "../../frame/formula.ts";
import { columnsNeeded, observeComplete } from "../../frame/observe.ts";
import type { Observations } from "../../rows/observations.ts";
import { planOf, stretchWriter, type TileRows } from "../../rows/tile-rows.ts";
import type { TableBatches } from "../../table/batches.ts";
import { type MissingRows, missingRows, rowsBeside } from "../../table/missing.ts";
import { type DataTable, place, takeRows } from "../../table/table.ts";
import { alike } from "./alike.ts";

/** Called as rows are read. */
export type OnRows = (rows: number) => void;

/** What has been found of the rows on the way. */
export interface Filled {
  readonly rows: number;
  readonly totalWeight: number;
  readonly dropped: MissingRows;
}

/**
 * Reads all rows of a source as a formula says, and writes them in tiles.
 *
 * @param sketch some of the rows, by which columns are numbers or text
 * @throws InputError as `observe`; for missing values, unless the formula drops such rows; and where none is left
 */
export function fillTiles(
  batches: TableBatches,
  sketch: DataTable,
  formula: Formula,
  shape: Omit<TileRows, "rows" | "totalWeight" | "sha256">,
  writer: Pick<TileWriter<unknown>, "add">,
  onRows: OnRows,
): Filled {
  const needed = columnsNeeded(sketch, formula, true);
  const kinds = new Map(sketch.columns.map(({ name, kind }) => [name, kind]));
  const put = stretchWriter(planOf(shape), writer.add);
  const missing = new Map<string, number>();
  let first: string | undefined;
  let [rows, of, totalWeight] = [0, 0, 0];
  batches.each((given) => {
    const table = alike(given, kinds, needed);
    const gaps = missingRows(table, needed);
    for (const { column, rows } of gaps.columns) missing.set(column, (missing.get(column) ?? 0) + rows);
    if (gaps.count > 0) first ??= place(table, gaps.rows[0]);
    of += table.rows;
    onRows(of);
    // Where such rows are refused there is nothing to write, but all are to be counted.
    if (gaps.count === table.rows || (first !== undefined && formula.missing !== "drop")) return;
    const data = observeComplete(gaps.count === 0 ? table : takeRows(table, rowsBeside(gaps)), formula, true);
    totalWeight = addWeights(totalWeight, data);
    rows += data.rows;
    put(data);
  });
  put(undefined);
  const columns = Array.from(missing, ([column, rows]) => ({ column, rows }));
  const dropped = { rows: new Int32Array(), count: of - rows, of, columns };
  if (first !== undefined) checkMissing(batches.source, dropped, first, formula.missing !== "drop");
  return { rows, totalWeight, dropped };
}

/** One by one, as they are added in memory. */
function addWeights(before: number, { weights, rows }: Observations): number {
  return weights === undefined ? before + rows : weights.reduce((sum, weight) => sum + weight, before);
}

function checkMissing(source: string, { count, of, columns }: MissingRows, first: string, isRefused: boolean): void {
  const names = columns.map(({ column, rows }) => `${quote(column)} (${rows})`).join(", ");
  const act = `read ${source}`;
  if (isRefused) {
    const next = `fill them in, or leave these rows out with missing: "drop" (--missing drop)`;
    throw new InputError(
      act,
      `a value in every row of the columns ${names}`,
      `missing values, the first at ${first}`,
      next,
    );
  }
  if (count < of) return;
  throw new InputError(act, `a row without missing values in ${names}`, "none", "leave such columns out");
}
