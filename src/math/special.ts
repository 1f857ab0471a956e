/** From here on four terms of Stirling's series are exact to rounding: the fifth is below 1e-16. */
const STIRLING = 32;

const table = new Float64Array(STIRLING);
for (let n = 2, factorial = 2; n < STIRLING; n++, factorial *= n) table[n] = Math.log(factorial);

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
  return n < STIRLING ? table[n] - (n * Math.log(n) - n) : stirling(n);
}

function stirling(n: number): number {
  const square = 1 / (n * n);
  const series = (1 / 12 - square * (1 / 360 - square * (1 / 1260 - square / 1680))) / n;
  return 0.5 * Math.log(2 * Math.PI * n) + series;
}
