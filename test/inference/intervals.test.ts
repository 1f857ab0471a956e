import { describe, expect, test } from "vitest";
import { fit } from "../../src/fit/fit.ts";
import { predict } from "../../src/fit/predict.ts";
import { covariance } from "../../src/inference/covariance.ts";
import { averageEffect, predictWithErrors } from "../../src/inference/delta.ts";
import { confint } from "../../src/inference/intervals.ts";
import { contrast } from "../../src/inference/linear-contrast.ts";
import { profileEnd } from "../../src/inference/profile.ts";
import { normalQuantile } from "../../src/math/normal.ts";
import { random } from "../../src/math/random.ts";
import { expectedResponse } from "../../src/models/prediction.ts";
import { jacobian } from "../support/differences.ts";
import { minimise } from "../support/minimise.ts";

const rng = random(5);
const x = Array.from({ length: 120 }, () => rng.normal());
const y = x.map((value, i) => (i % 3 === 0 ? 2 - value : 2 * value) + 0.5 * rng.normal());
const label = x.map((value) => (value + rng.normal() > 0 ? "yes" : rng.uniform() < 0.3 ? "no" : "never"));
const rows = { x, y, label };
const two = fit(rows, { response: "y", gate: "constant", starts: 5 });
const z95 = 1.959963984540054;

describe("Wald intervals", () => {
  test("are so many standard errors wide, and of a scale the exponentials of its logarithm's", () => {
    const { names, standardErrors } = covariance(two);
    const { intervals, level, method, messages } = confint(two);
    expect([level, method, messages]).toEqual([0.95, "wald", []]);
    names.forEach((name, j) => {
      const { estimate, lower, upper } = intervals[name];
      const at = two.mixture.names.indexOf(name);
      expect(estimate).toBe(two.theta[at]);
      expect(upper - estimate).toBeCloseTo(z95 * standardErrors[j], 12);
      expect(estimate - lower).toBeCloseTo(z95 * standardErrors[j], 12);
    });
    const [log, sigma] = [intervals["expert2.log(sigma)"], intervals["expert2.sigma"]];
    expect([sigma.estimate, sigma.lower, sigma.upper]).toEqual([log.estimate, log.lower, log.upper].map(Math.exp));
    expect(Object.keys(intervals)).toEqual([
      ...["gate2.(intercept)", "expert1.(intercept)", "expert1.x", "expert1.log(sigma)", "expert1.sigma"],
      ...["expert2.(intercept)", "expert2.x", "expert2.log(sigma)", "expert2.sigma"],
    ]);
  });

  test("take a level, a type, and some parameters", () => {
    const robust = covariance(two, { type: "robust" });
    const { intervals } = confint(two, { level: 0.8, type: "robust", parameters: "expert1.x" });
    expect(Object.keys(intervals)).toEqual(["expert1.x"]);
    const { lower, upper } = intervals["expert1.x"];
    const error = robust.standardErrors[robust.names.indexOf("expert1.x")];
    expect(upper - lower).toBeCloseTo(2 * normalQuantile(0.9) * error, 12);
  });
});

describe("profile intervals", () => {
  // The profile by another maximiser, in a bisection of its own.
  const { mixture, theta, observations } = two;
  const profile = (at: number, value: number, start: Float64Array): { value: number; theta: Float64Array } => {
    const rest = Array.from(theta.keys()).filter((j) => j !== at);
    const whole = (own: Float64Array): Float64Array => {
      const out = theta.slice();
      out[at] = value;
      rest.forEach((j, i) => {
        out[j] = own[i];
      });
      return out;
    };
    const f = (own: Float64Array): number => -mixture.posterior(whole(own), observations).logLikelihood;
    const found = minimise(
      f,
      Float64Array.from(rest, (j) => start[j]),
    );
    return { value: -f(found), theta: whole(found) };
  };

  test.each(["expert1.x", "gate2.(intercept)", "expert2.log(sigma)"])(
    "are where a direct search finds them: %s",
    (name) => {
      const at = mixture.names.indexOf(name);
      const wald = confint(two, { parameters: name }).intervals[name];
      const { intervals, messages } = confint(two, { method: "profile", parameters: [name] });
      expect(messages).toEqual([]);
      const wanted = (["lower", "upper"] as const).map((side) => {
        let [near, far] = [theta[at], theta[at] + 1.6 * (wald[side] - theta[at])];
        let start = theta;
        for (let step = 0; step < 22; step++) {
          const middle = (near + far) / 2;
          const found = profile(at, middle, start);
          if (2 * (two.logLikelihood - found.value) < z95 ** 2) [near, start] = [middle, found.theta];
          else far = middle;
        }
        return near;
      });
      const half = (wald.upper - wald.lower) / 2;
      expect(Math.abs(intervals[name].lower - wanted[0]) / half).toBeLessThan(1e-4);
      expect(Math.abs(intervals[name].upper - wanted[1]) / half).toBeLessThan(1e-4);
      expect(Math.abs(intervals[name].lower - wald.lower) / half).toBeGreaterThan(1e-3);
    },
  );

  test("of one expert are those of the likelihood of a normal sample", () => {
    const line = fit({ y }, { formula: "y ~ 1", k: 1 });
    const mean = y.reduce((sum, value) => sum + value, 0) / y.length;
    const square = y.reduce((sum, value) => sum + (value - mean) ** 2, 0) / y.length;
    const { intervals } = confint(line, { method: "profile" });
    // n log(1 + (m − ȳ)²/s²) = z².
    const half = Math.sqrt(square * Math.expm1(z95 ** 2 / y.length));
    expect(intervals["expert1.(intercept)"].upper).toBeCloseTo(mean + half, 7);
    expect(intervals["expert1.(intercept)"].lower).toBeCloseTo(mean - half, 7);
    const fall = (sigma: number): number =>
      y.length * (2 * Math.log(sigma) - Math.log(square) + square / sigma ** 2 - 1);
    for (const end of ["lower", "upper"] as const) {
      expect(fall(intervals["expert1.sigma"][end])).toBeCloseTo(z95 ** 2, 6);
      expect(intervals["expert1.sigma"][end]).toBe(Math.exp(intervals["expert1.log(sigma)"][end]));
    }
  });

  test("have an infinite end where the likelihood falls no further, and say so", () => {
    // Of counts that hardly vary more than Poisson ones the dispersion may be 0.
    const few = { y: [3, 0, 5, 2, 2, 8, 1, 4, 3, 0, 6, 2] };
    const found = fit(few, { formula: "y ~ 1", k: 1, experts: "negative-binomial" });
    const { intervals, messages } = confint(found, { method: "profile" });
    expect(intervals["expert1.log(dispersion)"].lower).toBe(Number.NEGATIVE_INFINITY);
    expect(intervals["expert1.dispersion"].lower).toBe(0);
    expect(intervals["expert1.dispersion"].upper).toBeGreaterThan(found.coefficients.experts[0].dispersion);
    expect(messages).toEqual([
      expect.stringMatching(/^expert1\.log\(dispersion\) has no lower end that was found: beyond −\S+ .*\.$/),
    ]);
  });

  test("of a fit that is not the highest are refused", () => {
    const peak = { model: mixture, theta, data: observations, objective: two.objective - 0.5 };
    expect(() => profileEnd("find intervals", peak, 1, 1, 1, 1e-3)).toThrow(
      /^Cannot find intervals: expected a fit at its highest maximum, got 0\.\d+ nats more where "expert1\.\(intercept\)" is \S+; fit with more starts$/,
    );
  });
});

describe("contrasts", () => {
  test("are weighted sums, with the error of their variance", () => {
    const { names, matrix } = covariance(two);
    const q = names.length;
    const found = contrast(two, { "expert1.x": 1, "expert2.x": -2 }, { level: 0.9 });
    const [a, b] = ["expert1.x", "expert2.x"].map((name) => names.indexOf(name));
    const [one, other] = ["expert1.x", "expert2.x"].map((name) => two.theta[two.mixture.names.indexOf(name)]);
    expect(found.estimate).toBeCloseTo(one - 2 * other, 12);
    const variance = matrix[a * q + a] + 4 * matrix[b * q + b] - 4 * matrix[a * q + b];
    expect(found.standardError).toBeCloseTo(Math.sqrt(variance), 12);
    expect(found.z).toBeCloseTo(found.estimate / Math.sqrt(variance), 9);
    expect(found.upper - found.lower).toBeCloseTo(2 * normalQuantile(0.95) * Math.sqrt(variance), 12);
    expect(contrast(two, { "expert1.x": 3 }, { type: "robust" }).standardError).toBeCloseTo(
      3 * covariance(two, { type: "robust" }).standardErrors[a],
      12,
    );
  });

  test.each([
    [{ "expert1.y": 1 }, 'Cannot estimate a contrast: expected a parameter such as "expert1.x"'],
    [{}, "expected a weight other than 0 of a parameter that is fitted, got none"],
    [{ "expert1.x": Number.NaN }, 'expected a finite weight of "expert1.x", got NaN'],
    [{ "expert1.x": "1" }, "expected weights to be an object of numbers by name"],
  ])("of %o are refused", (weights, message) => {
    expect(() => contrast(two, weights as never)).toThrow(message);
  });
});

describe("what is expected", () => {
  const multi = fit(rows, { response: "label", features: "x", k: 1, experts: "logistic" });

  test("has the errors of its numerical derivatives: a mean, and labels", () => {
    for (const found of [two, multi]) {
      const { mixture, theta, observations } = found;
      const { matrix, names } = covariance(found);
      const slopes = jacobian((at) => expectedResponse(mixture, at, observations).expected, theta, 1e-3);
      const errors = slopes.map((g) =>
        Math.sqrt(g.reduce((sum, a, j) => sum + a * g.reduce((s, b, i) => s + matrix[j * names.length + i] * b, 0), 0)),
      );
      const told = predictWithErrors(found);
      errors.forEach((error, i) => void expect(told.standardErrors[i] / error).toBeCloseTo(1, 6));
      expect(told.upper[3] - told.lower[3]).toBeCloseTo(2 * z95 * errors[3], 8);
    }
    expect(predictWithErrors(two).expected).toEqual(predict(two).mean);
    expect(predictWithErrors(multi).expected).toEqual(predict(multi).probabilities);
    expect(predictWithErrors(multi).labels).toEqual(["never", "no", "yes"]);
    expect(predictWithErrors(two, { x: [1, 2] }, { level: 0.5 }).rows).toBe(2);
  });

  test("of a line has the errors of a line, and its effect is the slope", () => {
    const line = fit(rows, { response: "y", features: "x", k: 1 });
    const one = covariance(line);
    const { standardErrors } = predictWithErrors(line, { x: [0, 2] });
    const [v, c, s] = [one.matrix[0], one.matrix[1], one.matrix[4]];
    expect(standardErrors[0]).toBeCloseTo(Math.sqrt(v), 9);
    expect(standardErrors[1]).toBeCloseTo(Math.sqrt(v + 4 * c + 4 * s), 9);
    const [effect] = averageEffect(line, { x }, { x: x.map((value) => value + 1) }, { level: 0.9 });
    expect(effect.estimate).toBeCloseTo(line.theta[1], 10);
    expect(effect.standardError).toBeCloseTo(one.standardErrors[1], 9);
    const sum = averageEffect(multi, { x }, { x: x.map((value) => value + 1) }).reduce(
      (all, own) => all + own.estimate,
      0,
    );
    expect(sum).toBeCloseTo(0, 12);
  });

  test("and its effects are refused of unequal rows, and of rows with gaps", () => {
    expect(() => averageEffect(two, { x: [1, 2] }, { x: [1] })).toThrow(
      /expected as many rows after as before, 2, got 1/,
    );
    expect(() => averageEffect(two, { x: [1, null] }, { x: [1, 2] })).toThrow(/^Cannot .* row 2/);
  });
});

test.each([
  [{ method: "profile", type: "robust" }, 'expected type with the method "wald" only, got type with "profile"'],
  [{ method: "profil" }, 'got "profil"; did you mean "profile"?'],
  [{ level: 95 }, "expected level to be a number above 0 and below 1, such as 0.95, got 95"],
  [{ parameters: "expert3.x" }, 'expected a parameter such as "expert1.x"'],
  [{ parameters: "expert1.sigma" }, 'got "expert1.sigma"'],
])("intervals for %o are refused", (options, message) => {
  expect(() => confint(two, options as never)).toThrow(message);
});

test("a fixed parameter has no interval", () => {
  const held = fit(rows, { response: "y", gate: "constant", fixed: { "expert1.x": 2 }, starts: 3 });
  expect(Object.keys(confint(held).intervals)).not.toContain("expert1.x");
  expect(() => confint(held, { parameters: "expert1.x" })).toThrow(/got "expert1\.x", which is fixed; leave it out/);
});
