/** From here on four terms of Stirling's series are exact to rounding: the fifth is below 1e-16. */
const STIRLING = 32;

const table = new Float64Array(STIRLING);
for (let n = 2, factorial = 2; n < STIRLING; n++, factorial *= n) table[n] = Math.log(factorial);

/** Counts whose logarithms are kept. */
const SMALL = 256;
const logarithms = Float64Array.from({ length: SMALL }, (_, n) => Math.log(n));
const rests = table.map((logarithm, n) => (n === 0 ? 0 : logarithm - (n * logarithms[n] - n)));

/**
 * The logarithm of n, of small numbers from a table.
 *
 * @param n a whole number from 1 on
 */
export function logOfCount(n: number): number {
  return n < SMALL ? logarithms[n] : Math.log(n);
}

/**
 * The logarithm of n!, to 1e-15 of itself.
 *
 * @param n a whole number from 0 on
 */
export function logFactorial(n: number): number {
  return n < STIRLING ? table[n] : n * Math.log(n) - n + stirling(n);
}

/**
 * log n! − (n log n − n): what of the logarithm of n! is left where its large part cancels, to 1e-14 absolutely.
 *
 * @param n a whole number from 1 on
 */
export function logFactorialRest(n: number): number {
  return n < STIRLING ? rests[n] : stirling(n);
}

function stirling(n: number): number {
  const square = 1 / (n * n);
  const series = (1 / 12 - square * (1 / 360 - square * (1 / 1260 - square / 1680))) / n;
  return 0.5 * Math.log(2 * Math.PI * n) + series;
}

/** From here on the series of Γ's logarithm and its derivatives are exact to rounding. */
const LARGE = 10;

/** The rest of log Γ(x) − (x − ½) log x + x − ½ log 2π, for x from 10 on: to 1e-16 absolutely. */
export function logGammaRest(x: number): number {
  const square = 1 / (x * x);
  return (
    (1 / 12 -
      square *
        (1 / 360 -
          square * (1 / 1260 - square * (1 / 1680 - square * (1 / 1188 - square * (691 / 360360 - square / 156)))))) /
    x
  );
}

/** The logarithm of Γ(x) for x above 0, to about 1e-15 of the larger of itself and 1. */
export function logGamma(x: number): number {
  let [at, product] = [x, 1];
  for (; at < LARGE; at++) product *= at;
  return (at - 0.5) * Math.log(at) - at + 0.5 * Math.log(2 * Math.PI) + logGammaRest(at) - Math.log(product);
}

/** The derivative of log Γ at x above 0, ψ(x). */
export function digamma(x: number): number {
  let [at, sum] = [x, 0];
  for (; at < LARGE; at++) sum += 1 / at;
  const square = 1 / (at * at);
  const series =
    square *
    (1 / 12 -
      square *
        (1 / 120 -
          square * (1 / 252 - square * (1 / 240 - square * (1 / 132 - square * (691 / 32760 - square / 12))))));
  return Math.log(at) - 0.5 / at - series - sum;
}

/** The second derivative of log Γ at x above 0, ψ'(x). */
export function trigamma(x: number): number {
  let [at, sum] = [x, 0];
  for (; at < LARGE; at++) sum += 1 / (at * at);
  const square = 1 / (at * at);
  const series =
    (square / at) *
    (1 / 6 -
      square *
        (1 / 30 -
          square * (1 / 42 - square * (1 / 30 - square * (5 / 66 - square * (691 / 2730 - square * (7 / 6)))))));
  return 1 / at + 0.5 * square + series + sum;
}

/** Terms of a product of so many factors are added up one by one. */
const FEW = 64;
/** Logarithms of α from which products with it may be larger than any number. */
const LARGEST_LOG = 600;

/**
 * log ∏_{j<y} (1 + jα): the logarithm of Γ(y + s)/Γ(s) less y log s, at s = 1/α, where its large terms would cancel.
 *
 * @param y a whole number from 0 on
 * @param logAlpha any: α itself may be too large for a number
 */
export function risingLog(y: number, logAlpha: number): number {
  const [alpha, s] = [Math.exp(logAlpha), Math.exp(-logAlpha)];
  // ∏ (1 + jα) = α^(y−1) Γ(y + s)/Γ(1 + s), for y from 1 on.
  if (logAlpha > LARGEST_LOG) return y === 0 ? 0 : (y - 1) * logAlpha + logGamma(y + s) - logGamma(1 + s);
  let sum = 0;
  // From 10 on Stirling's series holds; the factors before are taken by themselves.
  const from = Math.min(y, y <= FEW ? y : Math.max(0, Math.ceil(LARGE - s)));
  for (let j = 0; j < from; j++) sum += Math.log1p(j * alpha);
  if (from === y) return sum;
  const low = from + s;
  const more = y - from;
  const ratio = more / low;
  const rest = logGammaRest(low + more) - logGammaRest(low);
  return sum + (low - 0.5) * Math.log1p(ratio) + more * Math.log((low + more) * alpha) - more + rest;
}

/**
 * First and second derivatives of {@link risingLog} by log α: Σ_{j<y} jα/(1 + jα) and Σ_{j<y} jα/(1 + jα)².
 *
 * @param y a whole number from 0 on
 * @param s 1/α, from 0 on
 */
export function risingDerivatives(y: number, s: number): { readonly first: number; readonly second: number } {
  if (y <= FEW) {
    let [first, second] = [0, 0];
    for (let j = 1; j < y; j++) {
      const share = j / (s + j);
      first += share;
      second += share * (1 - share);
    }
    return { first, second };
  }
  // jα/(1 + jα) = 1 − s/(s + j), and its derivative s/(s + j) − s²/(s + j)²: from j = 1 on, for s may be next to 0.
  const one = s * (digamma(s + y) - digamma(s + 1));
  return { first: y - 1 - one, second: one - s * s * (trigamma(s + 1) - trigamma(s + y)) };
}
