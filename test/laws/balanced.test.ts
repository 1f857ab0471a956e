import fc from "fast-check";
import { expect, test } from "vitest";
import { balancedEm } from "../../src/algorithms/balanced-em.ts";
import { em } from "../../src/algorithms/em.ts";
import { run } from "../../src/fit/run.ts";
import { balance } from "../../src/models/balance.ts";
import { mixture } from "../../src/models/mixture.ts";
import { expertShares } from "../../src/models/shares.ts";
import type { Observations } from "../../src/rows/observations.ts";
import { deviation, jacobian } from "../support/differences.ts";
import { farOff, manyExperts } from "../support/many-experts.ts";
import { draw, nearby, type Problem, problems } from "../support/problems.ts";

const several = problems.filter(({ model }) => model.spec.k > 1 && !model.spec.zeroInflated);

/** F of a row, at a band. */
function boundAt({ model, data }: Problem, theta: Float64Array, least: number): number {
  return model.eStepWithin(balance(least, 1 / least), theta, data).objective / model.totalWeight(data);
}

test("a balanced E-step gives every expert a share of the rows within the band", () => {
  fc.assert(
    fc.property(several, fc.integer(), fc.constantFrom(0.3, 0.8, 1), (problem, seed, least) => {
      const { model, data } = problem;
      const k = model.spec.k;
      const step = model.eStepWithin(balance(least, 1 / least), nearby(problem, seed), data);
      for (const share of expertShares(step.responsibilities(), k, data)) {
        expect(share).toBeGreaterThan(least / k - 1e-8);
        expect(share).toBeLessThan(1 / least / k + 1e-8);
      }
      // ℓ − F is what the divergence from the posterior says it is.
      const { responsibilities: r, logLikelihood } = model.posterior(nearby(problem, seed), data);
      const divergence = step.responsibilities().reduce((sum, q, at) => {
        return sum + (data.weights?.[Math.floor(at / k)] ?? 1) * (q > 0 ? q * Math.log(q / r[at]) : 0);
      }, 0);
      expect(Math.abs(logLikelihood - step.logLikelihood - divergence) / model.totalWeight(data)).toBeLessThan(1e-9);
      expect(step.gap).toBeCloseTo(divergence, 6);
    }),
    { numRuns: 60 },
  );
});

test("the gradient of F is that of Q at the balanced responsibilities, and not at the posterior", () => {
  for (const experts of ["linear", "logistic", "poisson", "gamma"] as const) {
    const problem = draw({ experts, k: 3, rows: 200, features: 2, seed: 4, weighted: true, ridge: 0.3 });
    const { model, data } = problem;
    const theta = nearby(problem, 7, 0.4);
    const weight = model.totalWeight(data);
    const [slopes] = jacobian((at) => Float64Array.of(boundAt(problem, at, 0.9)), theta);
    const step = model.eStepWithin(balance(0.9, 1 / 0.9), theta, data);
    expect(
      deviation(
        step.gradient().map((g) => g / weight),
        slopes,
      ),
    ).toBeLessThan(1e-8);
    const plain = model.gradient(theta, data).gradient.map((g) => g / weight);
    expect(deviation(plain, slopes)).toBeGreaterThan(1e-3);
  }
});

test("F never falls while the band widens, and ends as the log-likelihood itself, to the bit", () => {
  fc.assert(
    fc.property(several, fc.integer(), fc.integer({ min: 1, max: 12 }), (problem, seed, until) => {
      const { model, data } = problem;
      const found = run(balancedEm({ floor: 0.9, until }), model, nearby(problem, seed, 0.5), data, {
        tolerance: 0,
        maxIterations: until + 6,
      });
      expect(found.message).not.toMatch(/lowered|not finite|no responsibilities/);
      found.trace.forEach(({ objective, isBound, iteration }, t) => {
        if (t > 0) expect(objective).toBeGreaterThan(found.trace[t - 1].objective - 1e-12 * (1 + Math.abs(objective)));
        expect(iteration > 0 && iteration < until).toBe(isBound === true);
      });
      if (found.result !== "max-iterations") return;
      expect(found.objective).toBe(model.posterior(found.theta, data).objective);
      // From where the band ends on it is EM.
      const [at] = [found.trace[until]];
      expect(at.objective).toBeLessThanOrEqual(found.objective + 1e-12 * Math.abs(found.objective));
    }),
    { numRuns: 40 },
  );
});

test("all rows of a group are balanced as one", () => {
  const { model, data, truth } = draw({ experts: "linear", k: 3, rows: 240, features: 1, seed: 9, narrowGate: true });
  const units = Int32Array.from({ length: 240 }, (_, row) => Math.floor(row / 3));
  const constant = data.gate.values.map((x) => x.map((_, row) => x[3 * Math.floor(row / 3)]));
  const grouped: Observations = { ...data, gate: { columns: data.gate.columns, values: constant }, units };
  const step = model.eStepWithin(balance(1, 1), truth, grouped);
  const q = step.responsibilities();
  for (const share of expertShares(q, 3, grouped)) expect(share).toBeCloseTo(1 / 3, 9);
  for (let row = 0; row < 240; row += 3)
    expect(q.slice(3 * row, 3 * row + 3)).toEqual(q.slice(3 * row + 3, 3 * row + 6));
});

test("experts that lie far off are repaired: none is dead, and held-out rows are predicted better by 0.15 nats each", () => {
  const problem = manyExperts(16, 8, 4000, 1);
  const { model, data, heldOut } = problem;
  const start = farOff(problem, 8, 5, 60);
  const stop = { tolerance: 1e-6, maxIterations: 60 };
  const plain = run(em<Observations>(), model, start, data, stop);
  // EM has no rows for them at all.
  expect(plain.message).toContain("emptied");
  const dead = expertShares(model.posterior(start, data).responsibilities, 16, data).filter((share) => share < 1e-4);
  expect(dead).toHaveLength(8);
  // What it can do is to fit the other eight.
  const eight = mixture({ ...model.spec, k: 8 });
  const own = Float64Array.from(eight.names, (name) => start[model.names.indexOf(name)]);
  const without = run(em<Observations>(), eight, own, data, stop);
  const repaired = run(balancedEm({ floor: 0.8, until: 20 }), model, start, data, stop);
  const shares = expertShares(model.posterior(repaired.theta, data).responsibilities, 16, data);
  expect(Math.min(...shares)).toBeGreaterThan(0.01 / 16);
  const better =
    model.posterior(repaired.theta, heldOut).logLikelihood - eight.posterior(without.theta, heldOut).logLikelihood;
  expect(better / heldOut.rows).toBeGreaterThan(0.15);
});
