import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Algorithm } from "../../src/algorithms/algorithm.ts";
import { em } from "../../src/algorithms/em.ts";
import { iterate } from "../../src/algorithms/iterate.ts";
import { estimateDistance, hasConverged } from "../../src/algorithms/stop.ts";
import { spectrum } from "../../src/inference/spectrum.ts";
import type { Evaluation, Model } from "../../src/models/model.ts";
import type { Observations } from "../../src/rows/observations.ts";
import { draw, nearby, nearlyTied } from "../support/problems.ts";
import { run } from "../support/run.ts";

/** First-order gains of a linearly convergent method that starts `distance` standard errors from its limit. */
function gains(rate: number, distance: number, steps: number): number[] {
  // What is left to gain is d²/2, and ⟨g, δ⟩ = (1 − ρ)d² with d = distance ρᵗ.
  return Array.from({ length: steps }, (_, t) => (1 - rate) * (distance * rate ** t) ** 2);
}

test("on a geometric run the distance left and the rate are exact to 1e-9", () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0.01, max: 0.999, noNaN: true }),
      fc.double({ min: 1e-6, max: 1e6, noNaN: true }),
      fc.integer({ min: 4, max: 12 }),
      (rate, distance, steps) => {
        const found = estimateDistance(gains(rate, distance, steps));
        expect(Math.abs(found.rate / rate - 1)).toBeLessThan(1e-9);
        expect(Math.abs(found.distance / (distance * rate ** steps) - 1)).toBeLessThan(1e-6);
      },
    ),
  );
});

test("a slow run with short steps is not at its limit, where a small change of the objective would have stopped it", () => {
  const slow = gains(0.9999, 1, 50);
  expect(slow.at(-1)).toBeLessThan(1e-3);
  expect(hasConverged(slow, -1e6, 1e-3)).toBe(false);
  expect(hasConverged(gains(0.5, 1, 50), -1e6, 1e-3)).toBe(true);
});

test("gains that grow, or a first few steps, say nothing about the limit", () => {
  expect(estimateDistance(gains(0.5, 1, 3)).distance).toBeNaN();
  expect(estimateDistance([1, 2, 4, 8, 16]).distance).toBeNaN();
  expect(hasConverged([1e-8, 2e-8, 4e-8, 8e-8, 1.6e-7], -100, 1e-6)).toBe(false);
});

test("gains lost in rounding end a run after they stall, and not before", () => {
  const noise = Array.from({ length: 60 }, (_, t) => 1e-17 * (1 + 0.5 * Math.sin(t)));
  const descent = gains(0.5, 1, 27);
  expect(hasConverged([...descent, ...noise.slice(0, 5)], -1e3, 1e-12)).toBe(false);
  expect(hasConverged([...descent, ...noise], -1e3, 1e-12)).toBe(true);
});

test("a run of a quarter of a million steps can stall, too", () => {
  const noise = Array.from({ length: 250_000 }, (_, t) => 1e-17 * (1 + 0.5 * Math.sin(t)));
  expect(hasConverged([...gains(0.5, 1, 27), ...noise], -1e3, 1e-12)).toBe(true);
});

describe("with the rate that the spectrum finds at the limit", () => {
  const slow = [
    ...[2, 8].map((seed) => ({ name: `nearly tied, seed ${seed}`, problem: nearlyTied(seed), size: 0.3 })),
    {
      name: "logistic",
      problem: draw({ experts: "logistic", k: 2, rows: 400, features: 1, seed: 70, binary: true, ridge: 20 }),
      size: 0.2,
    },
  ];

  test.each(slow)("EM stops within three tolerances of the limit, and never early by a tenth: $name", (entry) => {
    const { problem, size } = entry;
    const start = nearby(problem, 7, size);
    const best = run(em(), problem, start, { tolerance: 1e-11 });
    const { rate } = spectrum(problem.model, best.outcome.theta, problem.data);
    expect(rate).toBeGreaterThan(0.9);
    const left = (objective: number): number => Math.sqrt(2 * Math.max(0, best.outcome.state.objective - objective));
    for (const tolerance of [1e-2, 1e-3]) {
      const { outcome, steps } = run(em(), problem, start, { tolerance, rate });
      expect(outcome.result).toBe("converged");
      expect(left(outcome.state.objective)).toBeLessThan(1.1 * tolerance);
      expect(left(outcome.state.objective)).toBeGreaterThan(tolerance / 3);
      // From here on the estimate is the distance, to a tenth.
      const gains = steps.slice(1).map(({ gain }) => gain);
      const estimate = estimateDistance(gains, rate).distance;
      expect(Math.abs(estimate / left(outcome.state.objective) - 1)).toBeLessThan(0.1);
    }
  });

  test("the estimate is exact on a geometric run from the second gain on, and never too small on a sum of runs", () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.tuple(fc.double({ min: 0.01, max: 0.999, noNaN: true }), fc.double({ min: 0.01, max: 10, noNaN: true })),
          {
            minLength: 1,
            maxLength: 5,
          },
        ),
        fc.integer({ min: 2, max: 20 }),
        (modes, steps) => {
          const rate = Math.max(...modes.map(([each]) => each));
          const each = modes.map(([lambda, distance]) => gains(lambda, distance, steps));
          const sum = each[0].map((_, t) => each.reduce((total, run) => total + run[t], 0));
          const left = Math.hypot(...modes.map(([lambda, distance]) => distance * lambda ** steps));
          const { distance } = estimateDistance(sum, rate);
          expect(distance).toBeGreaterThanOrEqual(left * (1 - 1e-9));
          if (modes.length === 1) expect(distance).toBeLessThanOrEqual(left * (1 + 1e-9));
        },
      ),
    );
  });

  test("the first gain, and one larger than the last, say nothing", () => {
    expect(estimateDistance([1e-12], 0.5).distance).toBeNaN();
    expect(estimateDistance([1e-12, 2e-12], 0.5).distance).toBeNaN();
    expect(hasConverged([1, 1e-15], -1, 1e-3, 1 - 1e-13)).toBe(false);
  });

  test("a run that falls short names the known rate, and a rate of 1 is refused", () => {
    const { problem } = slow[0];
    const start = nearby(problem, 7, 0.3);
    const { outcome } = run(em(), problem, start, { tolerance: 1e-8, maxIterations: 40, rate: 0.95 });
    expect(outcome.message).toMatch(/at the known rate of 0\.9500 it takes about \d+ more/);
    for (const rate of [1, -0.1, Number.NaN]) {
      const loop = iterate(em(), problem.model, start, problem.data, { tolerance: 1e-8, maxIterations: 5, rate });
      expect(() => loop.next()).toThrow(`Cannot iterate: expected rate to be a number from 0 to below 1, got ${rate}`);
    }
  });
});

test("a decrease is never convergence: the same tiny gains end a run that climbs, and not one that falls", () => {
  const problem = draw({ experts: "linear", k: 1, rows: 50, features: 1, seed: 4 });
  const { model, data } = problem;
  const { theta: maximum } = run(em(), problem, problem.truth).outcome;
  const objectives = (change: number): string => {
    let objective = -100;
    const steps: Algorithm<Observations, Model<Observations>, Evaluation> = {
      name: "made up",
      monotone: false,
      init: () => ({ logLikelihood: objective, objective }),
      step: (_, theta) => {
        objective += change;
        const state = { logLikelihood: objective, objective };
        return { theta, state, info: { ...state, gain: 1e-30 } };
      },
    };
    const loop = iterate(steps, model, maximum, data, { tolerance: 1e-6, maxIterations: 50 });
    for (;;) {
      const { done, value } = loop.next();
      if (done) return value.result;
    }
  };
  expect(objectives(1e-3)).toBe("converged");
  expect(objectives(-1e-3)).toBe("max-iterations");
});
