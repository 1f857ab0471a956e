import { BLOCK_ROWS } from "../compute/blocks.ts";
import { drawGamma } from "../math/draw.ts";
import { gammaTails } from "../math/incomplete.ts";
import { digamma, logGamma, logGammaRest, trigamma } from "../math/special.ts";
import { collapse } from "./collapse.ts";
import { halfDifference, pooled } from "./contrast.ts";
import { byExpansion } from "./expand.ts";
import type { Law } from "./law.ts";
import type { NaturalForm } from "./natural.ts";
import { newtonStep } from "./newton-step.ts";
import { once } from "./once.ts";
import { aPositiveNumber } from "./responses.ts";

/** Shapes from here on are so large that ν log ν − log Γ(ν) is ½ log ν and next to nothing. */
const LARGE = 10;
/** Shapes below are so small that ν²ψ'(1 + ν) is nothing beside 1. */
const TINY = 1e-100;
/** The logarithm of a shape at which rows are fitted exactly: a coefficient of variation of 1e-10. */
const COLLAPSED = 46;

/** Logarithms of y/μ from here on are so large that the 1 of y/μ − 1 is nothing beside it. */
const FAR = 100;
/**
 * Logarithms of νy/μ above this count as this, and log p goes on along its tangent: squares of e³⁰⁰ are still finite. An
 * expert that a row cannot belong to adds 0 to its sums, not 0 × ∞.
 */
const LARGEST = 300;
/**
 * Logarithms of ν beyond these count as these, for a step may lead to any: above, ν log(y/μ) would be more than what of νy/μ counts, and
 * a row that is impossible be next to certain; below, ν is no number.
 */
const SHAPES = [-700, 150] as const;

/** ν(y/μ − 1), from the logarithms of ν and y/μ. */
function excessOf(logShape: number, shape: number, ratio: number): number {
  return ratio < FAR ? shape * Math.expm1(ratio) : Math.exp(Math.min(logShape + ratio, LARGEST));
}

/** What the tangent adds to {@link excessOf}. */
function beyond(logShape: number, ratio: number): number {
  return ratio < FAR ? 0 : Math.exp(LARGEST) * Math.max(0, logShape + ratio - LARGEST);
}

/** ν log ν − ν − log Γ(ν), whose large terms would cancel. */
function normaliser(shape: number): number {
  if (shape < LARGE) return shape * Math.log(shape) - shape - logGamma(shape);
  return 0.5 * Math.log(shape / (2 * Math.PI)) - logGammaRest(shape);
}

/** log ν − ψ(ν), and its derivative's part ν(ψ'(ν) − 1/ν). */
function excess(shape: number): { readonly log: number; readonly slope: number } {
  // ψ(ν) is ψ(1 + ν) − 1/ν: where 1/ν² is no number, ν times these is.
  if (shape < TINY) return { log: 1 / shape + Math.log(shape) - digamma(1 + shape), slope: 1 / shape - 1 };
  if (shape < LARGE) return { log: Math.log(shape) - digamma(shape), slope: shape * trigamma(shape) - 1 };
  const square = 1 / (shape * shape);
  return {
    log: 0.5 / shape + square * (1 / 12 - square * (1 / 120 - square * (1 / 252 - square * (1 / 240 - square / 132)))),
    slope:
      0.5 / shape + square * (1 / 6 - square * (1 / 30 - square * (1 / 42 - square * (1 / 30 - square * (5 / 66))))),
  };
}

/** What belongs to a shape, from its logarithm. */
function ofShape<T>(find: (shape: number) => T): (logShape: number) => OfShape<T> {
  return once((asked) => {
    const logShape = Math.min(Math.max(asked, SHAPES[0]), SHAPES[1]);
    const shape = Math.exp(logShape);
    return { logShape, shape, value: find(shape) };
  });
}

interface OfShape<T> {
  readonly logShape: number;
  readonly shape: number;
  readonly value: T;
}

/**
 * A Gamma expert: v = −ν/μ, w = ν and u = a − log Γ(ν) + ν log(ν/μ), in the order (u, v, w); S = (1, y, log y),
 * B = u + log Γ(w) − w log(−v).
 */
const natural: NaturalForm = {
  size: 3,
  natural: (logit, [logMean, logShape], out, to) => {
    const shape = Math.exp(logShape);
    out[to] = logit - logGamma(shape) + shape * (logShape - logMean);
    out[to + 1] = -shape * Math.exp(-logMean);
    out[to + 2] = shape;
  },
  logPartition: (eta, at) => eta[at] + logGamma(eta[at + 2]) - eta[at + 2] * Math.log(-eta[at + 1]),
  means: (eta, at, out, to) => {
    out[to] = 1;
    out[to + 1] = -eta[at + 2] / eta[at + 1];
    out[to + 2] = digamma(eta[at + 2]) - Math.log(-eta[at + 1]);
  },
  statistic: (y, out) => {
    out[0] = 1;
    out[1] = y;
    out[2] = Math.log(y);
  },
  logBase: (y) => -Math.log(y),
  divergence: (phi, eta, at) => {
    const [rate, shape] = [-phi[at + 1], phi[at + 2]];
    const [otherRate, otherShape] = [-eta[at + 1], eta[at + 2]];
    const change = otherRate / rate - 1;
    return (
      (shape - otherShape) * digamma(shape) -
      logGamma(shape) +
      logGamma(otherShape) +
      shape * (change - Math.log1p(change)) +
      (shape - otherShape) * Math.log1p(change)
    );
  },
  pullback: (eta, at, slope, out) => {
    const [rate, shape] = [-eta[at + 1], eta[at + 2]];
    const [u, v, w] = [slope[at], slope[at + 1], slope[at + 2]];
    out[0] = u;
    out[1] = rate * v - shape * u;
    out[2] = shape * (u * (1 + Math.log(rate) - digamma(shape)) + w) - rate * v;
  },
  bending: (eta, at, means, out) => {
    const [rate, shape] = [-eta[at + 1], eta[at + 2]];
    const [u, v, w] = [means[at], means[at + 1], means[at + 2]];
    out[0] = rate * v;
    out[1] = out[2] = shape * u - rate * v;
    const along = 1 + Math.log(rate) - digamma(shape);
    out[3] = rate * v - shape * (u * (along + 1 - shape * trigamma(shape)) + w);
  },
};

/** Gamma experts, y ~ Gamma with the mean exp(x'β + offset) and the shape ν, of variance μ²/ν: predictors of log μ, log ν. */
export const gamma: Law = {
  name: "gamma",
  response: aPositiveNumber,
  predictors: [""],
  scale: {
    name: "shape",
    words: "shape",
    spread: { words: "coefficient of variation", of: (logShape) => Math.exp(-0.5 * logShape) },
    widens: false,
  },
  penalty: Object.freeze([1, 0, 0, 0]),
  isLocation: false,
  separable: "nowhere",
  natural,
  kernel: undefined,

  logDensity: ({ rows, response }, eta, at, out, to) => {
    const shapeOf = ofShape(normaliser);
    for (let i = 0; i < rows; i++) {
      const { logShape, shape, value: constant } = shapeOf(eta[at + BLOCK_ROWS + i]);
      // About its value at the mean y, where large terms of a large shape cancel.
      const ratio = Math.log(response[i]) - eta[at + i];
      const away = excessOf(logShape, shape, ratio) + beyond(logShape, ratio);
      out[to + i] = constant - (away - shape * ratio) - Math.log(response[i]);
    }
  },

  ...byExpansion(2, ({ rows, response }, eta, at, density, scores, to, curvature) => {
    const [normaliserOf, excessesOf] = [ofShape(normaliser), ofShape(excess)];
    for (let i = 0; i < rows; i++) {
      const { logShape, shape, value } = excessesOf(eta[at + BLOCK_ROWS + i]);
      const log = Math.log(response[i]);
      const ratio = log - eta[at + i];
      const away = excessOf(logShape, shape, ratio);
      density[i] = normaliserOf(logShape).value - (away + beyond(logShape, ratio) - shape * ratio) - log;
      scores[to + i] = away;
      scores[to + BLOCK_ROWS + i] = shape * (value.log + ratio) - away;
      curvature[i] = shape + away;
      curvature[BLOCK_ROWS + i] = curvature[2 * BLOCK_ROWS + i] = -away;
      curvature[3 * BLOCK_ROWS + i] = shape * (value.slope - value.log - ratio) + away;
    }
  }),

  expectations: 1,

  expectation: ({ rows }, eta, at, out) => {
    for (let i = 0; i < rows; i++) out[i] = Math.exp(eta[at + i]);
  },

  tails: (y, eta, at) => {
    const shape = Math.exp(eta[at + BLOCK_ROWS]);
    return gammaTails(shape, y <= 0 ? 0 : shape * y * Math.exp(-eta[at]));
  },

  draw: (eta, at, random) => {
    const shape = Math.exp(eta[at + BLOCK_ROWS]);
    return (Math.exp(eta[at]) * drawGamma(random, shape)) / shape;
  },

  startColumns: [(y, offset) => Math.log(y) - offset],

  // log y has the mean log μ + ψ(ν) − log ν and the variance ψ'(ν).
  contrast: ([first, logShape], [second, otherLogShape]) => {
    const [shape, otherShape] = [Math.exp(logShape[0]), Math.exp(otherLogShape[0])];
    const shift = 0.5 * (excess(otherShape).log - excess(shape).log);
    return {
      halves: [halfDifference(first, second).map((half) => half + shift)],
      noise: pooled(Math.sqrt(trigamma(shape)), Math.sqrt(trigamma(otherShape))),
      pair: "linear",
    };
  },

  roundingReason: undefined,

  maximise: (experts, theta, assignment, data, effort) => {
    const fit = newtonStep(gamma, experts, theta, assignment, data, effort);
    const exact = experts.findIndex(([, logShape]) => !(theta[logShape.at[0]] < COLLAPSED));
    return fit.failure !== undefined || exact < 0 ? fit : collapse("variance", [exact + 1]);
  },
};
