import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { adam } from "../../src/algorithms/adam.ts";
import { em } from "../../src/algorithms/em.ts";
import { gradientDescent } from "../../src/algorithms/gradient-descent.ts";
import { iterate } from "../../src/algorithms/iterate.ts";
import { fit } from "../../src/fit/fit.ts";
import type { FitOptions } from "../../src/fit/fit-options.ts";
import { spectrum } from "../../src/inference/spectrum.ts";
import { EXPERT_KINDS } from "../../src/laws/registry.ts";
import { random } from "../../src/math/random.ts";
import { mixture } from "../../src/models/mixture.ts";
import type { Observations } from "../../src/rows/observations.ts";
import { deviation, jacobian } from "../support/differences.ts";
import { type Draw, draw, nearby, type Problem } from "../support/problems.ts";

interface Held extends Problem {
  /** The same mixture with nothing held. */
  readonly whole: Problem["model"];
  /** Positions that are held, at the truth. */
  readonly held: readonly number[];
}

/** A problem some of whose parameters, drawn at random, are held at their true values. */
function hold(options: Draw, share: number): Held {
  const problem = draw(options);
  const { model, truth } = problem;
  const rng = random(options.seed, 1);
  const held = model.names.map((_, j) => j).filter(() => rng.uniform() < share);
  const fixed = Object.fromEntries(held.map((j) => [model.names[j], truth[j]]));
  return { ...problem, model: mixture({ ...model.spec, fixed }), whole: model, held };
}

const problems = fc
  .record({
    experts: fc.constantFrom(...EXPERT_KINDS),
    k: fc.integer({ min: 1, max: 3 }),
    rows: fc.constant(250),
    features: fc.constant(2),
    seed: fc.integer({ min: 1, max: 1e6 }),
    ridge: fc.constantFrom(0, 0.5),
    one: fc.boolean(),
    share: fc.constantFrom(0.2, 0.5, 1),
  })
  .map(({ one, share, ...rest }) => hold({ ...rest, sharedVariance: one && rest.experts === "linear" }, share));

test("the M-step puts held parameters at their values and leaves no slope along any other", () => {
  fc.assert(
    fc.property(problems, fc.integer(), (problem, seed) => {
      const { model, whole, data, truth, held } = problem;
      const theta = nearby(problem, seed);
      const { responsibilities } = whole.posterior(theta, data);
      const found = model.maximise(theta, { responsibilities }, data);
      expect(found.failure).toBeUndefined();
      for (const j of held) expect(found.theta[j]).toBe(truth[j]);
      const slope = whole.completeGradient(found.theta, responsibilities, data);
      for (const j of model.free) expect(Math.abs(slope[j])).toBeLessThan(1e-5);
      expect(model.free.length + held.length).toBe(truth.length);
    }),
    { numRuns: 60 },
  );
});

test("negative control: at the constrained maximum the held parameters have a slope above 1", () => {
  const { model, whole, data, truth, held } = hold({ experts: "linear", k: 2, rows: 250, features: 2, seed: 4 }, 0.5);
  const { responsibilities } = whole.posterior(truth, data);
  const slope = whole.completeGradient(model.maximise(truth, { responsibilities }, data).theta, responsibilities, data);
  expect(Math.max(...held.map((j) => Math.abs(slope[j])))).toBeGreaterThan(1);
});

test("gradients and informations are those of the whole mixture along the free parameters and 0 along the others", () => {
  fc.assert(
    fc.property(problems, fc.integer(), (problem, seed) => {
      const { model, whole, data, held } = problem;
      const theta = nearby(problem, seed);
      const p = theta.length;
      const without = (values: Float64Array) => values.map((value, j) => (held.includes(j) ? 0 : value));
      expect(model.gradient(theta, data).gradient).toEqual(without(whole.gradient(theta, data).gradient));
      const [found, wanted] = [model, whole].map((each) => each.information(theta, data));
      for (const part of ["complete", "missing"] as const) {
        const kept = wanted[part].map((v, at) => (held.includes(at % p) || held.includes(Math.floor(at / p)) ? 0 : v));
        expect(found[part]).toEqual(kept);
      }
    }),
    { numRuns: 30 },
  );
});

test.each([
  ["linear", 31],
  ["logistic", 32],
  ["poisson", 33],
] as const)(
  "EM with %s experts never falls, and its Jacobian at the limit has the spectrum's eigenvalues",
  (experts, seed) => {
    const { model, data, truth, held } = hold({ experts, k: 2, rows: 500, features: 2, seed, ridge: 0.1 }, 0.4);
    expect(held.length).toBeGreaterThan(1);
    const loop = iterate(em<Observations>(), model, truth, data, { tolerance: 1e-11, maxIterations: 20_000 });
    let last = Number.NEGATIVE_INFINITY;
    let next = loop.next();
    for (; !next.done; next = loop.next()) {
      const { objective } = next.value;
      expect(objective).toBeGreaterThanOrEqual(last - 1e-12 * Math.abs(objective));
      last = objective;
    }
    const { theta, result } = next.value;
    expect(result).toBe("converged");
    const map = (at: Float64Array) => model.maximise(at, model.posterior(at, data), data).theta;
    const rows = jacobian(map, theta);
    const { eigenvalues, eigenvectors, standardErrors, missingFraction } = spectrum(model, theta, data);
    const p = theta.length;
    expect(eigenvalues.length).toBe(model.free.length);
    eigenvalues.forEach((value, e) => {
      const v = eigenvectors.subarray(e * p, (e + 1) * p);
      const residual = rows.map((row, i) => row.reduce((sum, entry, j) => sum + entry * v[j], 0) - value * v[i]);
      expect(Math.hypot(...residual)).toBeLessThan(1e-6 * Math.hypot(...v));
    });
    standardErrors.forEach((error, j) => {
      held.includes(j) ? expect([error, missingFraction[j]]).toEqual([0, 0]) : expect(error).toBeGreaterThan(0);
    });
  },
);

describe("a fit", () => {
  const { data, truth } = draw({ experts: "linear", k: 2, rows: 400, features: 2, seed: 41 });
  const columns = {
    x1: Array.from(data.expert.values[1]),
    x2: Array.from(data.expert.values[2]),
    y: Array.from(data.response),
  };
  const options: FitOptions = { response: "y", features: ["x1", "x2"], starts: 2 };

  test("with a coefficient held at c is one with the offset c·x and without the column", () => {
    const fixed = { "expert1.x2": 0.7, "expert2.x2": 0.7 };
    const held = fit(columns, { ...options, fixed });
    const shifted = fit(
      { ...columns, o: columns.x2.map((value) => 0.7 * value) },
      { ...options, features: ["x1"], gateFeatures: ["x1", "x2"], offset: "o" },
    );
    expect(held.logLikelihood).toBeCloseTo(shifted.logLikelihood, 7);
    const names = held.mixture.free.map((j) => held.mixture.names[j]);
    expect(names).toEqual(shifted.mixture.names);
    const se = (found: typeof held) => spectrum(found.mixture, found.theta, found.observations).standardErrors;
    expect(
      deviation(
        held.mixture.free.map((j) => se(held)[j]),
        se(shifted),
      ),
    ).toBeLessThan(1e-6);
  });

  test("with the gate's columns held at 0 is one whose gate has only the intercept", () => {
    const held = fit(columns, { ...options, fixed: { "gate2.x1": 0, "gate2.x2": 0 } });
    const narrow = fit(columns, { ...options, gateFeatures: [] });
    expect(held.logLikelihood).toBeCloseTo(narrow.logLikelihood, 7);
  });

  test("with the whole gate held at 0 has equal weights in every row", () => {
    const fixed = { "gate2.(intercept)": 0, "gate2.x1": 0, "gate2.x2": 0 };
    const held = fit(columns, { ...options, fixed });
    expect([held.result, ...held.theta.subarray(0, 3)]).toEqual(["converged", 0, 0, 0]);
  });

  test("with held variances does not collapse on rows that lie on a line", () => {
    const x = [1, 2, 3, 4, 5, 6, 7, 8];
    const line = { x, y: x.map((value) => 2 * value + 1) };
    const held = fit(line, { response: "y", k: 1, fixed: { "expert1.log(sigma)": 0 } });
    expect(deviation(held.theta, [1, 2, 0])).toBeLessThan(1e-12);
    expect(held.logLikelihood).toBeCloseTo(-4 * Math.log(2 * Math.PI), 10);
  });

  test.each([gradientDescent({ stepSize: 0.05 }), adam({ stepSize: 0.05 })])("by $name holds them too", (algorithm) => {
    const fixed = { "expert1.x1": 0.25, "expert2.log(sigma)": -0.5 };
    const start = truth.map((value) => value + 0.1);
    const held = fit(columns, { ...options, fixed, start, algorithm, maxIterations: 20 });
    const at = (name: string) => held.theta[held.mixture.names.indexOf(name)];
    expect([at("expert1.x1"), at("expert2.log(sigma)")]).toEqual([0.25, -0.5]);
    expect(held.objective).toBeGreaterThan(held.trace[0].objective);
  });

  test("refuses a parameter that there is none of, and values that are no numbers", () => {
    expect(() => fit(columns, { ...options, fixed: { "expert3.x1": 0 } })).toThrow(
      'Cannot fix a parameter: expected one of the 11, such as "expert1.x1", "expert2.x1", "expert1.x2", got "expert3.x1"',
    );
    // What a summary calls it.
    expect(() => fit(columns, { ...options, fixed: { "expert1.sigma": 0 } })).toThrow(
      /such as .*"expert1\.log\(sigma\)"/,
    );
    expect(() => fit(columns, { ...options, fixed: { "expert1.x1": Number.NaN } })).toThrow(
      'expected a finite number for "expert1.x1", got NaN',
    );
  });
});
