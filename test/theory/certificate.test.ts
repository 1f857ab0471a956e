import { inspect } from "node:util";
import fc from "fast-check";
import { expect, test } from "vitest";
import { em } from "../../src/algorithms/em.ts";
import { datasetPath } from "../../src/datasets/dataset-path.ts";
import { fit } from "../../src/fit/fit.ts";
import type { FitOptions } from "../../src/fit/fit-options.ts";
import { summary } from "../../src/inference/summary.ts";
import type { NaturalForm } from "../../src/laws/natural.ts";
import { poisson } from "../../src/laws/poisson.ts";
import { random } from "../../src/math/random.ts";
import type { Mixture } from "../../src/models/mixture.ts";
import { type Certificate, certify } from "../../src/theory/certificate.ts";
import { drawLifted, LIFTED_KINDS, type LiftedProblem, penaltyOf, posteriorLaw, surrogate } from "../support/lifted.ts";
import { run } from "../support/run.ts";

const problems = fc
  .record({
    experts: fc.constantFrom(...LIFTED_KINDS),
    k: fc.integer({ min: 1, max: 3 }),
    rows: fc.integer({ min: 80, max: 150 }),
    features: fc.constant(1),
    seed: fc.integer({ min: 1, max: 2 ** 31 - 1 }),
    binary: fc.boolean(),
    ridge: fc.constantFrom(0, 0.5, 5),
    weighted: fc.boolean(),
    narrowGate: fc.boolean(),
    variance: fc.constantFrom("own", "shared", "unit"),
    held: fc.constantFrom(0, 0.3),
  })
  .map(({ variance, ...options }) => {
    const isLinear = options.experts === "linear";
    return drawLifted({
      ...options,
      sharedVariance: isLinear && variance === "shared",
      unitVariance: isLinear && variance === "unit",
    });
  });

/** The worst of a certificate's steps. */
function worst({ steps }: Certificate) {
  const largest = (pick: (step: Certificate["steps"][number]) => number) => Math.max(...steps.map(pick));
  return {
    mirror: largest((step) => step.mirrorDistance),
    descent: largest((step) => step.descentDeviation / (1 + Math.abs(step.loss))),
    slack: -largest((step) => -step.contractionSlack),
    gain: -largest((step) => -step.surrogateGain),
  };
}

test("holds over 150 random runs of mixtures: descent identity to 1e-10, inequalities without a violation", () => {
  fc.assert(
    fc.property(problems, ({ model, data, theta }) => {
      // A slow run is held against where it has come: the inequalities ask no more of a limit than to lie further on.
      const { outcome } = run(em(), { model, data }, theta, { tolerance: 1e-8, maxIterations: 200 });
      fc.pre(outcome.result === "converged" || outcome.result === "max-iterations");
      const certificate = certify(model, theta, data, { steps: 8, limit: outcome.theta });
      expect(certificate.holds).toBe(true);
      const { descent, slack, gain } = worst(certificate);
      expect(descent).toBeLessThan(1e-10);
      expect(slack).toBeGreaterThan(-1e-10);
      expect(gain).toBeGreaterThan(-1e-10);
      expect(certificate.bestStepSlack).toBeGreaterThan(-1e-10);
      expect(certificate.averageSlack).toBeNaN();
    }),
    { numRuns: 150, endOnFailure: true },
  );
}, 300_000);

const path = { wine: datasetPath("wine"), iris: datasetPath("iris") };
const counts = countsWithExposure();
const fits: readonly [string, Parameters<typeof fit>[0], FitOptions][] = [
  ["logistic with a ridge", path.iris, { response: "species", experts: "logistic", ridge: 0.01 }],
  ["linear, in the units of the file", path.wine, { response: "proline", features: ["alcohol", "magnesium"] }],
  [
    "linear with one variance",
    path.iris,
    { response: "sepal_length", features: ["petal_length"], sharedVariance: true },
  ],
  ["Poisson with an offset", counts, { response: "y", features: ["x"], offset: "log", experts: "poisson" }],
  ["one expert", path.wine, { response: "alcohol", features: ["proline"], k: 1 }],
  ["two parameters held", counts, { response: "y", features: ["x"], fixed: { "gate2.x": 0, "expert1.x": 1 } }],
];

test.each(fits)(
  "certifies a finished fit, its limit given or found, steps the same to 1e-6: %s",
  (_, data, options) => {
    const { mixture, start, observations, theta } = fit(data, { starts: 2, ...options });
    const given = certify(mixture, start, observations, { limit: theta });
    expect(given.holds).toBe(true);
    expect(worst(given).mirror).toBeLessThan(1e-6);
    expect(worst(given).descent).toBeLessThan(1e-12);
    const found = certify(mixture, start, observations);
    expect(found.holds).toBe(true);
    expect(Math.abs(found.limitLoss - given.limitLoss)).toBeLessThan(1e-10);
  },
);

test("shows a row for each step, and says below whether all held", () => {
  const iris = fit(datasetPath("iris"), { response: "petal_width", features: ["petal_length"], starts: 2 });
  const lines = inspect(certify(iris, { steps: 3 })).split("\n");
  expect(lines.length).toBe(6);
  expect(lines[4]).toBe("EM was mirror descent in 3 steps on 150 rows: every identity and inequality held");
  // Nothing is exact to a tolerance of 0.
  const strict = inspect(certify(iris, { steps: 1, tolerance: 0 })).split("\n");
  expect(strict[2]).toMatch(/^Not every identity .* held in 1 step on 150 rows$/);
});

test("of many rows some are certified, drawn by the fit's seed, and the table says of how many", () => {
  const iris = fit(datasetPath("iris"), { response: "petal_width", features: ["petal_length"], starts: 2 });
  const some = certify(iris, { steps: 2, sample: 100 });
  expect([some.rows, some.ofRows, some.holds]).toEqual([100, 150, true]);
  expect(inspect(some)).toContain("EM was mirror descent in 2 steps on 100 of 150 rows:");
  expect(certify(iris, { steps: 2, sample: 100 })).toEqual(some);
  expect(certify({ ...iris, seed: 2 }, { steps: 2, sample: 100 }).limitLoss).not.toBe(some.limitLoss);
  // All of them have the limit of the fit.
  const all = certify(iris, { steps: 2, sample: Number.POSITIVE_INFINITY, limit: iris.theta });
  expect([all.rows, all.ofRows]).toEqual([150, 150]);
  expect(certify(iris, { steps: 2 }).limitLoss).toBeCloseTo(all.limitLoss, 10);
  expect(() => certify(iris, { sample: 100, limit: iris.theta })).toThrow(
    "Cannot certify a run: expected all rows where their limit is given, got a limit, and 100 of 150 rows, which have another; leave the limit out",
  );
  expect(() => certify(iris, { sample: 0 })).toThrow("sample to be a whole number from 1 on, or Infinity, got 0");
});

test("more than 20,000 rows in memory are certified by so many of them, those of whole units", () => {
  const rng = random(3);
  const count = 20_100;
  const x = Float64Array.from({ length: count }, () => rng.normal());
  const clinic = Float64Array.from({ length: count }, (_, i) => Math.floor(i / 3));
  const side = Array.from({ length: count / 3 }, () => (rng.uniform() < 0.5 ? 2 : -2));
  const y = x.map((value, i) => side[clinic[i]] * value + 0.5 * rng.normal());
  const found = fit({ x, y, clinic }, { formula: "y ~ x | 1", group: "clinic", starts: 1 });
  expect(certify(found, { steps: 2 })).toMatchObject({ rows: 20_001, ofRows: count, holds: true });
  expect(summary(found)).toMatchObject({
    certificate: "holds",
    messages: [...found.messages, `The certificate is that of 20001 of the ${count} rows, drawn at random.`],
  });
});

test("certifies a response whose spread is a 100,000th of its size", () => {
  const rng = random(5);
  const x = Array.from({ length: 150 }, () => rng.normal());
  const y = x.map((value) => 2000 + (rng.uniform() < 0.5 ? 0.05 : -0.03) * value + 0.02 * rng.normal());
  const { mixture, start, observations, theta } = fit({ x, y }, { response: "y", starts: 3 });
  const certificate = certify(mixture, start, observations, { limit: theta });
  expect(certificate.holds).toBe(true);
  expect(worst(certificate).descent).toBeLessThan(1e-10);
});

test.each([
  { experts: "linear", k: 2 },
  { experts: "logistic", k: 3, ridge: 0.5 },
  { experts: "poisson", k: 2 },
] as const)("a step's numbers are those of their definitions, written out, to 1e-11: %o", (options) => {
  const problem = drawLifted({ ...options, rows: 150, features: 1, seed: 7, weighted: true });
  const { model, data, theta } = problem;
  const limit = run(em(), { model, data }, theta, { tolerance: 1e-8 }).outcome.theta;
  const [{ theta: here }, { theta: next }] = run(em(), { model, data }, theta, { maxIterations: 1 }).steps;
  const [step] = certify(model, theta, data, { steps: 1, limit }).steps;
  const q = (at: Float64Array) => surrogate(problem, at, here) + penaltyOf(problem, at);
  const lossAt = (at: Float64Array) => -model.posterior(at, data).objective / model.totalWeight(data);
  const missed = posteriorLaw(problem, here, limit);
  const left = divergenceOf(problem, limit, here);
  expect(step.surrogateGain).toBeCloseTo(q(here) - q(next), 11);
  expect(step.divergence).toBeCloseTo(divergenceOf(problem, here, next), 11);
  expect(step.contraction).toBeCloseTo(missed / left, 9);
  expect(step.contractionSlack).toBeCloseTo(missed - (lossAt(next) - lossAt(limit) + q(limit) - q(next)), 11);
  // Ω is curved: this is why (ii) is of symmetric pairs only.
  expect(step.bending).toBeGreaterThan(1e-5);
});

/** D_A(θ, φ) by the first law: Q(θ | φ) − Q(φ | φ) less the tangent ⟨∇L(φ), η − η_φ⟩. */
function divergenceOf(problem: LiftedProblem, theta: Float64Array, phi: Float64Array): number {
  const { lifted, data } = problem;
  const [eta, from] = [lifted.natural(theta, data), lifted.natural(phi, data)];
  const change = eta.map((value, at) => value - from[at]);
  const linear = lifted.inner(lifted.lossGradient(from, data), change, data);
  return surrogate(problem, theta, phi) - surrogate(problem, phi, phi) - linear;
}

const natural = poisson.natural as NaturalForm;
const wrongs: readonly [string, Partial<NaturalForm>, "mirror" | "descent"][] = [
  [
    "the mean parameters of another law",
    {
      means: (eta, at, out, to) => {
        natural.means(eta, at, out, to, 1);
        out[to + 1] = Math.sqrt(out[to + 1]);
      },
    },
    "mirror",
  ],
  ["another log-partition", { logPartition: (eta, at) => 2 * natural.logPartition(eta, at, 1) - eta[at] }, "descent"],
];

test.each(wrongs)("negative control: fails by 1e-3 for a geometry with %s", (_, part, what) => {
  const { model, data, theta } = drawLifted({ experts: "poisson", k: 2, rows: 150, features: 1, seed: 3 });
  const limit = run(em(), { model, data }, theta, { tolerance: 1e-8 }).outcome.theta;
  expect(certify(model, theta, data, { limit }).holds).toBe(true);
  const wrong: Mixture = { ...model, law: { ...poisson, natural: { ...natural, ...part } } };
  const certificate = certify(wrong, theta, data, { limit, steps: 5 });
  expect(certificate.holds).toBe(false);
  expect(worst(certificate)[what]).toBeGreaterThan(1e-3);
});

test("what cannot be certified is refused in words", () => {
  const { model, data, theta } = drawLifted({ experts: "poisson", k: 2, rows: 150, features: 1, seed: 3 });
  expect(() => certify(model, theta, data, { steps: 0 })).toThrow(
    "Cannot certify a run: expected steps to be a whole number from 1 on, got 0",
  );
  expect(() => certify(model, theta, data, { limit: theta.subarray(1) })).toThrow(/a limit of 6 parameters, got 5/);
  expect(() => certify(model, theta, data, { limit: theta })).toThrow(
    /a limit where L is no higher than after the steps, got .* above it; give the limit of EM from this start/,
  );
});

/** Two kinds of rows with a known exposure, its logarithm in `log`. */
function countsWithExposure(): Readonly<Record<string, number[]>> {
  const rng = random(2);
  const x = Array.from({ length: 200 }, () => rng.normal());
  const exposure = x.map(() => 1 + 2 * rng.uniform());
  const y = x.map((value, i) => {
    const mean = exposure[i] * Math.exp(rng.uniform() < 0.5 ? 1 + 0.7 * value : -0.5 * value);
    return Math.round(mean + Math.sqrt(mean) * Math.abs(rng.normal()));
  });
  return { x, y, log: exposure.map(Math.log) };
}
