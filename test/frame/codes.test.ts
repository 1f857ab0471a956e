import { expect, test } from "vitest";
import { fit } from "../../src/fit/fit.ts";
import { random } from "../../src/math/random.ts";

/** Columns of 60 rows: a response that goes with both others, and codes drawn from a list. */
function rows(codes: readonly number[], seed = 1) {
  const rng = random(seed);
  const region = Array.from({ length: 60 }, (_, i) => codes[i % codes.length]);
  const x = region.map(() => rng.normal());
  return { x, region, y: x.map((value, i) => value + [0, 3, 1, 2][Math.floor(region[i]) % 4] + 0.5 * rng.normal()) };
}

const one = { response: "y", k: 1 } as const;
const said = (...given: Parameters<typeof fit>) => fit(...given).messages.filter((each) => each.includes("codes"));
const formulaIn = (message: string) => JSON.parse(/with the formula (".*")\.$/.exec(message)?.[1] ?? "null") as string;

test.each([
  ["from 1 on", [1, 2, 3, 4], "1 to 4"],
  ["from 0 on", [2, 0, 1], "0 to 2"],
  ["ten of them", [1, 2, 3, 4, 5, 6, 7, 8, 9, 10], "1 to 10"],
])(
  "few whole numbers %s may be codes: the fit says so, and the formula that it gives makes them a factor",
  (_, codes, range) => {
    const table = rows(codes);
    const messages = said(table, one);
    expect(messages).toEqual([
      `"region" holds only the whole numbers ${range}: if they are codes of kinds, fit it with the formula "y ~ x + factor(region)".`,
    ]);
    const again = fit(table, { k: 1, formula: formulaIn(messages[0]) });
    expect(again.formula.codings?.["factor(region)"]).toMatchObject({ type: "factor" });
    expect(again.messages.join()).toMatch(/^Coded as factors.*"factor\(region\)" against "[01]"\.$/);
  },
);

test.each([
  ["two values", [0, 1]],
  ["a gap", [1, 2, 4]],
  ["another first number", [2, 3, 4]],
  ["fractions", [1, 1.5, 2]],
  ["eleven values", [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]],
  ["amounts that get rarer", [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 2, 2, 2, 3, 4]],
])("it says nothing of %s", (_, codes) => {
  expect(said(rows(codes), one)).toEqual([]);
});

test("nor of few rows, of text, of a factor, and of numbers that somebody computes with", () => {
  const table = rows([1, 2, 3, 4]);
  const few = { x: table.x.slice(0, 16), region: table.region.slice(0, 16), y: table.y.slice(0, 16) };
  expect(said(few, one)).toEqual([]);
  expect(said({ ...table, region: table.region.map((code) => `r${code}`) }, one)).toEqual([]);
  for (const formula of [
    "y ~ x + factor(region)",
    "y ~ region + I(region^2)",
    "y ~ x + poly(region, 2)",
    "y ~ log(region)",
  ]) {
    expect(said(table, { k: 1, formula })).toEqual([]);
  }
});

test("what else the formula has is kept: gate, offset, products, no intercept, and names that are no words", () => {
  const table = { ...rows([1, 2, 3, 4]), "z z": rows([1], 3).x, o: rows([1], 2).x };
  const options = { k: 2, starts: 2, formula: "y ~ x:region + `z z` + offset(o) - 1 | region" };
  const [message] = said(table, options);
  expect(formulaIn(message)).toBe("y ~ 0 + `z z` + x:factor(region) + offset(o) | factor(region)");
  expect(fit(table, { ...options, formula: formulaIn(message) }).messages.join()).not.toContain("codes");
});

test("of several columns one is named, and all are written as factors", () => {
  const table = { ...rows([1, 2, 3, 4]), kind: rows([0, 0, 1, 1, 2, 2]).region };
  const [message] = said(table, one);
  expect(message).toContain('"region" holds only the whole numbers 1 to 4, as does 1 other column: ');
  expect(formulaIn(message)).toBe("y ~ x + factor(region) + factor(kind)");
});
