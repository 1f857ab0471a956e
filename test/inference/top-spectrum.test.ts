import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { simulate } from "../../src/fit/simulate.ts";
import { spectrum } from "../../src/inference/spectrum.ts";
import { topSpectrum } from "../../src/inference/top-spectrum.ts";
import { random } from "../../src/math/random.ts";
import { mixture } from "../../src/models/mixture.ts";
import { symmetricPair } from "../../src/theory/symmetric.ts";
import { deviation } from "../support/differences.ts";
import { draw, nearby, problems } from "../support/problems.ts";

/** What is found, or nothing where the complete information is not positive definite. */
function orRefusal<Found>(find: () => Found): Found | undefined {
  try {
    return find();
  } catch (error) {
    expect((error as Error).message).toContain("expected positive definite complete information");
    return undefined;
  }
}

describe("the top of the spectrum", () => {
  test("is that of the dense spectrum, to 1e-8: mixtures of every kind", () => {
    fc.assert(
      fc.property(problems, fc.integer(), fc.constantFrom(0, 0.3), (problem, seed, share) => {
        const { model, data, truth } = problem;
        const rng = random(seed);
        const fixed = Object.fromEntries(
          model.names.flatMap((name, j) => (rng.uniform() < share ? [[name, truth[j]]] : [])),
        );
        const held = mixture({ ...model.spec, fixed });
        fc.pre(held.free.length > 0);
        const theta = nearby(problem, seed);
        const dense = orRefusal(() => spectrum(held, theta, data));
        const found = orRefusal(() => topSpectrum(held, theta, data, { seed }));
        if (found === undefined || dense === undefined) {
          expect([found, dense]).toEqual([undefined, undefined]);
          return;
        }
        const top = found.eigenvalues.length;
        expect(found.converged).toBe(true);
        expect(top).toBe(Math.min(6, held.free.length));
        expect(deviation(found.eigenvalues, dense.eigenvalues.subarray(0, top))).toBeLessThan(1e-8);
        expect(found.observedInformation).toBe(dense.observedInformation);
        expect(found.gradientNorm).toBeCloseTo(dense.gradientNorm, 12);
      }),
      { numRuns: 60 },
    );
  });

  test.each([
    ["linear", 3, 15, 0],
    ["linear", 3, 22, 0],
    ["logistic", 2, 10, 1],
    ["logistic", 2, 18, 3],
    ["poisson", 4, 10, 0],
  ] as const)("and of wide ones: %s, k = %d, %d features", (experts, k, features, ridge) => {
    const problem = draw({ experts, k, rows: 800, features, seed: 5, ridge });
    const theta = nearby(problem, 1, 0.05);
    const dense = spectrum(problem.model, theta, problem.data);
    const found = topSpectrum(problem.model, theta, problem.data, { top: 4 });
    expect(found.converged).toBe(true);
    expect(deviation(found.eigenvalues, dense.eigenvalues.subarray(0, 4))).toBeLessThan(1e-8);
    expect(found.rate).toBe(found.eigenvalues[0]);
  });

  test("finds a twofold eigenvalue twice: a symmetric logistic pair whose features come in two equal halves", () => {
    const rng = random(8);
    const [rows, d] = [400, 12];
    const half = Array.from({ length: d }, () => Float64Array.from({ length: rows }, () => rng.normal()));
    const zeros = new Float64Array(rows);
    // Rows of the first half see the first d features, those of the second the same numbers in the others.
    const values = [
      ...half.map((column) => Float64Array.of(...column, ...zeros)),
      ...half.map((column) => Float64Array.of(...zeros, ...column)),
    ];
    const x = { columns: values.map((_, j) => `x${j}`), values };
    const once = Float64Array.from({ length: rows }, () => Number(rng.uniform() < 0.5));
    const data = { rows: 2 * rows, gate: x, expert: x, response: Float64Array.of(...once, ...once) };
    const part = Array.from({ length: 2 }, () => Array.from({ length: d }, () => rng.normal()));
    const theta = Float64Array.of(...part[0], ...part[0], ...part[1], ...part[1]);
    const model = symmetricPair({ experts: "logistic", gateColumns: x.columns, expertColumns: x.columns });
    const dense = spectrum(model, theta, data).eigenvalues;
    expect(dense[0] - dense[1]).toBeLessThan(1e-12);
    for (const top of [1, 2, 3, 6]) {
      const found = topSpectrum(model, theta, data, { top });
      expect(found.converged).toBe(true);
      expect(deviation(found.eigenvalues, dense.subarray(0, top))).toBeLessThan(1e-8);
    }
  });

  test("does not depend on the units of columns, to 1e-8", () => {
    const problem = draw({ experts: "linear", k: 2, rows: 500, features: 6, seed: 3 });
    const { model, data } = problem;
    const theta = nearby(problem, 1, 0.02);
    const unit = (name: string): number => (name.endsWith("x2") ? 1e6 : name.endsWith("x3") ? 1e-5 : 1);
    const design = (of: typeof data.gate) => {
      return { ...of, values: of.values.map((column, j) => column.map((value) => value * unit(of.columns[j]))) };
    };
    const scaled = { ...data, gate: design(data.gate), expert: design(data.expert) };
    const there = theta.map((value, j) => value / unit(model.names[j]));
    const [one, other] = [topSpectrum(model, theta, data), topSpectrum(model, there, scaled)];
    expect(other.converged).toBe(true);
    expect(deviation(one.eigenvalues, other.eigenvalues)).toBeLessThan(1e-8);
  });

  test("says so where the point is no maximum: a top value above 1", () => {
    const problem = draw({ experts: "linear", k: 2, rows: 400, features: 2, seed: 11 });
    const saddle = problem.truth.map((_, j) => (problem.model.names[j].endsWith("log(sigma)") ? -1.5 : 0));
    const found = topSpectrum(problem.model, saddle, problem.data, { top: 2 });
    expect(found.rate).toBeGreaterThan(1);
    expect(found.observedInformation).toBe("not positive definite");
    expect(found.predictedIterationsPerDigit).toBe(Number.POSITIVE_INFINITY);
  });

  test("leaves out a direction that collinear columns say nothing of", () => {
    const problem = draw({ experts: "logistic", k: 2, rows: 300, features: 2, seed: 4 });
    const { model, data } = problem;
    const twice = { columns: [...data.gate.columns, "again"], values: [...data.gate.values, data.gate.values[1]] };
    const spec = { ...model.spec, gateColumns: twice.columns, expertColumns: twice.columns };
    const wide = mixture(spec);
    const theta = nearby(problem, 1);
    const there = Float64Array.from(wide.names, (name) => theta[model.names.indexOf(name)] ?? 0);
    const found = topSpectrum(wide, there, { ...data, gate: twice, expert: twice });
    expect(deviation(found.eigenvalues, spectrum(model, theta, data).eigenvalues.subarray(0, 6))).toBeLessThan(1e-8);
  });

  test("refuses a number of eigenvalues that there are not, and a tolerance of 0", () => {
    const { model, data, truth } = draw({ experts: "linear", k: 1, rows: 20, features: 1, seed: 1 });
    expect(() => topSpectrum(model, truth, data, { top: 4 })).toThrow(
      "Cannot compute the top of the spectrum: expected top to be a whole number from 1 to 3, the fitted parameters, got 4",
    );
    expect(() => topSpectrum(model, truth, data, { top: 1.5 })).toThrow("got 1.5");
    expect(() => topSpectrum(model, truth, data, { tolerance: 0 })).toThrow(
      "expected tolerance to be a number above 0, got 0",
    );
  });
});

test("of 711 parameters of correlated columns it is that of the dense spectrum, to 1e-8", () => {
  const rng = random(3);
  const [rows, features] = [1500, 236];
  const columns = ["(intercept)", ...Array.from({ length: features }, (_, j) => `x${j + 1}`)];
  // Each column shares a half of its variance with one factor.
  const factor = Float64Array.from({ length: rows }, () => rng.normal());
  const values = columns.map((_, j) =>
    Float64Array.from({ length: rows }, (_, i) => (j === 0 ? 1 : Math.SQRT1_2 * (factor[i] + rng.normal()))),
  );
  const x = { columns, values };
  const spec = { experts: "logistic", k: 2, labels: ["a", "b"], ridge: 20 } as const;
  const model = mixture({ ...spec, gateColumns: columns, expertColumns: columns });
  expect(model.names.length).toBe(711);
  const theta = Float64Array.from(model.names, () => 0.3 * rng.normal());
  const { response } = simulate(model, theta, { rows, gate: x, expert: x }, rng);
  const data = { rows, gate: x, expert: x, response };
  const found = topSpectrum(model, theta, data, { top: 3 });
  expect(found.converged).toBe(true);
  expect(deviation(found.eigenvalues, spectrum(model, theta, data).eigenvalues.subarray(0, 3))).toBeLessThan(1e-8);
  // The dense matrices take as long as about p/4 products each.
  expect(found.products.missing).toBeLessThan(100);
});
