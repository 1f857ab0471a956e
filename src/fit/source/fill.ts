import { InputError, quote } from "../../errors.ts";
import type { TileWriter } from "../../files/tile-file.ts";
import type { Formula } from "../../frame/formula.ts";
import { groupNames } from "../../frame/groups.ts";
import { columnsNeeded, observeComplete } from "../../frame/observe.ts";
import { weightless } from "../../frame/response.ts";
import type { Observations } from "../../rows/observations.ts";
import { planOf, RowsHash, stretchWriter, type TileColumns, type TileRows } from "../../rows/tile-rows.ts";
import type { TableBatches } from "../../table/batches.ts";
import { type MissingRows, missingRows, rowsBeside } from "../../table/missing.ts";
import { type DataTable, place, takeRows } from "../../table/table.ts";
import { alike } from "./alike.ts";
import type { UnitCensus } from "./unit-census.ts";
import { unitWriter } from "./unit-writer.ts";

/** Called as rows are read. */
export type OnRows = (rows: number) => void;

/** What has been found of the rows on the way. */
export interface Filled extends Pick<TileRows, "rows" | "totalWeight" | "parts" | "sha256"> {
  readonly dropped: MissingRows;
}

/** Where rows go. */
interface Filling {
  /** Takes rows, with the number of each in the source, from 1. */
  readonly add: (data: Observations, table: DataTable, numberOf: (row: number) => number) => void;
  readonly finish: () => Pick<TileRows, "totalWeight" | "parts" | "sha256">;
  readonly close: () => void;
}

/**
 * Reads all rows of a source as a formula says, and writes them in tiles.
 *
 * @param head the columns, which are numbers or text
 * @throws InputError as `observe`; for missing values, unless the formula drops such rows; and where none is left
 */
export function fillTiles(
  batches: TableBatches,
  head: DataTable,
  formula: Formula,
  shape: TileColumns,
  writer: Pick<TileWriter<unknown>, "add">,
  onRows: OnRows,
  units?: { readonly census: UnitCensus; readonly beside: string | undefined },
): Filled {
  const filling = units === undefined ? inArrivalOrder(shape, writer) : byUnits(shape, writer, formula, units);
  try {
    return filled(batches, head, formula, filling, onRows);
  } finally {
    filling.close();
  }
}

function filled(batches: TableBatches, head: DataTable, formula: Formula, filling: Filling, onRows: OnRows): Filled {
  const needed = columnsNeeded(head, formula, true);
  const kinds = new Map(head.columns.map(({ name, kind }) => [name, kind]));
  // Units are whole when all rows are read.
  const { group: _, ...alone } = formula;
  const missing = new Map<string, number>();
  let first: string | undefined;
  let [rows, of] = [0, 0];
  batches.each((given) => {
    const table = alike(given, kinds, needed);
    const gaps = missingRows(table, needed);
    for (const { column, rows } of gaps.columns) missing.set(column, (missing.get(column) ?? 0) + rows);
    if (gaps.count > 0) first ??= place(table, gaps.rows[0]);
    const before = of;
    of += table.rows;
    onRows(of);
    // Where such rows are refused there is nothing to write, but all are to be counted.
    if (gaps.count === table.rows || (first !== undefined && formula.missing !== "drop")) return;
    const kept = gaps.count === 0 ? undefined : rowsBeside(gaps);
    const complete = kept === undefined ? table : takeRows(table, kept);
    const data = observeComplete(complete, alone, true, false);
    rows += data.rows;
    filling.add(data, complete, (row) => before + (kept?.[row] ?? row) + 1);
  });
  const columns = Array.from(missing, ([column, rows]) => ({ column, rows }));
  const dropped = { rows: new Int32Array(), count: of - rows, of, columns };
  if (first !== undefined) checkMissing(batches.source, dropped, first, formula.missing !== "drop");
  const found = filling.finish();
  if (formula.weights !== undefined && found.totalWeight === 0) throw weightless(formula.weights);
  return { rows, ...found, dropped };
}

/** Rows in stretches as they come. */
function inArrivalOrder(shape: TileColumns, { add }: Pick<TileWriter<unknown>, "add">): Filling {
  const hash = new RowsHash(shape);
  const put = stretchWriter(planOf(shape), (tiles) => {
    hash.addTiles(tiles);
    add(tiles);
  });
  let totalWeight = 0;
  return {
    add: (data) => {
      totalWeight = addWeights(totalWeight, data);
      put(data);
    },
    finish: () => {
      put(undefined);
      return { totalWeight, sha256: hash.digest() };
    },
    close: () => {},
  };
}

/** Rows in stretches of whole units. */
function byUnits(
  shape: TileColumns,
  { add }: Pick<TileWriter<unknown>, "add">,
  { group = "", weights }: Formula,
  { census, beside }: { readonly census: UnitCensus; readonly beside: string | undefined },
): Filling {
  const writer = unitWriter(beside, planOf(shape), shape, census, { group, weights }, add);
  // Rows are known by the order in which they came.
  const hash = new RowsHash(shape);
  const put = stretchWriter(planOf({ ...shape, areGrouped: false }), (tiles) => hash.addTiles(tiles));
  return {
    ...writer,
    add: (data, table, numberOf) => {
      const units = Int32Array.from(groupNames(table, group), (name) => census.numberOf(name));
      put(data);
      hash.addUnits(units);
      writer.add(data, units, numberOf);
    },
    finish: () => {
      put(undefined);
      return { ...writer.finish(), sha256: hash.digest() };
    },
  };
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
