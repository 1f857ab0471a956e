import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { STRETCH_ROWS } from "../../../src/compute/blocks.ts";
import { fit } from "../../../src/fit/fit.ts";
import { source } from "../../../src/fit/source/source.ts";
import type { Formula } from "../../../src/frame/formula.ts";
import { polynomialBasis, polynomials } from "../../../src/frame/polynomial.ts";
import { PolynomialMoments } from "../../../src/frame/polynomial-moments.ts";
import { covariance } from "../../../src/inference/covariance.ts";
import { random } from "../../../src/math/random.ts";
import { dot } from "../../../src/math/vector.ts";

const draws = fc.record({
  seed: fc.integer({ min: 1, max: 1e6 }),
  degree: fc.integer({ min: 1, max: 6 }),
  rows: fc.integer({ min: 400, max: 6000 }),
  mean: fc.constantFrom(0, -3, 2000, 1e6),
  spread: fc.constantFrom(1, 1e-3, 25, 1e5),
  skew: fc.boolean(),
});

test("the polynomials of all numbers follow from those of some, in one pass", () => {
  fc.assert(
    fc.property(draws, ({ seed, degree, rows, mean, spread, skew }) => {
      const rng = random(seed);
      const draw = (): number => mean + spread * (skew ? rng.uniform() ** 3 : rng.normal());
      const x = Float64Array.from({ length: rows }, draw);
      const some = polynomialBasis(x.subarray(0, 200), degree, "x");
      const moments = new PolynomialMoments(some);
      for (let from = 0; from < rows; from += 700) moments.add(x.subarray(from, from + 700));
      const basis = moments.basis();
      const known = polynomialBasis(x, degree, "x");
      expect(basis.norms[1]).toBe(rows);
      // What they are: of unit length, and at right angles, to the rounding of numbers so far from 0.
      const columns = [new Float64Array(rows).fill(1 / Math.sqrt(rows)), ...polynomials(x, basis.centres, basis.norms)];
      const rounding = 1e-11 * (1 + Math.abs(mean) / spread);
      columns.forEach((a, i) => {
        for (const [j, b] of columns.entries()) expect(Math.abs(dot(a, b) - (i === j ? 1 : 0))).toBeLessThan(rounding);
      });
      for (const [j, norm] of known.norms.entries()) expect(Math.abs(basis.norms[j] / norm - 1)).toBeLessThan(rounding);
    }),
    { numRuns: 60 },
  );
});

describe("a fit of polynomials of a source", () => {
  const rng = random(5);
  const [count, few] = [STRETCH_ROWS + 4000, 4000];
  const [age, g, y]: [number[], string[], number[]] = [[], [], []];
  for (let i = 0; i < count; i++) {
    const z = rng.normal();
    age.push(i % 997 === 0 ? Number.NaN : 50 + 10 * z);
    g.push(rng.uniform() < 0.5 ? "a" : "b");
    y.push((rng.uniform() < 0.5 ? 1 + z * z : -2 - z) + 0.4 * rng.normal());
  }
  const all = { age, g, y };
  const some = { age: age.slice(0, few), g: g.slice(0, few), y: y.slice(0, few) };
  const options = { formula: "y ~ poly(age, 3) * g | poly(age, 2)", k: 2, starts: 2, missing: "drop" } as const;
  const basis = ({ formula }: { readonly formula: Formula }): readonly number[] => {
    const coding = formula.codings?.["poly(age, 3)"];
    if (coding?.type !== "polynomial") throw new Error("no polynomial");
    return [...coding.centres, ...coding.norms];
  };

  test("has the basis of memory's, of all rows that are complete", () => {
    const [ours, theirs] = [source(all), all].map((data) => fit(data as typeof all, { ...options, maxIterations: 1 }));
    const wanted = basis(theirs);
    basis(ours).forEach((value, j) => void expect(Math.abs(value / wanted[j] - 1)).toBeLessThan(1e-12));
  });

  test("comes to memory's maximum and standard errors", () => {
    const [ours, theirs] = [fit(source(some), options), fit(some, { ...options, algorithm: "one-pass-em" })];
    expect(Math.abs(ours.logLikelihood / theirs.logLikelihood - 1)).toBeLessThan(1e-11);
    const [errors, wanted] = [covariance(ours).standardErrors, covariance(theirs).standardErrors];
    wanted.forEach((error, j) => {
      expect(Math.abs(ours.theta[j] - theirs.theta[j])).toBeLessThan(1e-5 * error);
      expect(errors[j] / error).toBeCloseTo(1, 6);
    });
  });

  test("too few different numbers are refused as in memory", () => {
    const ask = () => fit(source({ ...some, age: some.age.map((_, i) => i % 3) }), options);
    expect(ask).toThrow(/expected more than 3 different values for a polynomial of degree 3, got 3 in column "age"/);
  });
});
