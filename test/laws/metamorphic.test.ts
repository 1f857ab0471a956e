import { expect, test } from "vitest";
import { fit } from "../../src/fit/fit.ts";
import type { FitOptions } from "../../src/fit/fit-options.ts";
import type { Fit } from "../../src/fit/fit-result.ts";
import { spectrum } from "../../src/inference/spectrum.ts";
import { random } from "../../src/math/random.ts";
import { casesOf } from "../fuzz/hostile.ts";
import { writtenOut } from "../fuzz/invariants.ts";
import { added, changed, changes } from "../support/changes.ts";
import { hessian, inverse } from "../support/likelihood.ts";
import { CLOSE, differences, FEATURES, factsOf, LAWS, off, optionsOf, problem } from "../support/metamorphic.ts";
import { slopeOf } from "../support/minimise.ts";

// What must not matter does not, and what must change changes as it must: of random problems of every law, from the same
// responsibilities to the same maximum.

/** Algorithms that converge as far as maxima are compared, in turns; nothing is the default. */
const ALGORITHMS = [undefined, "em", "generalised-em", "one-pass-em", "anderson", "warm-restarts"] as const;
const PROBLEMS = casesOf(8);

test.each(LAWS)(`%s experts: ${PROBLEMS} problems, each changed in every way`, { timeout: 36e6 }, (law) => {
  const faults: string[] = [];
  let sound = 0;
  for (let number = 0; number < PROBLEMS; number++) {
    const algorithm = ALGORITHMS[number % ALGORITHMS.length];
    const options = (more: Partial<FitOptions> = {}): FitOptions =>
      optionsOf(law, { ...(algorithm && { algorithm }), ...more });
    const rng = random(number, LAWS.indexOf(law) + 1);
    const columns = problem(law, rng);
    const begun = fit(columns, options());
    // Where a part is separated, or the maximum is on an edge, a prior or a floor that knows units decides.
    const edge = [...begun.theta].some((value) => Math.abs(value) > 8);
    if (begun.result !== "converged" || begun.message !== "" || edge) continue;
    const first = factsOf(begun, columns);
    if (first.eigenvalues.at(-1)! > 0.995) continue;
    sound++;
    for (const change of changes) {
      if (change.laws !== undefined && !change.laws.includes(law)) continue;
      const others = change.of(columns, rng);
      const found = factsOf(fit(others, options(change.options)), others);
      const odd = Object.entries(differences(found, first, change, columns.y.length)).filter(
        ([, value]) => !(value < CLOSE),
      );
      if (odd.length > 0)
        faults.push(`problem ${number}, ${change.name}: ${odd.map(([what, value]) => `${what} by ${value}`)}`);
    }
  }
  expect(faults).toEqual([]);
  expect(sound).toBeGreaterThanOrEqual(PROBLEMS / 3);
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

test.each(LAWS)(`one of %s experts is a generalised linear model, ${casesOf(2)} of each`, { timeout: 36e6 }, (law) => {
  let sound = 0;
  for (let number = 0; number < casesOf(2); number++) {
    const all = problem(law, random(number, LAWS.indexOf(law) + 1));
    const columns = Object.fromEntries(Object.entries(all).map(([name, cells]) => [name, cells.slice(0, 100)]));
    const { startColumns: _, group: __, gate: ___, ...options } = optionsOf(law, { k: 1 });
    const found = fit(columns, options as FitOptions);
    if (found.message !== "") continue;
    sound++;
    const at = (theta: Float64Array): number => writtenOut({ ...found, theta }).value;
    const { standardErrors } = spectrum(found);
    // Its likelihood has one maximum: where the slope is 0.
    const slopes = slopeOf(at, found.theta).map((slope, j) => slope * standardErrors[j]);
    expect(Math.max(...slopes.map(Math.abs))).toBeLessThan(1e-7);
    const covariance = inverse(hessian(at, found.theta).map((row) => row.map((value) => -value)));
    standardErrors.forEach((error, j) => {
      expect(error / Math.sqrt(covariance[j][j])).toBeCloseTo(1, 6);
    });
  }
  expect(sound).toBeGreaterThanOrEqual(casesOf(2) / 3);
});

test("trials one by one, in a group, are their number", { timeout: 36e6 }, () => {
  for (let number = 0; number < casesOf(1); number++) {
    const columns = problem("binomial", random(number, LAWS.indexOf("binomial") + 1));
    const trials = 8;
    const single = (of: (row: number, trial: number) => number | string): (number | string)[] =>
      columns.y.flatMap((_, row) => Array.from({ length: trials }, (__, trial) => of(row, trial)));
    const others = {
      ...Object.fromEntries(Object.entries(columns).map(([name, cells]) => [name, single((row) => cells[row])])),
      y: single((row, trial) => Number(trial < Number(columns.y[row]))),
      row: single((row) => row),
    };
    const { trials: _, ...options } = optionsOf("binomial", { group: "row" });
    const [one, other] = [fit(columns, optionsOf("binomial")), fit(others, options as FitOptions)];
    const ways = columns.y.reduce((sum: number, y) => sum + Math.log(chosen(trials, Number(y))), 0);
    expect(off(other.logLikelihood + ways, one.logLikelihood)).toBeLessThan(1e-9);
    for (const of of [
      ({ theta }: Fit) => theta,
      (each: Fit) => spectrum(each).standardErrors,
      (each: Fit) => spectrum(each).eigenvalues,
    ]) {
      const wanted = of(one);
      expect(Math.max(...of(other).map((value, j) => off(value, wanted[j])))).toBeLessThan(CLOSE);
    }
  }
});

/** How many ways there are to choose y of n. */
function chosen(n: number, y: number): number {
  return Array.from({ length: y }, (_, i) => (n - i) / (i + 1)).reduce((product, ratio) => product * ratio, 1);
}
