import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { adam } from "../../src/algorithms/adam.ts";
import { anderson } from "../../src/algorithms/anderson.ts";
import { em } from "../../src/algorithms/em.ts";
import { batchGradient, miniBatchEm } from "../../src/algorithms/mini-batch-em.ts";
import { random } from "../../src/math/random.ts";
import { eStep } from "../../src/models/expectation.ts";
import type { BatchedModel } from "../../src/models/model.ts";
import { type Observations, rowsOf } from "../../src/rows/observations.ts";
import { deviation } from "../support/differences.ts";
import { drawPair, nearPair } from "../support/pairs.ts";
import { draw, nearby, problems } from "../support/problems.ts";
import { run } from "../support/run.ts";

/** Rows dealt to so many batches at random, sizes and all; a batch may stay empty. */
function deal(data: Observations, batches: number, seed: number): Observations[] {
  const rng = random(seed);
  const hands = Array.from({ length: batches }, (): number[] => []);
  for (let i = 0; i < data.rows; i++) hands[rng.integer(batches)].push(i);
  return hands.map((hand) => rowsOf(data, hand));
}

/** Sum of the batches' gradients at one θ, each with its share of the penalty as `shareOf` has it. */
function summed(
  model: BatchedModel<Observations>,
  theta: Float64Array,
  batches: readonly Observations[],
  shareOf: (batch: Observations) => number,
): Float64Array {
  const sum = new Float64Array(theta.length);
  for (const batch of batches) {
    batchGradient(model, theta, eStep(model, theta, batch), batch, shareOf(batch)).forEach((g, j) => {
      sum[j] += g;
    });
  }
  return sum;
}

describe("a batch's gradient", () => {
  test("sums to that of the objective over any batches, ridge and weights and all, to 1e-12 of itself", () => {
    fc.assert(
      fc.property(problems, fc.integer(), fc.integer({ min: 1, max: 40 }), (problem, seed, batches) => {
        const { model, data } = problem;
        const theta = nearby(problem, seed, 1);
        const { gradient } = model.gradient(theta, data);
        const sum = summed(model, theta, deal(data, batches, seed), ({ rows }) => rows / data.rows);
        const scale = 1 + Math.max(...gradient.map(Math.abs));
        expect(deviation(sum, gradient)).toBeLessThan(1e-12 * scale);
      }),
      { numRuns: 60 },
    );
  });

  test.each(["linear", "logistic"] as const)("sums to it for a symmetric %s pair, to 1e-11", (experts) => {
    const pair = drawPair(experts, 2, 200, 3, true);
    const theta = nearPair(pair, 1);
    const sum = summed(pair.model, theta, deal(pair.data, 7, 1), ({ rows }) => rows / 200);
    expect(deviation(sum, pair.model.gradient(theta, pair.data).gradient)).toBeLessThan(1e-11);
  });

  test("negative control: with the whole penalty in each batch it is off by more than 1", () => {
    const problem = draw({ experts: "logistic", k: 2, rows: 300, features: 2, seed: 5, ridge: 2 });
    const { model, data, truth } = problem;
    const sum = summed(model, truth, deal(data, 5, 1), () => 1);
    expect(deviation(sum, model.gradient(truth, data).gradient)).toBeGreaterThan(1);
  });
});

describe("rows of observations", () => {
  const { data } = draw({ experts: "linear", k: 2, rows: 300, features: 2, seed: 6, weighted: true, shifted: true });

  test("are copies of these rows, and what was one design or one column stays one", () => {
    const some = rowsOf(data, [7, 3, 7]);
    expect(some.rows).toBe(3);
    expect(some.expert).toBe(some.gate);
    for (const [column, of] of [
      [some.response, data.response],
      [some.weights!, data.weights!],
      [some.offset!, data.offset!],
      [some.expert.values[2], data.expert.values[2]],
    ]) {
      expect(Array.from(column)).toEqual([of[7], of[3], of[7]]);
    }
    const narrow = draw({ experts: "linear", k: 2, rows: 300, features: 2, seed: 6, narrowGate: true }).data;
    const few = rowsOf(narrow, [0, 1]);
    expect(few.gate).not.toBe(few.expert);
    expect(few.gate.values[1]).toBe(few.expert.values[1]);
    expect([few.weights, few.offset]).toEqual([undefined, undefined]);
  });
});

describe("mini-batch EM", () => {
  const problem = draw({ experts: "linear", k: 2, rows: 250, features: 2, seed: 7, ridge: 0.5, weighted: true });
  const start = nearby(problem, 1, 0.5);
  const ends = (options: Parameters<typeof miniBatchEm>[0], maxIterations: number): Float64Array =>
    run(miniBatchEm(options), problem, start, { maxIterations }).outcome.theta;

  test("with all rows in one batch and no decay is Adam, to 1e-10 over 50 steps; more rows than n are n", () => {
    const whole = run(adam({ stepSize: 0.03, gateStepSize: 0.05 }), problem, start, { maxIterations: 50 });
    const options = { stepSize: 0.03, gateStepSize: 0.05, decay: 0 };
    expect(deviation(ends({ ...options, batchRows: 250 }, 50), whole.outcome.theta)).toBeLessThan(1e-10);
    expect(ends({ ...options, batchRows: 1e9 }, 50)).toEqual(ends({ ...options, batchRows: 250 }, 50));
    expect(deviation(ends({ ...options, batchRows: 125 }, 50), whole.outcome.theta)).toBeGreaterThan(1e-3);
  });

  test("takes the rows in an order that seed and epoch decide", () => {
    const options = { batchRows: 50, decay: 0 };
    expect(deviation(ends({ ...options, seed: 2 }, 1), ends({ ...options, seed: 3 }, 1))).toBeGreaterThan(1e-3);
    // The same moments and the same parameters, an epoch later: another order.
    const { model, data } = problem;
    const method = miniBatchEm(options);
    const first = method.init(model, start, data);
    const [now, later] = [0, 5].map((steps) => method.step(model, start, { ...first, steps }, data));
    if ("failure" in now || "failure" in later) throw new Error("no step");
    expect(deviation(now.theta, later.theta)).toBeGreaterThan(1e-3);
  });

  test("goes through every row once: an epoch of one-row batches with tiny steps moves along every row's sign", () => {
    const { model, data } = problem;
    const method = miniBatchEm({ batchRows: 1, stepSize: 1e-9, decay: 0 });
    const step = method.step(model, start, method.init(model, start, data), data);
    if ("failure" in step) throw new Error(step.failure.reason);
    // Adam's first moment after n slopes is their weighted sum; with θ at rest the second knows every row's square.
    expect(step.state.steps).toBe(250);
    const squares = new Float64Array(start.length);
    for (let i = 0; i < 250; i++) {
      const row = rowsOf(data, [i]);
      batchGradient(model, start, eStep(model, start, row), row, 1 / 250).forEach((g, j) => {
        squares[j] += (g * 250) ** 2 / model.totalWeight(data) ** 2;
      });
    }
    // 0.999 to the powers 0 … 249 lies between 0.779 and 1.
    step.state.second.forEach((second, j) => {
      expect(second / (0.001 * squares[j])).toBeGreaterThan(0.779);
      expect(second / (0.001 * squares[j])).toBeLessThan(1.0001);
    });
  });

  test("20000 rows: ten epochs end nearer to the maximum than ten steps of EM, in all of three problems", () => {
    const left = [0, 0];
    for (const seed of [1, 2, 3]) {
      const large = draw({ experts: "poisson", k: 2, rows: 20_000, features: 1, seed });
      const from = nearby(large, 1, 0.5);
      const best = run(anderson(), large, from, { tolerance: 1e-3, maxIterations: 200 }).outcome.state.objective;
      const ten = { tolerance: 0, maxIterations: 10 };
      left[0] += best - run(miniBatchEm(), large, from, ten).outcome.state.objective;
      left[1] += best - run(em(), large, from, ten).outcome.state.objective;
    }
    expect(left[0]).toBeLessThan(left[1]);
  });

  test("steps shorten from epoch to epoch by (1 + e)^(−decay): the noise dies out", () => {
    const best = run(em(), problem, start).outcome.state.objective;
    const short = (decay: number): number => {
      const { steps } = run(miniBatchEm({ batchRows: 25, stepSize: 0.1, decay }), problem, start, {
        maxIterations: 200,
      });
      return best - steps[200].objective;
    };
    expect(short(1)).toBeLessThan(0.1);
    expect(short(0)).toBeGreaterThan(0.3);
  });
});
