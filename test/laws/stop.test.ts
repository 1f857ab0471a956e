import fc from "fast-check";
import { expect, test } from "vitest";
import { atLimit, outlook } from "../../src/algorithms/stop.ts";

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
        const found = outlook(gains(rate, distance, steps));
        expect(Math.abs(found.rate / rate - 1)).toBeLessThan(1e-9);
        expect(Math.abs(found.distance / (distance * rate ** steps) - 1)).toBeLessThan(1e-6);
      },
    ),
  );
});

test("a slow run with short steps is not at its limit, where a small change of the objective would have stopped it", () => {
  const slow = gains(0.9999, 1, 50);
  expect(slow.at(-1)).toBeLessThan(1e-3);
  expect(atLimit(slow, -1e6, 1e-3)).toBe(false);
  expect(atLimit(gains(0.5, 1, 50), -1e6, 1e-3)).toBe(true);
});

test("gains that grow, or a first few steps, say nothing about the limit", () => {
  expect(outlook(gains(0.5, 1, 3)).distance).toBeNaN();
  expect(outlook([1, 2, 4, 8, 16]).distance).toBeNaN();
  expect(atLimit([1e-8, 2e-8, 4e-8, 8e-8, 1.6e-7], -100, 1e-6)).toBe(false);
});

test("gains lost in rounding end a run after they stall, and not before", () => {
  const noise = Array.from({ length: 60 }, (_, t) => 1e-17 * (1 + 0.5 * Math.sin(t)));
  const descent = gains(0.5, 1, 27);
  expect(atLimit([...descent, ...noise.slice(0, 5)], -1e3, 1e-12)).toBe(false);
  expect(atLimit([...descent, ...noise], -1e3, 1e-12)).toBe(true);
});

test("a run of a quarter of a million steps can stall, too", () => {
  const noise = Array.from({ length: 250_000 }, (_, t) => 1e-17 * (1 + 0.5 * Math.sin(t)));
  expect(atLimit([...gains(0.5, 1, 27), ...noise], -1e3, 1e-12)).toBe(true);
});
