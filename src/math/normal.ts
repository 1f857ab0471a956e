import type { Tails } from "./incomplete.ts";

/** Below this argument the error function is summed, above it its complement is a continued fraction. */
const MIDDLE = 2;

/**
 * Probability that a standard normal number is larger than x, to about 1e-13 of itself.
 *
 * @remarks the series of erf and the continued fraction of its complement. Abramowitz and Stegun 7.1.6 and 7.1.14.
 */
export function normalTail(x: number): number {
  if (x < 0) return 1 - normalTail(-x);
  const t = x / Math.SQRT2;
  if (t > MIDDLE) return fraction(t) / 2;
  let sum = 0;
  for (let term = t, n = 0; sum + term > sum; n++, term *= (2 * t * t) / (2 * n + 1)) sum += term;
  return 0.5 - (Math.exp(-t * t) * sum) / Math.sqrt(Math.PI);
}

/** Both sides of the standard normal distribution function. */
export function normalTails(x: number): Tails {
  return x > 0
    ? { lower: 1 - normalTail(x), upper: normalTail(x) }
    : { lower: normalTail(-x), upper: 1 - normalTail(-x) };
}

/** erfc of an argument that is not small, by its continued fraction from the innermost term on. */
function fraction(t: number): number {
  let below = t;
  for (let n = 100; n >= 1; n--) below = t + n / 2 / below;
  return Math.exp(-t * t) / Math.sqrt(Math.PI) / below;
}

/**
 * Quantile of the standard normal law, to about 1e-13 of itself.
 *
 * @param p above 0 and below 1
 * @remarks Halley's method from the approximation of Hastings, Abramowitz and Stegun 26.2.23.
 */
export function normalQuantile(p: number): number {
  if (p === 0.5) return 0;
  if (p < 0.5) return -upperQuantile(p);
  return upperQuantile(1 - p);
}

/** The number that a standard normal one exceeds with a probability below a half. */
function upperQuantile(q: number): number {
  const t = Math.sqrt(-2 * Math.log(q));
  let z = t - (2.515517 + t * (0.802853 + t * 0.010328)) / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308)));
  for (let step = 0; step < 4; step++) {
    const density = Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);
    const error = (normalTail(z) - q) / density;
    z += error / (1 - (error * z) / 2);
  }
  return z;
}

/** Two-sided p-value of a standard normal statistic. */
export function twoSided(z: number): number {
  return 2 * normalTail(Math.abs(z));
}
