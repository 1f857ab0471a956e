import { random } from "../../math/random.ts";
import type { TableBatches } from "../../table/batches.ts";
import { tallyOf } from "../../table/coded-text.ts";
import type { Column } from "../../table/column.ts";
import { type Part, partOfTable, stacked } from "../../table/stack.ts";
import { type DataTable, shownTable, takeRows } from "../../table/table.ts";
import type { UnitCensus } from "./unit-census.ts";

/** Rows of a sketch, at the least where there are as many, and about twice as many at the most. */
const ENOUGH = 20_000;
/** Values of a column of which each has a row in the sketch: more texts are no levels, and more numbers no labels. */
const LEVELS = { text: 1000, numeric: 100 } as const;

/** Rows of a unit, from its first on, that come into the sketch together. */
const TOGETHER = 20;

/** Some rows of a part of the table: their numbers among all, and what they were drawn by. */
interface Drawn {
  readonly table: DataTable;
  readonly numbers: readonly number[];
  readonly draws: readonly number[];
}

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
  let parts: readonly Drawn[] = [];
  let [rows, chance, kept] = [0, 1, 0];
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
    const from = rows;
    parts = [
      ...parts,
      { table: takeRows(table, Int32Array.from(chosen)), draws, numbers: chosen.map((row) => from + row) },
    ];
    kept += chosen.length;
    rows += table.rows;
    while (kept > 2 * ENOUGH) {
      chance /= 2;
      parts = parts.map((part) => thinned(part, chance));
      const left = parts.reduce((sum, { draws }) => sum + draws.length, 0);
      // Firsts stay, however many they are.
      if (left === kept) break;
      kept = left;
    }
  });
  return joined(parts, source);
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

/** The rows that were drawn below a chance. */
function thinned({ table, numbers, draws }: Drawn, chance: number): Drawn {
  const left = Int32Array.from(draws.keys()).filter((at) => draws[at] < chance);
  return {
    table: takeRows(table, left),
    numbers: Array.from(left, (at) => numbers[at]),
    draws: Array.from(left, (at) => draws[at]),
  };
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

/** One table of all parts, whose rows know their numbers in the source. */
function joined(parts: readonly Drawn[], source: string): DataTable {
  const numbers = parts.flatMap((part) => part.numbers);
  const pieces = parts
    .filter(({ numbers }) => numbers.length > 0)
    .map(({ table, numbers }): Part => ({ ...partOfTable(table), name: `${source}, rows ${numbers[0] + 1} and on` }));
  const { part: _, ...table } = stacked(pieces, source, (column) => column);
  return shownTable({ ...table, sourceRow: (row) => numbers[row] });
}
