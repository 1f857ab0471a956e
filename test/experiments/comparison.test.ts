import { describe, expect, test } from "vitest";
import {
  COMPARED_IDS,
  type ComparedId,
  compare,
  drawStarts,
  STEP_SIZES,
} from "../../src/experiments/comparison/compared.ts";
import { comparison } from "../../src/experiments/comparison/comparison.ts";
import { type ComparisonTask, comparisonSummary } from "../../src/experiments/comparison/comparison-summary.ts";
import {
  type DrawnSettings,
  datasetInstance,
  drawnInstance,
  drawRows,
  type TaskInstance,
} from "../../src/experiments/comparison/comparison-tasks.ts";
import { limitOf } from "../../src/experiments/runner/limit.ts";
import { recoveryError } from "../../src/inference/recovery.ts";
import { random } from "../../src/math/random.ts";

const linear: DrawnSettings = {
  experts: "linear",
  k: 3,
  rows: 400,
  features: 2,
  gateNorm: 3,
  expertNorm: 4,
  noise: 0.5,
  starts: 3,
};
const logistic: DrawnSettings = { ...linear, experts: "logistic", k: 2, gateNorm: 4, expertNorm: 8, testRows: 2000 };

test("rows are drawn as the settings say: norms to 1e-12, σ, and further rows of the same law", () => {
  const { model, data, truth, more } = drawRows(linear, random(3));
  const norm = (offset: number): number => Math.hypot(...truth.subarray(offset, offset + 2));
  for (const {
    at: [offset],
  } of model.gate)
    expect(norm(offset)).toBeCloseTo(3, 12);
  for (const [
    {
      at: [offset],
    },
    {
      at: [sigma],
    },
  ] of model.experts) {
    expect(norm(offset)).toBeCloseTo(4, 12);
    expect(truth[sigma]).toBe(Math.log(0.5));
  }
  expect([data.rows, more(50).rows, recoveryError({ mixture: model, theta: truth }, truth)]).toEqual([400, 50, 0]);
  const perRow = (of: typeof data): number => model.posterior(truth, of).logLikelihood / of.rows;
  expect(Math.abs(perRow(more(20_000)) - perRow(more(20_000)))).toBeLessThan(0.05);
});

describe("a comparison", () => {
  const { model, data } = drawRows(linear, random(7));
  const starts = drawStarts(model, data, 3, random(8));
  const objective = (theta: Float64Array): number => model.posterior(theta, data).objective;
  const [short, long] = [10, 2000].map((steps) => compare(model, data, starts, steps));

  test("is won by the run with the highest objective: none is below what its start had, more steps end higher", () => {
    const highest = Math.max(...starts.map(objective));
    for (const id of COMPARED_IDS) {
      expect(objective(short[id].theta)).toBeGreaterThanOrEqual(highest);
      expect(objective(long[id].theta)).toBeGreaterThan(objective(short[id].theta));
    }
  });

  test("leads every algorithm to the maximum that EM ends at, to 0.01 nats of 400 rows", () => {
    const limit = limitOf(model, data, long.em.theta);
    for (const id of COMPARED_IDS) {
      expect(Math.abs(objective(limit) - objective(long[id].theta))).toBeLessThan(0.01);
    }
  });

  test("counts the runs that diverge: gradient descent with steps of 100, EM never", () => {
    expect(short.em).toMatchObject({ stepSize: 1, diverged: [0] });
    expect(short["gradient-descent"].diverged.at(-1)).toBe(3);
    for (const id of COMPARED_IDS) {
      const { stepSize, diverged } = short[id];
      expect(diverged.length).toBe(STEP_SIZES[id].length);
      expect(diverged[STEP_SIZES[id].indexOf(stepSize)]).toBeLessThan(3);
    }
  });
});

test("an instance is decided by its random numbers; linear experts are scored by error, logistic ones by accuracy", () => {
  const instance = drawnInstance(linear, [10, 200], random(5));
  expect(drawnInstance(linear, [10, 200], random(5))).toEqual(instance);
  expect(drawnInstance(linear, [10, 200], random(6))).not.toEqual(instance);
  // After enough steps EM's error is that of the maximum.
  expect(instance.results[1].em.score).toBeCloseTo(instance.reference, 6);
  expect(instance.reference).toBeLessThan(0.3);
  const { results, reference } = drawnInstance(logistic, [100], random(5));
  // Nobody does better than the truth but by the luck of 2000 rows.
  for (const id of COMPARED_IDS) {
    expect(results[0][id].score).toBeLessThan(reference + 0.03);
    expect(results[0][id].score).toBeGreaterThan(0.7);
  }
});

test("a cross-validated instance counts each flower once", () => {
  const settings = { dataset: "iris", k: 2, ridge: 0.1, folds: 5, starts: 1 } as const;
  const { results, reference } = datasetInstance(settings, [20], random(2));
  expect(150 * reference).toBeCloseTo(Math.round(150 * reference), 9);
  expect(reference).toBeGreaterThan(0.94);
  for (const id of COMPARED_IDS) {
    const { score, chosen, runs } = results[0][id];
    expect([chosen.length, runs]).toEqual([5, 5]);
    expect(150 * score).toBeCloseTo(Math.round(150 * score), 9);
    expect(score).toBeGreaterThan(0.9);
  }
});

describe("the summary", () => {
  const tasks: readonly ComparisonTask[] = ["linear-2", "logistic-2", "linear-4", "iris", "wine"];
  type Instance = Readonly<Record<ComparisonTask, TaskInstance>>;
  /** An instance whose accuracies, and whose errors less than 1, are these. */
  const instanceOf = (scores: Readonly<Record<ComparedId, number>>): Instance => {
    const task = (isError: boolean): TaskInstance => ({
      reference: 0.9,
      results: [50, 500].map(() => {
        const entries = COMPARED_IDS.map((id) => {
          const score = isError ? 1 - scores[id] : scores[id];
          return [id, { score, chosen: [STEP_SIZES[id][0]], runs: 2, diverged: STEP_SIZES[id].map((_, at) => at % 2) }];
        });
        return Object.fromEntries(entries);
      }),
    });
    return Object.fromEntries(tasks.map((id) => [id, task(id.startsWith("linear"))])) as Instance;
  };
  const { budgets, drawn, shipped } = comparison.settings as unknown as Parameters<typeof comparisonSummary>[0];
  const verdicts = (instances: readonly Instance[]): unknown[] =>
    comparisonSummary({ budgets, drawn, shipped }, instances).json.claims.map(({ verdict }) => verdict);
  const ordered = [0.9, 0.91, 0.92].map((em) => instanceOf({ em, adam: em - 0.03, "gradient-descent": em - 0.06 }));
  const reversed = [0.9, 0.91, 0.92].map((em) => instanceOf({ em, adam: em + 0.03, "gradient-descent": em + 0.06 }));
  const tied = [0.9, 0.91, 0.92].map((em) => instanceOf({ em, adam: em - 1e-5, "gradient-descent": em - 2e-5 }));

  test("says that the paper's order holds where it does, in errors as in accuracies, and where not", () => {
    expect(new Set(verdicts(ordered))).toEqual(new Set(["holds"]));
    expect(new Set(verdicts(reversed))).toEqual(new Set(["the other way round"]));
    expect(new Set(verdicts(tied))).toEqual(new Set(["no difference seen"]));
    expect(new Set(verdicts(ordered.slice(0, 1)))).toEqual(new Set(["one instance says nothing"]));
  });

  test("has the paper's numbers beside ours, labelled", () => {
    const { json, tables } = comparison.summary(ordered);
    expect(json.rows.length).toBe(10);
    expect(json.rows[0]).toMatchObject({ task: "linear-2", iterations: 50, published: { em: 0.012, adam: 0.028 } });
    expect(json.rows[0].scores.em.mean).toBeCloseTo(0.09, 12);
    expect(json.stepSizes.find(({ algorithm, stepSize }) => algorithm === "adam" && stepSize === 0.01)).toEqual({
      ...{ task: "linear-2", iterations: 50, algorithm: "adam", stepSize: 0.01 },
      ...{ chosen: 3, choices: 3, diverged: 0, runs: 6 },
    });
    const [scores, claims, steps] = tables;
    expect(scores.rows.filter(([, label]) => label === "published, without set-up").length).toBe(5);
    expect(scores.rows[5].slice(1)).toEqual(["published, without set-up", "96.2 %", "93.8 %", "94.5 %", null]);
    expect(scores.rows[0].slice(2, 4)).toEqual(["0.0900 ± 0.0100", "0.1500 ± 0.0100"]);
    expect([claims.rows.length, steps.rows.length]).toEqual([30, 20]);
  });

  test("prints errors that differ by rounding as < 1e−12 apart; the JSON has what there is", () => {
    const rounded = [0.9, 0.91, 0.92].map((em) => instanceOf({ em, adam: em - 3e-15, "gradient-descent": em - 0.06 }));
    const { json, tables } = comparison.summary(rounded);
    expect(tables[1].rows[0].slice(3)).toEqual(["0.016", "< 1e−12", "< 1e−12", "no difference seen"]);
    expect(json.claims[0].mean).toBeCloseTo(3e-15, 15);
    expect(json.claims[0].mean).toBeGreaterThan(0);
  });
});
