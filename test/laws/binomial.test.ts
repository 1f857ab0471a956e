import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { fit } from "../../src/fit/fit.ts";
import { load, save } from "../../src/fit/model-file.ts";
import { predict } from "../../src/fit/predict.ts";
import { simulate } from "../../src/fit/simulate.ts";
import { snr } from "../../src/inference/snr.ts";
import { spectrum } from "../../src/inference/spectrum.ts";
import { random } from "../../src/math/random.ts";
import { readCsv } from "../../src/table/csv.ts";
import { numericColumn } from "../../src/table/numeric.ts";
import { certify } from "../../src/theory/certificate.ts";
import { minimise } from "../support/minimise.ts";

const file = fileURLToPath(new URL("../cases/models/binomial-agg.csv", import.meta.url));
const options = { response: "success", trials: "trials", features: "x", experts: "binomial" } as const;
const pair = fit(file, { ...options, gate: "constant" });
const table = readCsv(file);
const [x, trials, success] = ["x", "trials", "success"].map((name) => Array.from(numericColumn(table, name)));

test("one expert is R's glm(cbind(success, fail) ~ x, binomial), with its standard errors", () => {
  const one = fit(file, { ...options, k: 1 });
  expect(one.logLikelihood).toBeCloseTo(-252.061540432086, 9);
  expect(one.criteria.bic).toBeCloseTo(512.311769988615, 9);
  const [{ coefficients }] = one.coefficients.experts;
  expect(coefficients["(intercept)"]).toBeCloseTo(0.0550092767471739, 10);
  expect(coefficients.x).toBeCloseTo(-0.0908512586594403, 10);
  const { standardErrors } = spectrum(one);
  expect(standardErrors[0]).toBeCloseTo(0.0658263180646139, 6);
  expect(standardErrors[1]).toBeCloseTo(0.0590982415125879, 6);
});

test("two experts under a constant gate are those that a direct maximisation finds", () => {
  expect(pair.logLikelihood).toBeCloseTo(-141.068664, 6);
  expect(pair.criteria.bic).toBeCloseTo(302.60905, 4);
  const [first, second] = pair.coefficients.experts.map(({ coefficients }) => coefficients);
  expect(first["(intercept)"]).toBeCloseTo(1.297374, 5);
  expect(first.x).toBeCloseTo(0.471049, 5);
  expect(second["(intercept)"]).toBeCloseTo(-1.106401, 5);
  expect(second.x).toBeCloseTo(-0.521499, 5);
  const rng = random(2);
  const start = pair.theta.map((value) => value + 0.05 * rng.normal());
  const direct = minimise((point) => -pair.mixture.posterior(point, pair.observations).logLikelihood, start);
  for (const [j, value] of pair.theta.entries()) expect(Math.abs(direct[j] - value)).toBeLessThan(2e-3);
});

test("successes and their proportions are one response", () => {
  const share = success.map((y, i) => y / trials[i]);
  const columns = { x, trials, share };
  const again = fit(columns, { ...options, response: "share", gate: "constant" });
  expect(again.observations.response).toEqual(pair.observations.response);
  expect(again.theta).toEqual(pair.theta);
  expect(predict(again, columns)).toEqual(predict(pair));
});

test("trials of one row as rows of a group: the same estimate, less what the order of trials says", () => {
  const columns = { x, trials, success, id: x.map((_, i) => i) };
  const split = { x: [] as number[], trials: [] as number[], success: [] as number[], id: [] as number[] };
  x.forEach((value, i) => {
    const n = Math.floor(trials[i] / 3);
    const y = Math.min(n, Math.floor(success[i] / 2));
    const parts =
      trials[i] - n >= success[i] - y && n > 0
        ? [
            [n, y],
            [trials[i] - n, success[i] - y],
          ]
        : [[trials[i], success[i]]];
    for (const [some, found] of parts) {
      split.x.push(value);
      split.trials.push(some);
      split.success.push(found);
      split.id.push(i);
    }
  });
  expect(split.x.length).toBeGreaterThan(100);
  const grouped = { ...options, gate: "constant", group: "id" } as const;
  const [whole, parts] = [fit(columns, grouped), fit(split, grouped)];
  whole.theta.forEach((value, j) => void expect(parts.theta[j]).toBeCloseTo(value, 6));
  expect(whole.theta[0]).toBeCloseTo(pair.theta[0], 8);
  const ofSingles = { x: [] as number[], y: [] as number[], id: [] as number[] };
  x.forEach((value, i) => {
    for (let t = 0; t < trials[i]; t++) {
      ofSingles.x.push(value);
      ofSingles.y.push(t < success[i] ? 1 : 0);
      ofSingles.id.push(i);
    }
  });
  const singles = fit(ofSingles, { response: "y", features: "x", experts: "binomial", gate: "constant", group: "id" });
  const logistic = fit(ofSingles, { response: "y", features: "x", experts: "logistic", gate: "constant", group: "id" });
  whole.theta.forEach((value, j) => {
    expect(singles.theta[j]).toBeCloseTo(value, 6);
    expect(logistic.theta[j]).toBeCloseTo(value, 6);
  });
  expect(singles.logLikelihood).toBeCloseTo(logistic.logLikelihood, 8);
});

test("predictions are the probability of a success, and the mean number in the row's trials", () => {
  const { mean, probability, gate } = predict(pair, { x: [0.5, 0.5], trials: [10, 200] });
  const [a, b] = pair.coefficients.experts.map(({ coefficients }) => {
    return 1 / (1 + Math.exp(-coefficients["(intercept)"] - 0.5 * coefficients.x));
  });
  const wanted = gate[0] * a + gate[1] * b;
  for (const [i, n] of [10, 200].entries()) {
    expect(probability[i]).toBeCloseTo(wanted, 12);
    expect(mean[i]).toBeCloseTo(n * wanted, 9);
  }
  const alone = predict(pair, { x: [0.5] });
  expect(alone.mean).toEqual(alone.probability);
  expect(alone.probability[0]).toBeCloseTo(wanted, 12);
  expect(predict(pair, { x: [0.5], success: [1] }).responsibilities).toBeUndefined();
  const known = predict(pair, { x: [0.5, 0.5, 0.5], trials: [10, 10, 10], success: [9, 11, 2] });
  expect(known.responsibilities?.slice(2, 4)).toEqual(known.gate.slice(2, 4));
  expect(known.responsibilities?.[0]).toBeGreaterThan(0.9);
});

test("a model file keeps the trials; the spectrum, draws and the certificate are those of the rows", async () => {
  const folder = mkdtempSync(join(tmpdir(), "mixlens-binomial-"));
  try {
    const path = join(folder, "model.json");
    await save(pair, path);
    expect(load(path).formula.trials).toBe("trials");
    expect(predict(load(path), file)).toEqual(predict(pair));
  } finally {
    rmSync(folder, { recursive: true });
  }
  expect(spectrum(pair).observedInformation).toBe("positive definite");
  expect(certify(pair, { steps: 5 }).holds).toBe(true);
  const drawn = simulate(pair, { seed: 3 }).response;
  expect(drawn.every((y, i) => Number.isInteger(y) && y >= 0 && y <= trials[i])).toBe(true);
});

test("the signal of n trials is √n times that of one, about; of one trial it is that of logistic experts", () => {
  const of = (n: number) => {
    const [{ snr: found }] = snr(pair, { ...pair.observations, trials: new Float64Array(x.length).fill(n) });
    return found;
  };
  expect(of(400) / of(100)).toBeCloseTo(2, 12);
  const { trials: _, ...one } = pair.observations;
  const [first, second] = [snr(pair, one), snr(pair, { ...one, trials: new Float64Array(x.length).fill(1) })];
  expect(first).toEqual(second);
  expect(first[0].predictedRate).toBeGreaterThan(0.5);
});

test("trials without a success on one side: no finite maximum, and it is said in successes", () => {
  const at = Array.from({ length: 30 }, (_, i) => i / 10 - 1.5);
  const rows = { x: at, n: at.map(() => 4), y: at.map((value) => (value > 0 ? 4 : 0)) };
  const apart = fit(rows, { response: "y", trials: "n", experts: "binomial", k: 1 });
  expect(apart.message).toContain('"x" separates the successes of expert 1 from its failures');
  expect(apart.theta.every(Number.isFinite)).toBe(true);
  const none = fit(
    { ...rows, n: at.map((_, i) => 1 + (i % 5)), y: at.map(() => 0) },
    { ...options, response: "y", trials: "n", k: 1 },
  );
  expect(none.message).toContain("every trial of expert 1 is a failure");
});

test("what cannot be successes of trials is refused by column and row", () => {
  const rows = { x: [1, 2, 3, 4], n: [5, 5, 5, 5], y: [1, 2, 3, 5] };
  const asked = (change: object) => () =>
    fit({ ...rows, ...change }, { response: "y", trials: "n", features: "x", experts: "binomial", k: 1 });
  const wanted = 'successes, whole numbers from 0 to the trials, in column "y", got';
  expect(asked({ y: [1, 2, 6, 0] })).toThrow(`${wanted} 6 of 5 at row 3`);
  expect(asked({ y: [1, -2, 3, 0] })).toThrow(`${wanted} -2 of 5 at row 2`);
  expect(asked({ y: [1, 2, 3, 2.5] })).toThrow(`${wanted} 2.5 of 5 at row 4`);
  expect(asked({ y: [0.2, 0.4, 0.33, 1] })).toThrow(
    `${wanted} 0.33 of 5 at row 3; a proportion is one of whole successes, and 0.33 of 5 trials are 1.65`,
  );
  expect(asked({ n: [5, 2.5, 5, 5] })).toThrow('trials, whole numbers from 1 on, in column "n", got 2.5 at row 2');
  expect(asked({ n: [5, 5, -5, 5] })).toThrow('in column "n", got -5 at row 3');
  expect(asked({ n: [0, 5, 5, 5] })).toThrow('in column "n", got 0 at row 1; drop the rows without trials');
  expect(asked({ y: [1, 1, 1, 1] })).toThrow("a response that varies");
  expect(() => fit(rows, { response: "y", features: "x", experts: "binomial", k: 1 })).toThrow(
    `${wanted} 2 of 1 at row 2; name the column of trials`,
  );
  expect(() => fit(rows, { response: "y", trials: "n", features: "x", experts: "poisson" })).toThrow(
    'trials with binomial experts only, got trials "n" with poisson experts',
  );
});
