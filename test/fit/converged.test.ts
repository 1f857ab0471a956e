import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Algorithm } from "../../src/algorithms/algorithm.ts";
import { em } from "../../src/algorithms/em.ts";
import { gradientDescent } from "../../src/algorithms/gradient-descent.ts";
import { iterate } from "../../src/algorithms/iterate.ts";
import { lineSearch } from "../../src/algorithms/line-search.ts";
import { fit } from "../../src/fit/fit.ts";
import type { FitOptions } from "../../src/fit/fit-options.ts";
import { stepGrid } from "../../src/fit/step-grid.ts";
import { cholesky, solveCholesky } from "../../src/math/cholesky.ts";
import { dot } from "../../src/math/vector.ts";
import type { BatchedModel, Evaluation, InformedModel, Model } from "../../src/models/model.ts";
import type { Observations } from "../../src/rows/observations.ts";
import { draw, nearby, type Problem } from "../support/problems.ts";
import { run } from "../support/run.ts";
import { beside, type Cell, type Easy, flat, latent, lifted, mixtures, pairs } from "../support/table.ts";

/** What EM gains from a point in all, and what it would gain there to first order. */
function leftAt({ model, data }: Pick<Easy<Informed>, "model" | "data">, theta: Float64Array) {
  const { steps } = run(em(), { model, data }, theta, { tolerance: 1e-6, maxIterations: 1000 });
  const { gradient } = model.gradient(theta, data);
  const free = model.free ?? Array.from(gradient.keys());
  const p = gradient.length;
  const complete = model.information(theta, data).complete;
  const among = Float64Array.from(free.flatMap((row) => free.map((column) => complete[row * p + column])));
  const slope = Float64Array.from(free, (j) => gradient[j]);
  const factor = cholesky(among, free.length);
  if (typeof factor === "number") throw new Error("the complete information is singular");
  return {
    total: steps[steps.length - 1].objective - steps[0].objective,
    first: dot(slope, solveCholesky(factor, free.length, slope)),
    rounding: 1e-12 * (1 + Math.abs(steps[0].objective) + model.totalWeight(data)),
  };
}

type Informed = BatchedModel<Observations> & InformedModel<Observations>;

function expectConverged(problem: Pick<Easy<Informed>, "model" | "data">, theta: Float64Array, tolerance: number) {
  const { total, first, rounding } = leftAt(problem, theta);
  expect(total).toBeLessThanOrEqual((10 * tolerance) ** 2 + rounding);
  expect(first).toBeLessThanOrEqual((10 * tolerance) ** 2 + rounding);
}

/** A problem whose rows are changed for the worse, at the same parameters. */
function worse(
  name: string,
  { model, data, truth }: Problem,
  change: (data: Observations) => Observations,
): Easy<never> {
  const start = nearby({ model, data, truth }, 3);
  return { name, model: model as never, data: change(data), stepSize: 0.2, start };
}

const linear = draw({ experts: "linear", k: 2, rows: 200, features: 1, seed: 61, ridge: 0.5 });
const logistic = draw({ experts: "logistic", k: 2, rows: 200, features: 1, seed: 70, ridge: 1, binary: true });
const poisson = draw({ experts: "poisson", k: 2, rows: 200, features: 1, seed: 69, ridge: 5 });

const scaled =
  (factor: number) =>
  (data: Observations): Observations => {
    const { columns, values } = data.expert;
    const design = { columns, values: values.map((x, j) => (j === 1 ? x.map((value) => factor * value) : x)) };
    return { ...data, expert: design, gate: design };
  };
const weighing =
  (sizes: readonly number[]) =>
  (data: Observations): Observations => ({
    ...data,
    weights: Float64Array.from({ length: data.rows }, (_, i) => sizes[i % sizes.length]),
  });
const shifted =
  (size: number) =>
  (data: Observations): Observations => ({
    ...data,
    offset: Float64Array.from({ length: data.rows }, (_, i) => size * Math.sin(i)),
  });

const hard = [
  ...([linear, logistic, poisson] as const).flatMap((problem) => {
    const { experts } = problem.model.spec;
    return [
      worse(`${experts}, a column of thousands`, problem, scaled(1e3)),
      worse(`${experts}, a column of thousandths`, problem, scaled(1e-3)),
      worse(`${experts}, weights from 1e-3 to 1e3`, problem, weighing([1e-3, 1, 1e3])),
      worse(`${experts}, weights of 0 and 1e10`, problem, weighing([0, 1e10])),
    ];
  }),
  worse("Poisson, offsets of up to 300", poisson, shifted(300)),
  worse("logistic, offsets of up to 300", logistic, shifted(300)),
];

describe.each([
  ...beside(latent, [...hard, ...pairs] as readonly Easy<Informed>[]),
  ...beside(lifted, hard.slice(0, 4)),
  ...beside(flat, pairs),
] as unknown as readonly Cell<Informed>[])("$name", ({ entry: { make }, problem }) => {
  test("has converged where it says so: EM gains nothing from there, and the gradient is small", () => {
    for (const tolerance of [0.1, 1e-4]) {
      const { outcome } = run(make(problem.stepSize), problem, problem.start, { tolerance, maxIterations: 150 });
      if (outcome.result === "converged") expectConverged(problem, outcome.theta, tolerance);
      else expect(outcome.message).not.toBe("");
    }
  });
});

test("most runs on easy problems do say that they converged", () => {
  const cells = beside(latent.slice(0, 4), mixtures);
  const results = cells.map(({ entry: { make }, problem }) => {
    return run(make(problem.stepSize), problem, problem.start, { tolerance: 1e-6, maxIterations: 400 }).outcome.result;
  });
  expect(results.every((result) => result === "converged")).toBe(true);
});

/** Goes a part of the way up the gradient that shrinks from step to step, whatever the gradient. */
function shrinking(first: number, factor: number): Algorithm<Observations, Model<Observations>, Evaluation> {
  let length = first;
  return {
    name: "shrinking",
    monotone: false,
    init: (model, theta, data) => model.gradient(theta, data),
    step: (model, theta, _, data) => {
      const { gradient } = model.gradient(theta, data);
      length *= factor;
      const next = theta.map((value, j) => value + length * gradient[j]);
      const state = model.gradient(next, data);
      return { theta: next, state, info: { ...state, gain: length * dot(gradient, gradient) } };
    },
  };
}

describe("steps that are short far from a limit are no convergence", () => {
  const start = nearby(linear, 1, 0.5);
  const onlyGradient = (({ names, totalWeight, gradient }) => ({ names, totalWeight, gradient }))(linear.model);

  test.each([
    ["with EM to ask", linear.model],
    ["with gradients alone", onlyGradient as unknown as typeof linear.model],
  ])("%s", (_, model) => {
    fc.assert(
      fc.property(fc.double({ min: 1e-30, max: 1e-7, noNaN: true }), fc.constantFrom(0.3, 0.9, 1), (first, factor) => {
        const { outcome } = run(shrinking(first, factor), { model, data: linear.data }, start, {
          tolerance: 1e-2,
          maxIterations: 40,
        });
        expect(outcome.result).toBe("max-iterations");
        expect(outcome.message).toMatch(/^Stopped after 40 steps/);
      }),
      { numRuns: 20 },
    );
  });

  test("and are at the maximum itself, with EM or without", () => {
    const { theta } = run(em(), linear, start, { tolerance: 1e-12 }).outcome;
    for (const model of [linear.model, onlyGradient as unknown as typeof linear.model]) {
      const { outcome } = run(shrinking(1e-9, 1), { model, data: linear.data }, theta, {
        tolerance: 1e-4,
        maxIterations: 40,
      });
      expect(outcome.result).toBe("converged");
    }
  });

  test("the message says what EM would gain", () => {
    const { outcome } = run(shrinking(1e-9, 0.9), linear, start, { tolerance: 0.1, maxIterations: 50 });
    expect(outcome.result).toBe("max-iterations");
    expect(outcome.message).toMatch(
      /^Stopped after 50 steps, which had become short although one of EM would gain [\d.e+]+ nats: take the algorithm em, or other step sizes\.$/,
    );
  });

  test("a cell of a grid of step sizes is not called converged", () => {
    const grid = { stepSizes: [1e-15, 0.2], steps: 60 };
    const { cells } = stepGrid((sizes) => gradientDescent(sizes), linear.model, start, linear.data, grid);
    expect(cells.map(({ result }) => result)).toEqual(["max-iterations", "max-iterations"]);
  });

  test("a run that was refused goes on, and converges when it has", () => {
    // A step that moves next to nothing at first, and doubles.
    const search = lineSearch({ stepSize: 1e-9 });
    const { outcome } = run(search, linear, start, { tolerance: 1e-4, maxIterations: 3000 });
    expect(outcome.result).toBe("converged");
    expectConverged(linear, outcome.theta, 1e-4);
  });
});

test("a line search over offsets of hundreds is not at its limit after two steps, eleven million nats below EM's", () => {
  const { columns, options } = JSON.parse(
    readFileSync(new URL("../cases/reliability/line-search-false-converged.json", import.meta.url), "utf8"),
  ) as { columns: Record<string, number[]>; options: FitOptions };
  const best = fit(columns, options);
  const found = fit(columns, { ...options, algorithm: lineSearch() });
  expect(best.result).toBe("converged");
  expect(found.result).toBe("max-iterations");
  expect(found.message).toMatch(/^Stopped after 60 steps/);
});

test("a run of EM is asked nothing: it makes as many E-steps as it has iterates", () => {
  let asked = 0;
  const model = { ...linear.model };
  const counting: typeof linear.model = {
    ...model,
    eStep: (theta, data) => {
      asked++;
      return model.eStep(theta, data);
    },
  };
  const steps = [...iterate(em(), counting, nearby(linear, 1), linear.data, { tolerance: 1e-6, maxIterations: 500 })];
  expect(asked).toBe(steps.length);
});

test("steps that overshoot do not say that parts are separated where they lead", () => {
  const x = Array.from({ length: 40 }, (_, i) => Math.sin(i));
  const y = x.map((value, i) => Math.round(Math.exp(6 + 2 * value + (i % 2))));
  const options = { response: "y", experts: "poisson", k: 2, starts: 1, maxIterations: 40 } as const;
  const found = fit({ x, y }, { ...options, algorithm: "gradient-em" });
  expect(found.objective).toBeLessThan(found.trace[0].objective);
  expect(found.message).not.toContain("no finite maximum");
  expect(found.message).toContain("Stopped after 40 steps");
  expect(fit({ x, y }, options).objective).toBeGreaterThan(found.trace[0].objective);
});

test("what has overshot to 1e44 nats below its start has not converged, though rounding there hides every gain", () => {
  const rows = {
    y: [0, 118, 9, 74, 9, 354, 9, 0, 1],
    x1: [1e6, -0.998, 1.4428, 1.0656, 0.5126, -0.7131, 0.3249, -1.6331, 0.799],
    x2: [-1.5053, -0.777, -0.8613, 0.7412, -0.0924, -2.6836, 0.1846, 0.0117, 0.86],
    x3: [-5.0013e10, 6.5079e10, -7.9787e10, 1.1945e11, 1.4392e11, -2.0114e11, 6.5108e10, -2.7213e11, 9.0154e9],
    w: [2, 0.5, 2, 2, 0.5, 2, 3, 2, 2],
  };
  const found = fit(rows, {
    ...{ response: "y", features: ["x1", "x2", "x3"], experts: "poisson", weights: "w", scale: true },
    ...{ k: 4, starts: 1, maxIterations: 60, seed: 293, algorithm: "gradient-em" },
  });
  expect(found.logLikelihood).toBeLessThan(-1e30);
  expect(found.result).toBe("max-iterations");
});
