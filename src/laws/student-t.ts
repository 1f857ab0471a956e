import { BLOCK_ROWS } from "../compute/blocks.ts";
import { drawGamma } from "../math/draw.ts";
import { betaTails } from "../math/incomplete.ts";
import { logGamma, logGammaRest } from "../math/special.ts";
import type { Observations } from "../rows/observations.ts";
import type { Predictor } from "../rows/predictor.ts";
import { collapse } from "./collapse.ts";
import { halfDifference, pooled } from "./contrast.ts";
import { smallVariance } from "./gaussian.ts";
import { leastSquares } from "./gaussian-step.ts";
import type { Law } from "./law.ts";
import { newtonStep } from "./newton-step.ts";
import { once } from "./once.ts";
import { anyNumber } from "./responses.ts";

/** Degrees of freedom unless somebody says how many: tails as heavy as robust regression commonly takes them. */
export const DEGREES = 4;
/** Degrees of freedom from here on are so large that log Γ((ν + 1)/2) − log Γ(ν/2) is ½ log(ν/2) and next to nothing. */
const LARGE = 20;
/** A scale that is a smaller part of the responses' spread has collapsed. */
const COLLAPSED = 1e-12;

/** The logarithm of the density's constant, Γ((ν + 1)/2)/(Γ(ν/2)√(πν)). */
function normaliser(df: number): number {
  const half = df / 2;
  if (df < LARGE) return logGamma(half + 0.5) - logGamma(half) - 0.5 * Math.log(Math.PI * df);
  const rest = logGammaRest(half + 0.5) - logGammaRest(half);
  return half * Math.log1p(0.5 / half) - 0.5 + rest - 0.5 * Math.log(2 * Math.PI);
}

/**
 * Student-t experts, y = x'β + offset + σt with t of ν degrees of freedom: predictors x'β and log σ. Rows far off count little.
 *
 * @param df ν, the same for all experts
 */
export function studentT(df: number = DEGREES): Law {
  const constant = normaliser(df);
  const law: Law = {
    name: "student-t",
    response: anyNumber,
    predictors: [""],
    scale: { name: "sigma", words: "scale", spread: { words: "scale", of: Math.exp }, widens: true },
    takes: ["sigmaFloor", "df"],
    penalty: Object.freeze([1, 0, 0, 0]),
    isLocation: true,
    separable: "nowhere",
    natural: undefined,
    kernel: undefined,

    logDensity: ({ rows, response }, eta, at, out, to) => {
      const precisionOf = once((logSigma) => Math.exp(-logSigma));
      for (let i = 0; i < rows; i++) {
        const logSigma = eta[at + BLOCK_ROWS + i];
        const residual = response[i] - eta[at + i];
        const square = (residual * precisionOf(logSigma)) ** 2 / df;
        // A square that overflows is far more than 1.
        const log = square < 1e200 ? Math.log1p(square) : 2 * (Math.log(Math.abs(residual)) - logSigma) - Math.log(df);
        out[to + i] = constant - logSigma - 0.5 * (df + 1) * log;
      }
    },

    scores: ({ rows, response }, eta, at, out, to) => {
      const sigmaOf = once(Math.exp);
      for (let i = 0; i < rows; i++) {
        const { slope, far } = placeOf(response[i] - eta[at + i], sigmaOf(eta[at + BLOCK_ROWS + i]), df);
        out[to + i] = (df + 1) * slope;
        out[to + BLOCK_ROWS + i] = (df + 1) * far - 1;
      }
    },

    curvature: ({ rows, response }, eta, at, out) => {
      const sigmaOf = once(Math.exp);
      for (let i = 0; i < rows; i++) {
        const { slope, near, far, size } = placeOf(response[i] - eta[at + i], sigmaOf(eta[at + BLOCK_ROWS + i]), df);
        out[i] = ((df + 1) * (near - far)) / size;
        out[BLOCK_ROWS + i] = out[2 * BLOCK_ROWS + i] = 2 * (df + 1) * slope * near;
        out[3 * BLOCK_ROWS + i] = 2 * (df + 1) * near * far;
      }
    },

    expectations: 1,

    expectation: ({ rows }, eta, at, out) => {
      for (let i = 0; i < rows; i++) out[i] = eta[at + i];
    },

    // P(|T| > t) is I_x(ν/2, ½) at x = ν/(ν + t²).
    tails: (y, eta, at) => {
      const t = (y - eta[at]) * Math.exp(-eta[at + BLOCK_ROWS]);
      const share = (t * t) / df;
      const { lower } = betaTails(df / 2, 0.5, 1 / (1 + share), 1 / (1 + 1 / share));
      const far = lower / 2;
      return t > 0 ? { lower: 1 - far, upper: far } : { lower: far, upper: 1 - far };
    },

    draw: (eta, at, random) => {
      const precision = drawGamma(random, df / 2) / (df / 2);
      return eta[at] + (Math.exp(eta[at + BLOCK_ROWS]) * random.normal()) / Math.sqrt(precision);
    },

    startColumns: [(y, offset) => y - offset],

    // A row says as much of its mean as one of a normal law with this standard deviation.
    contrast: ([first, logSigma], [second, otherLogSigma]) => {
      const noise = pooled(Math.exp(logSigma[0]), Math.exp(otherLogSigma[0]));
      return { halves: [halfDifference(first, second)], noise: noise * Math.sqrt((df + 3) / (df + 1)), pair: "linear" };
    },

    roundingReason: smallVariance,

    maximise: (experts, theta, assignment, data, effort) => {
      // A start knows no scale yet, far from which the likelihood is not concave.
      const start = isUnset(experts, theta) ? leastSquares(experts, theta, assignment, data) : undefined;
      if (start?.failure !== undefined) return start;
      const fit = newtonStep(law, experts, theta, assignment, data, effort);
      const least = Math.log(COLLAPSED * spreadOf(data));
      const exact = experts.findIndex(([, { at, fixed = [] }]) => fixed.length === 0 && !(theta[at[0]] > least));
      return exact < 0 ? fit : collapse("scale", [exact + 1]);
    },
  };
  return law;
}

/**
 * Where a residual r lies: r/(νσ² + r²), the parts of νσ² and of r² in their sum, and the sum.
 */
function placeOf(
  residual: number,
  sigma: number,
  df: number,
): { readonly slope: number; readonly near: number; readonly far: number; readonly size: number } {
  const square = residual * residual;
  const size = df * sigma * sigma + square;
  const ratio = df * (sigma / residual) ** 2;
  const far = 1 / (1 + ratio);
  const near = ratio === Number.POSITIVE_INFINITY ? 1 : ratio / (1 + ratio);
  return { slope: residual === 0 ? 0 : residual / size, near, far, size };
}

/** Whether all parameters that are fitted are 0, as those of a start are. */
function isUnset(experts: readonly (readonly Predictor[])[], theta: Float64Array): boolean {
  return experts.flat().every(({ at, fixed = [] }) => {
    return at.every((place, j) => theta[place] === 0 || fixed.includes(j));
  });
}

/** Standard deviation of the response less its offset. */
function spreadOf({ rows, response, offset }: Observations): number {
  const own = response.map((y, i) => y - (offset?.[i] ?? 0));
  const mean = own.reduce((sum, y) => sum + y, 0) / rows;
  return Math.sqrt(own.reduce((sum, y) => sum + (y - mean) ** 2, 0) / rows);
}
