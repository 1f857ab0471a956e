import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { blockCholesky } from "../../src/math/block-cholesky.ts";
import { cholesky, solveCholesky } from "../../src/math/cholesky.ts";
import { conjugateGradient } from "../../src/math/conjugate-gradient.ts";
import { generalisedEigen } from "../../src/math/generalised-eigen.ts";
import { lanczos, type Pencil } from "../../src/math/lanczos.ts";
import { random } from "../../src/math/random.ts";
import { places } from "../../src/rows/predictor.ts";
import { deviation } from "../support/differences.ts";

const normals = (count: number, seed: number): Float64Array => {
  const rng = random(seed);
  return Float64Array.from({ length: count }, () => rng.normal());
};

const times = (a: Float64Array, v: Float64Array): Float64Array =>
  v.map((_, i) => v.reduce((sum, value, j) => sum + a[i * v.length + j] * value, 0));

/** X'DX for a random square X and a diagonal D. */
function congruent(diagonal: readonly number[], seed: number): Float64Array {
  const p = diagonal.length;
  const x = normals(p * p, seed).map((value, at) => value / Math.sqrt(p) + (at % (p + 1) === 0 ? 2 : 0));
  const entry = (i: number, j: number): number =>
    diagonal.reduce((sum, d, m) => sum + d * x[m * p + i] * x[m * p + j], 0);
  return Float64Array.from({ length: p * p }, (_, at) => entry(Math.floor(at / p), at % p));
}

const identity = (v: Float64Array): Float64Array => v.slice();

describe("conjugate gradients", () => {
  const problem = fc.record({ p: fc.integer({ min: 1, max: 30 }), seed: fc.integer({ min: 1, max: 1e6 }) });

  test("solve the equations as Cholesky's factor does, to 1e-9, and say what residual they leave", () => {
    fc.assert(
      fc.property(problem, fc.boolean(), ({ p, seed }, isPreconditioned) => {
        const a = congruent(new Array(p).fill(1), seed).map((entry, at) => entry + (at % (p + 1) === 0 ? 0.1 : 0));
        const b = normals(p, seed + 1);
        const blocks = [{ at: places(0, Math.ceil(p / 2)), entries: corner(a, p, Math.ceil(p / 2)) }];
        const precondition = isPreconditioned ? blockCholesky(blocks).solve : identity;
        const found = conjugateGradient((v) => times(a, v), b, { precondition, tolerance: 1e-12, maxIterations: 200 });
        expect(found.end).toBe("converged");
        expect(deviation(found.x, solveCholesky(cholesky(a, p) as Float64Array, p, b))).toBeLessThan(1e-9);
        const left = times(a, found.x).map((value, j) => b[j] - value);
        const size = (r: Float64Array): number => Math.sqrt(precondition(r).reduce((sum, z, j) => sum + z * r[j], 0));
        expect(Math.abs(size(left) / size(b) - found.residual)).toBeLessThan(1e-13);
      }),
    );
  });

  test("with the matrix itself for a preconditioner take one iteration", () => {
    const a = congruent([1, 2, 3, 4], 3);
    const { solve } = blockCholesky([{ at: places(0, 4), entries: a }]);
    const options = { precondition: solve, tolerance: 1e-10, maxIterations: 9 };
    expect(conjugateGradient((v) => times(a, v), normals(4, 1), options).iterations).toBe(1);
  });

  test("say when they were cut short, met negative curvature, or had nothing to solve", () => {
    const options = { precondition: identity, tolerance: 1e-10, maxIterations: 2 };
    const solve = (diagonal: readonly number[], b: Float64Array) =>
      conjugateGradient((v) => v.map((value, j) => diagonal[j] * value), b, options);
    const short = solve([1, 10, 100, 1000], Float64Array.of(1, 1, 1, 1));
    expect([short.end, short.iterations]).toEqual(["max-iterations", 2]);
    expect(short.residual).toBeGreaterThan(1e-3);
    expect(solve([1, -1], Float64Array.of(0.1, 1)).end).toBe("negative curvature");
    expect(solve([0, 0], Float64Array.of(1, 1)).end).toBe("negative curvature");
    expect(solve([1, 1], new Float64Array(2))).toMatchObject({ end: "converged", iterations: 0, residual: 0 });
  });
});

function corner(a: Float64Array, p: number, size: number): Float64Array {
  return Float64Array.from({ length: size * size }, (_, at) => a[Math.floor(at / size) * p + (at % size)]);
}

describe("a block-diagonal factor", () => {
  test("has colours whose covariance is the inverse: L⁻ᵀL⁻¹ = P⁻¹, to 1e-12", () => {
    const entries = congruent([1, 2, 3], 5);
    const factor = blockCholesky([
      { at: [1, 2, 3], entries },
      { at: [4, 5], entries: Float64Array.of(4, 9) },
    ]);
    const p = 6;
    const unit = (j: number): Float64Array => Float64Array.from({ length: p }, (_, i) => Number(i === j));
    const colours = Array.from({ length: p }, (_, j) => factor.colour(unit(j)));
    for (let i = 0; i < p; i++) {
      const covariance = Float64Array.from({ length: p }, (_, j) => colours.reduce((sum, c) => sum + c[i] * c[j], 0));
      expect(deviation(factor.solve(unit(i)), covariance)).toBeLessThan(1e-12);
    }
  });

  test("takes a singular block for its diagonal, and nothing for 1", () => {
    const singular = { at: [0, 1], entries: Float64Array.of(4, 4, 4, 4) };
    const empty = { at: [2], entries: Float64Array.of(0) };
    expect(Array.from(blockCholesky([singular, empty]).solve(Float64Array.of(4, 8, 3)))).toEqual([1, 2, 3]);
  });
});

/** A pencil with the eigenvalues that are given: A = X'ΛX and B = X'X. */
function pencilOf(values: readonly number[], seed: number, solveTo: number = 1e-13): Pencil & { b0: Float64Array } {
  const p = values.length;
  const [a0, b0] = [congruent(values, seed), congruent(new Array(p).fill(1), seed)];
  const b = (v: Float64Array): Float64Array => times(b0, v);
  const rng = random(seed, 1);
  return {
    a: (v) => times(a0, v),
    b,
    b0,
    solve: (r) => conjugateGradient(b, r, { precondition: identity, tolerance: solveTo, maxIterations: 10 * p }).x,
    draw: () => Float64Array.from({ length: p }, () => rng.normal()),
    dimension: p,
  };
}

describe("Lanczos' method", () => {
  const spectra: Record<string, readonly number[]> = {
    separate: Array.from({ length: 60 }, (_, j) => 0.95 ** j),
    double: [0.9, 0.9, 0.7, ...Array.from({ length: 50 }, (_, j) => 0.6 - 0.01 * j)],
    "fourfold, of rank four": [0.8, 0.8, 0.8, 0.8, ...new Array(26).fill(0)],
    "nearly double": [0.9, 0.9 - 1e-7, 0.9 - 2e-7, ...Array.from({ length: 40 }, (_, j) => 0.8 * 0.9 ** j)],
    "above one and below zero": [1.3, 1, ...Array.from({ length: 30 }, (_, j) => 0.5 - 0.05 * j)],
    small: [0.5, 0.25],
  };

  test.each(Object.entries(spectra))(
    "finds the largest eigenvalues, to 1e-8, with their multiplicity: %s",
    (_, all) => {
      const p = all.length;
      const values = [...all].sort((x, y) => y - x);
      for (const top of [1, 2, Math.min(4, p), Math.min(7, p)]) {
        const pencil = pencilOf(all, 7 + top);
        const found = lanczos(pencil, top, 1e-9, p);
        expect(found.converged).toBe(true);
        expect(deviation(found.values, values.slice(0, top))).toBeLessThan(1e-8);
        expect(Math.max(...found.residuals)).toBeLessThan(1e-9);
        for (let e = 0; e < top; e++) {
          const v = found.vectors.subarray(e * p, (e + 1) * p);
          const [av, bv] = [pencil.a(v), pencil.b(v)];
          const residual = av.map((value, j) => value - found.values[e] * bv[j]);
          const exact = solveCholesky(cholesky(pencil.b0, p) as Float64Array, p, residual);
          const size = Math.sqrt(residual.reduce((sum, r, j) => sum + r * exact[j], 0));
          expect(Math.abs(size - found.residuals[e])).toBeLessThan(1e-11);
          expect(Math.abs(v.reduce((sum, value, j) => sum + value * bv[j], 0) - 1)).toBeLessThan(1e-10);
        }
      }
    },
  );

  test("agrees with the dense solver on random pencils, to 1e-9", () => {
    fc.assert(
      fc.property(fc.integer({ min: 3, max: 40 }), fc.integer({ min: 1, max: 1e6 }), (p, seed) => {
        const values = Array.from(normals(p, seed), Math.abs);
        const pencil = pencilOf(values, seed);
        const dense = generalisedEigen(congruent(values, seed), cholesky(pencil.b0, p) as Float64Array, p).values;
        const found = lanczos(pencil, 3, 1e-10, p);
        expect(deviation(found.values, dense.slice(0, 3))).toBeLessThan(1e-9);
      }),
      { numRuns: 40 },
    );
  });

  test("says that it did not converge where the basis may not grow, or the inner solutions are too coarse", () => {
    const values = Array.from({ length: 80 }, (_, j) => 0.99 ** j);
    const short = lanczos(pencilOf(values, 1), 3, 1e-9, 8);
    expect(short.converged).toBe(false);
    expect(Math.max(...short.residuals)).toBeGreaterThan(1e-3);
    const coarse = lanczos(pencilOf(values, 1, 0.9), 3, 1e-9, 40);
    expect(coarse.converged).toBe(false);
    expect(deviation(coarse.values, values.slice(0, 3))).toBeGreaterThan(1e-3);
  });

  test("leaves out directions without length in B", () => {
    const half = pencilOf([0.9, 0.5], 3);
    const onto = (product: (v: Float64Array) => Float64Array) => (v: Float64Array) =>
      Float64Array.of(...product(v.slice(0, 2)), 0);
    const rng = random(1);
    const draw = (): Float64Array => Float64Array.from({ length: 3 }, () => rng.normal());
    const flat: Pencil = { a: onto(half.a), b: onto(half.b), solve: onto(half.solve), draw, dimension: 3 };
    const found = lanczos(flat, 3, 1e-9, 3);
    expect(deviation(found.values, [0.9, 0.5])).toBeLessThan(1e-12);
    expect(found.converged).toBe(true);
  });
});
