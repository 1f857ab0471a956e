import { random } from "../../math/random.ts";
import type { TableBatches } from "../../table/batches.ts";
import { tallyOf } from "../../table/coded-text.ts";
import type { Column } from "../../table/column.ts";
import type { DataTable } from "../../table/table.ts";
import { DrawnRows } from "./drawn-rows.ts";
import type { UnitCensus } from "./unit-census.ts";

/** Rows of a sketch, at the least where there are as many, and about twice as many at the most. */
const ENOUGH = 20_000;
/** Values of a column of which each has a row in the sketch: more texts are no levels, and more numbers no labels. */
const LEVELS = { text: 1000, numeric: 100 } as const;

/** Rows of a unit, from its first on, that come into the sketch together. */
const TOGETHER = 20;

/**
 * A table of some rows of a source, in their order, drawn by chance and the same for the same seed; whatever text or label a
 * column has is in it, by the first row that has it. Of units that are drawn the first rows are in it.
 *
 * @param census counts units on the way, where rows belong to some
 * @remarks cost: the source is read once
 */
export function sketchOf({ each, source }: TableBatches, seed: number, census?: UnitCensus): DataTable {
  const rng = random(seed);
  const ofUnits = { draws: [] as number[], rows: [] as number[] };
  const seen = new Map<string, Set<string | number>>();
  const drawn = new DrawnRows(source);
  let [rows, chance] = [0, 1];
  each((table) => {
    const firsts = firstRows(table, seen);
    const chosen: number[] = [];
    const draws: number[] = [];
    const units = census?.count(table);
    for (let row = 0; row < table.rows; row++) {
      const draw = drawOf(rng.uniform(), units?.[row] ?? -1, ofUnits);
      const isFirst = firsts.has(row);
      if (!isFirst && draw >= chance) continue;
      chosen.push(row);
      draws.push(isFirst ? 0 : draw);
    }
    drawn.add(table, chosen, draws, rows);
    rows += table.rows;
    for (let before = Infinity; drawn.rows > 2 * ENOUGH; ) {
      // Firsts stay, however many they are.
      if (drawn.rows === before) break;
      before = drawn.rows;
      chance /= 2;
      drawn.thin(chance);
    }
  });
  return drawn.table();
}

/** What a row is drawn by: the first rows of a unit as its first one, too. */
function drawOf(
  own: number,
  unit: number,
  { draws, rows }: { readonly draws: number[]; readonly rows: number[] },
): number {
  if (unit < 0) return own;
  if (unit === draws.length) {
    draws.push(own);
    rows.push(0);
  }
  return ++rows[unit] <= TOGETHER ? Math.min(own, draws[unit]) : own;
}

/** The rows in which a value comes first, of columns that have few; adds those to what was seen. */
function firstRows(table: DataTable, seen: Map<string, Set<string | number>>): ReadonlySet<number> {
  const rows = new Set<number>();
  for (const column of table.columns) {
    const known = seen.get(column.name) ?? new Set();
    seen.set(column.name, known);
    noteFirsts(column, known, rows);
  }
  return rows;
}

function noteFirsts(column: Column, known: Set<string | number>, rows: Set<number>): void {
  const most = LEVELS[column.kind];
  const note = (value: string | number, row: number): void => {
    known.add(value);
    rows.add(row);
  };
  if (known.size > most) return;
  if (column.kind === "numeric") {
    for (let row = 0; row < column.values.length && known.size <= most; row++) {
      const value = column.values[row];
      if (!Number.isNaN(value) && !known.has(value)) note(value, row);
    }
    return;
  }
  const { levels, codes } = tallyOf(column);
  const fresh = new Set(levels.flatMap((level, code) => (known.has(level) ? [] : [code])));
  for (let row = 0; row < codes.length && fresh.size > 0 && known.size <= most; row++) {
    if (fresh.delete(codes[row])) note(levels[codes[row]], row);
  }
}
