import { expect, test } from "vitest";
import { fit } from "../../src/fit/fit.ts";
import { dependence } from "../../src/math/dependent.ts";
import { random } from "../../src/math/random.ts";
import { designGram } from "../../src/rows/observations.ts";

const n = 20_000;
const rng = random(7);
const drawn = (): Float64Array => Float64Array.from({ length: n }, () => rng.normal());
const [x, noise, y] = [drawn(), drawn(), drawn()];
const group = Array.from({ length: n }, (_, row) => "abcd"[Math.floor((4 * row) / n)]);
/** Whether a fit to two columns and a factor, which is constant in long runs of rows, takes them. */
const isTaken = (z: Float64Array, weights?: Float64Array): boolean => {
  const options = { response: "y", features: ["x", "z", "group"], k: 1, starts: 1, maxIterations: 1 } as const;
  const data = { x, z, group, y, ...(weights && { weights }) };
  try {
    const { observations } = fit(data, { ...options, ...(weights && { weights: "weights" }) });
    expect(dependence(designGram(observations, "expert"), observations.expert.columns.length)).toBe(undefined);
    return true;
  } catch (error) {
    expect((error as Error).message).toContain("that do not determine each other");
    return false;
  }
};

test("columns of many rows are taken as they would be if all rows were looked at", () => {
  expect(isTaken(noise)).toBe(true);
  expect(isTaken(x.map((value) => 2 * value))).toBe(false);
  // Different in a few rows that most looks miss; the same but for rounding; and where rows of another size hide the difference.
  expect(isTaken(x.map((value, row) => (row === 12_345 ? value + 1 : value)))).toBe(true);
  expect(isTaken(x.map((value, row) => value + 1e-9 * noise[row]))).toBe(false);
  expect(isTaken(noise.map((value, row) => (row === 12_345 ? 1e9 : value)))).toBe(true);
  expect(isTaken(noise, x.map(Math.abs))).toBe(true);
  expect(
    isTaken(
      x.map((value, row) => (row < 10 ? value : 3 * value)),
      Float64Array.from(x, (_, row) => (row < 10 ? 0 : 1)),
    ),
  ).toBe(false);
});

test("differences in rows of an ordinary size don't count where others are so large that they are rounding", () => {
  const large = (of: Float64Array) => of.map((value, row) => (row === 12_345 ? 1e12 : value));
  const data = { x: large(x), z: large(noise), y };
  expect(() => fit(data, { response: "y", features: ["x", "z"], k: 1 })).toThrow("that do not determine each other");
});

test("a column far from 0 and its square determine each other to rounding: no column is called constant that is none", () => {
  const far = Float64Array.from(x.subarray(0, 50), (value) => 1e9 + 10 * value);
  const data = { far, y: y.subarray(0, 50), same: new Float64Array(50).fill(1e9) };
  expect(() => fit(data, { formula: "y ~ far + I(far^2)", k: 1 })).toThrow(
    'got "I(far^2)", a combination of "far"; leave it out',
  );
  expect(() => fit(data, { formula: "y ~ far + same", k: 1 })).toThrow('got "same", which is the same in every row');
  expect(fit(data, { formula: "y ~ far", k: 1 }).result).toBe("converged");
  expect(fit(data, { formula: "y ~ poly(far, 2)", k: 1 }).result).toBe("converged");
});
