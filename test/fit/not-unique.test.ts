import { expect, test } from "vitest";
import { fit } from "../../src/fit/fit.ts";
import { covariance } from "../../src/inference/covariance.ts";
import { spectrum } from "../../src/inference/spectrum.ts";
import { random } from "../../src/math/random.ts";

// What rows can tell of two groups: m trials each, of two success rates, have m free probabilities; two experts have 3 parameters.

const chance = random(11).uniform;
const successes = (m: number): number[] =>
  Array.from({ length: 400 }, () => {
    const rate = chance() < 0.5 ? 0.2 : 0.8;
    return Array.from({ length: m }, () => Number(chance() < rate)).reduce((sum, one) => sum + one, 0);
  });
const treated = Array.from({ length: 400 }, (_, i) => i % 2);
const words = /^The maximum is not unique: other estimates have the same likelihood/;

test.each([
  ["one trial", { s: successes(1), m: treated.map(() => 1) }, "s ~ 1"],
  ["two trials", { s: successes(2), m: treated.map(() => 2) }, "s ~ 1"],
  ["one trial in two arms", { s: successes(1), m: treated.map(() => 1), treated }, "s ~ treated"],
])("two experts of %s are told from one by nothing: the fit says so, and has no errors", (_, rows, formula) => {
  const options = { formula, experts: "binomial", trials: "m", gate: "constant" } as const;
  const found = fit(rows, { ...options, k: 2 });
  expect(found.result).toBe("converged");
  expect(found.message).toMatch(words);
  const { standardErrors, observedInformation } = spectrum(found);
  expect(observedInformation).toBe("not positive definite");
  expect(Array.from(standardErrors).every(Number.isNaN)).toBe(true);
  expect(() => covariance(found)).toThrow(
    /expected a maximum, where the likelihood falls in every direction, got a point/,
  );
  // What it advises helps.
  for (const changed of [{ k: 1 }, { k: 2, ridge: 0.1 }]) {
    const other = fit(rows, { ...options, ...changed });
    expect(other.message).not.toMatch(words);
    expect(Array.from(spectrum(other).standardErrors).every((error) => error > 0)).toBe(true);
  }
});

test("five trials tell two experts apart: nothing is said", () => {
  const found = fit(
    { s: successes(5), m: treated.map(() => 5) },
    { formula: "s ~ 1", experts: "binomial", trials: "m", gate: "constant", k: 2 },
  );
  expect(found.message).not.toMatch(words);
  expect(Array.from(spectrum(found).standardErrors).every((error) => error > 0 && error < 1)).toBe(true);
});
