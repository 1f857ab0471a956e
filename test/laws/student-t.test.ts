import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { BLOCK_ROWS } from "../../src/compute/blocks.ts";
import { fit } from "../../src/fit/fit.ts";
import { load, save } from "../../src/fit/model-file.ts";
import { predict } from "../../src/fit/predict.ts";
import { snr } from "../../src/inference/snr.ts";
import { spectrum } from "../../src/inference/spectrum.ts";
import { lawOf } from "../../src/laws/registry.ts";
import { random } from "../../src/math/random.ts";
import { readCsv } from "../../src/table/csv.ts";
import { numericColumn } from "../../src/table/numeric.ts";
import { certify } from "../../src/theory/certificate.ts";
import { minimise } from "../support/minimise.ts";

const file = fileURLToPath(new URL("../cases/models/outlier.csv", import.meta.url));
const options = { response: "y", features: "x", experts: "student-t", gate: "constant" } as const;
const pair = fit(file, options);
const all = readCsv(file);
const [x, y] = ["x", "y"].map((name) => Array.from(numericColumn(all, name)));

/** Rows on a line, three of which are 8 above it. */
const line = Array.from({ length: 60 }, (_, i) => 2 * Math.sin(i));
const above = line.map((v, i) => 1 + 2 * v + 0.5 * Math.cos(7 * i) + (i % 20 === 3 ? 8 : 0));

test("one expert is what R's optim finds of the sum of dt, whatever the degrees of freedom", () => {
  const wanted = [
    [1.5, 0.9948675895757877, 2.039996786487857, 0.3259778070775835, -56.74425405409083],
    [4, 0.9987167511796771, 2.028653209806671, 0.3860953459737833, -62.5486254224941],
    [30, 1.180026314258104, 1.924769144265717, 1.213599148328803, -110.0957085876612],
  ];
  for (const [df, intercept, slope, sigma, logLikelihood] of wanted) {
    const found = fit({ x: line, y: above }, { ...options, k: 1, df });
    const [expert] = found.coefficients.experts;
    expect(found.logLikelihood).toBeCloseTo(logLikelihood, 8);
    expect(expert.coefficients["(intercept)"]).toBeCloseTo(intercept, 5);
    expect(expert.coefficients.x).toBeCloseTo(slope, 5);
    expect(expert.sigma).toBeCloseTo(sigma, 5);
  }
  const one = fit(file, { ...options, k: 1 });
  expect(one.logLikelihood).toBeCloseTo(-201.681965937083, 9);
  expect(one.coefficients.experts[0].sigma).toBeCloseTo(2.2110925, 6);
  const { standardErrors } = spectrum(one);
  [0.392174, 0.345359, 0.116707].forEach((error, j) => void expect(standardErrors[j]).toBeCloseTo(error, 5));
});

test("log p is R's dt, to 1e-13 of itself, however far off the row", () => {
  const densities = [
    [0.3, 4, -1.036455775348776],
    [1e6, 4, -66.59264614004337],
    [-2, 1.5, -2.700754014994717],
    [3, 19.9, -4.830619548333305],
    [3, 20, -4.832850682920473],
    [3, 1e6, -5.418923033305922],
    [1e200, 4, -2300.100186344258],
  ];
  const x = { values: [Float64Array.of(1)], start: 0 };
  const one = Float64Array.of(1);
  for (const [t, df, log] of densities) {
    const [out, eta] = [new Float64Array(BLOCK_ROWS), new Float64Array(2 * BLOCK_ROWS)];
    const block = { start: 0, rows: 1, x: { gate: x, expert: x, constant: x }, response: Float64Array.of(t) };
    const rest = { weights: one, unitWeights: one, offset: Float64Array.of(0), trials: one };
    lawOf("student-t", { df }).logDensity({ ...block, ...rest }, eta, 0, out, 0);
    expect(Math.abs(out[0] / log - 1)).toBeLessThan(1e-13);
  }
});

test("with many degrees of freedom they are linear experts", () => {
  const rows = { x: line, y: above };
  const [normal, found] = [
    fit(rows, { ...options, experts: "linear", k: 1 }),
    fit(rows, { ...options, k: 1, df: 1e9 }),
  ];
  expect(found.logLikelihood).toBeCloseTo(normal.logLikelihood, 5);
  normal.theta.forEach((value, j) => void expect(found.theta[j]).toBeCloseTo(value, 6));
  expect(normal.coefficients.experts[0].coefficients["(intercept)"]).toBeGreaterThan(1.3);
  expect(fit(rows, { ...options, k: 1 }).coefficients.experts[0].coefficients["(intercept)"]).toBeLessThan(1.1);
});

test("a row of a million among numbers below ten moves two experts by less than their standard errors", () => {
  expect(pair.result).toBe("converged");
  const without = fit({ x: x.slice(1), y: y.slice(1) }, options);
  const errors = spectrum(without).standardErrors;
  without.theta.forEach((value, j) => void expect(Math.abs(pair.theta[j] - value)).toBeLessThan(errors[j]));
  for (const [z, { coefficients }] of pair.coefficients.experts.entries()) {
    const before = without.coefficients.experts[z].coefficients;
    expect(Math.abs(coefficients["(intercept)"] - before["(intercept)"])).toBeLessThan(0.01);
    expect(Math.abs(coefficients.x - before.x)).toBeLessThan(0.03);
  }
  // Negative control: linear experts have no fit of these rows.
  expect(() => fit(file, { ...options, experts: "linear" })).toThrow("row 1");
});

test("two experts are what a direct maximisation finds, and a maximum", () => {
  const rng = random(2);
  const start = pair.theta.map((value) => value + 0.05 * rng.normal());
  const direct = minimise((point) => -pair.mixture.posterior(point, pair.observations).logLikelihood, start);
  expect(pair.mixture.posterior(direct, pair.observations).logLikelihood).toBeCloseTo(pair.logLikelihood, 6);
  for (const [j, value] of pair.theta.entries()) expect(Math.abs(direct[j] - value)).toBeLessThan(2e-3);
  expect(spectrum(pair).observedInformation).toBe("positive definite");
});

test("in another unit and from another origin the fit is the same", () => {
  const [unit, origin] = [1e6, 1e7];
  const rows = { x: line, y: above.map((value) => origin + unit * value) };
  const [here, there] = [fit({ x: line, y: above }, { ...options, k: 1 }), fit(rows, { ...options, k: 1 })];
  expect(there.logLikelihood).toBeCloseTo(here.logLikelihood - 60 * Math.log(unit), 7);
  const [[a], [b]] = [here.coefficients.experts, there.coefficients.experts];
  expect((b.coefficients["(intercept)"] - origin) / unit).toBeCloseTo(a.coefficients["(intercept)"], 6);
  expect(b.coefficients.x / unit).toBeCloseTo(a.coefficients.x, 6);
  expect(b.sigma / unit).toBeCloseTo(a.sigma, 6);
});

test("a model file keeps the degrees of freedom", async () => {
  const folder = mkdtempSync(join(tmpdir(), "mixlens-student-"));
  try {
    const heavy = fit(file, { ...options, df: 2 });
    expect(heavy.logLikelihood).toBeGreaterThan(pair.logLikelihood);
    const path = join(folder, "model.json");
    await save(heavy, path);
    expect(load(path).mixture.spec.df).toBe(2);
    expect(predict(load(path), file)).toEqual(predict(heavy));
    expect(predict(heavy)).not.toEqual(predict({ ...heavy, mixture: pair.mixture }));
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("their signal-to-noise is that of linear experts with the information of a row; they have no lift", () => {
  const linear = fit({ x: x.slice(1), y: y.slice(1) }, { ...options, experts: "linear" });
  const same = { mixture: linear.mixture, theta: pair.theta };
  const ratio = snr(same, pair.observations)[0].snr / snr(pair)[0].snr;
  expect(ratio).toBeCloseTo(Math.sqrt(7 / 5), 12);
  expect(() => certify(pair)).toThrow(
    "expected experts whose law is an exponential family, got student-t experts, whose law is none",
  );
});

test("an expert that fits its rows exactly collapses, and a sigmaFloor holds it", () => {
  const exact = line.map((value, i) => (i === 5 ? 100 : 1 + 2 * value));
  expect(() => fit({ x: line, y: exact }, { ...options, k: 1 })).toThrow(
    /the scale of expert 1 collapsed: it fits its rows exactly"; .*a sigmaFloor, such as/,
  );
  const held = fit({ x: line, y: exact }, { ...options, k: 1, sigmaFloor: 0.01 });
  expect(held.message).toBe("The scale of expert 1 is held at its floor, 0.01.");
  expect(held.coefficients.experts[0].coefficients.x).toBeCloseTo(2, 6);
});

test.each([1, 0, -3, Number.NaN, Number.POSITIVE_INFINITY, "4"])("degrees of freedom of %s are refused", (df) => {
  expect(() => fit(file, { ...options, df: df as number })).toThrow("Cannot fit: expected df to be a number above 1");
});

test("options of other laws are refused, and it is said whose they are", () => {
  expect(() => fit(file, { response: "y", df: 3 })).toThrow(
    "Cannot fit: expected degrees of freedom with student-t experts only, got df with linear experts",
  );
  expect(() => fit(file, { ...options, sharedVariance: true })).toThrow(
    "a shared variance with linear experts only, got sharedVariance with student-t experts",
  );
  expect(() => fit(file, { ...options, experts: "logistic", sigmaFloor: 1 })).toThrow(
    "a sigmaFloor with linear or student-t experts only, got sigmaFloor with logistic experts",
  );
});
