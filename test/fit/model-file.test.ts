import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { afterAll, expect, test } from "vitest";
import { fit } from "../../src/fit/fit.ts";
import { load, modelText, save } from "../../src/fit/model-file.ts";
import { fingerprint } from "../../src/fit/origin.ts";
import { predict } from "../../src/fit/predict.ts";
import { summary } from "../../src/inference/summary.ts";
import { EXPERT_KINDS } from "../../src/laws/registry.ts";

const folder = mkdtempSync(join(tmpdir(), "mixlens-model-"));
afterAll(() => rmSync(folder, { recursive: true }));

const x = Array.from({ length: 60 }, (_, i) => 2 * Math.sin(i));
const count = x.map((value, i) => Math.floor(Math.exp(0.3 * value + 0.4 * (i % 3))));
const rows = {
  ...{ x, count },
  y: x.map((value, i) => (i % 2 === 0 ? value : 2 - value) + Math.cos(7 * i)),
  positive: x.map((value, i) => Math.exp(0.2 * value) * (1.2 + Math.cos(7 * i))),
  few: count.map((value) => Math.min(value, 3)),
  three: x.map(() => 3),
  label: x.map((value, i) => (value + Math.cos(5 * i) > 0 ? "1" : "0")),
};
const responses = {
  ...{ linear: "y", logistic: "label", poisson: "count", gamma: "positive" },
  ...{ "negative-binomial": "count", binomial: "few", "student-t": "y" },
};

test.each(EXPERT_KINDS)("what is saved is loaded, to the bit: %s", async (experts) => {
  const options = {
    response: responses[experts],
    features: "x",
    experts,
    ridge: 0.1,
    starts: 2,
    ...(experts === "binomial" && { trials: "three" }),
  };
  const found = fit(rows, options);
  const file = join(folder, `${experts}.json`);
  await save(found, file);
  const loaded = load(file);
  expect(loaded.theta).toEqual(found.theta);
  expect(loaded.formula).toEqual(found.formula);
  expect(loaded.mixture.spec).toEqual(found.mixture.spec);
  expect(predict(loaded, rows)).toEqual(predict(found, rows));
  await save(loaded, file);
  expect(readFileSync(file, "utf8")).toBe(modelText(found));
});

test("a model takes the place of a file whole, with its mode, or not at all", async () => {
  const found = fit(rows, { response: "y", features: "x", k: 1 });
  const file = join(folder, "kept.json");
  writeFileSync(file, "before", { mode: 0o600 });
  await expect(save({ ...found, theta: new Float64Array(2) }, file)).rejects.toThrow(/^Cannot save a model: expected/);
  expect(readFileSync(file, "utf8")).toBe("before");
  await save(found, file);
  expect(load(file).theta).toEqual(found.theta);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(readdirSync(folder).filter((name) => name.includes("kept"))).toEqual(["kept.json"]);
  await expect(save(found, join(folder, "none", "model.json"))).rejects.toThrow(/^Cannot write /);
  await expect(save(found, 3 as never)).rejects.toThrow("Cannot save a model: expected its path to be text, got 3");
});

test("a loaded model prints what it is, and that it has no rows", () => {
  const text = inspect(load(join(folder, "linear.json")));
  expect(text).toMatch(/^2 linear experts, y ~ x; 8 parameters\n/);
  expect(text).toContain("It has no rows: predict(model, rows)");
});

test("a model file says where it comes from: seed, versions, query, and what its rows are known by", async () => {
  const sql = "select x,\n y from data where x > 0";
  const found = fit(rows, { response: "y", features: "x", k: 1, seed: 7, sql });
  const file = join(folder, "origin.json");
  await save(found, file);
  const { origin } = load(file);
  const { version } = JSON.parse(readFileSync("package.json", "utf8"));
  const { rows: n } = found.observations;
  expect(origin).toMatchObject({ seed: 7, sql, mixlens: version, node: process.versions.node });
  expect(origin?.data).toMatchObject({
    rows: n,
    columns: ["(intercept)", "x"],
    sha256: expect.stringMatching(/^\w{64}$/),
  });
  expect(summary(load(file), { rows: found.observations }).messages).toEqual([]);
  expect(summary(load(file), { rows }).messages.slice(0, 1)).toEqual([
    `These 60 rows are not the ${n} that the model was fitted to, which a query gave: select x, y from data where x > 0`,
  ]);
});

test("rows are known by every number that the model reads, and by which part reads it", () => {
  const { observations } = fit(rows, { formula: "y ~ x | 1", weights: "three", starts: 1 });
  const first = (values: Float64Array): Float64Array => values.with(0, values[0] + 1e-9);
  const { expert, gate, response, weights } = observations;
  const others = [
    { response: first(response) },
    { expert: { ...expert, values: expert.values.map(first) } },
    { gate: { ...gate, values: gate.values.map(first) } },
    { gate: expert },
    { weights: first(weights!) },
    { offset: weights! },
    { trials: weights! },
    { units: Int32Array.from(response.keys()) },
  ];
  const sums = [{}, ...others].map((other) => fingerprint({ ...observations, ...other }).sha256);
  expect(new Set(sums).size).toBe(sums.length);
  expect(fingerprint(structuredClone(observations)).sha256).toBe(sums[0]);
});

test("a file of the first versions, without an origin, is read, and says nothing of other rows", async () => {
  const found = fit(rows, { response: "y", features: "x", k: 1 });
  const { origin: _, ...old } = JSON.parse(modelText(found));
  const file = join(folder, "old.json");
  writeFileSync(file, JSON.stringify(old));
  expect(load(file)).not.toHaveProperty("origin");
  expect(summary(load(file), { rows: { x: x.slice(1), y: rows.y.slice(1) } }).messages.join()).not.toContain(
    "fitted to",
  );
  const { formula, mixture, theta } = found;
  await save({ formula, mixture, theta }, file);
  expect(load(file)).not.toHaveProperty("origin");
});

test("a file has the matrices of priors and, beside them, what they are about", async () => {
  // Separated, and far from 0: the prior is about the columns' means.
  const far = { year: x.map((_, i) => 2000 + i), label: x.map((_, i) => (i < 30 ? "before" : "after")) };
  const found = fit(far, { response: "label", features: "year", experts: "logistic", k: 1, starts: 1 });
  const file = join(folder, "priors.json");
  await save(found, file);
  const { version, make } = JSON.parse(readFileSync(file, "utf8"));
  const prior = found.mixture.spec.priors?.expert1;
  expect(version).toBe(1);
  expect(make.priors).toEqual({ expert1: prior?.precision });
  expect(make.priorOrigins).toEqual({ expert1: prior?.origin });
  expect(prior?.origin?.means[1]).toBeCloseTo(2029.5, 9);
  expect(load(file).mixture.spec).toEqual(found.mixture.spec);

  const other = join(folder, "other.json");
  writeFileSync(
    other,
    readFileSync(file, "utf8").replace('"priorOrigins": {\n   "expert1"', '"priorOrigins": {\n   "gate"'),
  );
  expect(() => load(other)).toThrow(/expected origins of expert1 priors, got "gate"$/);
});
