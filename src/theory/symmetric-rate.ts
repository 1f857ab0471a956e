import { checkFields } from "../errors/arguments.ts";
import { number, oneOf, required, whole } from "../errors/kinds.ts";
import type { Declared } from "../errors/options.ts";
import { cholesky } from "../math/cholesky.ts";
import { generalisedEigenvalues } from "../math/generalised-eigen.ts";

/** A symmetric pair of experts as its signal-to-noise sees it. */
export interface SymmetricPair {
  readonly experts: "linear" | "logistic";
  /** Norm of β over the noise's standard deviation. */
  readonly expertNorm: number;
  /** Norm of w. */
  readonly gateNorm: number;
  /** Angle between w and β, in degrees. */
  readonly angle: number;
  /** Number of features, 1 or more. */
  readonly features: number;
}

const PAIR: Declared<SymmetricPair> = {
  experts: required(oneOf(["linear", "logistic"])),
  expertNorm: required(number),
  gateNorm: required(number),
  angle: required(number),
  features: required(whole),
};

/** Conditional moments given (a, b) = (x'w, x'β): what a row is expected to add to the informations. */
interface Moments {
  /** Weight of xx' in the complete information of the gate and of the expert. */
  readonly gate: number;
  readonly expert: number;
  /** Weights of xx' in the missing information: gate, gate × expert, expert. */
  readonly missing: readonly [number, number, number];
}

/** Norms above this count as this: the grid grows with their square. */
const STEEPEST = 100;

/**
 * The population rate of EM for a symmetric pair with features X ~ N(0, I): λₘₐₓ of the missing information at the truth.
 *
 * P(z|x) = σ(z x'w) with y ~ N(z x'β, 1), or P(y|x, z) = σ(yz x'β). Everything depends on x only through x'w and x'β, so
 * the expectation is an integral over the plane of w and β; the directions outside it make one more 2 × 2 problem.
 *
 * @remarks trapezoid sums on a grid fine enough for the steepest logistic curve: 1e-6 or better for norms up to 10.
 *   arXiv 2411.06056, Theorem B.4.
 * @example
 * ```ts
 * import { symmetricRate } from "mixlens/theory";
 * const rate = symmetricRate({ experts: "linear", expertNorm: 1, gateNorm: 1, angle: 90, features: 5 });
 * if (Math.abs(rate - 0.661) > 1e-3) throw new Error(String(rate));
 * ```
 */
export function symmetricRate(pair: SymmetricPair): number {
  checkFields("find the rate of a symmetric pair", "a pair", pair, PAIR);
  const { experts, angle, features } = pair;
  const expertNorm = Math.min(pair.expertNorm, STEEPEST);
  const gateNorm = Math.min(pair.gateNorm, STEEPEST);
  const radians = (angle * Math.PI) / 180;
  const beta = [expertNorm * Math.cos(radians), expertNorm * Math.sin(radians)];
  const moments = experts === "linear" ? linearMoments : logisticMoments;
  // Order of the entries: (gate, expert) × (along w, across w).
  const complete = new Float64Array(16);
  const missing = new Float64Array(16);
  const outside = { complete: new Float64Array(4), missing: new Float64Array(4) };
  const axis = normalGrid(Math.max(gateNorm, expertNorm));
  const across = features > 1 ? axis : [{ at: 0, weight: 1 }];
  for (const first of oneSide(axis)) {
    for (const second of across) {
      const weight = first.weight * second.weight;
      const found = moments(gateNorm * first.at, beta[0] * first.at + beta[1] * second.at);
      const x = [first.at, second.at];
      const [gate, mixed, expert] = found.missing;
      for (let i = 0; i < 2; i++) {
        for (let j = 0; j < 2; j++) {
          const xx = weight * x[i] * x[j];
          complete[i * 4 + j] += xx * found.gate;
          complete[(i + 2) * 4 + j + 2] += xx * found.expert;
          missing[i * 4 + j] += xx * gate;
          missing[i * 4 + j + 2] += xx * mixed;
          missing[(i + 2) * 4 + j] += xx * mixed;
          missing[(i + 2) * 4 + j + 2] += xx * expert;
        }
      }
      outside.complete[0] += weight * found.gate;
      outside.complete[3] += weight * found.expert;
      outside.missing[0] += weight * gate;
      outside.missing[1] += weight * mixed;
      outside.missing[2] += weight * mixed;
      outside.missing[3] += weight * expert;
    }
  }
  if (features === 1) return largest(alongOnly(complete), alongOnly(missing), 2);
  const plane = largest(complete, missing, 4);
  return features === 2 ? plane : Math.max(plane, largest(outside.complete, outside.missing, 2));
}

function alongOnly(m: Float64Array): Float64Array {
  return Float64Array.of(m[0], m[2], m[8], m[10]);
}

/** Largest λ of I_m v = λ I_c v. */
function largest(complete: Float64Array, missing: Float64Array, p: number): number {
  const factor = cholesky(complete, p);
  if (typeof factor === "number") return Number.NaN;
  return generalisedEigenvalues(missing, factor, p)[0];
}

/** Points and weights of the standard normal law, dense enough for a logistic curve of this slope. */
function normalGrid(slope: number): { at: number; weight: number }[] {
  // The trapezoid rule's error falls as exp(−2πs/h) with the width s ∝ 1/slope of the strip of analyticity.
  const step = Math.min(0.25, 1 / slope);
  const reach = Math.ceil(7.5 / step);
  return Array.from({ length: 2 * reach + 1 }, (_, i) => {
    const at = (i - reach) * step;
    return { at, weight: (step * Math.exp(-0.5 * at * at)) / Math.sqrt(2 * Math.PI) };
  });
}

/** Its points from 0 on, each with the weight of its opposite: x and −x, of which a and b are opposite, add the same. */
function oneSide(axis: readonly { at: number; weight: number }[]): { at: number; weight: number }[] {
  return axis.flatMap(({ at, weight }) => (at < 0 ? [] : [{ at, weight: at === 0 ? weight : 2 * weight }]));
}

function logisticSlope(a: number): number {
  return 1 / (2 + 2 * Math.cosh(a));
}

/** Too little to count: the moments are at most a few times this. */
const NOTHING = 1e-20;

/** E_y[(2y)^j p(1 − p) | x] for y ~ N(zb, 1), by one integral over y. */
function linearMoments(a: number, b: number): Moments {
  const scale = Math.exp(-0.5 * b * b) / (4 * Math.cosh(a / 2));
  const sums: [number, number, number] = [0, 0, 0];
  // The integrand φ(y) / cosh(a/2 + yb) is as narrow as the narrower factor: a grid in y, or in u = a/2 + yb.
  const [step, from, to] =
    Math.abs(b) <= 1
      ? [0.3, -9, 9]
      : [0.3 / Math.abs(b), -a / (2 * b) - 40 / Math.abs(b), -a / (2 * b) + 40 / Math.abs(b)];
  for (let y = scale < NOTHING ? to : from; y < to; y += step) {
    const weight = (step * Math.exp(-0.5 * y * y)) / (Math.sqrt(2 * Math.PI) * Math.cosh(a / 2 + y * b));
    sums[0] += weight;
    sums[1] += 2 * y * weight;
    sums[2] += 4 * y * y * weight;
  }
  return {
    gate: logisticSlope(a),
    expert: 1,
    missing: [scale * sums[0], scale * sums[1], scale * sums[2]],
  };
}

/** E_y[y^j p(1 − p) | x] for labels y = ±1, in closed form. */
function logisticMoments(a: number, b: number): Moments {
  const alpha = Math.tanh(a / 2);
  const gamma = Math.tanh(b / 2);
  // (1 − α²)(1 − γ²) / (4(1 − α²γ²)), without cancellation where both are near 1.
  const sechs = 1 / (Math.cosh(a / 2) ** 2 * Math.cosh(b / 2) ** 2);
  const rest = 1 / Math.cosh(a / 2) ** 2 + alpha * alpha * (1 / Math.cosh(b / 2) ** 2);
  const same = rest > 0 ? sechs / (4 * rest) : 0;
  return { gate: logisticSlope(a), expert: logisticSlope(b), missing: [same, -alpha * gamma * same, same] };
}
