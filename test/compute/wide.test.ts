import { afterEach, describe, expect, test } from "vitest";
import { setEngine, setThreads } from "../../src/compute/engine.ts";
import { own } from "../../src/compute/own.ts";
import { benchProblem } from "../../src/experiments/bench/bench-rows.ts";
import { gateProduct, gateSums } from "../../src/laws/gaussian-kernel.ts";
import { expertProduct, expertSums } from "../../src/laws/multinomial-kernel.ts";
import { poissonProduct, poissonSums } from "../../src/laws/poisson-kernel.ts";
import { random } from "../../src/math/random.ts";
import { coefficientsOf } from "../../src/rows/predictor.ts";
import { deviation } from "../support/differences.ts";
import { draw, nearby } from "../support/problems.ts";

afterEach(() => {
  setEngine("relaxed");
  setThreads(2);
});

const problem = draw({ experts: "logistic", classes: 5, k: 4, rows: 2001, features: 6, seed: 2, weighted: true });
const [data, d] = [own(problem.data), 7];
const theta = nearby(problem, 1);
const { responsibilities } = problem.model.posterior(theta, data);
const normals = (count: number): Float64Array => {
  const rng = random(4);
  return Float64Array.from({ length: count }, () => rng.normal());
};

/** Both softmaxes of the mixture: its gate, and its second expert. */
const softmaxes = () => {
  const { gate, experts } = problem.model;
  const [ofGate, ofExpert] = [coefficientsOf(gate, theta), coefficientsOf(experts[1], theta)];
  const given = { responsibilities };
  return [
    {
      m: 3,
      sums: (blocks: "diagonal" | "all") => gateSums(4, ofGate, given, data, blocks)!,
      product: (v: Float64Array) => gateProduct(4, ofGate, v, given, data)!,
    },
    {
      m: 4,
      sums: (blocks: "diagonal" | "all") => expertSums(4, 1, 5, ofExpert, given, data, blocks)!,
      product: (v: Float64Array) => expertProduct(4, 1, 5, ofExpert, v, given, data)!,
    },
  ];
};

/** H v of the Hessian whose blocks stand after the value and the gradient. */
function byMatrix(sums: Float64Array, m: number, v: Float64Array): Float64Array {
  const out = new Float64Array(m * d);
  let at = 1 + m * d;
  for (let h = 0; h < m; h++) {
    for (let j = 0; j <= h; j++) {
      for (let a = 0; a < d; a++) {
        for (let b = 0; b < d; b++, at++) {
          out[h * d + a] += sums[at] * v[j * d + b];
          if (j < h) out[j * d + b] += sums[at] * v[h * d + a];
        }
      }
    }
  }
  return out;
}

describe.each(["simd", "relaxed"] as const)("%s", (engine) => {
  test("the product of a softmax's Hessian is that of its matrix, and another direction's is not", () => {
    setEngine(engine);
    for (const { m, sums, product } of softmaxes()) {
      const v = normals(m * d);
      const wanted = byMatrix(sums("all"), m, v);
      const scale = Math.max(...wanted.map(Math.abs));
      expect(deviation(product(v), wanted) / scale).toBeLessThan(1e-12);
      const other = v.map((value, j) => (j === 2 ? value + 0.01 : value));
      expect(deviation(product(other), wanted) / scale).toBeGreaterThan(1e-5);
    }
  });

  test("products and diagonals of a Poisson expert's Hessian are those of its matrix", () => {
    setEngine(engine);
    const counts = draw({ experts: "poisson", k: 3, rows: 2001, features: 6, seed: 5, weighted: true });
    const rows = own(counts.data);
    const at = nearby(counts, 1);
    const given = counts.model.posterior(at, rows);
    const coefficients = coefficientsOf(counts.model.experts[1], at);
    const all = poissonSums(3, 1, coefficients, given, rows, "all")!;
    const v = normals(d);
    const wanted = byMatrix(all, 1, v);
    const scale = Math.max(...wanted.map(Math.abs));
    expect(deviation(poissonProduct(3, 1, coefficients, v, given, rows)!, wanted) / scale).toBeLessThan(1e-12);
    const few = poissonSums(3, 1, coefficients, given, rows, "diagonal")!;
    expect(few.length).toBe(1 + 2 * d);
    for (let a = 0; a < d; a++) {
      const entry = all[1 + d + a * (d + 1)];
      expect(Math.abs(few[1 + d + a] - entry)).toBeLessThanOrEqual(1e-12 * entry);
    }
  });

  test("the diagonal is that of the whole Hessian, and so is all before it", () => {
    setEngine(engine);
    for (const { m, sums } of softmaxes()) {
      const [all, few] = [sums("all"), sums("diagonal")];
      expect(few.length).toBe(1 + 2 * m * d);
      expect(few.subarray(0, 1 + m * d)).toEqual(all.subarray(0, 1 + m * d));
      for (let h = 0; h < m; h++) {
        const from = 1 + m * d + (h * (h + 1) * d * d) / 2 + h * d * d;
        for (let a = 0; a < d; a++) {
          const wanted = all[from + a * (d + 1)];
          expect(Math.abs(few[1 + m * d + h * d + a] - wanted)).toBeLessThanOrEqual(1e-12 * wanted);
        }
      }
    }
  });

  test("steps of more than 400 coefficients are the plain code's", () => {
    for (const of of [
      { experts: "logistic", classes: 12, k: 3, features: 40 },
      { experts: "linear", k: 3, features: 210 },
    ] as const) {
      const wide = draw({ ...of, rows: 1000, seed: 3, ridge: 1, weighted: true });
      const at = nearby(wide, 2, 0.02);
      const [plain, found] = (["reference", engine] as const).map((name) => {
        setEngine(name);
        return wide.model.maximise(at, wide.model.posterior(at, wide.data), wide.data, { steps: 1 });
      });
      // Hessians that are made are in single precision.
      expect(deviation(found.theta, plain.theta)).toBeLessThan(1e-5);
    }
  });
});

test("steps of Poisson experts of more than 400 coefficients are the plain code's, and the same bits with 1 and 7 threads", () => {
  const { model, data: rows, truth } = benchProblem({ n: 1500, d: 410, k: 2, experts: "poisson" });
  const step = (): Float64Array => model.maximise(truth, model.posterior(truth, rows), rows, { steps: 1 }).theta;
  const [first, second] = [1, 7].map((threads) => {
    setThreads(threads);
    return step();
  });
  expect(second).toEqual(first);
  setEngine("reference");
  expect(deviation(first, step())).toBeLessThan(1e-6);
});

test("1, 2 and 7 threads find the same bits of a step of more than 400 coefficients", () => {
  const wide = draw({ experts: "linear", k: 3, features: 210, rows: 3001, seed: 3, ridge: 1, weighted: true });
  const at = nearby(wide, 2, 0.02);
  const [first, ...others] = [1, 2, 7].map((threads) => {
    setEngine("relaxed");
    setThreads(threads);
    return wide.model.maximise(at, wide.model.posterior(at, wide.data), wide.data, { steps: 1 });
  });
  for (const other of others) expect(other.theta).toEqual(first.theta);
});
