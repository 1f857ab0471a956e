import { TILE_ROWS } from "../compute/generated.ts";
import type { TilePlan } from "../compute/tiled.ts";
import {
  type BothScales,
  type ColumnScales,
  type Design,
  type Observations,
  type Stretches,
  sumOver,
} from "./observations.ts";
import { streamed } from "./streamed.ts";
import { planOf, rowsOfStretch, stretchBytes, stretchesOf } from "./tile-rows.ts";

/** Moments of the columns of a design. */
export interface Moments extends ColumnScales {
  /** The column of ones; −1 where there is none. */
  readonly ones: number;
}

/**
 * Means and standard deviations of the columns of a design, by the rows' weights; the same bits wherever the rows are.
 *
 * @remarks cost: two passes over the rows
 */
export function momentsOf(data: Observations, design: "gate" | "expert"): Moments {
  const d = data[design].columns.length;
  const sums = sumOver(data, 1 + 2 * d, ({ rows, weights, x }, partial) => {
    const { values, start } = x[design];
    for (let i = 0; i < rows; i++) partial[0] += weights[i];
    for (let j = 0; j < d; j++) {
      for (let i = 0; i < rows; i++) {
        const value = values[j][start + i];
        partial[1 + j] += weights[i] * value;
        if (value !== 1) partial[1 + d + j]++;
      }
    }
  });
  const means = sums.slice(1, 1 + d).map((sum) => sum / sums[0]);
  const squares = sumOver(data, d, ({ rows, weights, x }, partial) => {
    const { values, start } = x[design];
    for (let j = 0; j < d; j++) {
      for (let i = 0; i < rows; i++) partial[j] += weights[i] * (values[j][start + i] - means[j]) ** 2;
    }
  });
  const deviations = squares.map((square) => Math.sqrt(square / sums[0]));
  return { means, deviations, ones: sums.subarray(1 + d).indexOf(0) };
}

/** The rows with each column less a mean, and over a deviation; those of a source are so as they are read. */
export function scaledRows(data: Observations, scales: BothScales): Observations {
  // A column that is another in one of the designs has a place of its own there.
  const isOne = data.gate === data.expert && isSame(scales.gate, scales.expert);
  if (data.stretches !== undefined) return streamed(scaledStretches(data.stretches, scales, isOne));
  const expert = scaled(data.expert, scales.expert);
  return { ...data, expert, gate: isOne ? expert : scaled(data.gate, scales.gate) };
}

function isSame(one: ColumnScales, other: ColumnScales): boolean {
  const equal = (a: Float64Array, b: Float64Array): boolean => a.every((value, j) => value === b[j]);
  return equal(one.means, other.means) && equal(one.deviations, other.deviations);
}

function scaled(design: Design, { means, deviations }: ColumnScales): Design {
  const values = design.values.map((column, j) => {
    const [mean, deviation] = [means[j], deviations[j]];
    return mean === 0 && deviation === 1 ? column : column.map((value) => (value - mean) / deviation);
  });
  return { columns: design.columns, values };
}

/** Where a column of scaled tiles comes from. */
interface Taken {
  readonly from: number;
  readonly mean: number;
  readonly deviation: number;
}

function scaledStretches(stretches: Stretches, scales: BothScales, isOne: boolean): Stretches {
  const { stepSums, read, plan, gate, expert, parts } = stretches;
  const known = { ...stretches, gate: isOne ? null : gate };
  const own = planOf({ ...known, areGrouped: parts !== undefined });
  const wasOne = gate === expert;
  const design = (names: readonly string[], { means, deviations }: ColumnScales, at: number): Taken[] =>
    names.map((_, j) => ({ from: at + j, mean: means[j], deviation: deviations[j] }));
  const ofDesigns = wasOne ? expert.length : expert.length + gate.length;
  const columns: readonly Taken[] = [
    ...design(expert, scales.expert, 0),
    ...(isOne ? [] : design(gate, scales.gate, wasOne ? 0 : expert.length)),
    ...Array.from({ length: plan.columns - ofDesigns }, (_, j) => ({ from: ofDesigns + j, mean: 0, deviation: 1 })),
  ];
  let raw: Float64Array | undefined;
  const here = stretchesOf(known, (stretch, into) => {
    const rows = rowsOfStretch(stretch, stretches);
    raw ??= new Float64Array(stretchBytes(plan) / 8);
    read(stretch, new Uint8Array(raw.buffer, 0, stretchBytes(plan, rows)));
    const out = new Float64Array(into.buffer, into.byteOffset, stretchBytes(own, rows) / 8);
    scaleTiles(raw, plan, out, columns);
  });
  return { ...here, ...(stepSums && { stepSums: (theta: Float64Array) => stepSums(theta, scales) }) };
}

function scaleTiles(raw: Float64Array, plan: TilePlan, out: Float64Array, columns: readonly Taken[]): void {
  const tiles = out.length / (columns.length * TILE_ROWS);
  for (let tile = 0; tile < tiles; tile++) {
    columns.forEach(({ from, mean, deviation }, j) => {
      const at = (tile * plan.columns + from) * TILE_ROWS;
      const to = (tile * columns.length + j) * TILE_ROWS;
      if (mean === 0 && deviation === 1) out.set(raw.subarray(at, at + TILE_ROWS), to);
      else for (let i = 0; i < TILE_ROWS; i++) out[to + i] = (raw[at + i] - mean) / deviation;
    });
  }
}
