import { expect, test } from "vitest";
import { drawBinomial, drawCategory, drawPoisson } from "../../src/math/draw.ts";
import { random } from "../../src/math/random.ts";
import { logFactorial } from "../../src/math/special.ts";

test.each([0.3, 4, 9.99, 10, 37, 2000])(
  "counts of mean %d have their probabilities: χ² within five of its standard deviations",
  (mean) => {
    const rng = random(1);
    const draws = 200_000;
    const found = new Map<number, number>();
    for (let i = 0; i < draws; i++) {
      const count = drawPoisson(rng, mean);
      found.set(count, (found.get(count) ?? 0) + 1);
    }
    const probability = (count: number) => Math.exp(count * Math.log(mean) - mean - logFactorial(count));
    let [chi, cells, left] = [0, 0, 1];
    for (let count = 0; count < mean + 10 * Math.sqrt(mean) + 20; count++) {
      const expected = draws * probability(count);
      if (expected < 10) continue;
      left -= probability(count);
      cells++;
      chi += ((found.get(count) ?? 0) - expected) ** 2 / expected;
    }
    expect(left).toBeLessThan(0.02);
    expect(Math.abs(chi - cells)).toBeLessThan(5 * Math.sqrt(2 * cells));
  },
);

test("large counts have the mean and the variance of a Poisson law", () => {
  const rng = random(2);
  for (const mean of [1e6, 1e12]) {
    const draws = Array.from({ length: 40_000 }, () => (drawPoisson(rng, mean) - mean) / Math.sqrt(mean));
    const average = draws.reduce((sum, z) => sum + z, 0) / draws.length;
    const square = draws.reduce((sum, z) => sum + z * z, 0) / draws.length;
    expect(Math.abs(average)).toBeLessThan(5 / Math.sqrt(draws.length));
    expect(Math.abs(square - 1)).toBeLessThan(5 * Math.sqrt(2 / draws.length));
  }
});

test("a mean of 0 gives 0, one that no whole number reaches NaN", () => {
  const rng = random(3);
  expect(drawPoisson(rng, 0)).toBe(0);
  for (const mean of [1e17, Number.POSITIVE_INFINITY, Number.NaN]) expect(drawPoisson(rng, mean)).toBeNaN();
});

test("categories come as often as their probabilities say, impossible ones never", () => {
  const rng = random(4);
  const probabilities = [0.5, 0, 0.3, 0.2];
  const found = [0, 0, 0, 0];
  const draws = 100_000;
  for (let i = 0; i < draws; i++) found[drawCategory(rng, 4, (c) => 7 + Math.log(probabilities[c]))]++;
  probabilities.forEach((p, c) => {
    expect(Math.abs(found[c] / draws - p)).toBeLessThanOrEqual(5 * Math.sqrt((p * (1 - p)) / draws));
  });
});

test.each([
  [5, 0.3],
  [39, 0.9],
  [40, 0.02],
  [300, 0.5],
  [100_000, 0.0001],
])("successes in %d trials of probability %d have their probabilities: χ² within five of its deviations", (n, p) => {
  const rng = random(5);
  const draws = 100_000;
  const found = new Map<number, number>();
  for (let i = 0; i < draws; i++) {
    const count = drawBinomial(rng, n, p);
    found.set(count, (found.get(count) ?? 0) + 1);
  }
  const choices = (y: number) => logFactorial(n) - logFactorial(y) - logFactorial(n - y);
  let [chi, cells, left] = [0, 0, 1];
  for (let y = 0; y <= Math.min(n, 1000); y++) {
    const probability = Math.exp(choices(y) + y * Math.log(p) + (n - y) * Math.log1p(-p));
    if (draws * probability < 10) continue;
    left -= probability;
    cells++;
    chi += ((found.get(y) ?? 0) - draws * probability) ** 2 / (draws * probability);
  }
  expect(left).toBeLessThan(0.02);
  expect(Math.abs(chi - cells)).toBeLessThan(5 * Math.sqrt(2 * cells));
});

test("certain trials all succeed, impossible ones never, however many", () => {
  const rng = random(6);
  for (const n of [3, 1e6]) expect([drawBinomial(rng, n, 0), drawBinomial(rng, n, 1)]).toEqual([0, n]);
});
