import { expect, test } from "vitest";
import { fit } from "../../src/fit/fit.ts";
import { snr } from "../../src/inference/snr.ts";
import { cholesky } from "../../src/math/cholesky.ts";
import { generalisedEigen } from "../../src/math/generalised-eigen.ts";
import { random } from "../../src/math/random.ts";
import { symmetricPair } from "../../src/theory/symmetric.ts";
import { type SymmetricPair, symmetricRate } from "../../src/theory/symmetric-rate.ts";

const pair = (
  experts: SymmetricPair["experts"],
  expertNorm: number,
  gateNorm: number,
  angle: number,
): SymmetricPair => {
  return { experts, expertNorm, gateNorm, angle, features: 5 };
};

test.each([
  ["linear", 0.25, 1, 90, 0.972],
  ["linear", 1, 1, 90, 0.661],
  ["linear", 2, 1, 90, 0.403],
  ["linear", 4, 1, 90, 0.215],
  ["linear", 8, 1, 90, 0.109],
  ["linear", 1, 4, 0, 0.95],
  ["linear", 4, 4, 0, 0.497],
  ["logistic", 1, 1, 90, 0.993],
  ["logistic", 2, 2, 90, 0.937],
  ["logistic", 4, 4, 90, 0.756],
  ["logistic", 8, 8, 90, 0.487],
] as const)(
  "the population rate of a %s pair, ‖β‖ = %d, ‖w‖ = %d, %d°, is %d to three digits",
  (experts, b, w, angle, rate) => {
    expect(Math.abs(symmetricRate(pair(experts, b, w, angle)) - rate)).toBeLessThan(6e-4);
  },
);

test("limits: no signal, rate 1; 1 − λ = ‖β‖² at low and λ = 0.81/‖β‖ at high signal without a gate", () => {
  expect(symmetricRate(pair("linear", 0, 0, 0))).toBeCloseTo(1, 12);
  expect((1 - symmetricRate(pair("linear", 0.05, 0, 0))) / 0.05 ** 2).toBeCloseTo(1, 1);
  expect(symmetricRate(pair("linear", 40, 0, 0)) * 40).toBeCloseTo(0.81, 1);
});

test("parallel logistic directions of one length leave the information singular: rate 1", () => {
  for (const norm of [0.5, 2, 6]) expect(symmetricRate(pair("logistic", norm, norm, 0))).toBeCloseTo(1, 9);
});

test("the logistic pair is unchanged when gate and expert are exchanged, and both when angles are mirrored", () => {
  for (const [b, w, angle] of [
    [1, 3, 40],
    [4, 2, 75],
  ]) {
    expect(symmetricRate(pair("logistic", b, w, angle))).toBeCloseTo(symmetricRate(pair("logistic", w, b, angle)), 5);
    for (const experts of ["linear", "logistic"] as const) {
      const mirrored = symmetricRate(pair(experts, b, w, 180 - angle));
      expect(mirrored).toBeCloseTo(symmetricRate(pair(experts, b, w, angle)), 8);
    }
  }
});

test("linear moments agree with a Monte Carlo integral within four of its standard errors", () => {
  // With one feature the problem is 2 × 2: I_c = diag(E σ'(a)x², 1), I_m = E p(1 − p)(x, 2yx)(x, 2yx)'.
  const [b, w] = [4, 4];
  const rng = random(3);
  const draws = 400_000;
  const batches = Array.from({ length: 20 }, () => {
    const sums = [0, 0, 0, 0];
    for (let i = 0; i < draws / 20; i++) {
      const x = rng.normal();
      const z = rng.uniform() < 1 / (1 + Math.exp(-w * x)) ? 1 : -1;
      const y = z * b * x + rng.normal();
      const posterior = 1 / (1 + Math.exp(-(w * x + 2 * y * b * x)));
      const spread = posterior * (1 - posterior) * x * x;
      const gate = 1 / (1 + Math.exp(-w * x));
      [gate * (1 - gate) * x * x, spread, 2 * y * spread, 4 * y * y * spread].forEach((term, j) => {
        sums[j] += term;
      });
    }
    const [c, g, m, e] = sums.map((sum) => sum / (draws / 20));
    // Largest root of det(I_m − λ diag(c, 1)) = 0.
    const trace = g / c + e;
    return trace / 2 + Math.sqrt((trace / 2) ** 2 - (g * e - m * m) / c);
  });
  const mean = batches.reduce((sum, value) => sum + value, 0) / 20;
  const error = Math.sqrt(batches.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (20 * 19));
  const rate = symmetricRate({ experts: "linear", expertNorm: b, gateNorm: w, angle: 0, features: 1 });
  expect(error).toBeLessThan(0.005);
  expect(Math.abs(rate - mean)).toBeLessThan(4 * error);
});

test.each([
  ["linear", 4, 4, 0],
  ["linear", 1, 4, 0],
  ["linear", 1, 1, 90],
  ["linear", 2, 1, 45],
  ["logistic", 4, 4, 90],
  ["logistic", 3, 5, 60],
] as const)(
  "a %s pair's population rate, ‖β‖ = %d, ‖w‖ = %d, %d°, is that of drawn rows, within four of their standard errors",
  (experts, b, w, angle) => {
    const columns = ["x1", "x2", "x3"];
    const model = symmetricPair({ experts, gateColumns: columns, expertColumns: columns });
    const radians = (angle * Math.PI) / 180;
    const theta = Float64Array.of(w, 0, 0, b * Math.cos(radians), b * Math.sin(radians), 0);
    const rng = random(17);
    const logistic = (t: number): boolean => rng.uniform() < 1 / (1 + Math.exp(-t));
    const [count, rows] = [20, 10_000];
    const batches = Array.from({ length: count }, () => {
      const values = columns.map(() => Float64Array.from({ length: rows }, () => rng.normal()));
      const response = Float64Array.from({ length: rows }, (_, i) => {
        const z = logistic(w * values[0][i]) ? 1 : -1;
        const mean = z * (theta[3] * values[0][i] + theta[4] * values[1][i]);
        return experts === "linear" ? mean + rng.normal() : Number(logistic(mean));
      });
      const x = { columns, values };
      return model.information(theta, { rows, gate: x, expert: x, response });
    });
    /** λₘₐₓ of all batches but one: the jackknife. */
    const without = (left: number): number => {
      const sum = (part: "complete" | "missing"): Float64Array =>
        batches[0][part].map((_, at) => batches.reduce((s, batch, i) => s + (i === left ? 0 : batch[part][at]), 0));
      return generalisedEigen(sum("missing"), cholesky(sum("complete"), 6) as Float64Array, 6).values[0];
    };
    const whole = without(-1);
    const parts = batches.map((_, i) => without(i));
    const mean = parts.reduce((sum, value) => sum + value, 0) / count;
    const error = Math.sqrt((parts.reduce((sum, value) => sum + (value - mean) ** 2, 0) * (count - 1)) / count);
    const unbiased = whole - (count - 1) * (mean - whole);
    expect(error).toBeLessThan(0.01);
    expect(
      Math.abs(symmetricRate({ experts, expertNorm: b, gateNorm: w, angle, features: 3 }) - unbiased),
    ).toBeLessThan(4 * error);
  },
);

test("a fit to a symmetric pair recovers its signal-to-noise, gate and angle", () => {
  const rng = random(6);
  const rows = 6000;
  const [x1, x2, x3] = Array.from({ length: 3 }, () => Array.from({ length: rows }, () => rng.normal()));
  const y = x1.map((_, i) => {
    const z = rng.uniform() < 1 / (1 + Math.exp(-1.5 * x1[i])) ? 1 : -1;
    return z * 2 * x2[i] + rng.normal();
  });
  const found = fit({ x1, x2, x3, y }, { response: "y", starts: 3 });
  const [only] = snr(found, found.observations);
  expect(only.snr).toBeCloseTo(2, 1);
  expect(Math.abs(only.gate - 1.5)).toBeLessThan(0.15);
  expect(only.angle).toBeGreaterThan(85);
  expect(Math.abs(only.predictedRate - symmetricRate(pair("linear", 2, 1.5, 90)))).toBeLessThan(0.02);
  const doubled = fit({ x1: x1.map((v) => 2 * v), x2, x3, y: y.map((v) => 10 * v) }, { response: "y", starts: 3 });
  const [scaled] = snr(doubled, doubled.observations);
  expect(scaled.snr).toBeCloseTo(only.snr, 5);
});
