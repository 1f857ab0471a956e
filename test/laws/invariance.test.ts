import fc from "fast-check";
import { expect, test } from "vitest";
import { fit } from "../../src/fit/fit.ts";
import { random } from "../../src/math/random.ts";
import { mixture } from "../../src/models/mixture.ts";
import { relabelled, reordered } from "../../src/models/relabel.ts";
import { deviation } from "../support/differences.ts";
import { draw, nearby, problems } from "../support/problems.ts";

function table(rows: number, seed: number): Record<string, number[]> {
  const rng = random(seed);
  const x = Array.from({ length: rows }, () => rng.normal());
  const v = Array.from({ length: rows }, () => rng.normal());
  const y = x.map((value, i) => (rng.uniform() < 0.5 ? 1 + 2 * value : -1 - value + v[i]) + 0.3 * rng.normal());
  return { x, v, y };
}

test("k = 1 is least squares: normal equations and maximum-likelihood variance to 1e-10", () => {
  const { x, y } = table(80, 1);
  const { theta, mixture: model } = fit({ x, y }, { response: "y", k: 1 });
  const n = x.length;
  const [mx, my] = [x, y].map((column) => column.reduce((sum, value) => sum + value, 0) / n);
  const slope =
    x.reduce((sum, value, i) => sum + (value - mx) * (y[i] - my), 0) / x.reduce((s, v) => s + (v - mx) ** 2, 0);
  const intercept = my - slope * mx;
  const variance = x.reduce((sum, value, i) => sum + (y[i] - intercept - slope * value) ** 2, 0) / n;
  expect(model.names).toEqual(["expert1.(intercept)", "expert1.x", "expert1.log(sigma)"]);
  expect(deviation(theta, [intercept, slope, 0.5 * Math.log(variance)])).toBeLessThan(1e-10);
});

test("the same seed gives the same bits, another seed other starts", () => {
  const data = table(200, 2);
  const options = { response: "y", starts: 4, seed: 7 } as const;
  const [first, again] = [fit(data, options), fit(data, options)];
  expect(again.theta).toEqual(first.theta);
  expect(again.responsibilities).toEqual(first.responsibilities);
  expect(again.starts).toEqual(first.starts);
  expect(fit(data, { ...options, seed: 8 }).start).not.toEqual(first.start);
});

test("a start is the same whatever starts ran before it", () => {
  const data = table(200, 9);
  const four = fit(data, { response: "y", starts: 4 }).starts;
  const two = fit(data, { response: "y", starts: 2 }).starts;
  expect(four.slice(0, 2)).toEqual(two);
});

test("the best of the starts is returned", () => {
  const found = fit(table(200, 4), { response: "y", k: 3, starts: 8 });
  const converged = found.starts.filter(({ result }) => result === "converged");
  expect(found.objective).toBe(Math.max(...converged.map(({ objective }) => objective)));
});

test("exchanging the start columns exchanges the experts and changes nothing else", () => {
  const data = table(300, 5);
  const r1 = data.y.map((value) => (value > 0 ? 0.8 : 0.2));
  const r2 = r1.map((r) => 1 - r);
  const options = { response: "y", features: ["x", "v"], startColumns: ["r1", "r2"] };
  const one = fit({ ...data, r1, r2 }, options);
  const other = fit({ ...data, r1, r2 }, { ...options, startColumns: ["r2", "r1"] });
  expect(Math.abs(one.logLikelihood - other.logLikelihood)).toBeLessThan(1e-9);
  const [first, second] = one.mixture.experts.map(([{ at }]) => at[0]);
  expect(deviation(one.theta.slice(first, first + 4), other.theta.slice(second, second + 4))).toBeLessThan(1e-7);
});

test("with the experts in another order the responsibilities are those in that order, to 1e-11", () => {
  fc.assert(
    fc.property(problems, fc.integer(), (problem, seed) => {
      const { model, data } = problem;
      const theta = nearby(problem, seed);
      const order = model.experts.map((_, z) => (z + 1) % model.experts.length);
      const { responsibilities } = model.posterior(theta, data);
      const moved = model.posterior(relabelled(model, theta, order), data).responsibilities;
      expect(deviation(reordered(responsibilities, order), moved)).toBeLessThan(1e-11);
      if (order.length > 1) expect(deviation(responsibilities, moved)).toBeGreaterThan(1e-3);
    }),
    { numRuns: 60 },
  );
});

test("a fit's responsibilities are those at its parameters, to 1e-11, and its shares descend", () => {
  for (const seed of [3, 4, 5]) {
    const options = { response: "y", k: 3, starts: 3, seed };
    const { mixture: model, theta, observations, responsibilities, shares } = fit(table(200, seed), options);
    expect(deviation(responsibilities, model.posterior(theta, observations).responsibilities)).toBeLessThan(1e-11);
    expect(shares).toEqual(shares.toSorted((a, b) => b - a));
  }
});

test("with a ridge the objective does not depend on which expert and which label is the reference", () => {
  const { model, data, truth } = draw({ experts: "logistic", k: 3, rows: 200, features: 2, seed: 6, ridge: 0.7 });
  // Labels a, b, c → c, a, b: every expert's coefficients less those of the new reference, and the codes renamed.
  const turned = mixture({ ...model.spec, labels: ["c", "a", "b"] });
  const codes = data.response.map((code) => (code + 1) % 3);
  const theta = truth.slice();
  model.experts.forEach(([b, c]) => {
    for (let j = 0; j < b.at.length; j++) {
      theta[b.at[j]] = -truth[c.at[j]];
      theta[c.at[j]] = truth[b.at[j]] - truth[c.at[j]];
    }
  });
  const before = model.posterior(truth, data).objective;
  expect(Math.abs(turned.posterior(theta, { ...data, response: codes }).objective - before)).toBeLessThan(1e-9);
});

test("a whole weight is a repeated row: objective and gradient to 1e-9", () => {
  fc.assert(
    fc.property(problems, fc.integer({ min: 1, max: 1e6 }), ({ model, data, truth }, seed) => {
      const rng = random(seed);
      const weights = Float64Array.from({ length: data.rows }, () => rng.integer(3));
      const repeated = Array.from(weights, (weight, i) => new Array<number>(weight).fill(i)).flat();
      const pick = (column: Float64Array) => Float64Array.from(repeated, (i) => column[i]);
      const again = {
        rows: repeated.length,
        gate: { ...data.gate, values: data.gate.values.map(pick) },
        expert: { ...data.expert, values: data.expert.values.map(pick) },
        response: pick(data.response),
        ...(data.offset && { offset: pick(data.offset) }),
        ...(data.trials && { trials: pick(data.trials) }),
      };
      const [one, other] = [model.gradient(truth, { ...data, weights }), model.gradient(truth, again)];
      expect(Math.abs(one.objective - other.objective)).toBeLessThan(1e-9 * Math.abs(one.objective));
      expect(deviation(one.gradient, other.gradient)).toBeLessThan(1e-9 * Math.abs(one.objective));
    }),
    { numRuns: 40 },
  );
});

test("an offset is a feature whose coefficient is one", () => {
  const { x, v, y } = table(150, 8);
  const shifted = y.map((value, i) => value + 3 * v[i]);
  const threefold = v.map((value) => 3 * value);
  const plain = fit({ x, y }, { response: "y", starts: 3 });
  const moved = fit({ x, y: shifted, threefold }, { response: "y", features: ["x"], offset: "threefold", starts: 3 });
  expect(Math.abs(plain.logLikelihood - moved.logLikelihood)).toBeLessThan(1e-8);
});

test("an offset is a known part of every expert's first predictor: objective to 1e-12, gradient and M-step to 1e-8", () => {
  fc.assert(
    fc.property(problems, ({ model, data, truth }) => {
      fc.pre(model.spec.experts !== "logistic" || model.spec.labels?.length === 2);
      // Without a ridge, 0.3 x1 as an offset is 0.3 more on every expert's coefficient of x1.
      const free = mixture({ ...model.spec, ridge: 0 });
      const offset = data.expert.values[1].map((x, i) => 0.3 * x + (data.offset?.[i] ?? 0));
      const moved = (theta: Float64Array): Float64Array => {
        const out = theta.slice();
        for (const place of new Set(free.experts.map(([mean]) => mean.at[1]))) out[place] += 0.3;
        return out;
      };
      const [one, other] = [free.gradient(truth, { ...data, offset }), free.gradient(moved(truth), data)];
      expect(Math.abs(one.objective / other.objective - 1)).toBeLessThan(1e-12);
      expect(deviation(one.gradient, other.gradient)).toBeLessThan(1e-8 * (1 + Math.abs(one.objective)));
      const { responsibilities } = free.posterior(truth, { ...data, offset });
      const [here, there] = [
        free.maximise(truth, { responsibilities }, { ...data, offset }).theta,
        free.maximise(moved(truth), { responsibilities }, data).theta,
      ];
      expect(deviation(moved(here), there)).toBeLessThan(1e-8 * (1 + Math.max(...there.map(Math.abs))));
    }),
    { numRuns: 60 },
  );
});
