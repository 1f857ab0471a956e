import { afterEach, expect, test } from "vitest";
import { setEngine, setThreads } from "../../src/compute/engine.ts";
import { draw, nearby } from "../support/problems.ts";

afterEach(() => {
  setEngine("relaxed");
  setThreads(2);
});

test.each(["linear", "logistic"] as const)("1, 2 and 7 threads find the same bits of %s experts", (experts) => {
  const problem = draw({ experts, k: 3, rows: 40_001, features: 6, seed: 5, weighted: true });
  const { model, data } = problem;
  const theta = nearby(problem, 1);
  const runs = [1, 2, 7].map((threads) => {
    setEngine("relaxed");
    setThreads(threads);
    // Workers that are still starting take part or don't: neither may matter.
    return Array.from({ length: 8 }, () => {
      const posterior = model.posterior(theta, data);
      const { theta: next } = model.maximise(theta, posterior, data, { steps: 2 });
      return { logLikelihood: posterior.logLikelihood, next, responsibilities: posterior.responsibilities };
    });
  });
  for (const run of runs.flat()) expect(run).toEqual(runs[0][0]);
});

test("responsibilities that another engine's memory holds are found once more", () => {
  const first = draw({ experts: "linear", k: 3, rows: 2000, features: 2, seed: 6 });
  const second = draw({ experts: "linear", k: 3, rows: 2000, features: 2, seed: 7 });
  const theta = nearby(first, 1);
  const wanted = first.model.posterior(theta, first.data).responsibilities;
  const eStep = first.model.eStep(theta, first.data);
  setEngine("relaxed");
  second.model.eStep(nearby(second, 1), second.data);
  expect(eStep.responsibilities()).toEqual(wanted);
});
