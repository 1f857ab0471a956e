import { expect, test } from "vitest";
import { BLOCK_ROWS } from "../../src/compute/blocks.ts";
import { fit } from "../../src/fit/fit.ts";
import { predict } from "../../src/fit/predict.ts";
import { simulate } from "../../src/fit/simulate.ts";
import { quantileResiduals } from "../../src/inference/residuals.ts";
import type { Law } from "../../src/laws/law.ts";
import { EXPERT_KINDS, lawOf } from "../../src/laws/registry.ts";
import { random } from "../../src/math/random.ts";
import type { Block } from "../../src/rows/observations.ts";
import { draw } from "../support/problems.ts";

const kinds = EXPERT_KINDS.filter((kind) => kind !== "logistic");

/** The density of one response, and its distribution function. */
function sides(law: Law, first: number, scale: number, trials: number) {
  const eta = new Float64Array(2 * BLOCK_ROWS);
  [eta[0], eta[BLOCK_ROWS]] = [first, scale];
  const out = new Float64Array(BLOCK_ROWS);
  return {
    density: (y: number): number => {
      const block = { rows: 1, response: Float64Array.of(y), trials: Float64Array.of(trials) } as unknown as Block;
      law.logDensity(block, eta, 0, out, 0);
      return Math.exp(out[0]);
    },
    tails: (y: number) => law.tails?.(y, eta, 0, trials) ?? { lower: Number.NaN, upper: Number.NaN },
  };
}

test.each(kinds)("the distribution function of %s experts is what their density sums to", (kind) => {
  const law = lawOf(kind, {});
  const { isCount, hasTrials } = law.response;
  for (const [first, scale] of [
    [0.3, -0.4],
    [1.7, 0.6],
    [-1, 1.2],
  ]) {
    const { density, tails } = sides(law, first, scale, 12);
    if (isCount || hasTrials) {
      let sum = 0;
      for (let y = 0; y <= 12; y++) {
        sum += density(y);
        expect(tails(y).lower).toBeCloseTo(sum, 11);
        expect(tails(y).lower + tails(y).upper).toBeCloseTo(1, 12);
        expect(tails(y + 0.5).lower).toBe(tails(y).lower);
      }
      expect(tails(-1)).toEqual({ lower: 0, upper: 1 });
    } else {
      const h = 1e-5;
      for (const y of [0.2, 0.9, 2.4, 6]) {
        const slope = (tails(y + h).lower - tails(y - h).lower) / (2 * h);
        expect(slope).toBeCloseTo(density(y), 7);
        expect(tails(y).lower + tails(y).upper).toBeCloseTo(1, 12);
      }
      expect(tails(1e9).lower).toBeCloseTo(1, 4);
    }
  }
});

test.each(kinds)("quantiles that are predicted of %s experts hold as many new responses as they say", (experts) => {
  const { model, truth, data } = draw({ experts, k: 2, rows: 400, features: 1, seed: 5 });
  const formula = { response: "y", features: ["x1"], gateFeatures: ["x1"], intercept: true };
  const { quantiles = [] } = predict({ mixture: model, theta: truth, formula }, data, { quantiles: [0.1, 0.5, 0.9] });
  const rng = random(9);
  const below = [0, 0, 0];
  const above = [0, 0, 0];
  const rounds = 25;
  for (let round = 0; round < rounds; round++) {
    const { response } = simulate(model, truth, data, rng);
    response.forEach((y, i) => {
      for (let at = 0; at < 3; at++) {
        if (y <= quantiles[3 * i + at]) below[at]++;
        if (y < quantiles[3 * i + at]) above[at]++;
      }
    });
  }
  const n = rounds * data.rows;
  [0.1, 0.5, 0.9].forEach((p, at) => {
    const slack = 5 * Math.sqrt((p * (1 - p)) / n);
    expect(below[at] / n).toBeGreaterThan(p - slack);
    expect(above[at] / n).toBeLessThan(p + slack);
  });
});

test.each(kinds)(
  "quantile residuals of the truth are standard normal of %s experts; of another they are not",
  (experts) => {
    const { model, truth, data } = draw({ experts, k: 2, rows: 3000, features: 1, seed: 6 });
    const distance = (theta: Float64Array): number => {
      const { residuals } = quantileResiduals({ mixture: model, theta, observations: data } as never);
      const law = lawOf("linear", {});
      const sorted = residuals.slice().sort();
      return sorted.reduce((most, r, i) => {
        const { tails } = sides(law, 0, 0, 1);
        return Math.max(most, Math.abs(tails(r).lower - (i + 0.5) / sorted.length));
      }, 0);
    };
    // Kolmogorov and Smirnov: beyond 1.95/√n once in a thousand.
    expect(distance(truth)).toBeLessThan(1.95 / Math.sqrt(data.rows));
    const wrong = truth.map((value, j) => (model.names[j].endsWith("(intercept)") ? value + 0.8 : value));
    expect(distance(wrong)).toBeGreaterThan(1.95 / Math.sqrt(data.rows));
  },
);

test("quantiles and means of each expert come with a prediction where they are asked for; labels have none", () => {
  const x = Array.from({ length: 60 }, (_, i) => i / 10 - 3);
  const rng = random(2);
  const found = fit({ x, y: x.map((v) => Math.abs(v) + 0.2 * rng.normal()) }, { formula: "y ~ x", starts: 5 });
  const { mean, gate, quantiles, expertMeans } = predict(found, { x: [-2, 2] }, { quantiles: [0.5], perExpert: true });
  expect(quantiles).toHaveLength(2);
  for (let row = 0; row < 2; row++) {
    const sum = gate[2 * row] * expertMeans![2 * row] + gate[2 * row + 1] * expertMeans![2 * row + 1];
    expect(sum).toBeCloseTo(mean[row], 12);
    expect(Math.abs(quantiles![row] - 2)).toBeLessThan(0.3);
  }
  expect(predict(found).quantiles).toBeUndefined();
  const labels = fit(
    { x, y: x.map((v) => (v + rng.normal() > 0 ? "a" : "b")) },
    { formula: "y ~ x", experts: "logistic", k: 1 },
  );
  expect(() => predict(labels, undefined, { quantiles: [0.5] })).toThrow(
    "Cannot predict: expected quantiles of a response of numbers, got labels",
  );
  expect(() => predict(found, undefined, { quantiles: [1] })).toThrow("numbers above 0 and below 1");
  expect(() => quantileResiduals(labels)).toThrow("got labels; predict gives their probabilities");
});
