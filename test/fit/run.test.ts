import { expect, test } from "vitest";
import { adam } from "../../src/algorithms/adam.ts";
import { anderson } from "../../src/algorithms/anderson.ts";
import { em } from "../../src/algorithms/em.ts";
import { iterate } from "../../src/algorithms/iterate.ts";
import { fit } from "../../src/fit/fit.ts";
import { run } from "../../src/fit/run.ts";

const x = Array.from({ length: 80 }, (_, i) => Math.sin(i) * 3);
const y = x.map((value, i) => (i % 2 === 0 ? value : 2 - value) + Math.cos(7 * i));
const found = fit({ x, y }, { response: "y", starts: 4 });
const { mixture, observations, theta, start } = found;
const stop = { tolerance: 1e-6, maxIterations: 30 };

test("is the loop to its end: the same outcome, and every step's numbers", () => {
  const steps = [];
  const loop = iterate(em(), mixture, start, observations, stop);
  let next = loop.next();
  for (; !next.done; next = loop.next()) steps.push(next.value);
  const { name, trace, state, ...ended } = run(em(), mixture, start, observations, stop);
  const { result, iterations, message, theta } = next.value;
  expect(ended).toMatchObject({ result, iterations, message, theta, objective: steps.at(-1)!.objective });
  expect(name).toBe("em");
  expect(trace).toEqual(steps.map(({ theta: _, ...numbers }) => numbers));
  expect(state.responsibilities()).toEqual(mixture.posterior(theta, observations).responsibilities);
});

test("takes a fit whole: from where it began, or from where it ended, by an algorithm or its name", () => {
  const parts = run(anderson(), mixture, start, observations, stop);
  for (const algorithm of [anderson(), "anderson"] as const) {
    const whole = algorithm === "anderson" ? run(algorithm, found, stop) : run(algorithm, found, stop);
    expect(whole.trace).toEqual(parts.trace);
    expect(whole.theta).toEqual(parts.theta);
  }
  const again = run("em", found, { from: "theta" });
  expect(again.trace[0].objective).toBeCloseTo(found.objective, 9);
  expect(again.result).toBe("converged");
  expect(again.theta.every((value, j) => Math.abs(value - theta[j]) < 1e-6)).toBe(true);
  expect(run(adam(), found, { maxIterations: 7 }).iterations).toBe(7);
});

test("goes to the maximum that the fit found, by default", () => {
  const { result, objective } = run("em", found);
  expect(result).toBe("converged");
  expect(Math.abs(objective - found.objective)).toBeLessThan(1e-8);
});

test("says what is missing of a model without rows, of an algorithm and of an option", () => {
  const loaded = { formula: found.formula, mixture, theta };
  expect(() => run("em", loaded as never)).toThrow(
    "Cannot run an algorithm: expected a fit with its rows and its start, got a model without them; give its parts",
  );
  expect(() => run("newton" as never, found)).toThrow(/^Cannot run an algorithm: expected algorithm to be "em"/);
  expect(() => run("em", found, { maxiterations: 3 } as never)).toThrow(/did you mean "maxIterations"\?$/);
});
