import { expect, test } from "vitest";
import { fit } from "../../src/fit/fit.ts";
import type { FitOptions } from "../../src/fit/fit-options.ts";
import { spectrum } from "../../src/inference/spectrum.ts";

// A part of the predictor that is known is taken up by what is fitted, however large it is.

const rows = {
  y: [0, 3, 1, 2, 5, 1, 0, 4, 2, 1, 6, 2],
  t: Array.from({ length: 12 }, () => 7),
  f: ["a", "b", "c", "a", "b", "c", "a", "b", "c", "a", "b", "c"],
};
const LAWS = ["poisson", "negative-binomial", "binomial", "gamma"] as const;
const OFFSETS = [-700, -60, -12, 25, 700];

const fitted = (law: (typeof LAWS)[number], offset: number, more: Partial<FitOptions> = {}) =>
  fit(
    { ...rows, y: rows.y.map((y) => (law === "gamma" ? y + 0.5 : y)), o: rows.y.map((_, i) => offset + 0.1 * (i % 4)) },
    {
      response: "y",
      features: ["f"],
      offset: "o",
      experts: law,
      ...(law === "binomial" && { trials: "t" }),
      k: 1,
      ...more,
    },
  );

test.each(LAWS)("one of %s experts, whatever its offset", (law) => {
  const wanted = fitted(law, 0);
  for (const offset of OFFSETS) {
    const found = fitted(law, offset);
    expect(found.result).toBe("converged");
    expect(found.logLikelihood).toBeCloseTo(wanted.logLikelihood, 8);
    expect(found.theta[0] + offset).toBeCloseTo(wanted.theta[0], 5);
    expect(spectrum(found).gradientNorm).toBeLessThan(1e-8);
  }
});

test.each(LAWS)("a level of a factor takes up what an intercept would, of %s experts", (law) => {
  for (const offset of OFFSETS)
    expect(fitted(law, offset, { intercept: false }).logLikelihood).toBeCloseTo(fitted(law, 0).logLikelihood, 8);
});

test("an intercept that is fixed stays", () => {
  const found = fitted("poisson", -60, { fixed: { "expert1.(intercept)": 59.5 } });
  expect(found.theta[0]).toBe(59.5);
  expect(found.logLikelihood).toBeLessThan(fitted("poisson", 0).logLikelihood);
  expect(found.logLikelihood).toBeCloseTo(
    fitted("poisson", 0, { fixed: { "expert1.(intercept)": -0.5 } }).logLikelihood,
    8,
  );
});

test("an expert that is always 0 stays what it is", () => {
  const y = [0, 7, 5, 0, 9, 6, 0, 8, 7, 5, 0, 6];
  const [near, far] = [0, -60].map((offset) =>
    fit(
      { y, o: y.map(() => offset) },
      { response: "y", features: [], offset: "o", experts: "poisson", k: 2, zeroInflated: true, starts: 2 },
    ),
  );
  expect(near.result).toBe("converged");
  expect(far.logLikelihood).toBeCloseTo(near.logLikelihood, 8);
});
