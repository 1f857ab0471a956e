import type { Arena } from "./arena.ts";
import type { Copy } from "./data-cache.ts";
import { TILE_ROWS } from "./generated.ts";

/** Rows of numbers as models hold them: a column is an array of its own. */
export interface Rows {
  readonly rows: number;
  readonly gate: { readonly values: readonly Float64Array[] };
  readonly expert: { readonly values: readonly Float64Array[] };
  readonly response: Float64Array;
  readonly weights?: Float64Array;
  readonly offset?: Float64Array;
}

/** The same rows in tiles of TILE_ROWS, column after column, as the kernels read them. */
export interface Tiled extends Copy {
  readonly tiles: number;
  /** Bytes from one tile to the next. */
  readonly stride: number;
  /** Places in a tile, in bytes; no weights, no offset: 0. */
  readonly expert: number;
  readonly gate: number;
  readonly response: number;
  readonly weights: number;
  readonly offset: number;
  /** Addresses of a run of ones, and of one that is 0 where the last tile has no row. */
  readonly ones: number;
  readonly tail: number;
  /** Raised whenever other responsibilities take their place. */
  version: number;
}

const RUN = 8 * TILE_ROWS;

/** Copies rows into tiles; nothing when there is no room. */
export function tiled(data: Rows, { take, numbers }: Arena): Tiled | undefined {
  const { rows, gate, expert, response, weights, offset } = data;
  const same = gate.values.length === expert.values.length && gate.values.every((x, j) => x === expert.values[j]);
  const columns = [...expert.values, ...(same ? [] : gate.values), response];
  if (offset) columns.push(offset);
  if (weights) columns.push(weights);
  const tiles = Math.ceil(rows / TILE_ROWS);
  const stride = columns.length * RUN;
  const region = take(2 * RUN + tiles * stride);
  if (region === undefined) return undefined;
  const memory = numbers();
  const ones = region.address / 8;
  const tail = ones + TILE_ROWS;
  const first = tail + TILE_ROWS;
  memory.fill(1, ones, tail);
  for (let i = 0; i < TILE_ROWS; i++) memory[tail + i] = (tiles - 1) * TILE_ROWS + i < rows ? 1 : 0;
  const d = expert.values.length;
  const at = same ? d : d + gate.values.length;
  columns.forEach((column, j) => {
    for (let tile = 0; tile < tiles; tile++) {
      const to = first + (tile * columns.length + j) * TILE_ROWS;
      const from = tile * TILE_ROWS;
      const count = Math.min(TILE_ROWS, rows - from);
      for (let i = 0; i < count; i++) memory[to + i] = column[from + i];
      // What fills up the last tile repeats its last row, and weighs nothing.
      if (count < TILE_ROWS) memory.fill(column === weights ? 0 : memory[to + count - 1], to + count, to + TILE_ROWS);
    }
  });
  return {
    region,
    tiles,
    stride,
    expert: 0,
    gate: same ? 0 : d * RUN,
    response: at * RUN,
    offset: offset ? (at + 1) * RUN : 0,
    weights: weights ? (columns.length - 1) * RUN : 0,
    ones: 8 * ones,
    tail: 8 * tail,
    version: 0,
  };
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
