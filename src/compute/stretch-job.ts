import { STRETCH_ROWS } from "./blocks.ts";
import { TILE_ROWS } from "./generated.ts";
import type { Job } from "./job.ts";
import type { Given } from "./kept-responsibilities.ts";
import type { Tiled } from "./tiled.ts";

/**
 * Sums over rows as a kernel computes them: the same numbers, in the same order, as the plain code beside which a model
 * names it.
 */
export interface Kernel {
  readonly name: Exclude<Job["kernel"], "images">;
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
  /** Numbers of branches of the gate, level by level: one of a flat one, which none means, too. */
  readonly branching?: readonly number[];
  /** Direction of a product with a Hessian, one predictor after the other. */
  readonly direction?: Float64Array;
  /**
   * Whose responsibilities the sums are taken with, known by its identity: they are copied unless they are the last that
   * were found or copied, and must not have changed since.
   */
  readonly given?: Given;
  /** Who is to own the responsibilities that the kernel finds. */
  readonly finds?: object;
  /** Where rows may belong to few experts. */
  readonly few?: Few;
}

/** Few experts of each row: those that are looked at, and those that are chosen. */
export interface Few {
  /** Number of experts of a row, m. */
  readonly width: number;
  /** Number of experts on a row's list. */
  readonly listed: number;
  /** The lists (n × listed, row-major), from which is chosen unless all are looked at; to be filled, the first m chosen. */
  readonly lists: Uint8Array;
  /** Responsibilities of the chosen ones (n × m); to be filled. */
  readonly shares: Float64Array;
}

export const POSTERIOR = 1;
export const EXPERTS = 2;
export const GRAMS = 4;
export const GATE = 8;
export const HESSIAN = 16;
/** Of second derivatives the diagonal; the product of a Hessian with a direction, alone; a bound of them, class by class. */
export const DIAGONAL = 128;
export const PRODUCT = 256;
export const CLASSES = 512;
/** Together with HESSIAN: in single precision. */
export const ROUGH = 1024;
/** The value of an expansion, alone. */
export const HEIGHT = 2048;
/** Of a row the experts on its list are looked at. */
export const LISTED = 64;
/** Set for a kernel whose `given` are unit: the given responsibilities of a row sum to one. */
const UNIT = 32;

/** Tiles of a stretch. */
export const STRETCH_TILES: number = STRETCH_ROWS / TILE_ROWS;

/** Numbers of rows, and of columns of the experts and of the gate. */
interface Size {
  readonly rows: number;
  readonly d: number;
  readonly dg: number;
}

/** The job of a stretch of tiles, of which this is the first. */
export function stretchJob({ rows: all, d, dg }: Size, tiled: Tiled, kernel: Kernel, first: number): Job {
  const { length, k, classes = 0, z = 0, branching = [] } = kernel;
  const parts = (kernel.parts ?? 0) | (kernel.given?.areUnit ? UNIT : 0);
  const { stride, expert, gate, response, weights, offset, ones, tail } = tiled;
  const from = first * TILE_ROWS;
  const tileCount = Math.min(STRETCH_TILES, tiled.tiles - first);
  const rows = Math.min(STRETCH_ROWS, all - from);
  const tiles = tail + (tail - ones) + first * stride;
  const { width = 0, listed = 0, lists, shares } = kernel.few ?? {};
  const found = tiled.responsibilities?.region.address;
  const responsibilities = found === undefined ? 0 : found + first * k * (tail - ones);
  return {
    kernel: kernel.name,
    work: rows * (kernel.few ? k * (20 + 2 * dg) : length + 20 * k),
    fields: {
      ...{
        parts,
        tileCount,
        rows,
        length,
        d,
        dg,
        k,
        classes,
        z,
        levels: branching.length,
        width,
        listed,
        tiles,
        responsibilities,
      },
      ...{ stride, expert, gate, response, weights, offset, ones, tail },
    },
    theta: kernel.theta,
    gate: kernel.gate,
    scales: kernel.scales,
    direction: kernel.direction,
    branching: Float64Array.from(branching),
    lists: lists?.subarray(from * listed, (from + rows) * listed),
    found: shares?.subarray(from * width, (from + rows) * width),
  };
}
