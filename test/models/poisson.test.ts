import { lusolve } from "mathjs";
import { describe, expect, test } from "vitest";
import { fit } from "../../src/fit/fit.ts";
import { modelText } from "../../src/fit/model-file.ts";
import { predict } from "../../src/fit/predict.ts";
import { simulate } from "../../src/fit/simulate.ts";
import { snr } from "../../src/inference/snr.ts";
import { spectrum } from "../../src/inference/spectrum.ts";
import { random } from "../../src/math/random.ts";
import { coefficients } from "../../src/models/coefficients.ts";
import { mixture } from "../../src/models/mixture.ts";
import { deviation } from "../support/differences.ts";

/** Poisson regression by iteratively reweighted least squares on the working response, from the logs of the counts. */
function irls(x: number[][], y: number[], weights: number[], offset: number[]): number[] {
  let eta = y.map((count) => Math.log(count + 0.5));
  let beta: number[] = [];
  for (let round = 0; round < 40; round++) {
    const mean = eta.map(Math.exp);
    const working = eta.map((value, i) => value - offset[i] + (y[i] - mean[i]) / mean[i]);
    const sum = (term: (i: number) => number) => y.reduce((total, _, i) => total + weights[i] * mean[i] * term(i), 0);
    const gram = x.map((a) => x.map((b) => sum((i) => a[i] * b[i])));
    beta = (
      lusolve(
        gram,
        x.map((a) => sum((i) => a[i] * working[i])),
      ) as number[][]
    ).flat();
    eta = y.map((_, i) => offset[i] + x.reduce((total, column, j) => total + column[i] * beta[j], 0));
  }
  return beta;
}

/** Two Poisson regressions told apart by a gate on v. */
function counts(rows: number, seed: number): Record<string, number[]> {
  const rng = random(seed);
  const [x, v] = [0, 1].map(() => Float64Array.from({ length: rows }, () => rng.normal()));
  const ones = new Float64Array(rows).fill(1);
  const expert = { columns: ["(intercept)", "x"], values: [ones, x] };
  const gate = { columns: ["(intercept)", "v"], values: [ones, v] };
  const model = mixture({ experts: "poisson", k: 2, gateColumns: gate.columns, expertColumns: expert.columns });
  const { response } = simulate(model, Float64Array.of(0.5, 2, 1, 0.5, 3, -0.4), { rows, gate, expert }, rng);
  return { x: [...x], v: [...v], y: [...response] };
}
const options = { response: "y", experts: "poisson", features: ["x"], gateFeatures: ["v"], starts: 3 } as const;

test("k = 1 is Dobson's Poisson regression as R's glm prints it", () => {
  const y = [18, 17, 15, 20, 10, 20, 25, 13, 12];
  const is = (value: boolean) => (value ? 1 : 0);
  const data = {
    y,
    outcome2: y.map((_, i) => is(i % 3 === 1)),
    outcome3: y.map((_, i) => is(i % 3 === 2)),
    treatment2: y.map((_, i) => is(Math.floor(i / 3) === 1)),
    treatment3: y.map((_, i) => is(Math.floor(i / 3) === 2)),
  };
  const found = fit(data, { response: "y", experts: "poisson", k: 1 });
  expect(deviation(found.theta, [Math.log(21), Math.log(40 / 63), Math.log(47 / 63), 0, 0])).toBeLessThan(1e-12);
  expect((-2 * found.logLikelihood + 10).toFixed(2)).toBe("56.76");
  const { standardErrors } = spectrum(found.mixture, found.theta, found.observations);
  expect(Array.from(standardErrors, (error) => error.toFixed(4))).toEqual([
    "0.1709",
    "0.2022",
    "0.1927",
    "0.2000",
    "0.2000",
  ]);
});

test("k = 1 with weights and an offset is iteratively reweighted least squares, to 1e-10", () => {
  const { x, v, y } = counts(200, 1);
  const weights = y.map((_, i) => 0.5 + (i % 3));
  const offset = v.map((value) => 0.3 * value);
  const { theta } = fit(
    { x, y, weights, offset },
    { response: "y", experts: "poisson", k: 1, weights: "weights", offset: "offset" },
  );
  expect(deviation(theta, irls([y.map(() => 1), x], y, weights, offset))).toBeLessThan(1e-10);
});

test("two Poisson regressions are told apart: every coefficient within four of its standard errors", () => {
  const found = fit(counts(4000, 2), options);
  expect(found.result).toBe("converged");
  const { standardErrors, observedInformation } = spectrum(found.mixture, found.theta, found.observations);
  expect(observedInformation).toBe("positive definite");
  const truth = [0.5, 2, 1, 0.5, 3, -0.4];
  const mirrored = [-0.5, -2, 3, -0.4, 1, 0.5];
  const far = (theta: number[]) => Math.max(...theta.map((t, j) => Math.abs(found.theta[j] - t) / standardErrors[j]));
  expect(Math.min(far(truth), far(mirrored))).toBeLessThan(4);
});

test("an expert has coefficients and no sigma, a row the mixture of the means, with the offset", () => {
  const data = counts(300, 3);
  const found = fit({ ...data, o: data.x.map((value) => 0.1 * value) }, { ...options, offset: "o" });
  const { experts } = coefficients(found.mixture, found.theta);
  expect(Object.keys(experts[0])).toEqual(["coefficients"]);
  const { mean, gate } = predict(found, { x: [0.5], v: [1], o: [2] });
  const means = experts.map(({ coefficients: c }) => Math.exp(Number(c["(intercept)"]) + 0.5 * Number(c.x) + 2));
  expect(mean![0]).toBeCloseTo(gate[0] * means[0] + gate[1] * means[1], 10);
  expect(JSON.parse(modelText(found)).make.experts).toBe("poisson");
});

test("signal-to-noise is half the difference of 2√μ, and predicts no rate", () => {
  const found = fit(counts(300, 4), { ...options, features: [] });
  const roots = coefficients(found.mixture, found.theta).experts.map(({ coefficients: c }) =>
    Math.exp(Number(c["(intercept)"]) / 2),
  );
  const [pair] = snr(found, found.observations);
  expect(pair.snr).toBeCloseTo(Math.abs(roots[0] - roots[1]), 10);
  expect(pair.predictedRate).toBeNaN();
});

describe("numbers that overflow or vanish", () => {
  test("counts up to 1e15 are fitted from a start at 0", () => {
    const x = [0, 1, 2, 3, 4, 5, 6, 7];
    const y = x.map((value) => Math.round(Math.exp(3 + 4.4 * value)));
    const found = fit({ x, y }, { response: "y", experts: "poisson", k: 1 });
    expect(found.result).toBe("converged");
    expect(deviation(found.theta, [3, 4.4])).toBeLessThan(1e-3);
  });

  test("an expert without counts goes towards a mean of 0, not to NaN", () => {
    const x = Array.from({ length: 60 }, (_, i) => i / 10);
    const y = x.map((value, i) => (value < 3 ? 0 : 20 + (i % 7)));
    const found = fit({ x, y }, { response: "y", experts: "poisson", features: [], gateFeatures: ["x"], ridge: 1e-3 });
    expect(found.result).toBe("converged");
    expect(Math.min(found.theta[2], found.theta[3])).toBeLessThan(-5);
    expect(found.theta.every(Number.isFinite)).toBe(true);
  });

  test("from parameters whose means overflow, likelihood, gradient and step are numbers and the fit recovers", () => {
    const data = counts(300, 5);
    const best = fit(data, options);
    const start = Float64Array.of(0, 0, 1, 900, 3, -800);
    const { mixture: model, observations } = best;
    const { gradient, objective } = model.gradient(start, observations);
    expect([objective, ...gradient].every(Number.isFinite)).toBe(true);
    const found = fit(data, { ...options, start });
    expect(found.starts.length).toBe(1);
    expect(Number.isFinite(found.logLikelihood)).toBe(true);
    expect(found.objective).toBeGreaterThan(objective);
  });

  test("a predicted mean that overflows is refused with its row", () => {
    const found = fit(counts(300, 6), options);
    expect(() => predict(found, { x: [0, 1e6], v: [0, 0] })).toThrow(/got Infinity at row 2/);
  });
});
