import type { Random } from "../../math/random.ts";
import type { Design, Observations } from "../../rows/observations.ts";
import { type SymmetricModel, type SymmetricSpec, symmetricPair } from "../../theory/symmetric.ts";

/** What rows of a symmetric pair are drawn from: features X ~ N(0, I), w and β in directions drawn evenly. */
export interface PairSettings {
  readonly experts: SymmetricSpec["experts"];
  /** Number of rows, n. */
  readonly rows: number;
  /** Number of features of gate and expert, d. */
  readonly features: number;
  /** ‖w*‖ and ‖β*‖. */
  readonly gateNorm: number;
  readonly expertNorm: number;
}

/** A symmetric pair, rows drawn from it, and where it stood. */
export interface DrawnPair {
  readonly model: SymmetricModel;
  readonly data: Observations;
  /** θ* = (w*, β*). */
  readonly truth: Float64Array;
}

/** Draws w* and β*, then the rows. */
export function drawPair({ experts, rows, features, gateNorm, expertNorm }: PairSettings, random: Random): DrawnPair {
  const truth = Float64Array.of(...direction(features, gateNorm, random), ...direction(features, expertNorm, random));
  const columns = Array.from({ length: features }, (_, j) => `x${j + 1}`);
  const x: Design = { columns, values: columns.map(() => Float64Array.from({ length: rows }, () => random.normal())) };
  const predictor = (from: number, i: number): number =>
    x.values.reduce((sum, column, j) => sum + column[i] * truth[from + j], 0);
  const isAbove = (logit: number): boolean => random.uniform() < 1 / (1 + Math.exp(-logit));
  const response = Float64Array.from({ length: rows }, (_, i) => {
    const z = isAbove(predictor(0, i)) ? 1 : -1;
    const mean = z * predictor(features, i);
    return experts === "linear" ? mean + random.normal() : Number(isAbove(mean));
  });
  const model = symmetricPair({ experts, gateColumns: columns, expertColumns: columns });
  return { model, data: { rows, gate: x, expert: x, response }, truth };
}

/** A point where w and β are both off by this share of their norms, in directions drawn evenly. */
export function drawStart(truth: Float64Array, share: number, random: Random): Float64Array {
  const d = truth.length / 2;
  const parts = [truth.subarray(0, d), truth.subarray(d)];
  return Float64Array.from(
    parts.flatMap((part) => {
      const off = direction(d, share * Math.hypot(...part), random);
      return Array.from(part, (value, j) => value + off[j]);
    }),
  );
}

function direction(size: number, norm: number, random: Random): Float64Array {
  const drawn = Float64Array.from({ length: size }, () => random.normal());
  const scale = norm / Math.hypot(...drawn);
  return drawn.map((value) => scale * value);
}
