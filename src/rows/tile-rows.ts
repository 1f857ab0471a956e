import { createHash, type Hash } from "node:crypto";
import { STRETCH_ROWS } from "../compute/blocks.ts";
import { TILE_ROWS } from "../compute/generated.ts";
import { RUN, readTiles, type TilePlan, tileColumns, tilePlan, writeTiles } from "../compute/tiled.ts";
import type { Design, Observations, Stretches, StretchPart } from "./observations.ts";

/** What rows in tiles have, beside their numbers. */
export interface TileRows {
  readonly rows: number;
  readonly totalWeight: number;
  readonly expert: readonly string[];
  /** Names of the gate's columns; null where they are those of the experts. */
  readonly gate: readonly string[] | null;
  readonly hasWeights: boolean;
  readonly hasOffset: boolean;
  readonly hasTrials: boolean;
  readonly sha256: string;
  /** Rows and units of each stretch, where units have several rows. */
  readonly parts?: readonly StretchPart[];
}

/** What there is in the tiles of rows, before they are written. */
export type TileColumns = Omit<TileRows, "rows" | "totalWeight" | "sha256" | "parts"> & {
  readonly areGrouped?: boolean;
};

/** Where what is in the tiles of such rows stands. */
export function planOf({ expert, gate, areGrouped = false, ...has }: TileColumns): TilePlan {
  const plan = tilePlan({ expert: expert.length, gate: gate === null ? "the experts'" : gate.length, ...has });
  // The numbers of units are nothing that kernels read: they stand behind all others.
  return areGrouped ? { ...plan, columns: plan.columns + 1, stride: plan.stride + RUN } : plan;
}

/** Bytes of a stretch of so many rows. */
export function stretchBytes({ stride }: TilePlan, rows: number = STRETCH_ROWS): number {
  return Math.ceil(rows / TILE_ROWS) * stride;
}

/** Rows of a stretch: as many in each but for the last, unless units are kept whole. */
export function rowsOfStretch(stretch: number, { rows, parts }: Pick<TileRows, "rows" | "parts">): number {
  return parts?.[stretch].rows ?? Math.min(STRETCH_ROWS, rows - stretch * STRETCH_ROWS);
}

/** Rows in tiles, wherever these are read from. */
export function stretchesOf(known: TileRows, read: (stretch: number, into: Uint8Array) => void): Stretches {
  const { gate, expert, parts } = known;
  const plan = planOf({ ...known, areGrouped: parts !== undefined });
  let last: { readonly stretch: number; readonly rows: Observations } | undefined;
  // Made anew for each stretch, they would fill the memory before the garbage collector learnt of them.
  let room: { readonly tiles: Float64Array; readonly columns: readonly Float64Array[] } | undefined;
  const roomFor = (rows: number) => {
    if (room === undefined || room.columns[0].length < rows) {
      const columns = Array.from({ length: plan.columns }, () => new Float64Array(rows));
      room = { tiles: new Float64Array(stretchBytes(plan, rows) / 8), columns };
    }
    return room;
  };
  return {
    ...known,
    gate: gate ?? expert,
    plan,
    read,
    at: (stretch) => {
      if (last?.stretch === stretch) return last.rows;
      last = undefined;
      const count = rowsOfStretch(stretch, known);
      const { tiles, columns } = roomFor(count);
      read(stretch, new Uint8Array(tiles.buffer, 0, stretchBytes(plan, count)));
      last = { stretch, rows: observationsOf(known, count, readTiles(tiles, count, columns)) };
      return last.rows;
    },
  };
}

/** The rows of columns in the order of a plan. */
export function observationsOf(
  known: TileColumns & Pick<TileRows, "parts">,
  rows: number,
  columns: readonly Float64Array[],
): Observations {
  const { expert, gate, hasOffset, hasWeights, hasTrials, parts } = known;
  let next = 0;
  const take = (names: readonly string[]): Design => {
    next += names.length;
    return { columns: names, values: columns.slice(next - names.length, next) };
  };
  const experts = take(expert);
  return {
    rows,
    expert: experts,
    gate: gate === null ? experts : take(gate),
    response: columns[next++],
    ...(hasOffset && { offset: columns[next++] }),
    ...(hasWeights && { weights: columns[next++] }),
    ...(hasTrials && { trials: columns[next++] }),
    ...(parts && { units: Int32Array.from(columns[next]) }),
  };
}

/** What rows are known by, once they are gone: a hash of their tiles, as they came, and of the units that they are of. */
export class RowsHash {
  readonly #tiles: Hash;
  #units: Hash | undefined;

  /** @param shape of which all but the names counts */
  constructor({ expert, gate, areGrouped: _, ...has }: TileColumns) {
    const shape = JSON.stringify([expert.length, gate?.length ?? null, ...Object.entries(has).sort()]);
    this.#tiles = createHash("sha256").update(shape);
  }

  addTiles(tiles: Uint8Array): void {
    this.#tiles.update(tiles);
  }

  /** @param units numbers of the units, from 0 in the order of their first rows */
  addUnits(units: Int32Array): void {
    this.#units ??= createHash("sha256");
    this.#units.update(new Uint8Array(units.buffer, units.byteOffset, units.byteLength));
  }

  /** In hexadecimal digits. */
  digest(): string {
    if (this.#units !== undefined) this.#tiles.update("units\n").update(this.#units.digest());
    return this.#tiles.digest("hex");
  }
}

/** What is in the tiles of such rows. */
export function shapeOf({ expert, gate, weights, offset, trials }: Observations): TileColumns {
  return {
    expert: expert.columns,
    gate: gate === expert ? null : gate.columns,
    ...{ hasWeights: weights !== undefined, hasOffset: offset !== undefined, hasTrials: trials !== undefined },
  };
}

/** Gathers rows into stretches, in tiles: a function to be called with rows, and at the end with none. */
export function stretchWriter(
  plan: TilePlan,
  put: (tiles: Uint8Array) => void,
): (data: Observations | undefined) => void {
  const tiles = new Float64Array(stretchBytes(plan) / 8);
  let held = 0;
  const flush = (): void => {
    if (held === 0) return;
    put(new Uint8Array(tiles.buffer, 0, stretchBytes(plan, held)));
    held = 0;
  };
  return (data) => {
    if (data === undefined) return flush();
    const given = tileColumns(data, data.trials);
    for (let from = 0; from < data.rows; ) {
      const count = Math.min(STRETCH_ROWS - held, data.rows - from);
      writeTiles(
        given.map((column) => column.subarray(from, from + count)),
        count,
        plan,
        tiles,
        0,
        held,
      );
      held += count;
      from += count;
      if (held === STRETCH_ROWS) flush();
    }
  };
}
