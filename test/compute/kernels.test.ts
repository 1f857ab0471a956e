import fc from "fast-check";
import { afterEach, describe, expect, test } from "vitest";
import { computing, setEngine } from "../../src/compute/engine.ts";
import { expertsOf } from "../../src/laws/gates/registry.ts";
import { shuffled } from "../../src/math/draw.ts";
import { random } from "../../src/math/random.ts";
import { type Mixture, mixture } from "../../src/models/mixture.ts";
import { type Observations, rowsOf } from "../../src/rows/observations.ts";
import type { Effort } from "../../src/solve/effort.ts";
import { deviation } from "../support/differences.ts";
import { draw, nearby, type Problem, problems } from "../support/problems.ts";

afterEach(() => setEngine("relaxed"));

/** Everything a fit asks of a model, by one engine. */
function results(
  engine: "reference" | "simd" | "relaxed",
  model: Mixture,
  theta: Float64Array,
  data: Observations,
  effort: Effort = { steps: 1 },
) {
  setEngine(engine);
  expect(computing().engine === "reference").toBe(engine === "reference");
  const posterior = model.posterior(theta, data);
  // Newton steps, from sums taken with the E-step and from sums taken for themselves.
  const together = model.maximise(theta, posterior, data, effort);
  const responsibilities = posterior.responsibilities.map((r, at) => (at % 2 === 0 ? 0.9 * r : r));
  const apart = model.maximise(theta, { responsibilities }, data, effort);
  const { gradient } = model.gradient(theta, data);
  const complete = model.completeGradient(theta, posterior.responsibilities, data);
  return { ...posterior, responsibilities: posterior.responsibilities, together, apart, gradient, complete };
}

/** How far the kernels are from the plain code, each number relative to its scale. */
function distances({ model, data }: Problem, theta: Float64Array, engine: "simd" | "relaxed", effort?: Effort) {
  const plain = results("reference", model, theta, data, effort);
  const found = results(engine, model, theta, data, effort);
  const scale = 1 + Math.abs(plain.logLikelihood);
  return {
    logLikelihood: Math.abs(found.logLikelihood - plain.logLikelihood) / scale,
    responsibilities: deviation(found.responsibilities, plain.responsibilities),
    gradient: deviation(found.gradient, plain.gradient) / scale,
    complete: deviation(found.complete, plain.complete) / scale,
    steps: Math.max(
      deviation(found.together.theta, plain.together.theta),
      deviation(found.apart.theta, plain.apart.theta),
    ),
    failures:
      [found.together.failure, found.apart.failure].join() === [plain.together.failure, plain.apart.failure].join(),
  };
}

describe.each(["simd", "relaxed"] as const)("%s", (engine) => {
  test("is the plain code to 1e-12 of the scale, and a Newton step to 1e-8", () => {
    fc.assert(
      fc.property(problems, fc.integer(), (problem, seed) => {
        const found = distances(problem, nearby(problem, seed), engine);
        expect(found.failures).toBe(true);
        expect(found.logLikelihood).toBeLessThan(1e-12);
        expect(found.responsibilities).toBeLessThan(1e-12);
        expect(found.gradient).toBeLessThan(1e-12);
        expect(found.complete).toBeLessThan(1e-12);
        expect(found.steps).toBeLessThan(1e-8);
      }),
      { numRuns: 60 },
    );
  });

  test.each(["linear", "logistic", "poisson"] as const)(
    "finds the same bits of a row beside other rows: %s",
    (experts) => {
      setEngine(engine);
      const rows = 1000;
      const { model, data, truth } = draw({ experts, k: 3, rows, features: 2, seed: 7 });
      // A few predictors of the gate, and of labels, are large.
      const steep = truth.map((value, j) =>
        /sigma/.test(model.names[j]) || experts === "poisson" ? value : 3 * value,
      );
      const order = shuffled(rows, random(3));
      const [here, there] = [data, rowsOf(data, order)].map((some) => model.posterior(steep, some).responsibilities);
      for (const [at, row] of order.entries()) {
        expect(there.subarray(3 * at, 3 * at + 3)).toEqual(here.subarray(3 * row, 3 * row + 3));
      }
    },
  );

  test.each([1, 2, 3, 79, 80, 81, 159, 161, 1279, 1281, 4000])("is the plain code on %i rows to 1e-12", (rows) => {
    for (const experts of ["linear", "logistic", "poisson"] as const) {
      for (const weighted of [false, true]) {
        const problem = draw({ experts, k: 3, rows, features: 4, seed: rows, weighted, ridge: 1, shifted: true });
        const found = distances(problem, nearby(problem, rows), engine);
        expect(found.logLikelihood).toBeLessThan(1e-12);
        expect(found.responsibilities).toBeLessThan(1e-12);
        expect(found.gradient).toBeLessThan(1e-12);
      }
    }
  });

  test.each([1, 2, 5, 11, 30])("is the plain code with %i columns beside the intercept to 1e-12", (features) => {
    for (const experts of ["linear", "poisson"] as const) {
      for (const k of [1, 2, 4, 7]) {
        const problem = draw({ experts, k, rows: 700, features, seed: features, ridge: 0.1 });
        // The Hessians of many columns are in single precision: a step has as many digits, the M-step all.
        const effort = features < 24 ? { steps: 1 } : {};
        const found = distances(problem, nearby(problem, k), engine, effort);
        expect(found.logLikelihood).toBeLessThan(1e-12);
        expect(found.responsibilities).toBeLessThan(1e-12);
        expect(found.gradient).toBeLessThan(1e-12);
        expect(found.complete).toBeLessThan(1e-12);
        expect(found.steps).toBeLessThan(1e-8);
      }
    }
  });

  test.each(["tree:2x2", "tree:3x2", "tree:2x2x2", "tree:2x5"] as const)(
    "is the plain code with the gate %s to 1e-12",
    (gate) => {
      for (const experts of ["linear", "logistic", "poisson"] as const) {
        for (const features of [0, 3, 30]) {
          const problem = draw({
            experts,
            gate,
            k: expertsOf(gate)!,
            rows: 701,
            features,
            seed: 2,
            weighted: true,
            ridge: 1,
          });
          // Some choices are all but certain, far from the shifts of the softmaxes.
          const near = nearby(problem, features);
          const theta = near.map((value, j) => (problem.model.names[j].startsWith("gate") ? 30 * value : value));
          for (const at of [near, theta]) {
            const found = distances(problem, at, engine, features < 24 ? { steps: 1 } : {});
            expect(found.logLikelihood).toBeLessThan(1e-12);
            expect(found.responsibilities).toBeLessThan(1e-12);
            expect(found.gradient).toBeLessThan(1e-12);
            expect(found.complete).toBeLessThan(1e-12);
          }
          expect(distances(problem, near, engine, features < 24 ? { steps: 1 } : {}).steps).toBeLessThan(1e-7);
        }
      }
    },
  );

  test.each([0, 1, 2, 3, 4])("is the plain code with 12 labels and %i columns beside the intercept", (features) => {
    const problem = draw({
      experts: "logistic",
      classes: 12,
      k: 2,
      rows: 700,
      features,
      seed: 1 + features,
      ridge: 0.1,
    });
    const found = distances(problem, nearby(problem, features), engine);
    expect(found.logLikelihood).toBeLessThan(1e-12);
    expect(found.gradient).toBeLessThan(1e-12);
    expect(found.steps).toBeLessThan(1e-8);
  });

  test("is the plain code where all labels but a few are all but certain", () => {
    const problem = draw({ experts: "logistic", classes: 12, k: 2, rows: 700, features: 1, seed: 7, ridge: 1e-6 });
    const far = problem.truth.map((value) => 15 * value);
    expect(distances(problem, far, engine).steps).toBeLessThan(1e-6 * Math.max(...far.map(Math.abs)));
  });

  test("is the plain code for counts from 0 to 1e15, near their means and far from them", () => {
    const counts = [...Array(40).keys(), 100, 1e4, 1e6, 1e9, 1e12, 1e15];
    const shifts = [-800, -20, -0.6, -0.4, -1e-3, 0, 1e-6, 0.3, 0.6, 5, 90];
    const rows = counts.flatMap((y) => shifts.map((shift) => ({ y, log: Math.log(Math.max(y, 0.1)) + shift })));
    const x = { columns: ["x"], values: [Float64Array.from(rows, ({ log }) => log)] };
    const model = mixture({ experts: "poisson", k: 2, gateColumns: ["x"], expertColumns: ["x"] });
    // One expert has the log mean x, the other one that is nearer to 0; above 100 both go on along a tangent.
    const theta = Float64Array.of(0.1, 1, 0.9);
    for (const row of rows.keys()) {
      const data = {
        rows: 1,
        gate: { ...x, values: [x.values[0].slice(row, row + 1)] },
        expert: { ...x, values: [x.values[0].slice(row, row + 1)] },
        response: Float64Array.of(rows[row].y),
      };
      const [plain, found] = (["reference", engine] as const).map((name) => {
        setEngine(name);
        return model.posterior(theta, data);
      });
      // The log means themselves are rounded, and the likelihood is as steep in them as counts are far from means.
      const { y, log } = rows[row];
      const steepness = Math.max(
        ...[log, 0.9 * log].map((at) => Math.abs(y - Math.exp(Math.min(at, 100))) * Math.abs(at)),
      );
      const size = 1 + Math.abs(plain.logLikelihood) + steepness;
      expect(Math.abs(found.logLikelihood - plain.logLikelihood) / size).toBeLessThan(1e-14);
    }
  });

  test("adds up no rows", () => {
    const { model, data, truth } = draw({ experts: "linear", k: 2, rows: 5, features: 1, seed: 1 });
    const none = { ...data, rows: 0, response: data.response.subarray(0, 0) };
    setEngine(engine);
    expect(model.posterior(truth, none).logLikelihood).toBe(0);
  });
});

test.each(["reference", "relaxed"] as const)("an expert is empty by its rows, not by what they weigh: %s", (engine) => {
  const { model, data, truth } = draw({ experts: "linear", k: 2, rows: 300, features: 2, seed: 4, weighted: true });
  setEngine(engine);
  const far = truth.map((value, j) => (j === 0 ? -600 : value));
  for (const scale of [1e-12, 1, 1e12]) {
    const scaled = { ...data, weights: data.weights!.map((w) => scale * w) };
    const failureAt = (theta: Float64Array) => model.maximise(theta, model.posterior(theta, scaled), scaled).failure;
    expect(failureAt(truth)).toBe(undefined);
    expect(failureAt(far)).toMatch(/^expert 2 emptied/);
  }
});

test("a wrong coefficient is seen", () => {
  const { model, data, truth } = draw({ experts: "linear", k: 2, rows: 300, features: 2, seed: 3 });
  const moved = truth.map((value, j) => (j === 4 ? value + 0.01 : value));
  const plain = results("reference", model, truth, data);
  const found = results("relaxed", model, moved, data);
  expect(deviation(found.responsibilities, plain.responsibilities)).toBeGreaterThan(1e-3);
});

describe("far numbers", () => {
  const { model, data, truth } = draw({ experts: "linear", k: 3, rows: 163, features: 3, seed: 9 });
  const extremes = [1e300, -1e300, 1e155, 5e-324, 1e-310, -0, Number.POSITIVE_INFINITY, Number.NaN];

  test.each(extremes)("a response of %d is what it is to the plain code, to 1e-12, finite or not", (extreme) => {
    const response = data.response.map((y, i) => (i === 80 ? extreme : y));
    const [plain, found] = (["reference", "relaxed"] as const).map((engine) => {
      setEngine(engine);
      return model.posterior(truth, { ...data, response });
    });
    expect(Number.isFinite(found.logLikelihood)).toBe(Number.isFinite(plain.logLikelihood));
    if (Number.isFinite(plain.logLikelihood)) {
      expect(deviation(found.responsibilities, plain.responsibilities)).toBeLessThan(1e-12);
      expect(Math.abs(found.logLikelihood / plain.logLikelihood - 1)).toBeLessThan(1e-12);
    }
  });

  test.each(extremes)(
    "a value of %d in a column is what it is to the plain code, to 1e-12, finite or not",
    (extreme) => {
      const design = {
        ...data.expert,
        values: data.expert.values.map((x, j) => (j === 2 ? x.map((value, i) => (i === 162 ? extreme : value)) : x)),
      };
      const far = { ...data, expert: design, gate: design };
      const [plain, found] = (["reference", "relaxed"] as const).map((engine) => {
        setEngine(engine);
        return model.posterior(truth, far);
      });
      expect(Number.isFinite(found.logLikelihood)).toBe(Number.isFinite(plain.logLikelihood));
      if (Number.isFinite(plain.logLikelihood)) {
        expect(deviation(found.responsibilities, plain.responsibilities)).toBeLessThan(1e-12);
      }
    },
  );
});
