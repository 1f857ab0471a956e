import { describe, expect, test } from "vitest";
import { fit } from "../../src/fit/fit.ts";
import { predict } from "../../src/fit/predict.ts";
import { exposureInWords } from "../../src/frame/exposure.ts";
import { drawPoisson } from "../../src/math/draw.ts";
import { random } from "../../src/math/random.ts";

/** Counts of a rate that a covariate changes, for exposures between two bounds, evenly spread in logarithms. */
function counts(from: number, to: number, rate: number, seed: number, power = 1) {
  const rng = random(seed);
  const x = Array.from({ length: 300 }, () => rng.normal());
  const exposure = x.map(() => Math.exp(Math.log(from) + (Math.log(to) - Math.log(from)) * rng.uniform()));
  // Two kinds of rows, as a mixture has them: more spread than a Poisson law's.
  const y = exposure.map((e, i) => {
    return drawPoisson(rng, rate * e ** power * Math.exp(0.5 * x[i] + (rng.uniform() < 0.5 ? 0.7 : -0.7)));
  });
  return { x, exposure, y, logarithm: exposure.map(Math.log) };
}

const said = (y: readonly number[], offset: readonly number[]) => {
  const design = { columns: [], values: [] };
  const observations = { rows: y.length, gate: design, expert: design, response: Float64Array.from(y) };
  return exposureInWords({ ...observations, offset: Float64Array.from(offset) }, "years");
};

const bounds: [string, number, number, number][] = [
  ["person-years", 12, 9000, 0.02],
  ["hours", 1, 20, 0.8],
  ["shares of a year", 0.2, 8, 3],
  ["days", 30, 365, 0.05],
  ["people of countries", 800, 1.4e9, 1e-5],
];

describe.each(bounds)("%s from %d to %d", (_, from, to, rate) => {
  test.each([1, 2, 3])("are named as an exposure where they are the offset, seed %i", (seed) => {
    const { y, exposure } = counts(from, to, rate, seed);
    expect(said(y, exposure)).toEqual([
      expect.stringMatching(/^The offset "years" looks like an exposure .* give it as exposure in place of offset\.$/),
    ]);
  });

  test.each([1, 2, 3])("pass where their logarithm is the offset, seed %i", (seed) => {
    const { y, logarithm } = counts(from, to, rate, seed);
    expect(said(y, logarithm)).toEqual([]);
  });

  test.each([0.2, 0.5, 2])("pass where counts grow with their power %d", (power) => {
    const { y, logarithm } = counts(from, to, rate * (from * to) ** ((1 - power) / 2), 4, power);
    expect(said(y, logarithm)).toEqual([]);
  });
});

test("offsets that have nothing to do with the counts pass", () => {
  for (let seed = 1; seed <= 20; seed++) {
    const { y } = counts(1, 1, 3, seed);
    const rng = random(seed, 1);
    expect(
      said(
        y,
        y.map(() => 0.1 + 5 * rng.uniform()),
      ),
    ).toEqual([]);
  }
});

test("a fit says it of counts, and of nothing else", () => {
  const { x, y, exposure: years, logarithm } = counts(12, 9000, 0.02, 1);
  const options = { response: "y", features: ["x"], k: 1, experts: "poisson", offset: "years" } as const;
  const { messages, message } = fit({ x, y, years }, options);
  expect(messages.at(-1)).toMatch(/^The offset "years" looks like an exposure .* it runs from 1\d(\.\d+)? to 8\d{3}/);
  expect(message).not.toContain("years");
  expect(fit({ x, y, years: logarithm }, options).messages).toEqual([]);
  expect(fit({ x, y, years }, { ...options, experts: "linear" }).messages).toEqual([]);
});

test("as an exposure they are what their logarithms are as an offset; anything else is refused by row or option", () => {
  const { y, exposure } = counts(12, 9000, 0.02, 1);
  const rows = { y, years: exposure, log: exposure.map(Math.log) };
  const options = { response: "y", features: [], experts: "poisson", k: 1 } as const;
  const given = fit(rows, { ...options, exposure: "years" });
  const known = fit(rows, { ...options, offset: "log" });
  expect(Array.from(given.theta)).toEqual(Array.from(known.theta));
  expect(given.messages).toEqual(known.messages);
  expect(predict(given, { years: [exposure[0]] }).mean[0]).toBe(predict(given).mean[0]);
  const none = { ...rows, years: exposure.map((value, i) => (i === 2 ? 0 : value)) };
  expect(() => fit(none, { ...options, exposure: "years" })).toThrow(
    'exposures above 0 in column "years", got 0 at row 3',
  );
  expect(() => fit(rows, { ...options, exposure: "years", offset: "log" })).toThrow("either an offset or an exposure");
  expect(() => fit(rows, { ...options, experts: "linear", exposure: "years" })).toThrow("an exposure with counts");
});
