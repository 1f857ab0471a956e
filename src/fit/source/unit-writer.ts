import { closeSync, openSync, readSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { bytesOf } from "../../compute/own.ts";
import { type TilePlan, tileColumns, writeTiles } from "../../compute/tiled.ts";
import { draftOf } from "../../files/draft.ts";
import { WriteFailure } from "../../files/output-place.ts";
import { checkUnits } from "../../frame/groups.ts";
import type { Observations, StretchPart } from "../../rows/observations.ts";
import { observationsOf, stretchBytes, type TileColumns } from "../../rows/tile-rows.ts";
import { totalWeight, unitNumbers } from "../../rows/units.ts";
import type { UnitCensus } from "./unit-census.ts";

/** Rows of a stretch that are gathered before they are written. */
const GATHERED = 128;

/** Stretches of whole units. */
export interface UnitStretches {
  readonly parts: readonly StretchPart[];
  readonly totalWeight: number;
}

/** Where rows go whose units are to be together, however far apart they come. */
export interface UnitWriter {
  /** Takes rows, with the number of each one's unit, and its own in the source, from 1. */
  readonly add: (data: Observations, units: Int32Array, numberOf: (row: number) => number) => void;
  /** Writes the stretches, in the order of their units' first rows. */
  readonly finish: () => UnitStretches;
  /** Removes what was written on the way. */
  readonly close: () => void;
}

/** What units are called, and what of them must not change. */
export interface GroupNames {
  readonly group: string;
  /** Column of the weights. */
  readonly weights?: string | undefined;
}

/**
 * Brings the rows of each unit together, on the disk: rows go, as they come, to the part of a file that is of the stretch of
 * their unit; at the end each stretch is read, put in order and handed on.
 *
 * @param beside a file beside which there is room for all rows; default: the folder for temporary files
 * @param put takes each stretch, in tiles
 * @remarks memory: of each stretch 128 rows, and one stretch; disk: all rows once more, until it is closed
 */
export function unitWriter(
  beside: string | undefined,
  plan: TilePlan,
  shape: TileColumns,
  census: UnitCensus,
  names: GroupNames,
  put: (tiles: Uint8Array) => void,
): UnitWriter {
  const { count, of } = census.stretches();
  // Behind the columns of the tiles, whose last one is the unit's number, that of the row.
  const width = plan.columns + 1;
  const scratch = scratchFile(draftOf(beside ?? join(tmpdir(), "mixlens-units")));
  const heaps = Array.from({ length: count }, (): Heap => ({ rows: 0, held: undefined, chunks: [] }));
  const spill = (heap: Heap, rows: number): void => {
    if (heap.held !== undefined && rows > 0) heap.chunks.push(scratch.write(heap.held, rows * width));
  };
  return {
    add: (data, units, numberOf) => {
      const columns = tileColumns(data, data.trials);
      for (let row = 0; row < data.rows; row++) {
        const heap = heaps[of[units[row]]];
        heap.held ??= new Float64Array(GATHERED * width);
        const at = (heap.rows % GATHERED) * width;
        for (let j = 0; j < columns.length; j++) heap.held[at + j] = columns[j][row];
        heap.held[at + width - 2] = units[row];
        heap.held[at + width - 1] = numberOf(row);
        if (++heap.rows % GATHERED === 0) spill(heap, GATHERED);
      }
    },
    finish: () => {
      const tiles = new Float64Array(stretchBytes(plan) / 8);
      const parts: StretchPart[] = [];
      let weight = 0;
      for (const heap of heaps) {
        if (heap.rows === 0) continue;
        spill(heap, heap.rows % GATHERED);
        const { columns, numbers } = inOrder(scratch.read(heap.chunks), heap.rows, width);
        delete heap.held;
        const data = observationsOf({ ...shape, parts: [] }, heap.rows, columns);
        checkStretch(data, numbers, names);
        writeTiles(columns, heap.rows, plan, tiles.fill(0), 0);
        put(bytesOf(tiles));
        const { units = new Int32Array() } = data;
        parts.push({ rows: heap.rows, units: units[heap.rows - 1] + 1 });
        weight += totalWeight(data);
      }
      return { parts, totalWeight: weight };
    },
    close: scratch.close,
  };
}

/** The rows of a stretch, on the way. */
interface Heap {
  rows: number;
  held?: Float64Array | undefined;
  readonly chunks: { readonly at: number; readonly length: number }[];
}

/** A file for numbers that are read back, and gone with the process. */
function scratchFile(path: string) {
  const failing = <T>(act: () => T): T => {
    try {
      return act();
    } catch (error) {
      throw new WriteFailure(dirname(path), error);
    }
  };
  const descriptor = failing(() => openSync(path, "wx+", 0o600));
  let end = 0;
  return {
    write: (numbers: Float64Array, length: number) =>
      failing(() => {
        const [at, bytes] = [end, bytesOf(numbers.subarray(0, length))];
        for (let done = 0; done < bytes.length; )
          done += writeSync(descriptor, bytes, done, bytes.length - done, at + done);
        end += bytes.length;
        return { at, length };
      }),
    /** All numbers of some chunks, one after the other. */
    read: (chunks: Heap["chunks"]): Float64Array => {
      const numbers = new Float64Array(chunks.reduce((sum, { length }) => sum + length, 0));
      const bytes = bytesOf(numbers);
      let to = 0;
      for (const { at, length } of chunks) {
        for (let done = 0; done < 8 * length; )
          done += readSync(descriptor, bytes, to + done, 8 * length - done, at + done);
        to += 8 * length;
      }
      return numbers;
    },
    close: (): void => {
      closeSync(descriptor);
      rmSync(path, { force: true });
    },
  };
}

/** The rows of units one after the other, as columns, and each row's number in the source; units count from 0. */
function inOrder(rows: Float64Array, count: number, width: number): { columns: Float64Array[]; numbers: Int32Array } {
  const order = Array.from({ length: count }, (_, row) => row);
  // What is equal keeps its order.
  order.sort((a, b) => rows[a * width + width - 2] - rows[b * width + width - 2]);
  const take = (j: number): Float64Array => Float64Array.from(order, (row) => rows[row * width + j]);
  const columns = Array.from({ length: width - 2 }, (_, j) => take(j));
  return {
    columns: [...columns, Float64Array.from(unitNumbers(take(width - 2)))],
    numbers: Int32Array.from(take(width - 1)),
  };
}

function checkStretch(
  { gate, units = new Int32Array(), weights }: Observations,
  numbers: Int32Array,
  names: GroupNames,
): void {
  const weighed = weights && names.weights !== undefined ? { name: names.weights, values: weights } : undefined;
  checkUnits((row) => `row ${numbers[row]}`, names.group, units, gate, weighed);
}
