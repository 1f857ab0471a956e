import { STRETCH_ROWS, StretchSums } from "./blocks.ts";
import { type Engine, started, warnOnce } from "./engine.ts";
import { TILE_ROWS } from "./generated.ts";
import { type Job, runJob } from "./job.ts";
import { type Given, placeResponsibilities } from "./kept-responsibilities.ts";
import { type Rows, type Tiled, tiled } from "./tiled.ts";

/**
 * Sums over rows as a kernel computes them: the same numbers, in the same order, as the plain code beside which a model
 * names it.
 */
export interface Kernel {
  readonly name: "linear" | "logistic-posterior" | "logistic-expansion";
  /** Which sums of the linear kernel; see src/compute/assembly/linear.ts. */
  readonly parts?: number;
  /** Number of sums. */
  readonly length: number;
  /** Number of experts, and of the labels' classes. */
  readonly k: number;
  readonly classes?: number;
  /** The expert that is fitted, from 0. */
  readonly z?: number;
  /** Coefficients of the experts, one predictor after the other; of the gate; a scale and a constant of each expert. */
  readonly theta?: Float64Array;
  readonly gate?: Float64Array;
  readonly scales?: Float64Array;
  /**
   * Whose responsibilities the sums are taken with, known by its identity: they are copied unless they are the last that
   * were found or copied, and must not have changed since.
   */
  readonly given?: Given;
  /** Who is to own the responsibilities that the kernel finds. */
  readonly finds?: object;
}

export const POSTERIOR = 1;
export const EXPERTS = 2;
export const GRAMS = 4;
export const GATE = 8;
export const HESSIAN = 16;
/** Tiles of a stretch. */
const STRETCH_TILES = STRETCH_ROWS / TILE_ROWS;

/** Set for a kernel whose `given` are unit: the given responsibilities of a row sum to one. */
const UNIT = 32;

/** Computes the sums of a kernel, or nothing where the plain code has to. */
export function kernelSums(data: Rows, kernel: Kernel): Float64Array | undefined {
  const engine = started();
  if (engine === undefined || data.rows === 0) return undefined;
  const bytes = 8 * data.rows * (data.gate.values.length + data.expert.values.length + 4);
  const rows = engine.data.take(data, bytes, tiled);
  const hasRoom = rows !== undefined && placeResponsibilities(engine.arena, rows, kernel.k, kernel.given, kernel.finds);
  const sums = hasRoom ? run(engine, data, rows, kernel) : undefined;
  if (sums === undefined) warnOnce(`${data.rows} rows find no room in the 4 GiB, or less, that it reaches`);
  return sums;
}

/** Runs the kernel on each stretch of the rows, one after the other, and adds up what it finds. */
function run(engine: Engine, data: Rows, rows: Tiled, kernel: Kernel): Float64Array | undefined {
  const total = new StretchSums(kernel.length);
  for (let first = 0; first < rows.tiles; first += STRETCH_TILES) {
    const sums = runJob(engine, jobOf(data, rows, kernel, first));
    if (sums === undefined) return undefined;
    total.add(sums);
  }
  return total.total();
}

/** The job of a stretch, whose first tile this is. */
function jobOf(data: Rows, tiled: Tiled, kernel: Kernel, first: number): Job {
  const { length, k, classes = 0, z = 0 } = kernel;
  const parts = (kernel.parts ?? 0) | (kernel.given?.areUnit ? UNIT : 0);
  const { stride, expert, gate, response, weights, offset, ones, tail } = tiled;
  const [d, dg] = [data.expert.values.length, data.gate.values.length];
  const tileCount = Math.min(STRETCH_TILES, tiled.tiles - first);
  const rows = Math.min(STRETCH_ROWS, data.rows - first * TILE_ROWS);
  const tiles = tail + (tail - ones) + first * stride;
  const found = tiled.responsibilities?.region.address;
  const responsibilities = found === undefined ? 0 : found + first * k * (tail - ones);
  return {
    kernel: kernel.name,
    work: rows * (length + 20 * k),
    fields: {
      ...{ parts, tileCount, rows, length, d, dg, k, classes, z, tiles, responsibilities },
      ...{ stride, expert, gate, response, weights, offset, ones, tail },
    },
    theta: kernel.theta,
    gate: kernel.gate,
    scales: kernel.scales,
  };
}
