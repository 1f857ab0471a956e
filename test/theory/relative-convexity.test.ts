import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { em } from "../../src/algorithms/em.ts";
import { spectrum } from "../../src/inference/spectrum.ts";
import { random } from "../../src/math/random.ts";
import type { Observations } from "../../src/rows/observations.ts";
import { certify } from "../../src/theory/certificate.ts";
import { relativeConvexity, secantConvexity } from "../../src/theory/relative-convexity.ts";
import { type SymmetricModel, symmetricPair } from "../../src/theory/symmetric.ts";
import { draw, nearby, problems } from "../support/problems.ts";
import { run } from "../support/run.ts";

interface Limit {
  readonly model: SymmetricModel;
  readonly data: Observations;
  readonly limit: Float64Array;
}

/** A symmetric pair with rows drawn from it, and the limit of EM from the truth. */
function pairAt(experts: "linear" | "logistic", seed: number): Limit {
  const rng = random(seed);
  const [rows, size] = [500, experts === "linear" ? 2 : 4];
  const columns = ["x1", "x2"];
  const x = { columns, values: columns.map(() => Float64Array.from({ length: rows }, () => rng.normal())) };
  const truth = Float64Array.of(size, 0.2 * rng.normal(), 0.2 * rng.normal(), size);
  const along = (from: number, i: number): number => x.values.reduce((sum, v, j) => sum + v[i] * truth[from + j], 0);
  const logistic = (t: number): boolean => rng.uniform() < 1 / (1 + Math.exp(-t));
  const response = Float64Array.from({ length: rows }, (_, i) => {
    const z = logistic(along(0, i)) ? 1 : -1;
    const b = z * along(2, i);
    return experts === "linear" ? b + rng.normal() : Number(logistic(b));
  });
  const model = symmetricPair({ experts, gateColumns: columns, expertColumns: columns });
  const data = { rows, gate: x, expert: x, response };
  let theta: Float64Array = truth;
  for (let t = 0; t < 2000; t++) theta = model.maximise(theta, model.posterior(theta, data), data).theta;
  return { model, data, limit: theta };
}

const limits = (["linear", "logistic"] as const).flatMap((experts) => [1, 2, 3].map((seed) => pairAt(experts, seed)));

describe("relative convexity", () => {
  test("at a point is what the spectrum says there, and smoothness is never above 1 by 1e-12", () => {
    fc.assert(
      fc.property(problems, fc.integer(), fc.constantFrom(1e-3, 0.1), (problem, seed, radius) => {
        const { model, data } = problem;
        // Near a limit: the complete information of linear experts is positive definite there.
        const theta = run(em(), problem, nearby(problem, seed), { tolerance: 1e-3, maxIterations: 300 }).outcome.theta;
        let found: ReturnType<typeof relativeConvexity>;
        try {
          found = relativeConvexity(model, theta, data, { radius, samples: 3, random: random(seed) });
        } catch (error) {
          fc.pre(!(error as Error).message.includes("positive definite"));
          throw error;
        }
        const { eigenvalues } = spectrum(model, theta, data);
        expect(found.at.strongConvexity).toBeCloseTo(1 - eigenvalues[0], 12);
        expect(found.at.smoothness).toBeCloseTo(1 - eigenvalues[eigenvalues.length - 1], 12);
        expect(found.around.smoothness).toBeLessThan(1 + 1e-12);
        expect(found.around.smoothness).toBeGreaterThanOrEqual(found.at.smoothness);
        expect(found.around.strongConvexity).toBeLessThanOrEqual(found.at.strongConvexity);
      }),
      { numRuns: 40 },
    );
  });

  test("strong convexity falls as the ball grows", () => {
    for (const { model, data, limit } of limits) {
      const found = [0.01, 0.1, 0.2, 0.4, 0.8, 1.6].map((radius) => {
        const near = { radius, samples: 40, random: random(5) };
        return relativeConvexity(model, limit, data, near).around.strongConvexity;
      });
      for (let r = 1; r < found.length; r++) expect(found[r]).toBeLessThan(found[r - 1]);
    }
  });

  test("where it is α > 0 in a ball, runs inside obey inequality (iii), and each secant is at least α, to 1e-9", () => {
    let tried = 0;
    for (const { model, data, limit } of limits) {
      const radius = 0.1;
      const near = { radius, samples: 60, random: random(6) };
      const { strongConvexity: alpha } = relativeConvexity(model, limit, data, near).around;
      if (!(alpha > 0)) continue;
      const secants = secantConvexity(model, limit, data, { ...near, random: random(7) });
      for (const { strongConvexity, smoothness } of [secants.from, secants.towards]) {
        expect(strongConvexity).toBeGreaterThan(alpha - 1e-9);
        expect(smoothness).toBeLessThan(1 + 1e-9);
      }
      for (let seed = 1; seed <= 5; seed++) {
        const rng = random(seed, 3);
        const away = limit.map(() => rng.normal());
        const { complete } = model.information(limit, data);
        const p = away.length;
        const square = away.reduce(
          (sum, a, i) => sum + a * away.reduce((inner, b, j) => inner + complete[i * p + j] * b, 0),
          0,
        );
        const scale = (0.9 * radius * Math.sqrt(data.rows)) / Math.sqrt(square);
        const start = limit.map((value, j) => value + scale * away[j]);
        for (const step of certify(model, start, data, { steps: 6 }).steps) {
          if (Number.isNaN(step.contraction)) continue;
          expect(step.contractionSlack).toBeGreaterThan(-1e-10);
          expect(step.contraction).toBeLessThan(1 - alpha + 1e-9);
          tried++;
        }
      }
    }
    expect(tried).toBeGreaterThan(50);
  });

  test("negative control: the smoothness is no bound on contraction: runs exceed 1 − β by more than 1e-3", () => {
    const [{ model, data, limit }] = limits;
    const { at } = relativeConvexity(model, limit, data, { radius: 0.1, samples: 1, random: random(1) });
    const [first] = certify(
      model,
      limit.map((value) => 1.05 * value),
      data,
      { steps: 1 },
    ).steps;
    expect(first.contraction - (1 - at.smoothness)).toBeGreaterThan(1e-3);
  });

  test("refuses a ball without a radius or without points, and an indefinite complete information", () => {
    const { model, data, limit } = limits[0];
    const look = (radius: number, samples: number) => () =>
      relativeConvexity(model, limit, data, { radius, samples, random: random(1) });
    expect(look(0, 1)).toThrow("Cannot look at relative convexity: expected radius to be a number above 0, got 0");
    expect(look(1, 0.5)).toThrow("expected samples to be a whole number from 1 on, got 0.5");
    const far = draw({ experts: "linear", k: 1, rows: 100, features: 1, seed: 2 });
    const theta = far.truth.map((value) => value + 3);
    const near = { radius: 1, samples: 1, random: random(1) };
    expect(() => relativeConvexity(far.model, theta, far.data, near)).toThrow("expected positive definite complete");
  });
});
