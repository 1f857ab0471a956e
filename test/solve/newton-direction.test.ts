import fc from "fast-check";
import { expect, test } from "vitest";
import { random } from "../../src/math/random.ts";
import { dot } from "../../src/math/vector.ts";
import { newtonDirection } from "../../src/solve/newton-direction.ts";
import { deviation } from "../support/differences.ts";

const draws = fc.record({ p: fc.integer({ min: 1, max: 6 }), seed: fc.integer({ min: 1, max: 2 ** 31 - 1 }) });

/** Q diag(λ) Q' with Gram-Schmidt's Q of normal numbers, and a gradient. */
function drawn({ p, seed }: { p: number; seed: number }, eigenvalue: (j: number) => number) {
  const rng = random(seed);
  const basis: Float64Array[] = [];
  while (basis.length < p) {
    const vector = Float64Array.from({ length: p }, () => rng.normal());
    for (const other of basis) {
      const along = dot(vector, other);
      for (let j = 0; j < p; j++) vector[j] -= along * other[j];
    }
    const length = Math.sqrt(dot(vector, vector));
    basis.push(vector.map((value) => value / length));
  }
  const matrix = Float64Array.from({ length: p * p }, (_, at) => {
    const [i, j] = [Math.floor(at / p), at % p];
    return basis.reduce((sum, vector, e) => sum + eigenvalue(e) * vector[i] * vector[j], 0);
  });
  return { matrix, gradient: Float64Array.from({ length: p }, () => rng.normal()) };
}

const times = (matrix: Float64Array, v: Float64Array): Float64Array =>
  v.map((_, i) => dot(matrix.subarray(i * v.length, (i + 1) * v.length), v));

test("where the matrix is positive definite, times the direction it is the gradient", () => {
  fc.assert(
    fc.property(draws, (draw) => {
      const { matrix, gradient } = drawn(draw, (j) => 1 + j);
      expect(deviation(times(matrix, newtonDirection(gradient, matrix)), gradient)).toBeLessThan(1e-12);
    }),
  );
});

test("where it is not, the direction leads uphill", () => {
  fc.assert(
    fc.property(draws, (draw) => {
      const { matrix, gradient } = drawn(draw, (j) => (j % 2 === 0 ? -1 - j : 2 + j));
      expect(dot(newtonDirection(gradient, matrix), gradient)).toBeGreaterThan(0);
    }),
  );
});

test("a diagonal matrix has each entry's size, whatever its sign", () => {
  const direction = newtonDirection(Float64Array.of(1, 1, 2), Float64Array.of(2, 0, 0, 0, -4, 0, 0, 0, 1));
  expect(deviation(direction, [0.5, 0.25, 2])).toBeLessThan(1e-15);
});

test("a column in another unit has a step in that unit", () => {
  fc.assert(
    fc.property(draws, fc.integer({ min: -6, max: 6 }), (draw, power) => {
      const { p } = draw;
      const { matrix, gradient } = drawn(draw, (j) => (j % 2 === 0 ? -1 - j : 2 + j));
      const unit = Float64Array.from({ length: p }, (_, j) => (j === 0 ? 10 ** power : 1));
      const scaled = matrix.map((entry, at) => entry * unit[Math.floor(at / p)] * unit[at % p]);
      const there = newtonDirection(
        gradient.map((g, j) => g * unit[j]),
        scaled,
      );
      const expected = newtonDirection(gradient, matrix);
      const size = Math.sqrt(dot(expected, expected));
      expect(
        deviation(
          there.map((step, j) => step * unit[j]),
          expected,
        ),
      ).toBeLessThan(1e-7 * size);
    }),
  );
});

test("a matrix that is not finite gives the gradient itself", () => {
  const gradient = Float64Array.of(1, 2);
  expect(Array.from(newtonDirection(gradient, Float64Array.of(Number.NaN, 0, 0, 1)))).toEqual([1, 2]);
});
