import fc from "fast-check";
import { expect, test } from "vitest";
import { random } from "../../src/math/random.ts";
import { symmetricEigenvalues } from "../../src/math/symmetric-eigen.ts";
import { mixture } from "../../src/models/mixture.ts";
import type { InformedModel, MatrixFreeModel } from "../../src/models/model.ts";
import type { Observations } from "../../src/rows/observations.ts";
import { symmetricPair } from "../../src/theory/symmetric.ts";
import { deviation } from "../support/differences.ts";
import { draw, nearby, problems } from "../support/problems.ts";

const normals = (count: number, seed: number): Float64Array => {
  const rng = random(seed);
  return Float64Array.from({ length: count }, () => rng.normal());
};

/** Largest deviation of the products from those with the matrices, over the sizes of their terms. */
function deviations(
  model: InformedModel<Observations> & MatrixFreeModel<Observations>,
  theta: Float64Array,
  data: Observations,
  seed: number,
) {
  const p = theta.length;
  const v = normals(p, seed);
  const matrices = model.information(theta, data);
  const products = model.informationProducts(theta, data);
  const dense = (matrix: Float64Array, entry: (value: number) => number): Float64Array =>
    Float64Array.from(v, (_, i) => v.reduce((sum, value, j) => sum + entry(matrix[i * p + j] * value), 0));
  // Where almost nothing is missing, r(1 − r) of the dense I_m is rounding of I_c's size.
  const size = Math.max(...dense(matrices.complete, Math.abs), ...dense(matrices.missing, Math.abs));
  const off = (["complete", "missing"] as const).map((part) =>
    deviation(
      products[part](v),
      dense(matrices[part], (value) => value),
    ),
  );
  return Math.max(...off) / (size || 1);
}

test("products with the informations are those with the matrices, to 1e-12 of the largest term", () => {
  fc.assert(
    fc.property(problems, fc.integer(), fc.constantFrom(0, 0.4), (problem, seed, share) => {
      const { model, data, truth } = problem;
      const rng = random(seed);
      const fixed = Object.fromEntries(
        model.names.flatMap((name, j) => (rng.uniform() < share ? [[name, truth[j]]] : [])),
      );
      const held = mixture({ ...model.spec, fixed });
      expect(deviations(held, nearby(problem, seed), data, seed)).toBeLessThan(1e-12);
    }),
    { numRuns: 100 },
  );
});

test.each(["linear", "logistic"] as const)("so are those of a symmetric %s pair", (experts) => {
  for (let seed = 1; seed <= 20; seed++) {
    const columns = ["x1", "x2", "x3"];
    const rows = 300;
    const x = { columns, values: columns.map((_, j) => normals(rows, 10 * seed + j)) };
    const narrow = { columns: columns.slice(1), values: x.values.slice(1) };
    const response = normals(rows, 10 * seed + 5).map((y) => (experts === "linear" ? 2 * y : Number(y > 0)));
    const weights = normals(rows, 10 * seed + 6).map(Math.abs);
    const model = symmetricPair({ experts, gateColumns: narrow.columns, expertColumns: columns });
    const data = { rows, gate: narrow, expert: x, response, weights, offset: normals(rows, 10 * seed + 7) };
    expect(deviations(model, normals(5, seed), data, seed)).toBeLessThan(1e-12);
  }
});

test("negative control: products at another point are off by more than 1e-3", () => {
  const problem = draw({ experts: "logistic", k: 2, rows: 300, features: 2, seed: 3 });
  const { model, data } = problem;
  const elsewhere = {
    ...model,
    informationProducts: () => model.informationProducts(nearby(problem, 2), data),
  };
  expect(deviations(elsewhere, nearby(problem, 1), data, 1)).toBeGreaterThan(1e-3);
});

test("the preconditioner inverts the blocks on the diagonal of the complete information, one for each predictor, to 1e-8", () => {
  fc.assert(
    fc.property(problems, fc.integer(), (problem, seed) => {
      const { model, data } = problem;
      const theta = nearby(problem, seed);
      const p = theta.length;
      const { complete } = model.information(theta, data);
      // What experts share is a block of its own.
      const isShared = (place: number): boolean =>
        model.experts.filter((own) => own.some(({ at }) => at.includes(place))).length > 1;
      const blocks = [...model.gate, ...model.experts.flat()]
        .flatMap(({ at }) => [at.filter((place) => !isShared(place)), at.filter(isShared)])
        .filter((block) => block.length > 0);
      const places = new Map(blocks.map((block) => [block[0], block]));
      expect([...places.values()].flat()).toHaveLength(p);
      const v = normals(p, seed);
      const image = new Float64Array(p);
      for (const own of places.values()) {
        const size = own.length;
        const block = Float64Array.from({ length: size * size }, (_, at) => {
          return complete[own[Math.floor(at / size)] * p + own[at % size]];
        });
        // Far from a maximum the likelihood of some laws is not concave, and such a block has no factor.
        fc.pre(symmetricEigenvalues(block, size)[size - 1] > 0);
        for (let a = 0; a < size; a++) {
          for (let b = 0; b < size; b++) image[own[a]] += block[a * size + b] * v[own[b]];
        }
      }
      expect(deviation(model.informationProducts(theta, data).preconditioner().solve(image), v)).toBeLessThan(1e-8);
    }),
    { numRuns: 40 },
  );
});
