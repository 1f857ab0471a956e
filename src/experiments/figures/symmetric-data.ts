import { checkArgument } from "../../errors/arguments.ts";
import { oneOf, required, size, vector, wholeFrom } from "../../errors/kinds.ts";
import { type Declared, readOptions } from "../../errors/options.ts";
import { InputError } from "../../errors.ts";
import type { Random } from "../../math/random.ts";
import { randomStream } from "../../models/checks.ts";
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

const SETTINGS = {
  experts: required(oneOf(["linear", "logistic"])),
  // As many numbers are drawn as there are cells.
  rows: required(wholeFrom(1, 10_000_000)),
  features: required(wholeFrom(1, 10_000)),
  gateNorm: required(size),
  expertNorm: required(size),
} satisfies Declared<PairSettings>;

/** A symmetric pair, rows drawn from it, and where it stood. */
export interface DrawnPair {
  readonly model: SymmetricModel;
  readonly data: Observations;
  /** θ* = (w*, β*). */
  readonly truth: Float64Array;
}

/**
 * Rows of a symmetric pair, whose w* and β* have the norms that are told and directions drawn evenly.
 *
 * The features are those of the paper's figures and of its theorems on signal-to-noise, X ~ N(0, I), the noise of linear
 * experts is 1, and a label is the code 1 or 0.
 *
 * @param random where all is drawn from: first w* and β*, then the features, then row after row
 * @remarks arXiv 2411.06056, section 5
 * @example
 * ```ts
 * import { random } from "mixlens";
 * import { drawPair, drawStart } from "mixlens/paper";
 * const settings = { experts: "linear", rows: 100, features: 3, gateNorm: 4, expertNorm: 2 } as const;
 * const { model, data, truth } = drawPair(settings, random(1));
 * if (model.names.length !== 6 || data.rows !== 100) throw new Error("three coefficients each");
 * if (Math.abs(Math.hypot(...truth.subarray(3)) - 2) > 1e-12) throw new Error("β* has the norm that was told");
 * const start = drawStart(truth, 0.5, random(2));
 * if (Math.abs(Math.hypot(...start.map((w, j) => w - truth[j]).subarray(0, 3)) - 2) > 1e-12) throw new Error("off by half");
 * ```
 */
export function drawPair(settings: PairSettings, random: Random): DrawnPair {
  const act = "draw a symmetric pair";
  const read = readOptions(act, settings, SETTINGS);
  checkArgument(act, "random", random, randomStream);
  return pairOf(read, random);
}

/** The same of settings that are known to be good, whatever else they say. */
export function pairOf({ experts, rows, features, gateNorm, expertNorm }: PairSettings, random: Random): DrawnPair {
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

/**
 * A point where w and β of a symmetric pair are both off by this share of their norms, in directions drawn evenly.
 *
 * @param truth θ* = (w*, β*), each half of it
 * @param share 0.7, say, for a start that is 70 % off
 * @example
 * ```ts
 * import { random } from "mixlens";
 * import { drawStart } from "mixlens/paper";
 * const start = drawStart(Float64Array.of(4, 0, 0, 2), 0.5, random(1));
 * if (Math.abs(Math.hypot(start[0] - 4, start[1]) - 2) > 1e-12) throw new Error("half of the norm of w");
 * if (Math.abs(Math.hypot(start[2], start[3] - 2) - 1) > 1e-12) throw new Error("half of the norm of β");
 * ```
 */
export function drawStart(truth: Float64Array, share: number, random: Random): Float64Array {
  const act = "draw a start";
  checkArgument(act, "truth", truth, vector);
  checkArgument(act, "share", share, size);
  checkArgument(act, "random", random, randomStream);
  if (truth.length < 2 || truth.length % 2 === 1 || !truth.every(Number.isFinite)) {
    throw new InputError(act, "truth to be finite numbers, as many of the gate as of the expert", `${truth.length}`);
  }
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
