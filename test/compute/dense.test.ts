import fc from "fast-check";
import { afterEach, expect, test } from "vitest";
import { type Dense, denseWork, part, type Rotations, read, write } from "../../src/compute/dense.ts";
import { setEngine } from "../../src/compute/engine.ts";
import { cholesky, inverseDiagonal, solveCholesky } from "../../src/math/cholesky.ts";
import { generalisedEigen } from "../../src/math/generalised-eigen.ts";
import { random } from "../../src/math/random.ts";
import { symmetricEigen, symmetricEigenvalues } from "../../src/math/symmetric-eigen.ts";
import { solveLower, solveLowerRows, solveUpper, solveUpperRows, transposed } from "../../src/math/triangular.ts";
import { addGram } from "../../src/solve/gram.ts";

afterEach(() => setEngine("relaxed"));

const seeds = fc.integer({ min: 1, max: 2 ** 31 - 1 });

function normals(length: number, seed: number): Float64Array {
  const rng = random(seed);
  return Float64Array.from({ length }, () => rng.normal());
}

/** The same of each engine. */
function both<Found>(compute: () => Found): readonly [compiled: Found, plain: Found] {
  setEngine("relaxed");
  const compiled = compute();
  setEngine("reference");
  return [compiled, compute()];
}

function expectNear(found: ArrayLike<number>, wanted: ArrayLike<number>, tolerance: number): void {
  expect(found.length).toBe(wanted.length);
  for (let i = 0; i < found.length; i++) expect(Math.abs(found[i] - wanted[i])).toBeLessThanOrEqual(tolerance);
}

/** X'X of more rows than columns. */
function definite(p: number, seed: number): Float64Array {
  const rows = p + 20;
  const x = normals(rows * p, seed);
  const a = new Float64Array(p * p);
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < p; j++) for (let m = 0; m < p; m++) a[j * p + m] += x[i * p + j] * x[i * p + m];
  return a;
}

test("products of parts of matrices are those of the plain code, and touch nothing else", () => {
  const size = fc.integer({ min: 1, max: 40 });
  fc.assert(
    fc.property(size, size, fc.integer({ min: 0, max: 70 }), seeds, (m, n, length, seed) => {
      const found = both(() => {
        const { matrices, addProducts } = denseWork([
          [m + 2, length + 3],
          [n + 1, length + 3],
          [m + 2, n + 40],
        ]);
        const [a, b, out] = matrices;
        write(a, normals((m + 2) * (length + 3), seed), length + 3);
        write(b, normals((n + 1) * (length + 3), seed + 1), length + 3);
        write(out, normals((m + 2) * (n + 40), seed + 2), n + 40);
        addProducts(part(a, 1, m, 2, length), part(b, 1, n, 1, length), -1, part(out, 1, m, 3, n));
        return read(out, m + 2, n + 40);
      });
      expectNear(found[0], found[1], 1e-12);
      const before = normals((m + 2) * (n + 40), seed + 2);
      const rest = before.map((_, at) => {
        const [i, j] = [Math.floor(at / (n + 40)), at % (n + 40)];
        return i < 1 || i > m || j < 3 || j >= n + 3 ? 1 : 0;
      });
      for (let at = 0; at < before.length; at++) if (rest[at]) expect(found[0][at]).toBe(before[at]);
    }),
    { numRuns: 40 },
  );
});

test("a matrix is changed and multiplied as the plain code does it, and above its diagonal it is left as it is", () => {
  fc.assert(
    fc.property(fc.integer({ min: 34, max: 70 }), fc.integer({ min: 0, max: 33 }), seeds, (p, first, seed) => {
      const before = normals(p * p, seed);
      const found = both(() => {
        const { matrices, changeAndMultiply } = denseWork([
          [p, p],
          [4, p],
        ]);
        const [t, vectors] = matrices;
        write(t, before, p);
        write(vectors, normals(4 * p, seed + 1), p);
        changeAndMultiply(t, first, p, vectors);
        return [read(t, p, p), read(vectors, 4, p)] as const;
      });
      expectNear(found[0][0], found[1][0], 1e-12);
      expectNear(found[0][1], found[1][1], 1e-11);
      const [v, q, u, w] = [0, 1, 2, 3].map((row) => normals(4 * p, seed + 1).subarray(row * p, (row + 1) * p));
      for (let i = 0; i < p; i++) {
        let product = 0;
        for (let j = 0; j < p; j++) {
          const [row, column] = [Math.max(i, j), Math.min(i, j)];
          const isChanged = column >= first;
          const entry = before[row * p + column] - (isChanged ? v[row] * q[column] + q[row] * v[column] : 0);
          if (j <= i) expect(Math.abs(found[0][0][i * p + j] - entry)).toBeLessThan(1e-12);
          else expect(found[0][0][i * p + j]).toBe(before[i * p + j]);
          if (i >= first && j >= first) product += entry * u[j];
        }
        expect(Math.abs(found[0][1][3 * p + i] - w[i] - product)).toBeLessThan(1e-11);
      }
    }),
    { numRuns: 20 },
  );
});

test("rotations in any order have the bits of the plain code", () => {
  fc.assert(
    fc.property(fc.integer({ min: 34, max: 70 }), seeds, (p, seed) => {
      const rng = random(seed);
      const rotations: Rotations = { rows: new Int32Array(200), angles: new Float64Array(400), count: 200 };
      for (let t = 0, row = p - 2; t < 200; t++, row--) {
        if (row < 0 || rng.uniform() < 0.1) row = Math.floor(rng.uniform() * (p - 1));
        rotations.rows[t] = row;
        const angle = 7 * rng.uniform();
        rotations.angles.set([Math.sin(angle), Math.cos(angle)], 2 * t);
      }
      const [compiled, plain] = both(() => {
        const { matrices, rotate } = denseWork([[p, p]]);
        write(matrices[0], normals(p * p, seed), p);
        rotate(matrices[0], rotations);
        return read(matrices[0], p, p);
      });
      expect(compiled).toEqual(plain);
    }),
    { numRuns: 20 },
  );
});

// Sizes on both sides of a panel's, and of two.
const sizes = [31, 32, 33, 64, 65, 101];

test.each(sizes)("a factor of %d columns, and solutions with it, satisfy their equations in both engines", (p) => {
  const a = definite(p, p);
  for (const l of both(() => cholesky(a, p))) {
    if (typeof l === "number") throw new Error(`column ${l} taken for dependent`);
    const product = new Float64Array(p * p);
    for (let i = 0; i < p; i++)
      for (let j = 0; j < p; j++) for (let m = 0; m < p; m++) product[i * p + j] += l[i * p + m] * l[j * p + m];
    expectNear(product, a, 1e-11 * p);
    const b = normals(3 * p, p + 1);
    for (const [all, each] of [
      [solveLowerRows, solveLower],
      [solveUpperRows, solveUpper],
    ] as const) {
      const [rows, one] = [b.slice(), b.slice()];
      all(l, p, rows);
      for (let at = 0; at < one.length; at += p) each(l, p, one.subarray(at, at + p));
      expectNear(rows, one, 1e-10);
    }
    const unit = new Float64Array(p);
    unit[p >> 1] = 1;
    expect(inverseDiagonal(l, p)[p >> 1]).toBeCloseTo(solveCholesky(l, p, unit)[p >> 1], 11);
  }
  expect(transposed(transposed(a, p), p)).toEqual(a);
});

test("a dependent column is named by its index, in whichever panel it is", () => {
  const p = 90;
  for (const dependent of [5, 40, 89]) {
    const a = definite(p, 3);
    // Row and column are those of the first column but for the diagonal: twice the same column.
    for (let j = 0; j < p; j++) a[dependent * p + j] = a[j * p + dependent] = a[j];
    a[dependent * p + dependent] = a[0];
    for (const found of both(() => cholesky(a, p))) expect(found).toBe(dependent);
  }
});

test.each(sizes)("eigenvectors of %d rows are orthonormal, and A = Σ λ v v', in both engines", (p) => {
  // Of half the rank: half the eigenvalues are 0.
  const x = normals(p * (p >> 1), p);
  const half = p >> 1;
  const a = new Float64Array(p * p);
  for (let i = 0; i < p; i++)
    for (let j = 0; j < p; j++) for (let m = 0; m < half; m++) a[i * p + j] += x[i * half + m] * x[j * half + m];
  for (const { values, vectors } of both(() => symmetricEigen(a, p))) {
    expectNear(symmetricEigenvalues(a, p), values, 1e-12 * values[0] * p);
    for (let i = 0; i < p; i++) {
      for (let j = 0; j < p; j++) {
        let [sum, inner] = [0, 0];
        for (let m = 0; m < p; m++) {
          sum += values[m] * vectors[m * p + i] * vectors[m * p + j];
          inner += vectors[i * p + m] * vectors[j * p + m];
        }
        expect(Math.abs(sum - a[i * p + j])).toBeLessThan(1e-12 * values[0]);
        expect(Math.abs(inner - (i === j ? 1 : 0))).toBeLessThan(1e-12);
      }
    }
  }
});

test("solutions of A v = λ B v are those, and of unit length by B", () => {
  const p = 70;
  const [a, b] = [definite(p, 1), definite(p, 2)];
  const l = cholesky(b, p) as Float64Array;
  for (const { values, vectors } of both(() => generalisedEigen(a, l, p))) {
    for (let e = 0; e < p; e += 9) {
      const v = vectors.subarray(e * p, (e + 1) * p);
      const times = (m: Float64Array): number[] =>
        Array.from(v, (_, i) => v.reduce((sum, entry, j) => sum + m[i * p + j] * entry, 0));
      const [left, right] = [times(a), times(b)];
      expectNear(
        left,
        right.map((entry) => values[e] * entry),
        1e-9 * values[0],
      );
      expect(right.reduce((sum, entry, i) => sum + entry * v[i], 0)).toBeCloseTo(1, 10);
    }
  }
});

test.each([
  [40, 40],
  [67, 35],
])("Gram matrices of a block of %d and %d columns are those of the plain code, at their places", (dx, dz) => {
  const rows = 77;
  const columns = (d: number, seed: number): Float64Array[] =>
    Array.from({ length: d }, (_, j) => normals(rows + 5, seed + j));
  const expert = { values: columns(dx, 1), start: 3 };
  const gate = dx === dz ? expert : { values: columns(dz, 99), start: 3 };
  const block = { rows, x: { expert, gate } } as unknown as Parameters<typeof addGram>[0];
  const p = dx + dz;
  const at = (first: number, d: number): number[] => Array.from({ length: d }, (_, j) => first + d - 1 - j);
  const [row, column] = [
    { at: at(0, dx), design: "expert" as const },
    { at: at(dx, dz), design: "gate" as const },
  ];
  const weights = normals(rows + 2, 5);
  const [compiled, plain] = both(() => {
    const matrix = normals(p * p, 8);
    addGram(block, row as never, column as never, weights, 2, matrix, p, true);
    return matrix;
  });
  expectNear(compiled, plain, 1e-11);
  const before = normals(p * p, 8);
  const [a, b] = [4, 7];
  let sum = 0;
  for (let i = 0; i < rows; i++) sum += weights[2 + i] * expert.values[a][3 + i] * gate.values[b][3 + i];
  expect(plain[row.at[a] * p + column.at[b]]).toBeCloseTo(before[row.at[a] * p + column.at[b]] + sum, 10);
  expect(plain[column.at[b] * p + row.at[a]]).toBeCloseTo(before[column.at[b] * p + row.at[a]] + sum, 10);
});

test("matrices of another room are zeros, after one that was large, too", () => {
  for (const size of [40, 3000, 40]) {
    const { matrices } = denseWork([[size, size]]);
    const [one] = matrices as readonly Dense[];
    expect(one.values.every((value) => value === 0)).toBe(true);
    one.values.fill(1);
  }
});
