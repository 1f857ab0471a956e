import { expect, test } from "vitest";
import { logFactorial, logFactorialRest } from "../../src/math/special.ts";

test("log n! is the sum of logarithms, to 1e-15 of itself, on both sides of where the series takes over", () => {
  // Neumaier's compensated sum: its own error is that of one rounding.
  let [sum, rest] = [0, 0];
  for (let n = 0; n <= 5000; n++) {
    const term = n === 0 ? 0 : Math.log(n);
    const next = sum + term;
    rest += sum >= term ? sum - next + term : term - next + sum;
    sum = next;
    expect(Math.abs(logFactorial(n) - (sum + rest))).toBeLessThanOrEqual(1e-15 * sum);
    const large = n === 0 ? 0 : n * Math.log(n) - n;
    if (n > 0) expect(Math.abs(logFactorialRest(n) - (sum - large + rest))).toBeLessThan(1e-14 + 1e-15 * sum);
  }
});

test("log n! of the largest whole numbers: log n! − log (n − 1)! is log n as far as rounding shows", () => {
  for (const n of [1e6, 1e9, 1e12]) {
    const rounding = 2 * Number.EPSILON * logFactorial(n);
    expect(Math.abs(logFactorial(n) - logFactorial(n - 1) - Math.log(n))).toBeLessThan(rounding);
  }
  expect(Number.isFinite(logFactorial(Number.MAX_SAFE_INTEGER))).toBe(true);
});
