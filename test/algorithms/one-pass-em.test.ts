import { afterEach, describe, expect, test } from "vitest";
import { em } from "../../src/algorithms/em.ts";
import { generalisedEm } from "../../src/algorithms/generalised-em.ts";
import { iterate } from "../../src/algorithms/iterate.ts";
import { onePassEm } from "../../src/algorithms/one-pass-em.ts";
import { setEngine } from "../../src/compute/engine.ts";
import { EXPERT_KINDS } from "../../src/laws/registry.ts";
import type { Mixture } from "../../src/models/mixture.ts";
import type { Observations } from "../../src/rows/observations.ts";
import { deviation } from "../support/differences.ts";
import { draw, nearby } from "../support/problems.ts";

afterEach(() => setEngine("relaxed"));

function ended(algorithm: unknown, model: Mixture, start: Float64Array, data: Observations, maxIterations = 3000) {
  const steps = iterate(algorithm as ReturnType<typeof em<Observations>>, model, start, data, {
    tolerance: 1e-8,
    maxIterations,
  });
  let next = steps.next();
  const objectives: number[] = [];
  for (; !next.done; next = steps.next()) objectives.push(next.value.objective);
  return { ...next.value, objectives };
}

test.each(EXPERT_KINDS)("of %s experts comes to EM's maximum, and never falls on the way", (experts) => {
  const problem = draw({ experts, k: 2, rows: 600, features: 2, seed: 3, weighted: true, ridge: 0.5 });
  const { model, data } = problem;
  const start = nearby(problem, 1);
  const known = ended(em(), model, start, data);
  const found = ended(onePassEm(), model, start, data);
  expect(found.message).toBe("");
  expect(found.result).toBe("converged");
  expect(Math.abs(found.state.objective - known.state.objective)).toBeLessThan(1e-9 * Math.abs(known.state.objective));
  expect(deviation(found.theta, known.theta)).toBeLessThan(1e-6);
  for (const [step, objective] of found.objectives.entries()) {
    if (step > 0) expect(objective).toBeGreaterThanOrEqual(found.objectives[step - 1] - 1e-12 * Math.abs(objective));
  }
});

describe("a step", () => {
  test("of linear experts is generalised EM's with one Newton step, where that takes it whole", () => {
    const problem = draw({ experts: "linear", k: 3, rows: 4000, features: 4, seed: 8, weighted: true, shifted: true });
    const { model, data } = problem;
    const start = nearby(problem, 2);
    const other = ended(generalisedEm({ innerSteps: 1 }), model, start, data, 6);
    const found = ended(onePassEm(), model, start, data, 6);
    expect(deviation(found.theta, other.theta)).toBeLessThan(1e-9);
  });

  test.each([
    { experts: "linear", shared: true },
    { experts: "linear", sharedVariance: true },
    { experts: "poisson", shared: true },
    { experts: "linear", fixed: { "expert1.x1": 0.25, "gate2.x1": 0 } },
    { experts: "logistic", fixed: { "expert2.b.x1": 0.5 } },
  ] as const)("keeps to %o", (options) => {
    const problem = draw({ k: 2, rows: 500, features: 2, seed: 4, ...options });
    const { model, data } = problem;
    const start = nearby(problem, 1);
    const known = ended(em(), model, start, data);
    const found = ended(onePassEm(), model, start, data);
    expect(Math.abs(found.state.objective - known.state.objective)).toBeLessThan(1e-8);
    for (const [name, value] of Object.entries("fixed" in options ? options.fixed : {})) {
      expect(found.theta[model.names.indexOf(name)]).toBe(value);
    }
  });

  test("is a function of θ and its sums alone, whoever found them", () => {
    const problem = draw({
      experts: "linear",
      k: 3,
      rows: 2000,
      features: 3,
      seed: 5,
      weighted: true,
      narrowGate: true,
    });
    const { model, data } = problem;
    const theta = nearby(problem, 1);
    const compiled = model.stepSums(theta, data);
    setEngine("reference");
    const plain = model.stepSums(theta, data);
    expect(compiled.sums.length).toBe(plain.sums.length);
    expect(deviation(compiled.sums, plain.sums)).toBeLessThan(1e-9);
    expect(model.stepFrom(theta, plain.sums)).toEqual(model.stepFrom(theta, plain.sums.slice()));
    expect(deviation(model.stepFrom(theta, compiled.sums).theta, model.stepFrom(theta, plain.sums).theta)).toBeLessThan(
      1e-9,
    );
  });
});

describe("where a whole Newton step lowers the objective", () => {
  // Far out, where the gate is all but certain, its curvature is next to nothing and its Newton step far too long.
  const problem = draw({ experts: "linear", k: 2, rows: 300, features: 1, seed: 3 });
  const { model, data } = problem;
  const start = problem.truth.slice();
  start[model.names.indexOf("gate2.(intercept)")] = 6;

  test("the step without the guard falls, and the guarded one does not", () => {
    const { sums, objective } = model.stepSums(start, data);
    const whole = model.stepFrom(start, sums);
    expect(whole.failure).toBeUndefined();
    expect(model.stepSums(whole.theta, data).objective).toBeLessThan(objective - 1);
    const step = onePassEm().step(model, start, model.stepSums(start, data), data);
    if ("failure" in step) throw new Error(step.failure.reason);
    expect(step.info.evaluations).toBeGreaterThan(1);
    expect(step.info.relaxation).toBeLessThan(1);
    expect(step.info.objective).toBeGreaterThanOrEqual(objective);
  });

  test("the guarded run comes to EM's maximum", () => {
    const known = ended(em(), model, start, data);
    const found = ended(onePassEm(), model, start, data);
    expect(found.result).toBe("converged");
    expect(found.state.objective).toBeCloseTo(known.state.objective, 8);
  });
});
