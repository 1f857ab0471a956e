import fc from "fast-check";
import { expect, test } from "vitest";
import { em } from "../../src/algorithms/em.ts";
import { generalisedEm } from "../../src/algorithms/generalised-em.ts";
import { fit } from "../../src/fit/fit.ts";
import { random } from "../../src/math/random.ts";
import { deviation } from "../support/differences.ts";
import { LAWS, optionsOf, problem } from "../support/metamorphic.ts";
import { draw, nearby, problems } from "../support/problems.ts";
import { run } from "../support/run.ts";

test("generalised EM never lowers the objective, whatever its number of Newton steps", () => {
  fc.assert(
    fc.property(problems, fc.integer(), fc.constantFrom(1, 2, 5), (problem, seed, innerSteps) => {
      const start = nearby(problem, seed, 1);
      const { steps, outcome } = run(generalisedEm({ innerSteps }), problem, start, { maxIterations: 30 });
      expect(outcome.message).not.toMatch(/lowered|not finite/);
      for (let t = 1; t < steps.length; t++) {
        const rounding = 1e-12 * Math.abs(steps[t].objective);
        expect(steps[t].objective).toBeGreaterThanOrEqual(steps[t - 1].objective - rounding);
      }
    }),
    { numRuns: 40 },
  );
});

test("with as many Newton steps as they take to converge it is EM, to the bit", () => {
  fc.assert(
    fc.property(problems, fc.integer(), (problem, seed) => {
      const start = nearby(problem, seed);
      const [large, plain] = [generalisedEm({ innerSteps: 60 }), em()].map((algorithm) =>
        run(algorithm, problem, start, { maxIterations: 5 }),
      );
      expect(large.steps).toEqual(plain.steps);
    }),
    { numRuns: 20 },
  );
});

test("one Newton step is not EM's step, and stays short of the maximum of Q", () => {
  const problem = draw({ experts: "logistic", k: 2, rows: 300, features: 2, seed: 41, ridge: 0.1 });
  const { model, data } = problem;
  const start = nearby(problem, 1, 1);
  const { responsibilities } = model.posterior(start, data);
  const slope = (newtonSteps?: number) => {
    const { theta } = model.maximise(start, { responsibilities }, data, { steps: newtonSteps });
    return Math.hypot(...model.completeGradient(theta, responsibilities, data));
  };
  const [none, one, all] = [Math.hypot(...model.completeGradient(start, responsibilities, data)), slope(1), slope()];
  expect(one).toBeLessThan(none);
  expect(one).toBeGreaterThan(1e-3);
  expect(all).toBeLessThan(1e-8);
});

test.each(["linear", "logistic"] as const)("it reaches EM's limit, to 1e-7: %s", (experts) => {
  const problem = draw({ experts, k: 2, rows: 500, features: 2, seed: 42, ridge: experts === "linear" ? 0 : 1 });
  const start = nearby(problem, 2);
  const [short, plain] = [generalisedEm(), em()].map((algorithm) => run(algorithm, problem, start).outcome);
  expect([short.result, plain.result]).toEqual(["converged", "converged"]);
  expect(deviation(short.theta, plain.theta)).toBeLessThan(1e-7);
});

test("in one pass: a step to a shape beyond all numbers is shortened, and leads to EM's maximum", () => {
  // The second step would have the logarithm of a shape at 697.
  const columns = problem("gamma", random(106, LAWS.indexOf("gamma") + 1));
  const [one, other] = (["one-pass-em", "em"] as const).map((algorithm) => {
    return fit(columns, optionsOf("gamma", { algorithm }));
  });
  expect([one.result, other.result]).toEqual(["converged", "converged"]);
  expect(one.logLikelihood).toBeCloseTo(other.logLikelihood, 8);
  for (const [t, { objective }] of one.trace.entries()) {
    if (t > 0) expect(objective).toBeGreaterThan(one.trace[t - 1].objective - 1e-9);
  }
});
