import { expect, test } from "vitest";
import { fit } from "../../src/fit/fit.ts";
import { random } from "../../src/math/random.ts";
import { casesOf } from "../fuzz/hostile.ts";
import {
  added,
  CLOSE,
  changed,
  changes,
  differences,
  FEATURES,
  factsOf,
  LAWS,
  off,
  optionsOf,
  problem,
} from "../support/metamorphic.ts";

// What must not matter does not, and what must change changes as it must: of random problems of every law, from the same
// responsibilities to the same maximum.

test.each(LAWS)(`%s experts: ${casesOf(6)} problems, each changed in every way`, { timeout: 36e6 }, (law) => {
  const faults: string[] = [];
  let sound = 0;
  for (let number = 0; number < casesOf(6); number++) {
    const rng = random(number, LAWS.indexOf(law) + 1);
    const columns = problem(law, rng);
    const begun = fit(columns, optionsOf(law));
    // Where a part is separated, or the maximum is on an edge, a prior or a floor that knows units decides.
    const edge = [...begun.theta].some((value) => Math.abs(value) > 8);
    if (begun.result !== "converged" || begun.message !== "" || edge) continue;
    const first = factsOf(begun, columns);
    if (first.eigenvalues.at(-1)! > 0.995) continue;
    sound++;
    for (const change of changes) {
      if (change.laws !== undefined && !change.laws.includes(law)) continue;
      const others = change.of(columns, rng);
      const found = factsOf(fit(others, optionsOf(law, change.options)), others);
      const odd = Object.entries(differences(found, first, change, columns.y.length)).filter(
        ([, value]) => !(value < CLOSE),
      );
      if (odd.length > 0)
        faults.push(`problem ${number}, ${change.name}: ${odd.map(([what, value]) => `${what} by ${value}`)}`);
    }
  }
  expect(faults).toEqual([]);
  expect(sound).toBeGreaterThanOrEqual(casesOf(6) / 3);
});

test("experts in another order are the same experts", () => {
  for (const law of LAWS) {
    const columns = problem(law, random(3));
    const [one, other] = [
      ["r1", "r2"],
      ["r2", "r1"],
    ].map((startColumns) => fit(columns, optionsOf(law, { startColumns })));
    expect(off(other.logLikelihood, one.logLikelihood)).toBeLessThan(1e-8);
    // Numbered by their shares, whatever the start called them, or as the start has them: then they are exchanged.
    const swapped = Array.from(one.responsibilities, (_, at) => one.responsibilities[at ^ 1]);
    const distance = (wanted: ArrayLike<number>) =>
      Math.max(...other.responsibilities.map((r, at) => Math.abs(r - wanted[at])));
    expect(Math.min(distance(one.responsibilities), distance(swapped))).toBeLessThan(CLOSE);
  }
});

test("a change that matters is seen", () => {
  const columns = problem("linear", random(1, 1));
  const first = factsOf(fit(columns, optionsOf("linear")), columns);
  const others = changed(columns, "y", (y) => y ** 2);
  const found = factsOf(fit(others, optionsOf("linear")), others);
  const odd = Object.values(differences(found, first, changes[1], columns.y.length));
  expect(odd.filter((value) => value > CLOSE).length).toBeGreaterThan(3);
});

test("whatever rows are grouped, one expert is that of them all", () => {
  for (const law of LAWS) {
    const columns = problem(law, random(4));
    const options = {
      response: "y",
      features: FEATURES,
      experts: law,
      k: 1,
      ...(law === "binomial" && { trials: "t" }),
    };
    const [alone, grouped, split] = [
      undefined,
      (row: number) => Math.floor(row / 10),
      (row: number) => Math.floor(row / 5),
    ].map((group) =>
      group === undefined ? fit(columns, options) : fit(added(columns, "g", group), { ...options, group: "g" }),
    );
    for (const other of [grouped, split]) {
      expect(off(other.logLikelihood, alone.logLikelihood)).toBeLessThan(1e-9);
      expect(Math.max(...other.theta.map((value, j) => off(value, alone.theta[j])))).toBeLessThan(1e-6);
    }
  }
});
