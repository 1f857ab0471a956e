import { beforeAll, describe, expect, test } from "vitest";
import { setThreads } from "../../src/compute/engine.ts";
import {
  INVERTED_IDS,
  INVERTED_SETTINGS,
  type InvertedFashion,
  type InvertedId,
  type InvertedStep,
  invertedFashion,
  invertedRun,
} from "../../src/experiments/images/inverted-fashion.ts";
import { figure3Summary, type InvertedInstance, table2Summary } from "../../src/experiments/images/inverted-summary.ts";

describe("on the 70,000 images", () => {
  let data: InvertedFashion;

  beforeAll(async () => {
    data = await invertedFashion(1);
  }, 60_000);

  /** The first iterates of a run. */
  function first(id: InvertedId, iterations: number): InvertedStep[] {
    const steps: InvertedStep[] = [];
    for (const step of invertedRun(id, data)) {
      steps.push(step);
      if (step.iteration === iterations) break;
    }
    return steps;
  }

  test("EM from a random start comes within 2.5 points and 0.1 of the paper's row, and climbs all the way", () => {
    const steps = first("em", INVERTED_SETTINGS.em.iterations);
    const { accuracy, crossEntropy } = steps[steps.length - 1];
    expect(Math.abs(accuracy - 0.785)).toBeLessThan(0.025);
    expect(Math.abs(crossEntropy - 0.827)).toBeLessThan(0.1);
    for (let t = 1; t < steps.length; t++) expect(steps[t].loss).toBeLessThan(steps[t - 1].loss);
  }, 120_000);

  test("a gate from k-means, told nothing, and a factor after three iterations have EM at 83.8 %, below 0.46, in seven", () => {
    const steps = first("em-from-k-means", 7);
    expect(steps.map(({ iteration }) => iteration)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(steps[7].accuracy).toBeGreaterThan(0.838);
    expect(steps[7].crossEntropy).toBeLessThan(0.46);
    for (let t = 1; t < steps.length; t++) expect(steps[t].loss).toBeLessThan(steps[t - 1].loss);
    // At the start it knows of no label.
    expect(steps[0].crossEntropy).toBeCloseTo(Math.log(10), 5);
  }, 120_000);

  test("one epoch of mini-batches has it above 77 %, in two passes over the images and one for the objective", () => {
    const steps = first("mini-batch-em", 1);
    expect(steps[1].accuracy).toBeGreaterThan(0.77);
    expect(steps[1].passes).toBeCloseTo(3, 6);
  }, 120_000);

  test("gradient EM is gradient descent with its step size, to 1e-4 in loss after three steps", () => {
    const [em, descent] = [first("gradient-em", 6), first("gradient-descent", 3)];
    // Steps half as long, twice as many.
    expect(Math.abs(em[6].loss - descent[3].loss)).toBeLessThan(0.05);
    expect(em[1].loss).toBeLessThan(em[0].loss);
  }, 120_000);

  test("one softmax regression cannot: below 40 %", () => {
    const steps = first("softmax", 4);
    expect(steps[4].accuracy).toBeLessThan(0.4);
  }, 120_000);

  test("the same bits with 1 and 2 threads", () => {
    const runs = [1, 2].map((threads) => {
      setThreads(threads);
      return first("em", 1);
    });
    expect(runs[0]).toEqual(runs[1]);
  }, 120_000);
});

describe("what instances add up to", () => {
  const runOf = (accuracy: number) => ({
    ...{ accuracy: [0.1, accuracy], crossEntropy: [2.3, 0.5], loss: [2.3, 0.4], passes: 7, seconds: 2 },
  });
  const instanceOf = (accuracy: number): InvertedInstance =>
    Object.fromEntries(INVERTED_IDS.map((id) => [id, runOf(accuracy)])) as unknown as InvertedInstance;

  test("rows for every algorithm, the paper's numbers beside three of them", () => {
    const { json, tables } = table2Summary([instanceOf(0.83), instanceOf(0.85)]);
    expect(json.rows.map(({ algorithm }) => algorithm)).toEqual(INVERTED_IDS);
    expect(json.rows[0]).toMatchObject({ outerIterations: 1, passes: 7, seconds: 2, atCeiling: 1 });
    expect(json.rows[0].accuracy.mean).toBeCloseTo(0.84, 12);
    expect(json.rows[0].accuracy.sd).toBeCloseTo(Math.SQRT2 / 100, 12);
    expect(json.paper.em).toEqual({ accuracy: 0.785, crossEntropy: 0.827 });
    expect(tables[0].rows[0].slice(0, 7)).toEqual(["EM", "84.0", "1.4", "0.500", "0.000", "78.5", "0.827"]);
    expect(tables[1].rows.length).toBe(INVERTED_IDS.length);
  });

  test("curves with a band of a standard deviation each way, and none of one instance", () => {
    const { figures, json } = figure3Summary(["em"], [instanceOf(0.8), instanceOf(0.9)]);
    expect(json.curves.em?.accuracy[1].mean).toBeCloseTo(0.85, 12);
    expect(figures.accuracy.data.length).toBe(2);
    expect(figure3Summary(["em"], [instanceOf(0.8)]).figures.accuracy.data.length).toBe(1);
  });
});
