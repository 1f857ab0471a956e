import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { fit } from "../../src/fit/fit.ts";
import { load, save } from "../../src/fit/model-file.ts";
import { predict } from "../../src/fit/predict.ts";
import { spectrum } from "../../src/inference/spectrum.ts";
import { EXPERT_KINDS } from "../../src/laws/registry.ts";
import { random } from "../../src/math/random.ts";
import { relabelled } from "../../src/models/relabel.ts";
import { certify } from "../../src/theory/certificate.ts";
import { deviation } from "../support/differences.ts";
import { minimise } from "../support/minimise.ts";
import { draw, nearby } from "../support/problems.ts";

const file = fileURLToPath(new URL("../cases/models/shared-slope.csv", import.meta.url));
const options = { response: "y", features: ["x", "z"], gate: "constant", shared: "z" } as const;

test("a coefficient that experts share: the likelihood, value, BIC and count of parameters of a direct maximisation", () => {
  const found = fit(file, options);
  expect(found.logLikelihood).toBeCloseTo(-294.21002, 5);
  expect(found.criteria.bic).toBeCloseTo(630.8066, 4);
  expect(found.mixture.free).toHaveLength(8);
  const [first, second] = found.coefficients.experts.map(({ coefficients }) => coefficients);
  expect(first.z).toBeCloseTo(0.694137, 6);
  expect(second.z).toBe(first.z);
  expect(first.x).not.toBeCloseTo(second.x, 1);
  expect(found.mixture.names.filter((name) => name.endsWith(".z"))).toEqual(["experts.z"]);
  const own = fit(file, { ...options, shared: [] });
  expect(own.logLikelihood).toBeGreaterThan(found.logLikelihood);
  expect(own.mixture.free).toHaveLength(9);
});

test("its standard error is that of the one parameter, for which the fit predicts, is kept in a file and is certified", async () => {
  const found = fit(file, options);
  const { standardErrors } = spectrum(found);
  const at = found.mixture.names.indexOf("experts.z");
  expect(standardErrors[at]).toBeGreaterThan(0.01);
  expect(standardErrors[at]).toBeLessThan(0.1);
  expect(certify(found).holds).toBe(true);
  const folder = mkdtempSync(join(tmpdir(), "mixlens-shared-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  await save(found, join(folder, "model.json"));
  const again = load(join(folder, "model.json"));
  expect(again.mixture.names).toEqual(found.mixture.names);
  expect(predict(again, file).mean).toEqual(predict(found, file).mean);
});

test("of a factor all levels are shared; the intercept can be; nothing else can", () => {
  const rng = random(4);
  const region = Array.from({ length: 300 }, (_, i) => ["a", "b", "c"][i % 3]);
  const x = region.map(() => rng.normal());
  const y = x.map((value, i) => (i % 2 === 0 ? 2 * value : -2 * value) + (i % 3) + 0.3 * rng.normal());
  const rows = { region, x, y };
  const levels = fit(rows, { formula: "y ~ region + x | 1", shared: "region" });
  expect(levels.mixture.names.filter((name) => name.startsWith("experts."))).toEqual([
    "experts.regionb",
    "experts.regionc",
  ]);
  const intercept = fit(rows, { formula: "y ~ x | 1", shared: "(intercept)" });
  expect(intercept.mixture.names).toContain("experts.(intercept)");
  expect(intercept.mixture.free).toHaveLength(6);
  expect(() => fit(rows, { formula: "y ~ x | 1", shared: "region" })).toThrow(
    'Cannot fit: expected shared to name features, "(intercept)" or "x", got "region"',
  );
});

test.each(EXPERT_KINDS)("the M-step of %s experts that share a coefficient is the maximum of Q", (experts) => {
  const problem = draw({ experts, k: 3, rows: 300, features: 2, seed: 11, shared: true, ridge: 0.3 });
  const { model, data } = problem;
  const theta = nearby(problem, 5);
  const { responsibilities } = model.posterior(theta, data);
  const step = model.maximise(theta, { responsibilities }, data).theta;
  const slope = model.completeGradient(step, responsibilities, data);
  expect(Math.max(...slope.map(Math.abs))).toBeLessThan(1e-6 * data.rows);
  expect(model.names.filter((name) => /^experts\..*x1$/.test(name))).toHaveLength(model.law.predictors.length);
});

test("with one prior on the coefficient, however many experts share it", () => {
  const { model, data, truth } = draw({
    experts: "linear",
    k: 3,
    rows: 50,
    features: 1,
    seed: 2,
    shared: true,
    ridge: 2,
  });
  const at = model.names.indexOf("experts.x1");
  const zero = truth.map((value, j) => (model.names[j].includes("log(") ? value : 0));
  const one = zero.map((value, j) => (j === at ? 1 : value));
  const cost = (theta: Float64Array): number => {
    const { logLikelihood, objective } = model.posterior(theta, data);
    return logLikelihood - objective;
  };
  expect(cost(one) - cost(zero)).toBeCloseTo(1, 10);
});

test("experts that share are relabelled as others are", () => {
  const problem = draw({ experts: "poisson", k: 3, rows: 200, features: 2, seed: 8, shared: true });
  const { model, data, truth } = problem;
  const turned = relabelled(model, truth, [2, 0, 1]);
  expect(model.posterior(turned, data).logLikelihood).toBeCloseTo(model.posterior(truth, data).logLikelihood, 9);
  const back = relabelled(model, relabelled(model, turned, [2, 0, 1]), [2, 0, 1]);
  expect(deviation(back, truth)).toBeLessThan(1e-12);
});

test("the fit is the maximum of a likelihood written out by hand", () => {
  const { data } = draw({ experts: "poisson", k: 2, rows: 400, features: 2, seed: 21, shared: true });
  const [, x1, x2] = data.expert.values.map((column) => Array.from(column));
  const y = Array.from(data.response);
  const found = fit({ y, x1, x2 }, { formula: "y ~ x1 + x2 | 1", experts: "poisson", shared: "x1", starts: 5 });
  const factorial = y.map((count) =>
    Array.from({ length: count }, (_, j) => Math.log(j + 1)).reduce((a, b) => a + b, 0),
  );
  const minus = ([gate, a1, c, b1, a2, b2]: Float64Array): number => {
    const share = 1 / (1 + Math.exp(-gate));
    let sum = 0;
    y.forEach((count, i) => {
      const density = (a: number, b: number): number => {
        const log = a + c * x1[i] + b * x2[i];
        return Math.exp(count * log - Math.exp(log) - factorial[i]);
      };
      sum -= Math.log((1 - share) * density(a1, b1) + share * density(a2, b2));
    });
    return sum;
  };
  const start = found.theta.map((value, j) => value + 0.05 * ((j % 3) - 1));
  expect(found.mixture.names.slice(1).join()).toBe(
    "expert1.(intercept),experts.x1,expert1.x2,expert2.(intercept),expert2.x2",
  );
  const direct = minimise(minus, start);
  expect(-minus(direct)).toBeCloseTo(found.logLikelihood, 6);
  expect(deviation(direct, found.theta)).toBeLessThan(1e-4);
});
