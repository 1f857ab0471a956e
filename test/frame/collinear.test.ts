import { expect, test } from "vitest";
import { fit } from "../../src/fit/fit.ts";
import type { FitOptions } from "../../src/fit/fit-options.ts";
import { undetermined } from "../../src/frame/collinear.ts";
import { dependence } from "../../src/math/dependent.ts";
import { random } from "../../src/math/random.ts";
import { designGram, rowsOf } from "../../src/rows/observations.ts";

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

test("rows that leave a coefficient of a fit open are told of, unless a prior or a fixed value determines it", () => {
  const rows = 40;
  const [own, other] = [x, noise].map((values) => Array.from(values.subarray(0, rows)));
  const data = {
    ...{ own, other, y: own.map((value, row) => (row % 2 ? value : -value) + 0.3 * other[row]) },
    ...{ rare: own.map((_, row) => (row < 3 ? 1 : 0)), count: own.map((_, row) => row % 4) },
  };
  const openOf = (options: object, taken: (row: number) => boolean): string | undefined => {
    const { mixture, observations } = fit(data, { k: 2, starts: 1, maxIterations: 1, ...options } as FitOptions);
    return undetermined(mixture, rowsOf(observations, Array.from(own.keys()).filter(taken)));
  };
  const [all, rest, few] = [() => true, (row: number) => row > 2, (row: number) => row === 2 || row > 38];
  const zero = '"rare", which is 0 in every row';
  for (const [formula, more] of [
    ["y ~ own + rare | 1", {}],
    ["count ~ own + rare | 1", { experts: "poisson" }],
    ["y ~ own | rare", { experts: "student-t" }],
    ["y ~ own + other + rare | 1", { shared: ["rare"] }],
    ["count ~ own + rare | 1", { experts: "logistic" }],
  ] as const) {
    expect(openOf({ formula, ...more }, all)).toBe(undefined);
    expect(openOf({ formula, ...more }, rest)).toBe(zero);
    expect(openOf({ formula, ...more, ridge: 1 }, rest)).toBe(undefined);
  }
  expect(openOf({ formula: "y ~ own + rare | 1" }, few)).toBe('"rare", a combination of "(intercept)" and "own"');
  expect(openOf({ formula: "y ~ rare | 1" }, (row) => row < 3)).toContain("the same in every row like the intercept");
  const fixed = { "expert1.rare": 0, "expert2.rare": 1 };
  expect(openOf({ formula: "y ~ own + rare | 1", fixed }, rest)).toBe(undefined);
  expect(openOf({ formula: "y ~ own + rare | 1", fixed: { "expert1.rare": 0 } }, rest)).toBe(zero);
});
