import type { Arena } from "./arena.ts";
import type { Copy } from "./data-cache.ts";
import { TILE_ROWS } from "./generated.ts";

/** Rows of numbers as models hold them: a column is an array of its own. */
export interface Rows {
  readonly rows: number;
  readonly gate: { readonly columns: readonly string[]; readonly values: readonly Float64Array[] };
  readonly expert: { readonly columns: readonly string[]; readonly values: readonly Float64Array[] };
  readonly response: Float64Array;
  readonly weights?: Float64Array;
  readonly offset?: Float64Array;
  /** Where the rows come from, where they are not in memory: their numbers are then nobody's to read. */
  readonly stretches?: TileSource;
}

/** What of a row is in a tile, beside its response. */
export interface TileShape {
  /** Columns of the experts, and those of the gate where it reads others. */
  readonly expert: number;
  readonly gate: number | "the experts'";
  readonly hasOffset: boolean;
  readonly hasWeights: boolean;
  readonly hasTrials: boolean;
}

/** Where what is in a tile of TILE_ROWS rows, column after column: places in bytes; no weights, no offset, no trials: 0. */
export interface TilePlan {
  readonly columns: number;
  /** Bytes from one tile to the next. */
  readonly stride: number;
  readonly expert: number;
  readonly gate: number;
  readonly response: number;
  readonly offset: number;
  readonly weights: number;
  readonly trials: number;
}

/** Rows that are not in memory, in tiles, stretch by stretch. */
export interface TileSource {
  readonly plan: TilePlan;
  /** Copies the tiles of a stretch, counted from 0, to where they are read. */
  readonly read: (stretch: number, into: Uint8Array) => void;
}

/** The same rows in tiles, as the kernels read them. */
export interface Tiled extends Copy, TilePlan {
  readonly tiles: number;
  /** Addresses of a run of ones, and of one that is 0 where the last tile has no row. */
  readonly ones: number;
  readonly tail: number;
  /** Raised whenever other responsibilities take their place. */
  version: number;
}

/** Bytes of a column in a tile. */
export const RUN: number = 8 * TILE_ROWS;

/** Where the columns of rows of this shape stand: those of the experts, the gate, response, offset, weights, trials. */
export function tilePlan({ expert, gate, hasOffset, hasWeights, hasTrials }: TileShape): TilePlan {
  const response = expert + (gate === "the experts'" ? 0 : gate);
  let columns = response + 1;
  const place = (isThere: boolean): number => (isThere ? RUN * columns++ : 0);
  const [offset, weights, trials] = [place(hasOffset), place(hasWeights), place(hasTrials)];
  const places = { expert: 0, gate: gate === "the experts'" ? 0 : RUN * expert, response: RUN * response };
  return { columns, stride: RUN * columns, ...places, offset, weights, trials };
}

/** The columns of rows in the order of their plan. */
export function tileColumns({ expert, gate, response, offset, weights }: Rows, trials?: Float64Array): Float64Array[] {
  const more = [response, offset, weights, trials].filter((column) => column !== undefined);
  return [...expert.values, ...(isOneDesign({ expert, gate }) ? [] : gate.values), ...more];
}

function isOneDesign({ gate, expert }: Pick<Rows, "gate" | "expert">): boolean {
  return gate.values.length === expert.values.length && gate.values.every((x, j) => x === expert.values[j]);
}

function shapeOf(rows: Rows): TileShape {
  return {
    expert: rows.expert.values.length,
    gate: isOneDesign(rows) ? "the experts'" : rows.gate.values.length,
    hasOffset: rows.offset !== undefined,
    hasWeights: rows.weights !== undefined,
    hasTrials: false,
  };
}

/**
 * Writes columns into tiles, of which the first begins at a number's place.
 *
 * What fills up the last tile repeats its last row, and weighs nothing.
 *
 * @param held rows that are in the tiles already: others come behind them
 */
export function writeTiles(
  columns: readonly Float64Array[],
  rows: number,
  { weights }: TilePlan,
  memory: Float64Array,
  first: number,
  held = 0,
): void {
  const all = held + rows;
  columns.forEach((column, j) => {
    for (let row = held; row < all; ) {
      const [tile, at] = [Math.floor(row / TILE_ROWS), row % TILE_ROWS];
      const to = first + (tile * columns.length + j) * TILE_ROWS;
      const count = Math.min(TILE_ROWS - at, all - row);
      for (let i = 0; i < count; i++) memory[to + at + i] = column[row - held + i];
      const end = to + at + count;
      const filler = weights > 0 && j * RUN === weights ? 0 : memory[end - 1];
      if (at + count < TILE_ROWS) memory.fill(filler, end, to + TILE_ROWS);
      row += count;
    }
  });
}

/** Writes the run of ones, and that of 1 for each row of the last of so many tiles. */
export function writeOnes(memory: Float64Array, ones: number, rows: number): void {
  const inLast = rows - (Math.ceil(rows / TILE_ROWS) - 1) * TILE_ROWS;
  memory.fill(1, ones, ones + TILE_ROWS + inLast);
  memory.fill(0, ones + TILE_ROWS + inLast, ones + 2 * TILE_ROWS);
}

/** Reads the columns of rows back from tiles, of which the first begins at a number's place, into columns that have the room. */
export function readTiles(memory: Float64Array, rows: number, room: readonly Float64Array[]): Float64Array[] {
  const columns = room.length;
  return room.map((whole, j) => {
    const column = whole.subarray(0, rows);
    for (let from = 0; from < rows; from += TILE_ROWS) {
      const at = from * columns + j * TILE_ROWS;
      const count = Math.min(TILE_ROWS, rows - from);
      for (let i = 0; i < count; i++) column[from + i] = memory[at + i];
    }
    return column;
  });
}

/** Copies rows into tiles; nothing when there is no room. */
export function tiled(data: Rows, { take, numbers }: Arena): Tiled | undefined {
  const { rows } = data;
  const plan = tilePlan(shapeOf(data));
  const tiles = Math.ceil(rows / TILE_ROWS);
  const region = take(2 * RUN + tiles * plan.stride);
  if (region === undefined) return undefined;
  const memory = numbers();
  const ones = region.address / 8;
  writeOnes(memory, ones, rows);
  writeTiles(tileColumns(data), rows, plan, memory, ones + 2 * TILE_ROWS);
  return { region, tiles, ...plan, ones: region.address, tail: region.address + RUN, version: 0 };
}

/** Copies responsibilities, n × k row-major, into the tiles at `address`. */
export function writeResponsibilities(memory: Float64Array, address: number, values: Float64Array, k: number): void {
  const rows = values.length / k;
  const tiles = Math.ceil(rows / TILE_ROWS);
  for (let tile = 0; tile < tiles; tile++) {
    const count = Math.min(TILE_ROWS, rows - tile * TILE_ROWS);
    for (let z = 0; z < k; z++) {
      const to = address / 8 + (tile * k + z) * TILE_ROWS;
      for (let i = 0, from = tile * TILE_ROWS * k + z; i < count; i++, from += k) memory[to + i] = values[from];
      if (count < TILE_ROWS) memory.fill(memory[to + count - 1], to + count, to + TILE_ROWS);
    }
  }
}

/** Reads responsibilities back, n × k row-major. */
export function readResponsibilities(memory: Float64Array, address: number, rows: number, k: number): Float64Array {
  const values = new Float64Array(rows * k);
  for (let i = 0; i < rows; i++) {
    const tile = Math.floor(i / TILE_ROWS);
    const from = address / 8 + tile * k * TILE_ROWS + (i - tile * TILE_ROWS);
    for (let z = 0; z < k; z++) values[i * k + z] = memory[from + z * TILE_ROWS];
  }
  return values;
}
