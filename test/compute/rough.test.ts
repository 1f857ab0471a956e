import { afterEach, describe, expect, test } from "vitest";
import { setEngine, setThreads } from "../../src/compute/engine.ts";
import { own } from "../../src/compute/own.ts";
import { gateSums } from "../../src/laws/gaussian-kernel.ts";
import { expertSums } from "../../src/laws/multinomial-kernel.ts";
import { poissonSums } from "../../src/laws/poisson-kernel.ts";
import { random } from "../../src/math/random.ts";
import { coefficientsOf, type Predictor } from "../../src/rows/predictor.ts";
import type { Terms } from "../../src/solve/likelihood.ts";
import { denseExpansion } from "../../src/solve/newton-dense.ts";
import { deviation } from "../support/differences.ts";
import { draw, nearby } from "../support/problems.ts";

afterEach(() => {
  setEngine("relaxed");
  setThreads(2);
});

const drawn = (experts: "linear" | "poisson" | "logistic", features: number, rows = 2003) =>
  draw({ experts, k: 3, rows, features, seed: features, weighted: true, ridge: 0.1, shifted: true });

/** The expansions of a mixture that kernels find: of its gate, and of its second expert. */
function expansions({ model, data: given, truth }: ReturnType<typeof drawn>) {
  const data = own(given);
  const { responsibilities } = model.posterior(truth, data);
  const [gate, expert] = [coefficientsOf(model.gate, truth), coefficientsOf(model.experts[1], truth)];
  const owner = { responsibilities };
  const classes = model.experts[1].length + 1;
  return [
    { m: 2, sums: (terms: Terms) => gateSums(3, gate, owner, data, terms)! },
    model.spec.experts === "poisson"
      ? { m: 1, sums: (terms: Terms) => poissonSums(3, 1, expert, owner, data, terms)! }
      : { m: classes - 1, sums: (terms: Terms) => expertSums(3, 1, classes, expert, owner, data, terms)! },
  ];
}

describe.each(["simd", "relaxed"] as const)("%s", (engine) => {
  // Columns beside the intercept: all that the tiles of two and four leave over.
  test.each([1, 2, 3, 4, 5, 6, 7, 23, 24, 30, 61])(
    "a Hessian of %i columns has seven digits, all else all",
    (features) => {
      setEngine(engine);
      const d = features + 1;
      for (const experts of ["poisson", "logistic"] as const) {
        for (const { m, sums } of expansions(drawn(experts, features))) {
          const [all, rough] = [sums("all"), sums("rough")];
          expect(rough.length).toBe(all.length);
          expect(rough.subarray(0, 1 + m * d)).toEqual(all.subarray(0, 1 + m * d));
          expect(rough).not.toEqual(all);
          const sizes = Array.from({ length: m }, (_, h) => {
            const from = 1 + m * d + (h * (h + 1) * d * d) / 2 + h * d * d;
            return Array.from({ length: d }, (_, a) => Math.sqrt(all[from + a * (d + 1)]));
          });
          let at = 1 + m * d;
          for (let h = 0; h < m; h++) {
            for (let j = 0; j <= h; j++) {
              for (let a = 0; a < d; a++) {
                for (let b = 0; b < d; b++, at++) {
                  expect(Math.abs(rough[at] - all[at])).toBeLessThan(3e-7 * sizes[h][a] * sizes[j][b]);
                }
              }
            }
          }
        }
      }
    },
  );

  test("a value alone is that of the expansion", () => {
    setEngine(engine);
    for (const experts of ["poisson", "logistic"] as const) {
      for (const { sums } of expansions(drawn(experts, 4))) {
        expect(sums("value")).toEqual(sums("all").subarray(0, 1));
      }
    }
  });

  test.each(["linear", "poisson", "logistic"] as const)(
    "an M-step of 30 columns ends where the plain code's does: %s",
    (experts) => {
      const { model, data, truth } = drawn(experts, 30);
      const [plain, found] = (["reference", engine] as const).map((name) => {
        setEngine(name);
        return model.maximise(truth, model.posterior(truth, data), data);
      });
      expect(deviation(found.theta, plain.theta)).toBeLessThan(1e-9);
      expect(deviation(found.theta, truth)).toBeGreaterThan(1e-3);
    },
  );

  test.each(["linear", "poisson", "logistic"] as const)(
    "an M-step elsewhere takes none of its posterior's sums: %s",
    (experts) => {
      const problem = drawn(experts, 5);
      const { model, data, truth } = problem;
      const other = nearby(problem, 3, 0.1);
      const [plain, found] = (["reference", engine] as const).map((name) => {
        setEngine(name);
        const posterior = model.posterior(truth, data);
        return model.maximise(other, posterior, data, { steps: 1 });
      });
      expect(deviation(found.theta, plain.theta)).toBeLessThan(1e-8);
    },
  );
});

test("an M-step of 30 columns has the same bits with 1, 2 and 7 threads", () => {
  const { model, data, truth } = drawn("poisson", 30, 9001);
  const [one, ...others] = [1, 2, 7].map((threads) => {
    setThreads(threads);
    return model.maximise(truth, model.posterior(truth, data), data).theta;
  });
  for (const theta of others) expect(theta).toEqual(one);
});

/** The terms that a climb asks for at two points, and how far its first direction is from that of a Hessian with all digits. */
function asked(change: (columns: Float64Array[]) => void): { terms: Terms[]; error: number } {
  const { model, data: given, truth } = drawn("poisson", 30);
  const { responsibilities } = model.posterior(truth, given);
  const values = given.expert.values.map((column) => column.slice());
  change(values);
  const design = { ...given.expert, values };
  const data = own({ ...given, expert: design, gate: design });
  // Without the prior that would hide what is lost.
  const predictors: readonly Predictor[] = model.experts[1].map((predictor) => ({ ...predictor, ridge: 0 }));
  const start = truth.slice();
  for (const j of predictors[0].at) start[j] = 0;
  const coefficients = coefficientsOf(predictors, start);
  const terms: Terms[] = [];
  const likelihood = (see: (terms: Terms) => Terms) => ({
    penalty: [1],
    evaluate: () => Number.NaN,
    compiled: {
      expansion: (at: Float64Array, wanted: Terms) => poissonSums(3, 1, at, { responsibilities }, data, see(wanted)),
    },
  });
  const expand = denseExpansion(
    likelihood((wanted) => {
      terms.push(wanted);
      return wanted;
    }),
    predictors,
    data,
  );
  const direction = expand(start).direction();
  expand(start).direction();
  const exact = denseExpansion(
    likelihood(() => "all"),
    predictors,
    data,
  )(start).direction();
  expect(coefficients.every((value) => value === 0)).toBe(true);
  return { terms, error: deviation(direction, exact) / Math.max(...exact.map(Math.abs)) };
}

test("a direction has all digits of its Hessian where columns are nearly dependent, or beyond single precision", () => {
  const rng = random(1);
  const plain = asked(() => {});
  expect(plain.terms).toEqual(["rough", "rough"]);
  expect(plain.error).toBeGreaterThan(0);
  expect(plain.error).toBeLessThan(1e-5);
  const scaled = (factor: number) => (columns: Float64Array[]) => {
    columns[5] = columns[5].map((value) => factor * value);
  };
  const nearly = (columns: Float64Array[]) => {
    columns[7] = columns[8].map((value) => value + 1e-3 * rng.normal());
  };
  for (const change of [nearly, scaled(1e60), scaled(1e-60)]) {
    const { terms, error } = asked(change);
    expect(terms).toEqual(["rough", "all", "all"]);
    expect(error).toBe(0);
  }
});
