import fc from "fast-check";
import { expect, test } from "vitest";
import { em } from "../../src/algorithms/em.ts";
import { gradientDescent } from "../../src/algorithms/gradient-descent.ts";
import { simulate } from "../../src/fit/simulate.ts";
import { observedRate } from "../../src/inference/rates.ts";
import { spectrum } from "../../src/inference/spectrum.ts";
import { EXPERT_KINDS, type ExpertKind } from "../../src/laws/registry.ts";
import { random } from "../../src/math/random.ts";
import { draw, nearby } from "../support/problems.ts";
import { run } from "../support/run.ts";

/** Mixtures whose EM takes some hundreds of steps at the most, and whose second eigenvalue is not beside the first. */
const cases: Record<ExpertKind, { readonly ridge: number; readonly rows: number; readonly seeds: readonly number[] }> =
  {
    linear: { ridge: 0, rows: 400, seeds: [101, 102, 103, 104, 107, 108, 110, 111, 112, 114, 115, 116] },
    logistic: { ridge: 4, rows: 150, seeds: [108, 113, 114, 122, 124, 125, 131, 132, 133, 144] },
    poisson: { ridge: 0.5, rows: 300, seeds: [103, 105, 114, 115, 119, 130, 132, 133, 134, 135, 142, 144] },
    gamma: { ridge: 0.5, rows: 300, seeds: [101, 103, 104, 105, 106, 110, 114, 115, 116, 119, 120, 123] },
    "negative-binomial": { ridge: 0.5, rows: 300, seeds: [113, 114, 115, 119, 130, 132, 142, 144, 146] },
    "student-t": { ridge: 0, rows: 300, seeds: [101, 102, 103, 104, 105, 106, 108, 109, 110, 111, 112, 113] },
    binomial: { ridge: 0.5, rows: 300, seeds: [105, 106, 114, 115, 132, 133, 135, 142, 146] },
  };
const runs = EXPERT_KINDS.flatMap((experts) =>
  cases[experts].seeds.map((seed) => {
    const { ridge, rows } = cases[experts];
    const k = experts === "linear" ? 2 + (seed % 2) : 2;
    const problem = draw({ experts, k, rows, features: 1, seed, ridge });
    const { steps, outcome } = run(em(), problem, nearby(problem, seed - 100, 0.1), { tolerance: 1e-12 });
    const { rate } = spectrum(problem.model, outcome.theta, problem.data);
    return { experts, seed, steps, rate, ...outcome };
  }),
);

test.each(EXPERT_KINDS)(
  "%s experts: EM's observed rate is the predicted one, to 3e-4, in six to twelve mixtures",
  (kind) => {
    for (const { steps, rate, result } of runs.filter(({ experts }) => experts === kind)) {
      expect(result).toBe("converged");
      expect(Math.abs(observedRate(steps) / rate - 1)).toBeLessThan(3e-4);
    }
  },
);

test.each(EXPERT_KINDS)("%s experts: gaps of L shrink by λ², within 2%, and distances by λ, within 1%", (kind) => {
  for (const { seed, steps, theta, rate, state } of runs.filter(({ experts }) => experts === kind)) {
    const ratio = (values: readonly number[], least: number): number => {
      const last = values.findLastIndex((value) => value > least);
      return values[last] / values[last - 1];
    };
    const distances = steps.map((step) => Math.hypot(...step.theta.map((value, j) => value - theta[j])));
    expect(Math.abs(ratio(distances, 1e-7) / rate - 1), `seed ${seed}`).toBeLessThan(0.01);
    // Ratios of gaps much smaller are rounding of L.
    const gaps = steps.map(({ objective }) => state.objective - objective);
    expect(Math.abs(ratio(gaps, 1e-9) / rate ** 2 - 1), `seed ${seed}`).toBeLessThan(0.02);
  }
});

test("of gains that shrink by 0.81 and end in rounding the rate is 0.9, to 1e-3, however the rounding looks", () => {
  const rng = random(3);
  for (const noise of [1e-22, 1e-20, 1e-17]) {
    const gains = Array.from({ length: 400 }, (_, t) => 0.81 ** t + 5 * 0.5 ** t + noise * rng.normal());
    expect(Math.abs(observedRate(gains.map((gain) => ({ gain }))) - 0.9)).toBeLessThan(1e-3);
  }
  const stuck = Array.from({ length: 400 }, (_, t) => ({ gain: Math.max(0.81 ** t, 1e-28) }));
  expect(Math.abs(observedRate(stuck) - 0.9)).toBeLessThan(1e-12);
});

test("negative control: the mean rate of a whole run is not that of its end", () => {
  const [{ steps, rate }] = runs;
  const whole = (steps[steps.length - 1].gain / steps[1].gain) ** (0.5 / (steps.length - 2));
  expect(Math.abs(whole - rate)).toBeGreaterThan(1e-3);
});

const sum = (length: number, ...modes: readonly (readonly [rate: number, size: number])[]) =>
  Array.from({ length }, (_, t) => ({ gain: modes.reduce((gain, [rate, size]) => gain + size * rate ** (2 * t), 0) }));

test("of a run that is over in a few steps the rate is that of its last four gains, to 1e-3", () => {
  expect(Math.abs(observedRate(sum(4, [0.2, 1])) - 0.2)).toBeLessThan(1e-12);
  expect(Math.abs(observedRate(sum(10, [0.1, 1], [0.01, 5])) - 0.1)).toBeLessThan(1e-3);
});

test("a run that ends in its transient has no rate, though its gains shrank evenly before", () => {
  expect(observedRate(sum(28, [0.4616, 1e-4], [0.3991, 1]))).toBeNaN();
  expect(observedRate(sum(6, [0.1, 1e-3], [0.01, 1]))).toBeNaN();
});

test("of two modes of one size what is seen is the slower one, to 3 %, or no rate", () => {
  const share = fc.double({ min: 0.02, max: 0.98, noNaN: true });
  let seen = 0;
  fc.assert(
    fc.property(share, share, fc.integer({ min: 4, max: 80 }), (rate, faster, length) => {
      const observed = observedRate(sum(length, [rate, 1], [rate * faster, 1]));
      if (Number.isNaN(observed)) return;
      seen++;
      expect(Math.abs(observed / rate - 1)).toBeLessThan(0.03);
    }),
    { numRuns: 1000 },
  );
  expect(seen).toBeGreaterThan(500);
});

test("of EM on linear experts with little noise it is the predicted one, to 1 %, or none: in twenty mixtures", () => {
  const fast = Array.from({ length: 20 }, (_, at) => {
    const { model, data, truth: drawn } = draw({ experts: "linear", k: 2, rows: 300, features: 1, seed: 200 + at });
    const truth = drawn.map((value, j) => (model.names[j].endsWith("log(sigma)") ? -2.5 : value));
    const problem = { model, truth, data: { ...data, ...simulate(model, truth, data, random(at)) } };
    const { steps, outcome } = run(em(), problem, nearby(problem, at, 0.1));
    return { observed: observedRate(steps), rate: spectrum(model, outcome.theta, problem.data).rate };
  });
  const seen = fast.filter(({ observed }) => !Number.isNaN(observed));
  expect(seen.length).toBeGreaterThan(5);
  for (const { observed, rate } of seen) expect(Math.abs(observed / rate - 1)).toBeLessThan(0.01);
  // Slower runs have the time to show theirs.
  for (const { rate } of fast.filter((one) => !seen.includes(one))) expect(rate).toBeLessThan(0.2);
});

test("a run too short, or one that gains nothing, has no rate", () => {
  expect(observedRate([1, 0.5, 0.25].map((gain) => ({ gain })))).toBeNaN();
  expect(observedRate([])).toBeNaN();
  expect(observedRate(new Array(20).fill({ gain: -1 }))).toBeNaN();
});

test("gradient descent has one, too: that of 1 − γ λ_min(∇²L), to 1 %", () => {
  const problem = draw({ experts: "linear", k: 1, rows: 300, features: 1, seed: 9 });
  const stepSize = 0.02;
  const { steps, outcome } = run(gradientDescent({ stepSize }), problem, nearby(problem, 1), { tolerance: 1e-7 });
  const { model, data } = problem;
  const { complete } = model.information(outcome.theta, data);
  const p = model.names.length;
  // With one expert log σ is uncoupled: a 2 × 2 problem and a number.
  const [a, b, c, s] = [complete[0], complete[1], complete[p + 1], complete[2 * p + 2]].map((v) => v / data.rows);
  const least = Math.min((a + c) / 2 - Math.hypot((a - c) / 2, b), s);
  expect(Math.abs(observedRate(steps) / (1 - stepSize * least) - 1)).toBeLessThan(0.01);
});

test("gains that jitter by 0.1 %, as in single precision, show their rate to 1e-3, whatever smooth transient came before", () => {
  const gains = Array.from({ length: 24 }, (_, t) => (0.45 ** t + 40 * 0.12 ** t) * (1 + 0.001 * Math.sin(7 * t * t)));
  expect(Math.abs(observedRate(gains.map((gain) => ({ gain }))) - Math.sqrt(0.45))).toBeLessThan(1e-3);
  // Jitter of 5 % is none to go by.
  const rough = gains.map((gain, t) => ({ gain: gain * (1 + 0.05 * Math.cos(5 * t * t)) }));
  expect(observedRate(rough)).toBeNaN();
});
