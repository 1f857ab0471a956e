import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { BLOCK_ROWS } from "../../src/compute/blocks.ts";
import { softmaxLikelihood } from "../../src/laws/softmax.ts";
import { random } from "../../src/math/random.ts";
import { dot } from "../../src/math/vector.ts";
import type { Observations } from "../../src/rows/observations.ts";
import { type Predictor, places } from "../../src/rows/predictor.ts";
import type { Expansion, Likelihood } from "../../src/solve/likelihood.ts";
import { climb, maximiseByNewton } from "../../src/solve/newton.ts";
import { matrixFreeExpansion } from "../../src/solve/newton-cg.ts";
import { denseExpansion } from "../../src/solve/newton-dense.ts";
import { deviation } from "../support/differences.ts";
import { draw } from "../support/problems.ts";

interface Regression {
  readonly likelihood: Likelihood;
  readonly predictors: readonly Predictor[];
  readonly data: Observations;
  readonly start: Float64Array;
}

/** A softmax regression on soft targets, or a Poisson regression, with correlated columns. */
function regression(options: {
  kind: "softmax" | "poisson";
  classes: number;
  features: number;
  rows: number;
  ridge: number;
  held: number;
  seed: number;
}): Regression {
  const { kind, classes, features, rows, ridge, held, seed } = options;
  const rng = random(seed);
  const columns = Array.from({ length: features }, (_, j) => `x${j}`);
  const factor = Float64Array.from({ length: rows }, () => rng.normal());
  const values = columns.map((_, j) =>
    Float64Array.from({ length: rows }, (_, i) => (j === 0 ? 1 : factor[i] + (j === 1 ? 100 : 0.5) * rng.normal())),
  );
  const x = { columns, values };
  const m = kind === "softmax" ? classes - 1 : 1;
  // (1, 2, …)(1, 2, …)', of rank one: it couples the columns.
  const prior = Array.from({ length: features ** 2 }, (_, at) => {
    return ridge * (1 + (at % features)) * (1 + Math.floor(at / features));
  });
  const predictors = Array.from({ length: m }, (_, h): Predictor => {
    const all = columns.map((_, j) => j);
    const own = all.filter(() => rng.uniform() < held);
    return { design: "gate", at: places(h * features, features), fixed: own, ridge, ...(ridge > 0 && { prior }) };
  });
  const weights = Float64Array.from({ length: rows }, () => 0.5 + rng.uniform());
  const data: Observations = { rows, gate: x, expert: x, response: new Float64Array(rows), weights };
  const start = Float64Array.from({ length: m * features }, (_, j) => (j % features === 1 ? 1e-3 : 0.1) * rng.normal());
  const raw = Float64Array.from({ length: rows * classes }, () => rng.uniform() ** 3);
  if (kind === "softmax") {
    const likelihood = softmaxLikelihood(classes, (block, targets) => {
      for (let i = 0; i < block.rows; i++) {
        for (let c = 0; c < classes; c++) {
          targets[c * BLOCK_ROWS + i] = block.weights[i] * raw[(block.start + i) * classes + c];
        }
      }
    });
    return { likelihood, predictors, data, start };
  }
  const counts = raw.map((value) => Math.floor(5 * value));
  const likelihood: Likelihood = {
    penalty: [1],
    evaluate: (block, eta, score, curvature) => {
      let value = 0;
      for (let i = 0; i < block.rows; i++) {
        const count = block.weights[i] * counts[block.start + i];
        curvature[i] = block.weights[i] * Math.exp(eta[i]);
        score[i] = count - curvature[i];
        value += count * eta[i] - curvature[i];
      }
      return value;
    },
  };
  return { likelihood, predictors, data, start };
}

const regressions = fc
  .record({
    kind: fc.constantFrom("softmax" as const, "poisson" as const),
    classes: fc.integer({ min: 2, max: 4 }),
    features: fc.integer({ min: 2, max: 12 }),
    rows: fc.integer({ min: 150, max: 700 }),
    ridge: fc.constantFrom(0, 1),
    held: fc.constantFrom(0, 0.3),
    seed: fc.integer({ min: 1, max: 1e6 }),
  })
  .map(regression);

function maximum(
  { likelihood, predictors, data, start }: Regression,
  expansion: typeof denseExpansion,
  steps?: number,
) {
  const theta = start.slice();
  const gain = maximiseByNewton(likelihood, predictors, theta, data, { steps }, expansion);
  return { theta, gain };
}

test("a Hessian follows a step to second order, from 3.5 to 4.5 times as near at half its length; unchanged, only to first", () => {
  const options = { kind: "poisson", classes: 1, features: 1, rows: 300, ridge: 0.5, held: 0, seed: 5 } as const;
  const { likelihood, predictors, data, start } = regression(options);
  const expand = denseExpansion(likelihood, predictors, data);
  const hessian = ({ gradient, direction }: Expansion): number => gradient[0] / direction()[0];
  const here = start.slice();
  const from = expand(here);
  const misses = [0.1, 0.05].map((length) => {
    const to = Float64Array.of(start[0] + length);
    const own = hessian(expand(to));
    here.set(to);
    return [hessian(from.elsewhere!()), hessian(from)].map((other) => Math.abs(other / own - 1));
  });
  const [along, unchanged] = [0, 1].map((which) => misses[0][which] / misses[1][which]);
  expect(along).toBeGreaterThan(3.5);
  expect(along).toBeLessThan(4.5);
  expect(unchanged).toBeGreaterThan(1.8);
  expect(unchanged).toBeLessThan(2.2);
});

describe("Newton's method with conjugate gradients", () => {
  test("finds the maximiser that it finds with matrices, to 1e-8, and the gain, to 1e-8 of itself", () => {
    fc.assert(
      fc.property(regressions, (problem) => {
        const [dense, free] = [maximum(problem, denseExpansion), maximum(problem, matrixFreeExpansion)];
        expect(deviation(free.theta, dense.theta)).toBeLessThan(1e-8);
        expect(Math.abs(free.gain - dense.gain)).toBeLessThanOrEqual(1e-8 * dense.gain);
        const { gradient } = denseExpansion(problem.likelihood, problem.predictors, problem.data)(free.theta);
        const scale = Math.max(...problem.data.gate.values.map((column) => Math.max(...column.map(Math.abs))));
        expect(Math.max(...gradient.map(Math.abs))).toBeLessThan(1e-8 * scale * problem.data.rows);
        for (const { at, fixed = [] } of problem.predictors) {
          for (const j of fixed) expect(free.theta[at[j]]).toBe(problem.start[at[j]]);
        }
      }),
      { numRuns: 60 },
    );
  });

  test("of 200 columns and three classes, by a sampled preconditioner, to 1e-8", () => {
    const problem = regression({
      kind: "softmax",
      classes: 3,
      features: 200,
      rows: 5000,
      ridge: 1,
      held: 0.05,
      seed: 3,
    });
    const [dense, free] = [maximum(problem, denseExpansion), maximum(problem, matrixFreeExpansion)];
    expect(deviation(free.theta, dense.theta)).toBeLessThan(1e-8);
  });

  test("values and gradients are those with matrices, to 1e-12, and directions, to the root of what they promise", () => {
    fc.assert(
      fc.property(regressions, ({ likelihood, predictors, data, start }) => {
        const [dense, free] = [denseExpansion, matrixFreeExpansion].map((expansion) =>
          expansion(likelihood, predictors, data)(start),
        );
        expect(Math.abs(free.value / dense.value - 1)).toBeLessThan(1e-12);
        expect(deviation(free.gradient, dense.gradient)).toBeLessThan(
          1e-12 * Math.max(...dense.gradient.map(Math.abs), 1),
        );
        const [promise, found] = [dense, free].map((at) => dot(at.gradient, at.direction()));
        // Both are 0 where every coefficient is held.
        expect(found).toBeGreaterThanOrEqual(0.9 * promise);
        expect(found).toBeLessThanOrEqual(promise * (1 + 1e-8));
      }),
      { numRuns: 40 },
    );
  });

  test("negative control: cut short at two iterations, as many steps end elsewhere, by more than 1e-3", () => {
    const options = { kind: "softmax", classes: 8, features: 12, rows: 600, ridge: 0, held: 0, seed: 8 } as const;
    const problem = regression(options);
    const capped: typeof denseExpansion = (...args) => matrixFreeExpansion(...args, 2);
    const whole = maximum(problem, denseExpansion).theta;
    const [free, short] = [matrixFreeExpansion, capped].map((expansion) => maximum(problem, expansion, 6).theta);
    expect(deviation(free, whole)).toBeLessThan(1e-8);
    expect(deviation(short, whole)).toBeGreaterThan(1e-3);
  });

  test("ends, with finite coefficients, where classes are separated or columns depend on each other", () => {
    const rows = 100;
    const x = Float64Array.from({ length: rows }, (_, i) => i - 49.5);
    const design = { columns: ["x", "2x"], values: [x, x.map((value) => 2 * value)] };
    const data: Observations = { rows, gate: design, expert: design, response: x };
    const likelihood = softmaxLikelihood(2, (block, targets) => {
      targets.fill(0);
      for (let i = 0; i < block.rows; i++) targets[(block.response[i] > 0 ? BLOCK_ROWS : 0) + i] = 1;
    });
    const predictors: Predictor[] = [{ design: "gate", at: [0, 1] }];
    const { theta } = maximum({ likelihood, predictors, data, start: new Float64Array(2) }, matrixFreeExpansion);
    expect(theta.every(Number.isFinite)).toBe(true);
    const { value } = denseExpansion(likelihood, predictors, data)(theta);
    expect(value).toBeGreaterThan(-1e-6);
  });
});

test.each([
  ["poisson", [-700, -200, -60, -20, 20]],
  ["binomial", [-700, -60, 60, 200]],
  ["logistic", [-700, -60, 60, 200]],
  ["negative-binomial", [-200, -60, 60, 90]],
  ["gamma", [-20, 40, 90]],
] as const)("a climb from far away, where next to nothing curves, comes to the maximum: %s", (experts, intercepts) => {
  const { model, data, truth } = draw({ experts, k: 1, rows: 200, features: 1, seed: 3 });
  const assignment = { responsibilities: new Float64Array(200).fill(1) };
  const wanted = model.maximise(truth, assignment, data).theta;
  for (const intercept of intercepts) {
    const far = truth.map((value, j) => (j === 0 ? intercept : j === 1 ? 0 : value));
    expect(deviation(model.maximise(far, assignment, data).theta, wanted)).toBeLessThan(1e-6);
  }
});

test("a climb ends where directions are made of rounding, and steps that had to be cut gain nothing", () => {
  // −1e-15 (x − 1)², whose curvature is lost in that of rows that are certain.
  const here = Float64Array.of(0);
  let evaluations = 0;
  const expand = (): Expansion => {
    evaluations++;
    const left = 1 - here[0];
    const direction = (): Float64Array => Float64Array.of(1e9 * Math.sign(left));
    return { value: -1e-15 * left ** 2, gradient: Float64Array.of(2e-15 * left), direction, isOld: false };
  };
  const { value } = climb(expand, here);
  expect(value).toBeGreaterThan(-1e-15);
  expect(evaluations).toBeLessThan(70);
});

test("a climb that is told what it may leave ends early, and leaves no more", () => {
  let [all, few] = [0, 0];
  fc.assert(
    fc.property(regressions, ({ likelihood, predictors, data, start }) => {
      const climbed = (left?: number) => {
        const here = start.slice();
        const at = denseExpansion(likelihood, predictors, data);
        let evaluations = 0;
        const counted = (expansion: Expansion): Expansion => {
          const { elsewhere } = expansion;
          evaluations++;
          return { ...expansion, ...(elsewhere && { elsewhere: () => counted(elsewhere()) }) };
        };
        const before = at(here).value;
        const { value } = climb(() => counted(at(here)), here, { left });
        return { gained: value - before, evaluations };
      };
      const [whole, most] = [climbed(), climbed(1e-2)];
      expect(most.gained).toBeLessThanOrEqual(whole.gained * (1 + 1e-12));
      expect(most.gained).toBeGreaterThan(0.95 * whole.gained);
      all += whole.evaluations;
      few += most.evaluations;
    }),
    { numRuns: 60 },
  );
  expect(few).toBeLessThan(0.8 * all);
});

test("a climb ends where each step gains next to nothing and promises no less, and not where it gains a part of the value", () => {
  const steps = (gain: number): number => {
    const here = Float64Array.of(0);
    let evaluations = 0;
    climb(() => {
      evaluations++;
      const direction = (): Float64Array => Float64Array.of(1);
      return { value: gain * here[0] - 1, gradient: Float64Array.of(gain), direction, isOld: false };
    }, here);
    return evaluations;
  };
  expect(steps(1e-7)).toBeLessThan(10);
  expect(steps(1e-2)).toBe(61);
});

test("where labels become certain, conjugate gradients are preconditioned anew: the maximum of a small ridge takes few products", () => {
  const [rows, classes, features] = [120, 60, 3];
  const rng = random(5);
  const x = {
    columns: ["1", "x", "z"],
    values: [
      new Float64Array(rows).fill(1),
      ...[1, 2].map(() => Float64Array.from({ length: rows }, () => rng.normal())),
    ],
  };
  const labels = Array.from({ length: rows }, () => rng.integer(classes));
  let products = 0;
  const plain = softmaxLikelihood(classes, (block, targets) => {
    for (let c = 0; c < classes; c++) {
      for (let i = 0; i < block.rows; i++) targets[c * BLOCK_ROWS + i] = Number(labels[block.start + i] === c);
    }
  });
  const { short } = plain;
  if (short === undefined) throw new Error("a softmax has products of its curvature");
  const product: typeof short.product = (...args) => {
    products++;
    short.product(...args);
  };
  const likelihood: Likelihood = { ...plain, short: { ...short, product } };
  const predictors = Array.from({ length: classes - 1 }, (_, h): Predictor => {
    return { design: "gate", at: places(h * features, features), ridge: 1e-8 };
  });
  const data: Observations = { rows, gate: x, expert: x, response: new Float64Array(rows) };
  const problem = { likelihood, predictors, data, start: new Float64Array((classes - 1) * features) };
  const value = ({ theta }: { theta: Float64Array }) => denseExpansion(likelihood, predictors, data)(theta).value;
  const [free, dense] = [value(maximum(problem, matrixFreeExpansion)), value(maximum(problem, denseExpansion))];
  expect(Math.abs(free - dense)).toBeLessThan(1e-6);
  // Of each predictor by itself there are 3,400, and with the first point alone 7,166.
  expect(products).toBeLessThan(800);
});
