import { describe, expect, test } from "vitest";
import { em } from "../../src/algorithms/em.ts";
import { iterate } from "../../src/algorithms/iterate.ts";
import type { FigureInstance } from "../../src/experiments/figures/figure-runs.ts";
import { drawStart, pairOf } from "../../src/experiments/figures/symmetric-data.ts";
import { symmetricFigure } from "../../src/experiments/figures/symmetric-figure.ts";
import { random } from "../../src/math/random.ts";
import { tableText } from "../../src/text/table.ts";

// The figures on fewer step sizes, so that all of it is seen in seconds.
const settings = {
  rows: 1000,
  features: 10,
  gateNorm: 4,
  expertNorm: 4,
  off: 0.7,
  steps: 50,
  innerSteps: 5,
  stepSizes: [0.5, 1, 1.5, 10],
  separateStepSizes: [1, 10, 1e6],
};
const seeds = [11, 12, 13];
const linear = symmetricFigure("small", "Small", { experts: "linear", ...settings });
const instances = await Promise.all(seeds.map((seed) => linear.instance(seed)));

describe("an instance", () => {
  test("is drawn by its seed: the norms and the start are as the settings have them, to 1e-12", () => {
    const rng = random(seeds[0]);
    const { truth, data } = pairOf({ experts: "linear", ...settings }, rng);
    const start = drawStart(truth, 0.7, rng);
    for (const from of [0, 10]) {
      const part = truth.subarray(from, from + 10);
      expect(Math.hypot(...part)).toBeCloseTo(4, 12);
      expect(Math.hypot(...part.map((value, j) => start[from + j] - value))).toBeCloseTo(2.8, 12);
    }
    expect([data.rows, data.expert.columns.length]).toEqual([1000, 10]);
    expect(linear.instance(seeds[0])).toEqual(instances[0]);
  });

  test("has EM's own losses, and mirror descent's are the same to 1e-10", () => {
    const rng = random(seeds[1]);
    const { model, data, truth } = pairOf({ experts: "linear", ...settings }, rng);
    const start = drawStart(truth, 0.7, rng);
    const { runs } = instances[1];
    const steps = [...iterate(em(), model, start, data, { tolerance: 0, maxIterations: 50 })];
    steps.forEach(({ objective }, t) => {
      expect(runs.em.loss[t]).toBe(-objective / 1000);
      expect(Math.abs(runs["mirror-descent"].loss[t] - runs.em.loss[t])).toBeLessThan(1e-10);
    });
    for (const { loss, expertError, gateError } of Object.values(runs)) {
      expect([loss.length, expertError.length, gateError.length]).toEqual([51, 51, 51]);
      expect([loss[0], expertError[0], gateError[0]]).toEqual([runs.em.loss[0], expertError[0], gateError[0]]);
    }
    expect(runs.em.expertError[0]).toBeCloseTo(0.7, 12);
  });

  test("takes of each grid the step sizes that end lowest; a run that diverged is a cell without a loss", () => {
    for (const { runs, grids, lowestLoss } of instances) {
      for (const [id, cells] of Object.entries(grids)) {
        const run = runs[id as keyof typeof runs];
        const ends = cells.flatMap(({ loss }) => loss ?? []);
        expect(run.loss[50]).toBe(Math.min(...ends));
        expect(cells).toContainEqual({ stepSize: run.stepSize, gateStepSize: run.gateStepSize, loss: run.loss[50] });
        expect(lowestLoss).toBeLessThanOrEqual(run.loss[50]);
      }
      expect(grids["gradient-descent-separate"]?.length).toBe(9);
      expect(grids["gradient-descent"]?.every(({ stepSize, gateStepSize }) => stepSize === gateStepSize)).toBe(true);
    }
  });
});

test("SymMoLinE: EM is at its limit to 1e-9 in 15 iterations, where gradient descent of one step size is 1e-4 off", () => {
  const { json, tables, figures } = linear.summary(instances);
  const row = (name: string) => json.rows.find(({ algorithm }) => algorithm === name)!;
  expect(row("em").arrived).toBe(3);
  expect(row("em").iterations).toBeLessThanOrEqual(15);
  expect(row("gradient-descent").excess.mean).toBeGreaterThan(1e-4);
  expect(row("gradient-descent-separate").excess.mean).toBeLessThan(row("gradient-descent").excess.mean / 10);
  expect(row("gradient-descent").arrived).toBe(0);
  expect(tables[0].rows.map(([name]) => name)).toEqual([
    "EM",
    "mirror descent",
    "gradient EM",
    "gradient descent",
    "gradient descent, separate steps",
  ]);
  // What the JSON has of EM is rounding.
  expect(row("em").excess.mean).toBeLessThan(1e-14);
  expect(tableText(tables[0])).toMatch(/^EM +\d[\d.]* +3 +< 1e−10 +< 1e−10 /m);
  expect(tableText(tables[0])).toMatch(/^gradient descent +– +0 +0\.\d+ +0\.\d+ /m);
  expect(Object.keys(figures)).toEqual(["excess", "to-truth", "to-last", "expert-error", "gate-error"]);
  expect(json.grids.length).toBe(4 + 4 + 9);
});

test("SymMoLogE: EM never raises the loss, and errors are those of the nearest equivalent parameters", async () => {
  const logistic = symmetricFigure("small", "Small", { experts: "logistic", ...settings, features: 2 });
  const { runs, lowestLoss, rate } = (await logistic.instance(5)) as FigureInstance;
  for (let t = 0; t < 50; t++) expect(runs.em.loss[t + 1]).toBeLessThanOrEqual(runs.em.loss[t] + 1e-12);
  expect(runs.em.loss[50] - lowestLoss).toBeGreaterThanOrEqual(0);
  expect(rate).toBeGreaterThan(0);
  expect(rate).toBeLessThan(1);
  expect(Math.min(...runs.em.expertError, ...runs.em.gateError)).toBeLessThan(0.5);
});
