import { describe, expect, test } from "vitest";
import { adam } from "../../src/algorithms/adam.ts";
import { anderson } from "../../src/algorithms/anderson.ts";
import { em } from "../../src/algorithms/em.ts";
import { iterate } from "../../src/algorithms/iterate.ts";
import { fit, fitAsync } from "../../src/fit/fit.ts";
import type { FitOptions } from "../../src/fit/fit-options.ts";
import { predict } from "../../src/fit/predict.ts";
import { imageMixture } from "../../src/images/image-mixture.ts";
import { topSpectrum } from "../../src/inference/top-spectrum.ts";
import { mixture } from "../../src/models/mixture.ts";
import { lift } from "../../src/theory/lift.ts";

const x = Array.from({ length: 30 }, (_, i) => i / 10);
const data = { x, y: x.map((v) => v + Math.sin(7 * v)) };
const plain = { response: "y", features: ["x"], starts: 2, k: 1 } as const;
const found = fit(data, { ...plain, k: 2, ridge: 0.1 });

/** Options that TypeScript would not let through. */
const wrong = (options: object): FitOptions => ({ ...plain, ...options }) as never;
const sentence = (of: () => unknown): string => {
  try {
    of();
  } catch (error) {
    return (error as Error).message;
  }
  return "";
};

describe("an option that there is not", () => {
  test.each([
    [{ nStarts: 3 }, "nStarts", "starts"],
    [{ K: 3 }, "K", "k"],
    [{ maxIter: 3 }, "maxIter", "maxIterations"],
    [{ max_iterations: 3 }, "max_iterations", "maxIterations"],
    [{ feature: ["x"] }, "feature", "features"],
    [{ gate_features: ["x"] }, "gate_features", "gateFeatures"],
    [{ tol: 1 }, "tol", "tolerance"],
    [{ algoritm: "em" }, "algoritm", "algorithm"],
  ])("%j is refused with the name it looks like", (options, name, meant) => {
    const message = `Cannot fit: expected the name of an option, got "${name}"; did you mean "${meant}"?`;
    expect(sentence(() => fit(data, wrong(options)))).toBe(message);
  });

  test("of algorithms, models and diagnostics as well", async () => {
    expect(sentence(() => adam({ stepsize: 1 } as never))).toMatch(/got "stepsize"; did you mean "stepSize"\?$/);
    expect(sentence(() => anderson({ memry: 1 } as never))).toMatch(/got "memry"; did you mean "memory"\?$/);
    expect(sentence(() => mixture({ ...found.mixture.spec, rigde: 1 } as never))).toMatch(/did you mean "ridge"\?$/);
    const images = { k: 1, labels: ["a", "b"], pixels: 2, pixel: 2 };
    expect(sentence(() => imageMixture(images as never))).toMatch(/got "pixel"; did you mean "pixels"\?$/);
    const { mixture: model, theta, observations } = found;
    const top = () => topSpectrum(model, theta, observations, { tops: 2 } as never);
    expect(sentence(top)).toMatch(/got "tops"; did you mean "top"\?$/);
    const stop = { tolerance: 1, maxIterations: 2, maxiterations: 3 };
    expect(sentence(() => iterate(em(), model, theta, observations, stop).next())).toMatch(/mean "maxIterations"\?$/);
    const rejected = await fitAsync(data, wrong({ nStarts: 3 })).catch((error: Error) => error.message);
    expect(rejected).toContain('did you mean "starts"?');
  });
});

describe("a value of the wrong kind", () => {
  test.each([
    [{ k: "2" }, 'k to be a whole number from 1 on, got "2"'],
    [{ starts: null }, "starts to be a whole number from 1 to 1000000, got null"],
    [{ features: 3 }, "features to be a list of column names or the name of a column, got 3"],
    [{ features: [1] }, "features to be a list of column names or the name of a column, got [1]"],
    [{ response: undefined }, /^Cannot fit: expected a response, or a formula such as y ~ x, got neither$/],
    [{ intercept: "no" }, 'intercept to be true or false, got "no"'],
    [{ experts: "gaussian" }, /^Cannot fit: expected experts to be "linear", .* or "[a-z-]+", got "gaussian"$/],
    [{ experts: "logisitc" }, /, got "logisitc"; did you mean "logistic"\?$/],
    [{ algorithm: "andersen" }, /, got "andersen"; did you mean "anderson"\?$/],
    [{ startScheme: "kmeans" }, /, got "kmeans"; did you mean "k-means"\?$/],
    [{ start: "zero" }, 'start to be a list of numbers, got "zero"'],
    [{ fixed: ["x"] }, 'fixed to be an object of numbers by name, got ["x"]'],
    [{ fixed: { "expert1.x": "0" } }, 'fixed to be an object of numbers by name, got { "expert1.x": "0" }'],
    [{ signal: true }, "signal to be the signal of an AbortController, got true"],
    [
      { algorithm: em },
      /^Cannot fit: expected algorithm to be "em", .* or an algorithm such as anderson\(\), got a function$/,
    ],
  ])("%j is refused by its name", (options, message) => {
    const said = sentence(() => fit(data, wrong(options)));
    typeof message === "string" ? expect(said).toBe(`Cannot fit: expected ${message}`) : expect(said).toMatch(message);
  });

  test("no options at all", () => {
    const message = "Cannot fit: expected options such as { response: … }, got undefined";
    expect(sentence(() => (fit as (rows: unknown) => unknown)(data))).toBe(message);
  });
});

describe("a fit in place of its parts", () => {
  const parts = "give its parts: fit.mixture, fit.theta, fit.observations";
  test("the lift says which they are", () => {
    const said = sentence(() => (lift as (fit: unknown) => unknown)(found));
    expect(said).toMatch(/^Cannot .*: expected model to be a model such as the mixture of a fit, got a fit; /);
    expect(said.endsWith(parts)).toBe(true);
  });

  test("arguments the wrong way round", () => {
    expect(sentence(() => predict(data as never, found as never))).toBe(
      "Cannot predict: expected the fit to be a fit, as fit and load return it, got an object",
    );
  });
});

describe("what is said in two ways", () => {
  test.each([
    [{ features: "x" }, {}],
    [
      { gateFeatures: "x", k: 2, ridge: 0.1 },
      { gateFeatures: ["x"], k: 2, ridge: 0.1 },
    ],
    [{ start: [0, 1, 0] }, { start: Float64Array.of(0, 1, 0) }],
    [{ algorithm: "anderson" }, { algorithm: anderson() }],
    [{ algorithm: "em" }, {}],
  ] as [Partial<FitOptions>, Partial<FitOptions>][])("%j is the same fit", (one, other) => {
    const [a, b] = [one, other].map((options) => fit(data, { ...plain, ...options }));
    expect([a.theta, a.iterations, a.formula]).toEqual([b.theta, b.iterations, b.formula]);
  });
});
