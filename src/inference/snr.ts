import { BLOCK_ROWS } from "../compute/blocks.ts";
import { type FitRows, fittedParts, rowsOfFit, type Whole } from "../fit/fitted.ts";
import type { Contrast } from "../laws/contrast.ts";
import type { Parts } from "../laws/law.ts";
import type { Parameterised } from "../models/coefficients.ts";
import { blockPredictors } from "../models/e-step.ts";
import type { Mixture } from "../models/mixture.ts";
import { zeroExpert } from "../models/zero-expert.ts";
import { type Observations, sumOver, sumOverStretches } from "../rows/observations.ts";
import { symmetricRate } from "../theory/symmetric-rate.ts";

/** How well the data tell two experts apart. */
export interface PairSnr {
  /** Numbers of the two experts, from 1. */
  readonly experts: readonly [number, number];
  /** Signal-to-noise of the experts. */
  readonly snr: number;
  /** Strength of the gate between the two. */
  readonly gate: number;
  /** Angle between gate and expert directions, in degrees from 0 to 90. */
  readonly angle: number;
  /** Rate of EM that these three predict; NaN for counts and for more than two labels. */
  readonly predictedRate: number;
}

/**
 * Signal-to-noise of each pair of experts, and the rate of EM it predicts.
 *
 * For experts i and j let b = x'(β_i − β_j)/2 and a = x'(w_i − w_j), intercepts included. The signal-to-noise is
 * √E[b²]/s with s² = (σ_i² + σ_j²)/2 for linear experts (times (ν + 3)/(ν + 1) for Student-t ones) and s = 1 for logistic ones, whose b is half the difference of
 * their log odds (of the two labels it is largest for). Others count as linear ones with a response whose standard
 * deviation hardly depends on the mean, offset included: Poisson experts 2√y and negative binomial ones 2 arsinh(√(αy))/√α,
 * with s = 1, Gamma experts log y, with s² = (ψ'(ν_i) + ψ'(ν_j))/2; binomial experts of several trials 2√n arcsin √(y/n), with
 * s = 1, and of single ones the log odds, as logistic ones, NaN beside an expert that is always 0. The gate's strength is √E[a²]; the angle has cosine
 * |E[ab]|/√(E[a²]E[b²]). The means run over the rows, so that the features' units and origins do not matter; for features
 * X ~ N(0, I) the three are ‖β‖/s, ‖w‖ and the angle between w and β of a symmetric pair. The predicted rate is that
 * pair's population rate: an idealisation, to be held against the rate of the spectrum.
 *
 * @param rows other rows than the fit's own, and those of a loaded model, which has none; weights count
 * @remarks cost n·d·k², of a source one pass; the paper's own constants are its own. arXiv 2411.06056, Theorem B.4.
 * @example
 * ```ts
 * import { datasetPath, fit, snr } from "mixlens";
 * const iris = fit(datasetPath("iris"), { response: "petal_width", features: ["petal_length"], starts: 5 });
 * const [pair] = snr(iris);
 * if (!(pair.snr > 0)) throw new Error("the experts differ");
 * ```
 */
export function snr(fit: Whole, rows?: FitRows): PairSnr[];
/** The same without a formula, on rows that are ready for arithmetic. */
export function snr(fit: Parameterised, rows: Observations): PairSnr[];
export function snr(fitted: Parameterised, rows?: FitRows): PairSnr[] {
  const act = "find signal-to-noise ratios";
  const { mixture, theta } = fittedParts(act, fitted);
  const data = rowsOfFit(act, fitted as Whole, rows, "snr(model, rows)");
  const zero = zeroExpert(mixture.spec);
  const features = Math.max(1, data.expert.columns.filter((name) => name !== "(intercept)").length);
  return momentsOfPairs(mixture, theta, data).map(({ experts, noise, pair, total, ofGate, halves }) => {
    const gate = Math.sqrt(ofGate / total);
    if (pair !== undefined && experts[1] - 1 === zero) {
      // Its log odds are no number.
      return { experts, gate, snr: Number.NaN, angle: Number.NaN, predictedRate: Number.NaN };
    }
    const largest = halves.reduce((best, next) => (next.square > best.square ? next : best));
    const size = Math.sqrt(largest.square / total);
    const angle = angleOf(largest.product / total / (gate * size));
    const own = { snr: size / noise, gate, angle };
    const predictedRate =
      pair === undefined
        ? Number.NaN
        : symmetricRate({ experts: pair, expertNorm: own.snr, gateNorm: gate, angle, features });
    return { experts, ...own, predictedRate };
  });
}

/** Sums over the rows of what two experts differ by: a of the gate, b of each half of their contrast. */
interface PairMoments extends Pick<Contrast, "noise" | "pair"> {
  readonly experts: readonly [number, number];
  readonly total: number;
  readonly ofGate: number;
  readonly halves: readonly { readonly square: number; readonly product: number }[];
}

function momentsOfPairs(mixture: Mixture, theta: Float64Array, data: Observations): readonly PairMoments[] {
  const kinds: (Pick<Contrast, "noise" | "pair"> & { readonly halves: number })[] = [];
  const sumsOf = (rows: Observations): Float64Array => {
    const { predictors, logGates } = predictorsOf(mixture, theta, rows);
    const weights = rows.weights ?? new Float64Array(rows.rows).fill(1);
    kinds.length = 0;
    const sums = [weights.reduce((sum, w) => sum + w, 0)];
    for (const [i, j] of pairsOf(predictors.length)) {
      const a = logGates[i].map((log, row) => log - logGates[j][row]);
      const { halves, noise, pair } = mixture.law.contrast(predictors[i], predictors[j], rows.trials);
      kinds.push({ noise, pair, halves: halves.length });
      sums.push(product(a, a, weights), ...halves.flatMap((b) => [product(b, b, weights), product(a, b, weights)]));
    }
    return Float64Array.from(sums);
  };
  const sums = Array.from(data.stretches === undefined ? sumsOf(data) : sumOverStretches(data.stretches, sumsOf));
  const total = sums[0];
  let at = 1;
  return pairsOf(mixture.spec.k).map(([i, j], number): PairMoments => {
    const { halves: count, ...own } = kinds[number];
    const ofGate = sums[at++];
    const halves = Array.from({ length: count }, () => ({ square: sums[at++], product: sums[at++] }));
    return { experts: [i + 1, j + 1], ...own, total, ofGate, halves };
  });
}

/** Pairs of k experts, counted from 0. */
function pairsOf(k: number): readonly (readonly [number, number])[] {
  return Array.from({ length: k }, (_, j) => Array.from({ length: j }, (_, i) => [i, j] as const)).flat();
}

/** The predictors of every expert in all rows, with the offset in the first, and log P(z | x): n numbers each. */
function predictorsOf(
  parts: Parts,
  theta: Float64Array,
  data: Observations,
): { readonly predictors: Float64Array[][]; readonly logGates: Float64Array[] } {
  const predictors = parts.experts.map((own) => own.map(() => new Float64Array(data.rows)));
  const logGates = parts.experts.map(() => new Float64Array(data.rows));
  const predict = blockPredictors(parts, theta);
  sumOver(data, 0, (block) => {
    const { eta, logGate } = predict(block);
    const keep = (to: Float64Array, runs: Float64Array, run: number): void => {
      to.set(runs.subarray(run * BLOCK_ROWS, run * BLOCK_ROWS + block.rows), block.start);
    };
    predictors.flat().forEach((to, run) => void keep(to, eta, run));
    logGates.forEach((to, z) => void keep(to, logGate, z));
  });
  return { predictors, logGates };
}

/** Angle in degrees, from 0 to 90, of a cosine; a right angle where one of the two is no direction at all. */
function angleOf(signed: number): number {
  const cosine = Math.abs(signed);
  if (!Number.isFinite(cosine)) return 90;
  // The arc cosine makes 1e-6 degrees of the rounding of 1.
  return cosine > 1 - 1e-14 ? 0 : (Math.acos(cosine) * 180) / Math.PI;
}

/** Σ w ab over the rows. */
function product(a: Float64Array, b: Float64Array, weights: Float64Array): number {
  return a.reduce((sum, value, i) => sum + weights[i] * value * b[i], 0);
}
