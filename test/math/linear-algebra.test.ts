import fc from "fast-check";
import { expect, test } from "vitest";
import { cholesky, inverseDiagonal, solveCholesky } from "../../src/math/cholesky.ts";
import { random } from "../../src/math/random.ts";
import { symmetricEigen } from "../../src/math/symmetric-eigen.ts";

const problem = fc.record({ p: fc.integer({ min: 1, max: 24 }), seed: fc.integer({ min: 1, max: 2 ** 31 - 1 }) });

function gaussian(rows: number, columns: number, seed: number): Float64Array {
  const rng = random(seed);
  return Float64Array.from({ length: rows * columns }, () => rng.normal());
}

function gram(x: Float64Array, rows: number, columns: number): Float64Array {
  const out = new Float64Array(columns * columns);
  for (let i = 0; i < rows; i++)
    for (let a = 0; a < columns; a++)
      for (let b = 0; b < columns; b++) out[a * columns + b] += x[i * columns + a] * x[i * columns + b];
  return out;
}

test("a Cholesky solution satisfies its equations, and the inverse's diagonal is what the solutions say", () => {
  fc.assert(
    fc.property(problem, ({ p, seed }) => {
      const a = gram(gaussian(2 * p + 3, p, seed), 2 * p + 3, p);
      const l = cholesky(a, p);
      if (typeof l === "number") throw new Error(`column ${l} taken for dependent`);
      const b = gaussian(p, 1, seed + 1);
      const x = solveCholesky(l, p, b);
      for (let i = 0; i < p; i++) {
        let sum = 0;
        for (let j = 0; j < p; j++) sum += a[i * p + j] * x[j];
        expect(sum).toBeCloseTo(b[i], 9);
        const unit = new Float64Array(p);
        unit[i] = 1;
        expect(inverseDiagonal(l, p)[i]).toBeCloseTo(solveCholesky(l, p, unit)[i], 10);
      }
    }),
  );
});

test("a dependent column is named by its index", () => {
  const rows = 30;
  const x = gaussian(rows, 4, 7);
  for (let i = 0; i < rows; i++) x[i * 4 + 2] = 3 * x[i * 4] - 0.5 * x[i * 4 + 1];
  expect(cholesky(gram(x, rows, 4), 4)).toBe(2);
  expect(cholesky(Float64Array.of(Number.NaN), 1)).toBe(0);
});

test("eigenvectors are orthonormal, and A = Σ λ v v', to 1e-12 of the norm, with repeated and zero eigenvalues", () => {
  fc.assert(
    fc.property(problem, fc.integer({ min: 0, max: 24 }), ({ p, seed }, rank) => {
      const rows = Math.min(rank, p);
      const a = gram(gaussian(rows, p, seed), rows, p);
      const { values, vectors } = symmetricEigen(a, p);
      const norm = 1 + Math.max(...values.map(Math.abs));
      for (let i = 0; i < p; i++) {
        if (i > 0) expect(values[i]).toBeLessThanOrEqual(values[i - 1]);
        for (let j = 0; j < p; j++) {
          let sum = 0;
          let dot = 0;
          for (let m = 0; m < p; m++) {
            sum += values[m] * vectors[m * p + i] * vectors[m * p + j];
            dot += vectors[i * p + m] * vectors[j * p + m];
          }
          expect(Math.abs(sum - a[i * p + j])).toBeLessThan(1e-12 * norm * p);
          expect(Math.abs(dot - (i === j ? 1 : 0))).toBeLessThan(1e-12 * p);
        }
      }
    }),
  );
});

test("eigenvalues of the second-difference matrix are 2 − 2cos(jπ/(p+1))", () => {
  const p = 60;
  const a = new Float64Array(p * p);
  for (let i = 0; i < p; i++) {
    a[i * p + i] = 2;
    if (i > 0) a[i * p + i - 1] = -1;
  }
  const { values } = symmetricEigen(a, p);
  for (let j = 0; j < p; j++) expect(values[j]).toBeCloseTo(2 - 2 * Math.cos(((p - j) * Math.PI) / (p + 1)), 13);
});
