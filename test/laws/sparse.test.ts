import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { deployedEm } from "../../src/algorithms/deployed-em.ts";
import { em } from "../../src/algorithms/em.ts";
import { sparseEm } from "../../src/algorithms/sparse-em.ts";
import { run } from "../../src/fit/run.ts";
import { topGate } from "../../src/models/top-gate.ts";
import { truncation } from "../../src/models/truncation.ts";
import type { Observations } from "../../src/rows/observations.ts";
import { deviation, jacobian } from "../support/differences.ts";
import { manyExperts } from "../support/many-experts.ts";
import { draw, nearby, problems } from "../support/problems.ts";

const several = problems.filter(({ model }) => model.spec.k > 2 && !model.spec.zeroInflated);

/** The m largest posteriors of a row, the first of equal ones first. */
function top(row: Float64Array, m: number): number[] {
  return Array.from(row.keys())
    .sort((a, b) => row[b] - row[a] || a - b)
    .slice(0, m);
}

test("a truncated E-step keeps the m largest posteriors, and its gap is −log of the mass that they have", () => {
  fc.assert(
    fc.property(several, fc.integer(), fc.constantFrom(1, 2), (problem, seed, m) => {
      const { model, data } = problem;
      const theta = nearby(problem, seed, 0.5);
      const step = model.eStepWithin(truncation(m), theta, data);
      const { responsibilities: r, logLikelihood } = model.posterior(theta, data);
      const q = step.responsibilities();
      let gap = 0;
      for (let i = 0; i < data.rows; i++) {
        const row = r.subarray(3 * i, 3 * i + 3);
        const kept = top(row, m);
        const mass = kept.reduce((sum, z) => sum + row[z], 0);
        gap -= (data.weights?.[i] ?? 1) * Math.log(mass);
        row.forEach((value, z) => {
          expect(q[3 * i + z]).toBeCloseTo(kept.includes(z) ? value / mass : 0, 12);
        });
      }
      const weight = model.totalWeight(data);
      expect(Math.abs(logLikelihood - step.logLikelihood - gap) / weight).toBeLessThan(1e-12);
      expect(Math.abs(step.gap! - gap) / weight).toBeLessThan(1e-12);
    }),
    { numRuns: 60 },
  );
});

test("the gradient of F is that of Q at the truncated responsibilities, and not at the posterior", () => {
  for (const experts of ["linear", "logistic", "poisson"] as const) {
    const problem = draw({ experts, k: 4, rows: 150, features: 2, seed: 11, ridge: 0.3 });
    const { model, data } = problem;
    const theta = nearby(problem, 3, 0.3);
    const bound = (at: Float64Array): Float64Array =>
      Float64Array.of(model.eStepWithin(truncation(2), at, data).objective / data.rows);
    // The choice of the largest must not change on the way.
    const [slopes] = jacobian(bound, theta, 1e-6);
    const step = model.eStepWithin(truncation(2), theta, data);
    expect(
      deviation(
        step.gradient().map((g) => g / data.rows),
        slopes,
      ),
    ).toBeLessThan(1e-7);
    const plain = model.gradient(theta, data).gradient.map((g) => g / data.rows);
    expect(deviation(plain, slopes)).toBeGreaterThan(1e-3);
  }
});

test("with all experts active it is EM, to the bit", () => {
  fc.assert(
    fc.property(several, fc.integer(), (problem, seed) => {
      const { model, data } = problem;
      const stop = { tolerance: 0, maxIterations: 5 };
      const start = nearby(problem, seed);
      const plain = run(em(), model, start, data, stop);
      const sparse = run(sparseEm({ activeExperts: 3, finish: false }), model, start, data, stop);
      expect(sparse.theta).toEqual(plain.theta);
      expect(sparse.objective).toBe(plain.objective);
    }),
    { numRuns: 30 },
  );
});

test("F never falls, whatever the candidates are, and full steps finish at a maximum of the likelihood", () => {
  const { model, truth, data } = manyExperts(16, 4, 3000, 3);
  const start = truth.map((value, j) => value + 0.3 * Math.sin(j));
  const found = run(sparseEm({ activeExperts: 2 }), model, start, data, { tolerance: 1e-6, maxIterations: 400 });
  found.trace.forEach(({ objective }, t) => {
    if (t > 0) expect(objective).toBeGreaterThan(found.trace[t - 1].objective - 1e-12 * Math.abs(objective));
  });
  const bounds = found.trace.filter(({ isBound }) => isBound).length;
  expect(bounds).toBeGreaterThan(10);
  expect(found.trace.length).toBeGreaterThan(bounds + 2);
  expect(found.objective).toBe(model.posterior(found.theta, data).objective);
  // All experts are looked at in one step of ten: the gap is known there.
  const known = found.trace.filter(({ gap }) => gap !== undefined);
  expect(known.length).toBeGreaterThanOrEqual(Math.floor(bounds / 10));
  for (const { gap } of known) expect(gap).toBeGreaterThan(0);
});

test("an M-step from the rows of each expert is the M-step from all rows with zeros", () => {
  fc.assert(
    fc.property(several, fc.integer(), (problem, seed) => {
      const { model, data } = problem;
      const theta = nearby(problem, seed);
      const step = model.eStepWithin(truncation(2), theta, data);
      const own = step.maximise();
      const all = model.maximise(theta, { responsibilities: step.responsibilities() }, data);
      if (all.failure !== undefined) return;
      expect(deviation(own.theta, all.theta)).toBeLessThan(1e-7 * (1 + Math.max(...all.theta.map(Math.abs))));
      expect(Math.abs(own.gain - all.gain)).toBeLessThan(1e-6 * (1 + Math.abs(all.gain)));
    }),
    { numRuns: 40 },
  );
});

describe("a gate of more coefficients than a Hessian is made of", () => {
  // 47 × 9 coefficients.
  const problem = manyExperts(48, 8, 3000, 5);
  const { model, truth, data } = problem;
  const start = truth.map((value, j) => value + 0.2 * Math.sin(j));
  const algorithm = sparseEm({ activeExperts: 2, finish: false });

  test("takes a step along its slope, by what the kernel finds and by plain code, and F never falls", () => {
    const found = run(algorithm, model, start, data, { tolerance: 0, maxIterations: 25 });
    found.trace.forEach(({ objective }, t) => {
      if (t > 0) expect(objective).toBeGreaterThan(found.trace[t - 1].objective - 1e-12 * Math.abs(objective));
    });
    // Of a step the gate's part alone raises F by a good part of its first-order gain.
    const step = model.eStepWithin(truncation(2), start, data);
    const slope = step.gradient();
    const next = step.maximise().theta.map((value, j) => (model.names[j].startsWith("gate") ? value : start[j]));
    const gain = slope.reduce((sum, g, j) => sum + g * (next[j] - start[j]), 0);
    const there = model.eStepWithin(truncation(2), next, data);
    expect(there.objective).toBeGreaterThan(step.objective + 0.3 * gain);
    expect(gain).toBeGreaterThan(1);
  });

  test("has the slope and the bound that a plain E-step finds among the same experts", () => {
    const first = model.eStepWithin(truncation(2), start, data);
    const { theta } = first.maximise();
    const step = model.eStepWithin(truncation(2), theta, data, first.kept);
    const q = step.responsibilities();
    const { responsibilities: r, logLikelihood } = model.posterior(theta, data);
    // F = ℓ − KL(q‖r).
    let bound = logLikelihood;
    for (let at = 0; at < q.length; at++) if (q[at] > 0) bound -= q[at] * Math.log(q[at] / r[at]);
    expect(Math.abs(step.logLikelihood - bound) / data.rows).toBeLessThan(1e-12);
    // Of a short step the gain is the slope along it, which is the gradient's.
    const { theta: next, gain } = step.maximise(undefined, 1e-3);
    const slope = step.gradient().reduce((sum, g, j) => sum + g * (next[j] - theta[j]), 0);
    expect(Math.abs(gain - slope)).toBeLessThan(1e-7 * (1 + Math.abs(slope)));
    // Only the gate's coefficients took the share.
    const whole = step.maximise();
    model.names.forEach((name, j) => {
      const [short, long] = [next[j] - theta[j], whole.theta[j] - theta[j]];
      expect(short).toBeCloseTo(name.startsWith("gate") ? 1e-3 * long : long, 9);
    });
  });

  test("goes on from what was kept with the same bits", () => {
    const stop = { tolerance: 0, maxIterations: 7 };
    const { memory, init } = algorithm;
    for (const steps of [1, 4, 10]) {
      const early = run(algorithm, model, start, data, { tolerance: 0, maxIterations: steps });
      const kept = JSON.parse(
        JSON.stringify(memory!.of(early.state), (_, entry) =>
          ArrayBuffer.isView(entry) ? Array.from(entry as never) : entry,
        ),
      );
      const state = memory!.back(init(model, early.theta, data), kept);
      expect(state.objective).toBe(early.objective);
      const on = run(algorithm, model, { ...early, state } as never, data, stop);
      const whole = run(algorithm, model, { ...early } as never, data, stop);
      expect(on.theta).toEqual(whole.theta);
    }
  });
});

describe("EM of what is deployed with few experts a row", () => {
  const { model, data, truth } = manyExperts(6, 3, 2000, 4);
  const start = run(em<Observations>(), model, truth, data, { tolerance: 1e-4, maxIterations: 50 }).theta;

  test("has the gradient of its own likelihood, and not that of the whole", () => {
    const bound = (at: Float64Array): Float64Array =>
      Float64Array.of(model.eStepWithin(topGate(2), at, data).objective / data.rows);
    const [slopes] = jacobian(bound, start, 1e-6);
    const own = model.eStepWithin(topGate(2), start, data).gradient();
    expect(
      deviation(
        own.map((g) => g / data.rows),
        slopes,
      ),
    ).toBeLessThan(1e-6);
    expect(
      deviation(
        model.gradient(start, data).gradient.map((g) => g / data.rows),
        slopes,
      ),
    ).toBeGreaterThan(1e-3);
  });

  test("never lowers it, where whole steps of the gate do", () => {
    const found = run(deployedEm({ activeExperts: 2 }), model, start, data, { tolerance: 1e-3, maxIterations: 25 });
    found.trace.forEach(({ objective }, t) => {
      if (t > 0) expect(objective).toBeGreaterThan(found.trace[t - 1].objective - 1e-12 * Math.abs(objective));
    });
    expect(found.objective).toBeGreaterThan(found.trace[0].objective + 1);
    // The guard is needed: some step was shortened.
    expect(found.trace.some(({ evaluations = 1 }) => evaluations > 1)).toBe(true);
  });
});
