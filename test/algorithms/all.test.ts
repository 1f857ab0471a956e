import { describe, expect, test } from "vitest";
import { adam } from "../../src/algorithms/adam.ts";
import type { Algorithm } from "../../src/algorithms/algorithm.ts";
import { anderson } from "../../src/algorithms/anderson.ts";
import { em } from "../../src/algorithms/em.ts";
import { generalisedEm } from "../../src/algorithms/generalised-em.ts";
import { gradientDescent } from "../../src/algorithms/gradient-descent.ts";
import { gradientEm } from "../../src/algorithms/gradient-em.ts";
import { lineSearch } from "../../src/algorithms/line-search.ts";
import type { Observations } from "../../src/models/observations.ts";
import { deviation } from "../support/differences.ts";
import { type Draw, draw, nearby } from "../support/problems.ts";
import { run } from "../support/run.ts";

/** An algorithm, the steps it may take on an easy problem, and how far below the maximum it may end, in nats. */
interface Entry {
  // biome-ignore lint/suspicious/noExplicitAny: the table holds every algorithm, whatever its state.
  readonly algorithm: Algorithm<Observations, any, any>;
  readonly budget: number;
  readonly short?: number;
}

const entries: readonly Entry[] = [
  { algorithm: em(), budget: 300 },
  { algorithm: generalisedEm(), budget: 300 },
  { algorithm: anderson(), budget: 60 },
  { algorithm: gradientDescent({ stepSize: 0.2, gateStepSize: 4 }), budget: 3000 },
  { algorithm: gradientEm({ stepSize: 0.2, gateStepSize: 4, innerSteps: 3 }), budget: 1500 },
  { algorithm: lineSearch(), budget: 3000 },
  // Its steps don't shrink with the slope: it ends in a neighbourhood.
  { algorithm: adam({ stepSize: 0.02 }), budget: 3000, short: 1e-3 },
];

const easy: readonly (Draw & { readonly name: string })[] = [
  { name: "linear, k = 2", experts: "linear", k: 2, rows: 300, features: 1, seed: 61, ridge: 0.5 },
  { name: "logistic, k = 2, ridge", experts: "logistic", k: 2, rows: 300, features: 1, seed: 64, ridge: 20 },
  { name: "one variance", experts: "linear", k: 2, rows: 300, features: 1, seed: 63, sharedVariance: true, ridge: 0.5 },
  { name: "k = 1", experts: "linear", k: 1, rows: 200, features: 2, seed: 64 },
];

describe.each(entries.map((entry) => [entry.algorithm.name, entry] as const))("%s", (_, entry) => {
  const { algorithm, budget, short = 1e-6 } = entry;

  test.each(easy)("reaches the maximum within its budget: $name", (options) => {
    const problem = draw(options);
    const start = nearby(problem, 1);
    const best = run(em(), problem, start, { tolerance: 1e-11 });
    expect(best.outcome.result).toBe("converged");
    const { steps } = run(algorithm, problem, start, { maxIterations: budget, tolerance: 1e-6 });
    expect(Math.abs(steps[steps.length - 1].objective - best.steps[best.steps.length - 1].objective)).toBeLessThan(
      short,
    );
  });

  const problem = draw(easy[0]);
  const start = nearby(problem, 2, 0.5);

  test("gives the same bits again, and changes neither its start nor its data", () => {
    const before = structuredClone([start, problem.data]);
    const [first, again] = [1, 2].map(() => run(algorithm, problem, start, { maxIterations: 20 }).steps);
    expect(first.length).toBeGreaterThan(5);
    expect(again).toEqual(first);
    expect([start, problem.data]).toEqual(before);
  });

  test("goes on from any iterate when it is handed its state, which a step does not change", () => {
    const { model, data } = problem;
    const { steps } = run(algorithm, problem, start, { maxIterations: 12 });
    let state = algorithm.init(model, start, data);
    for (let t = 0; t + 1 < steps.length; t++) {
      const before = structuredClone(state);
      const step = algorithm.step(model, steps[t].theta, state, data);
      if ("failure" in step) throw new Error(step.failure);
      expect(state).toEqual(before);
      expect(step.theta).toEqual(steps[t + 1].theta);
      state = step.state;
    }
  });

  test("reports the first-order gain of each step, and the objective where it ends", () => {
    const { model, data } = problem;
    const { steps } = run(algorithm, problem, start, { maxIterations: 12 });
    for (let t = 1; t < steps.length; t++) {
      const { gradient } = model.gradient(steps[t - 1].theta, data);
      const gain = gradient.reduce((sum, g, j) => sum + g * (steps[t].theta[j] - steps[t - 1].theta[j]), 0);
      expect(Math.abs(steps[t].gain - gain)).toBeLessThan(1e-9 * (1 + Math.abs(gain)));
      expect(deviation([steps[t].objective], [model.posterior(steps[t].theta, data).objective])).toBeLessThan(1e-9);
      if (algorithm.monotone) expect(steps[t].objective).toBeGreaterThan(steps[t - 1].objective - 1e-9);
    }
  });

  test.each([
    ["NaN", Number.NaN],
    ["overflow", 1e200],
  ])("a start that is not finite (%s) is a result, not an exception", (_, value) => {
    const { steps, outcome } = run(
      algorithm,
      problem,
      start.map(() => value),
    );
    expect(outcome.result).toBe("non-finite");
    expect(steps).toEqual([]);
  });
});
