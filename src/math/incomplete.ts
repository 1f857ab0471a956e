import { logGamma, logGammaRest } from "./special.ts";

/** From here on Stirling's series is exact to rounding. */
const LARGE = 10;
/** Terms of a series or a fraction at the most: those of the largest arguments take about 10 √a. */
const TERMS = 100_000;

/** The two sides of a distribution function: each small number exact in itself. */
export interface Tails {
  /** P(Y ≤ y). */
  readonly lower: number;
  /** P(Y > y). */
  readonly upper: number;
}

/** Tails from the one that was found: the other is what is left. */
function sides(found: number, isLower: boolean): Tails {
  const one = Math.min(1, Math.max(0, found));
  return isLower ? { lower: one, upper: 1 - one } : { lower: 1 - one, upper: one };
}

/**
 * The regularised incomplete Gamma function, P(a, x) = ∫_0^x t^(a−1)e^(−t) dt/Γ(a), and what it leaves of 1; to about 1e-13.
 *
 * @param a above 0
 * @param x from 0 on
 * @remarks its series below a + 1, above it Legendre's continued fraction. Abramowitz and Stegun 6.5.29 and 6.5.31.
 */
export function gammaTails(a: number, x: number): Tails {
  if (!(x > 0)) return sides(0, true);
  if (x === Number.POSITIVE_INFINITY) return sides(1, true);
  const front = gammaFront(a, x);
  if (x < a + 1) {
    let sum = 0;
    for (let term = 1 / a, n = 1; n < TERMS && sum + term > sum; n++, term *= x / (a + n - 1)) sum += term;
    return sides(front * sum, true);
  }
  const fraction = continued(
    (n) => (n === 0 ? 1 : -n * (n - a)),
    (n) => x + 2 * n + 1 - a,
  );
  return sides(front * fraction, false);
}

/** x^a e^(−x)/Γ(a), without the cancellation of its large terms. */
function gammaFront(a: number, x: number): number {
  if (a < LARGE) return Math.exp(a * Math.log(x) - x - logGamma(a));
  const excess = (x - a) / a;
  return Math.sqrt(a / (2 * Math.PI)) * Math.exp(-a * (excess - Math.log1p(excess)) - logGammaRest(a));
}

/**
 * The regularised incomplete Beta function, I_x(a, b), and what it leaves of 1; to about 1e-13.
 *
 * @param a above 0
 * @param b above 0
 * @param x from 0 to 1
 * @param rest 1 − x, for an x near 1
 * @remarks its continued fraction on the side where it converges. Abramowitz and Stegun 26.5.8.
 */
export function betaTails(a: number, b: number, x: number, rest: number = 1 - x): Tails {
  if (!(x > 0)) return sides(0, true);
  if (!(rest > 0)) return sides(1, true);
  const isLower = x < (a + 1) / (a + b + 2);
  const [p, q, at] = isLower ? [a, b, x] : [b, a, rest];
  const fraction = continued(
    (n) => {
      if (n === 0) return 1;
      const m = Math.floor(n / 2);
      const up = n % 2 === 0 ? m * (q - m) : -(p + m) * (p + q + m);
      return (up * at) / ((p + n - 1) * (p + n));
    },
    () => 1,
  );
  return sides((betaFront(a, b, x, rest) * fraction) / p, isLower);
}

/** x^a (1 − x)^b/B(a, b), without the cancellation of its large terms. */
function betaFront(a: number, b: number, x: number, rest: number): number {
  if (a < LARGE || b < LARGE) {
    const logX = x < 0.5 ? Math.log(x) : Math.log1p(-rest);
    const logRest = rest < 0.5 ? Math.log(rest) : Math.log1p(-x);
    const [small, large] = [Math.min(a, b), Math.max(a, b)];
    return Math.exp(a * logX + b * logRest + logGammaRatio(large, small) - logGamma(small));
  }
  // How far x is from the mean, in shares of both sides.
  const gap = b * x - a * rest;
  const stirling = logGammaRest(a + b) - logGammaRest(a) - logGammaRest(b);
  const exponent = a * Math.log1p(gap / a) + b * Math.log1p(-gap / b);
  return Math.sqrt((a * b) / (2 * Math.PI * (a + b))) * Math.exp(exponent + stirling);
}

/** log Γ(x + a) − log Γ(x). */
function logGammaRatio(x: number, a: number): number {
  if (x < LARGE) return logGamma(x + a) - logGamma(x);
  return (x - 0.5) * Math.log1p(a / x) + a * Math.log(x + a) - a + logGammaRest(x + a) - logGammaRest(x);
}

/** A continued fraction up_0/(down_0 + up_1/(down_1 + …)), from the outermost term on: the method of Lentz. */
function continued(up: (n: number) => number, down: (n: number) => number): number {
  const tiny = 1e-300;
  let value = tiny;
  let [c, d] = [value, 0];
  for (let n = 0; n < TERMS; n++) {
    d = 1 / (down(n) + up(n) * d || tiny);
    c = down(n) + up(n) / c || tiny;
    value *= c * d;
    if (Math.abs(c * d - 1) <= Number.EPSILON) break;
  }
  return value;
}
