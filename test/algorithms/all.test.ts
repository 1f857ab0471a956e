import { describe, expect, test } from "vitest";

import { em } from "../../src/algorithms/em.ts";
import type { BatchedModel } from "../../src/models/model.ts";
import type { Observations } from "../../src/rows/observations.ts";
import { deviation } from "../support/differences.ts";
import { run } from "../support/run.ts";
import { beside, type Cell, flat, latent, lifted, mixtures, pairs } from "../support/table.ts";

/** All that a state holds, and what its functions answer. */
function told(state: unknown): unknown {
  if (typeof state === "function") return structuredClone(state());
  if (typeof state !== "object" || state === null || ArrayBuffer.isView(state)) return structuredClone(state);
  if (Array.isArray(state)) return state.map(told);
  return Object.fromEntries(Object.entries(state).map(([name, value]) => [name, told(value)]));
}

holdFor(beside<BatchedModel<Observations>>(latent, [...mixtures, ...pairs]));
holdFor(beside(lifted, mixtures));
holdFor(beside(flat, pairs));

/** What every algorithm does on every model it compiles for. */
function holdFor<M extends BatchedModel<Observations>>(cells: readonly Cell<M>[]): void {
  describe.each(cells)("$name", ({ entry: { make, budget, short = 1e-6 }, problem }) => {
    const { model, data, start, stepSize } = problem;
    const algorithm = make(stepSize);

    test(`reaches the maximum within its budget, to ${short} nats`, () => {
      const best = run(em(), problem, start, { tolerance: 1e-11 });
      expect(best.outcome.result).toBe("converged");
      const { steps } = run(algorithm, problem, start, { maxIterations: budget, tolerance: 1e-6 });
      const [found, wanted] = [steps, best.steps].map((of) => of[of.length - 1].objective);
      expect(wanted - steps[0].objective).toBeGreaterThan(10 * short);
      expect(Math.abs(found - wanted)).toBeLessThan(short);
    });

    test("gives the same bits again, and changes neither its start nor its data", () => {
      const before = structuredClone([start, data]);
      const [first, again] = [1, 2].map(() => run(make(stepSize), problem, start, { maxIterations: 10 }).steps);
      expect(first.length).toBeGreaterThan(2);
      expect(again).toEqual(first);
      expect([start, data]).toEqual(before);
    });

    test("goes on from any iterate when it is handed its state, which a step does not change", () => {
      const { steps } = run(algorithm, problem, start, { maxIterations: 10 });
      let state = algorithm.init(model, start, data);
      for (let t = 0; t + 1 < steps.length; t++) {
        const before = told(state);
        const step = algorithm.step(model, steps[t].theta, state, data);
        if ("failure" in step) throw new Error(step.failure.reason);
        expect(told(state)).toEqual(before);
        expect(step.theta).toEqual(steps[t + 1].theta);
        state = step.state;
      }
    });

    test.each(algorithm.memory ? ["state", "memory"] : ["state"])(
      "goes on from where a run ended as if it had not, by its %s",
      (by) => {
        const stop = (maxIterations: number) => ({ tolerance: 1e-11, maxIterations });
        const whole = run(algorithm, problem, start, stop(9));
        const early = Math.min(4, whole.outcome.iterations - 1);
        const { theta, gains, state } = run(algorithm, problem, start, stop(early)).outcome;
        const { memory } = algorithm;
        const kept = memory && structuredClone(memory.of(state));
        const again = by === "state" ? state : memory?.back(algorithm.init(model, theta, data), kept);
        if (again === undefined) throw new Error("nothing to go on from");
        const rest = run(algorithm, problem, { theta, gains, state: again }, stop(9));
        expect(rest.steps).toEqual(whole.steps.slice(early + 1));
        expect(rest.outcome.theta).toEqual(whole.outcome.theta);
        expect(rest.outcome.iterations).toBe(whole.outcome.iterations);
      },
    );

    test("reports the first-order gain of each step, and the objective where it ends", () => {
      const { steps } = run(algorithm, problem, start, { maxIterations: 12 });
      for (let t = 1; t < steps.length; t++) {
        const { gradient } = model.gradient(steps[t - 1].theta, data);
        const gain = gradient.reduce((sum, g, j) => sum + g * (steps[t].theta[j] - steps[t - 1].theta[j]), 0);
        expect(Math.abs(steps[t].gain - gain)).toBeLessThan(1e-9 * (1 + Math.abs(gain)));
        expect(deviation([steps[t].objective], [model.posterior(steps[t].theta, data).objective])).toBeLessThan(1e-9);
        if (algorithm.monotone) expect(steps[t].objective).toBeGreaterThan(steps[t - 1].objective - 1e-9);
      }
    });

    test("keeps fixed parameters at their values", () => {
      const { theta } = run(algorithm, problem, start, { maxIterations: 10 }).outcome;
      const moved = Array.from(theta.keys()).filter((j) => theta[j] !== start[j]);
      expect(moved).toEqual(model.free ?? Array.from(theta.keys()));
    });

    test.each([
      ["NaN", Number.NaN],
      ["overflow", Number.MAX_VALUE],
    ])("a start without a finite objective (%s) is a result, not an exception", (_, value) => {
      const at = start.map(() => value);
      const { steps, outcome } = run(algorithm, problem, at);
      expect(outcome.result).toBe("non-finite");
      expect(steps).toEqual([]);
    });
  });
}
