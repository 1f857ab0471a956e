import { expect, test } from "vitest";
import { adam } from "../../src/algorithms/adam.ts";
import { gradientDescent } from "../../src/algorithms/gradient-descent.ts";
import { gradientEm } from "../../src/algorithms/gradient-em.ts";
import { stepGrid } from "../../src/fit/step-grid.ts";
import { draw, nearby } from "../support/problems.ts";
import { run } from "../support/run.ts";

const problem = draw({ experts: "linear", k: 2, rows: 200, features: 1, seed: 81, ridge: 0.5 });
const { model, data } = problem;
const start = nearby(problem, 1, 0.5);

test("every cell is the run with its step sizes, the best the one with the highest objective", () => {
  const before = structuredClone(start);
  const grid = { stepSizes: [0.01, 0.1, 1e4], gateStepSizes: [0.1, 1], steps: 40 };
  const { best, cells } = stepGrid((sizes) => gradientDescent(sizes), model, start, data, grid);
  expect(cells.map(({ stepSize, gateStepSize }) => [stepSize, gateStepSize])).toEqual([
    [0.01, 0.1],
    [0.01, 1],
    [0.1, 0.1],
    [0.1, 1],
    [1e4, 0.1],
    [1e4, 1],
  ]);
  for (const { stepSize, gateStepSize, objective, result, iterations } of cells.slice(0, 4)) {
    const stop = { maxIterations: 40, tolerance: 0 };
    const { outcome } = run(gradientDescent({ stepSize, gateStepSize }), problem, start, stop);
    expect([objective, result, iterations]).toEqual([outcome.state.objective, "max-iterations", 40]);
  }
  expect(best?.objective).toBe(Math.max(...cells.slice(0, 4).map(({ objective }) => objective)));
  expect(best?.objective).toBe(model.gradient(best!.theta, data).objective);
  expect([best?.trace.length, best?.trace[0].objective]).toEqual([41, model.gradient(start, data).objective]);
  expect(start).toEqual(before);
});

test("a run that diverges is a cell with a reason and no objective, and never the best", () => {
  const grid = { stepSizes: [1e4, 0.01], steps: 40 };
  const { best, cells } = stepGrid((sizes) => gradientDescent(sizes), model, start, data, grid);
  expect(cells[0]).toMatchObject({ result: "non-finite", objective: Number.NaN, gateStepSize: 1e4 });
  expect(cells[0].message).toMatch(/not finite after step/);
  expect(cells[0].iterations).toBeLessThan(40);
  expect(best).toMatchObject({ ...cells[1], stepSize: 0.01, message: "" });
  const none = stepGrid((sizes) => gradientDescent(sizes), model, start, data, { stepSizes: [1e4, 1e5], steps: 40 });
  expect([none.best, none.cells.length]).toEqual([undefined, 2]);
});

test("separate step sizes for the gate are never worse than one for both, and the same grid gives the same bits", () => {
  const stepSizes = [0.03, 0.1, 0.3];
  for (const make of [
    (sizes: { stepSize: number; gateStepSize: number }) => gradientEm({ ...sizes, innerSteps: 2 }),
    (sizes: { stepSize: number; gateStepSize: number }) => gradientEm(sizes),
  ]) {
    const one = stepGrid(make, model, start, data, { stepSizes, steps: 20 });
    const both = stepGrid(make, model, start, data, { stepSizes, gateStepSizes: stepSizes, steps: 20 });
    expect(both.best!.objective).toBeGreaterThanOrEqual(one.best!.objective);
    expect(stepGrid(make, model, start, data, { stepSizes, steps: 20 })).toEqual(one);
  }
});

test("any method made from step sizes will do", () => {
  const { best } = stepGrid(adam, model, start, data, { stepSizes: [0.001, 0.05], steps: 50 });
  expect(best?.stepSize).toBe(0.05);
});

test.each([
  [
    { stepSizes: [], steps: 5 },
    "Cannot try a grid of step sizes: expected stepSizes to be a list of numbers above 0, with one at the least, got an empty array",
  ],
  [
    { stepSizes: [0.1], gateStepSizes: [], steps: 5 },
    "expected gateStepSizes to be a list of numbers above 0, with one at the least, got an empty array",
  ],
  [
    { stepSizes: [0.1, -1], steps: 5 },
    "expected stepSizes to be a list of numbers above 0, with one at the least, got [0.1, -1]",
  ],
  [{ stepSizes: [0.1], steps: 0 }, "expected steps to be a whole number from 1 on, got 0"],
])("a grid of nothing is refused: %#", (grid, message) => {
  expect(() => stepGrid((sizes) => gradientDescent(sizes), model, start, data, grid)).toThrow(message);
});
