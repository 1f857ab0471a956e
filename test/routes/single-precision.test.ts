import fc from "fast-check";
import { expect, test } from "vitest";
import { random } from "../../src/math/random.ts";
import { routeMixture } from "../../src/routes/route-mixture.ts";
import { deviation } from "../support/differences.ts";

const shape = fc.record({
  layers: fc.integer({ min: 1, max: 3 }),
  k: fc.integer({ min: 1, max: 8 }),
  hidden: fc.integer({ min: 1, max: 9 }),
  pixels: fc.integer({ min: 1, max: 30 }),
  classes: fc.integer({ min: 2, max: 11 }),
  rows: fc.integer({ min: 1, max: 40 }),
});

test("single precision agrees with double in log-likelihood to 1e-5, gradient and posterior to 1e-4, for every shape", () => {
  fc.assert(
    fc.property(shape, fc.integer(), ({ classes, rows, ...spec }, seed) => {
      const labels = Array.from({ length: classes }, (_, c) => `label${c}`);
      const [single, double] = (["single", "double"] as const).map((precision) =>
        routeMixture({ ...spec, labels, precision, activation: "softplus" }),
      );
      const rng = random(seed);
      const images = Uint8Array.from({ length: rows * spec.pixels }, () => rng.integer(256));
      const data = { rows, images, labels: Uint8Array.from({ length: rows }, () => rng.integer(classes)) };
      const theta = single.start(rng);
      const [found, wanted] = [single, double].map((model) => model.gradient(theta, data));
      expect(Math.abs(found.logLikelihood / wanted.logLikelihood - 1)).toBeLessThan(1e-5);
      const largest = Math.max(...wanted.gradient.map(Math.abs));
      expect(deviation(found.gradient, wanted.gradient)).toBeLessThan(1e-4 * largest);
      const [q, h] = [single, double].map((model) => model.posterior(theta, data).responsibilities);
      expect(deviation(q, h)).toBeLessThan(1e-4);
    }),
    { numRuns: 60 },
  );
});

test("many rows are taken in stretches, with the same sums", () => {
  // Each row of 512 routes of 40 units takes some hundred kilobytes: these are more than one stretch.
  const model = routeMixture({ layers: 3, k: 8, hidden: 40, labels: ["a", "b"], pixels: 3, activation: "softplus" });
  const rng = random(1);
  const images = Uint8Array.from({ length: 3 * 900 }, () => rng.integer(256));
  const data = { rows: 900, images, labels: Uint8Array.from({ length: 900 }, () => rng.integer(2)) };
  const theta = model.start(rng);
  const parts = [0, 1, 2].map((part) =>
    model.rowsOf(
      data,
      Array.from({ length: 300 }, (_, i) => 300 * part + i),
    ),
  );
  const whole = model.gradient(theta, data);
  const sums = parts.map((part) => model.gradient(theta, part));
  const added = whole.gradient.map((_, j) => sums.reduce((sum, { gradient }) => sum + gradient[j], 0));
  const largest = Math.max(...whole.gradient.map(Math.abs));
  expect(deviation(added, whole.gradient)).toBeLessThan(1e-5 * largest);
  expect(sums.reduce((sum, { logLikelihood }) => sum + logLikelihood, 0)).toBeCloseTo(whole.logLikelihood, 3);
});
