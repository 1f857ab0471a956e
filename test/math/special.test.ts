import { expect, test } from "vitest";
import {
  digamma,
  logFactorial,
  logFactorialRest,
  logGamma,
  risingDerivatives,
  risingLog,
  trigamma,
} from "../../src/math/special.ts";

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

test("log Γ and its derivatives are R's lgamma, digamma and trigamma, to 1e-14 of themselves or of 1", () => {
  const at = [1e-3, 0.5, 3.7, 1e4, 1e12];
  const known = [
    [logGamma, [6.907178885383853, 0.5723649429247001, 1.428072326665388, 82099.71749644238, 26631021115915.65]],
    [digamma, [-1000.57557193181, -1.963510026021423, 1.167153539361511, 9.21029037114285, 27.63102111592805]],
    [trigamma, [1000001.642533196, 4.934802200544679, 0.3100378576700383, 0.0001000050001666666, 1.0000000000005e-12]],
  ] as const;
  for (const [of, values] of known) {
    for (const [i, value] of values.entries()) {
      expect(Math.abs(of(at[i]) - value)).toBeLessThan(1e-14 * Math.max(1, Math.abs(value)));
    }
  }
});

test("log ∏ (1 + jα) and its derivatives by log α are the sums, on both sides of where the series take over", () => {
  for (const alpha of [1e-6, 1e-3, 0.1, 1, 30, 1e100, 1e270, 1e304]) {
    for (const y of [0, 1, 5, 64, 65, 200, 3000]) {
      let [sum, first, second] = [0, 0, 0];
      for (let j = 1; j < y; j++) {
        const share = (j * alpha) / (1 + j * alpha);
        sum += Math.log1p(j * alpha);
        first += share;
        second += share * (1 - share);
      }
      const found = risingDerivatives(y, 1 / alpha);
      // ψ(y + s) − ψ(s) has the rounding of ψ(s), s times.
      const rounding = 1e-14 / alpha;
      expect(Math.abs(risingLog(y, Math.log(alpha)) - sum)).toBeLessThan(1e-12 * (1 + sum));
      expect(Math.abs(found.first - first)).toBeLessThan(1e-11 * (1 + y) + rounding);
      expect(Math.abs(found.second - second)).toBeLessThan(1e-11 * (1 + y) + 3 * rounding);
    }
  }
});
