import { TILE_ROWS } from "../compute/generated.ts";
import { RUN } from "../compute/tiled.ts";
import type { Observations, Stretches } from "./observations.ts";
import { streamed } from "./streamed.ts";
import { planOf, rowsOfStretch, stretchBytes, stretchesOf } from "./tile-rows.ts";

/** A column that rows of a source have in place of their own, or beside it. */
export interface OwnColumn {
  readonly name: "response" | "weights";
  /** Total weight of the rows that have it. */
  readonly totalWeight: number;
  /** Its numbers in a stretch, counted from 0. */
  readonly read: (stretch: number) => Float64Array;
}

/**
 * The rows of a source with a column of their own, put in as they are read.
 *
 * @remarks cost: where there is no such column yet, a copy of each stretch that is read
 */
export function withColumn(stretches: Stretches, { name, totalWeight, read }: OwnColumn): Observations {
  const { stepSums: _, gate, expert, plan, parts, ...own } = stretches;
  const shape = { ...own, expert, gate: gate === expert ? null : gate };
  const known = { ...shape, ...(parts && { parts }), totalWeight, hasWeights: own.hasWeights || name === "weights" };
  const wider = planOf({ ...known, areGrouped: parts !== undefined });
  const at = wider[name] / RUN;
  let raw: Float64Array | undefined;
  const next = stretchesOf(known, (stretch, into) => {
    const rows = rowsOfStretch(stretch, stretches);
    const tiles = new Float64Array(into.buffer, into.byteOffset, stretchBytes(wider, rows) / 8);
    if (wider.columns === plan.columns) stretches.read(stretch, into);
    else {
      raw ??= new Float64Array(stretchBytes(plan) / 8);
      stretches.read(stretch, new Uint8Array(raw.buffer, 0, stretchBytes(plan, rows)));
      spread(raw, tiles, wider.columns, at);
    }
    const column = read(stretch);
    // What fills up the last tile is as its last row, and weighs nothing.
    put(column.subarray(0, rows), name === "weights" ? 0 : column[rows - 1], tiles, wider.columns, at);
  });
  return streamed(next);
}

/** Copies tiles to wider ones, with room for a column more. */
function spread(from: Float64Array, to: Float64Array, columns: number, at: number): void {
  const [narrow, wide, before] = [(columns - 1) * TILE_ROWS, columns * TILE_ROWS, at * TILE_ROWS];
  for (let [source, tile] = [0, 0]; tile < to.length; source += narrow, tile += wide) {
    to.set(from.subarray(source, source + before), tile);
    to.set(from.subarray(source + before, source + narrow), tile + before + TILE_ROWS);
  }
}

function put(column: Float64Array, filler: number, tiles: Float64Array, columns: number, at: number): void {
  for (let [from, to] = [0, at * TILE_ROWS]; from < column.length; from += TILE_ROWS, to += columns * TILE_ROWS) {
    const some = column.subarray(from, from + TILE_ROWS);
    tiles.set(some, to);
    tiles.fill(filler, to + some.length, to + TILE_ROWS);
  }
}
