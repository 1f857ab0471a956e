import { inspect } from "node:util";
import { expect, test } from "vitest";
import { tableMarkdown } from "../../src/display/markdown.ts";
import { tableLatex } from "../../src/display/table-latex.ts";
import { fit } from "../../src/fit/fit.ts";
import { confint } from "../../src/inference/intervals.ts";
import { spectrum } from "../../src/inference/spectrum.ts";
import { summary, summaryTable } from "../../src/inference/summary.ts";
import { random } from "../../src/math/random.ts";

const rng = random(12);
const x = Array.from({ length: 200 }, () => rng.normal());
const clinic = x.map((_, i) => `c${i % 20}`);
const y = x.map((value, i) => (i % 2 === 0 ? 2 + value : -2 - value) + 0.5 * rng.normal());
const rows = { x, y, clinic };
const pair = fit(rows, { formula: "y ~ x | 1", starts: 5 });

test("a summary has each parameter with its error, z, p and interval; a scale in its own units, without a test of 0", () => {
  const { parameters, rate, certificate, criteria, shares } = summary(pair);
  const { standardErrors } = spectrum(pair);
  const { intervals } = confint(pair);
  expect(parameters.map(({ name }) => name)).toEqual(
    pair.mixture.names.map((name) => name.replace("log(sigma)", "sigma")),
  );
  parameters.forEach(({ name, estimate, standardError, z, p, lower, upper }, at) => {
    const isScale = name.endsWith("sigma");
    expect(standardError).toBeCloseTo(standardErrors[at] * (isScale ? estimate : 1), 8);
    expect([lower, upper]).toEqual([intervals[name].lower, intervals[name].upper]);
    if (isScale) expect([z, p]).toEqual([null, null]);
    else expect(z).toBeCloseTo(estimate / (standardError ?? 0), 10);
  });
  expect(parameters.find(({ name }) => name === "expert1.x")?.p).toBeLessThan(1e-6);
  expect(rate).toBeCloseTo(spectrum(pair).rate, 12);
  expect([certificate, shares]).toEqual(["holds", pair.shares]);
  for (const [name, value] of Object.entries(pair.criteria)) {
    expect(criteria[name as keyof typeof criteria]).toBeCloseTo(value, 9);
  }
});

test("errors of other kinds are those of covariance; where there are none a message says why", () => {
  const errors = (options: object): (number | null)[] =>
    summary(pair, options).parameters.map(({ standardError }) => standardError);
  expect(errors({ type: "robust" })).not.toEqual(errors({}));
  expect(errors({ cluster: "clinic" })).not.toEqual(errors({ type: "robust" }));
  expect(() => summary(pair, { cluster: "nobody" })).toThrow("nobody");
  const held = fit(rows, { formula: "y ~ x | 1", starts: 3, fixed: { "expert1.x": 1 } });
  expect(summary(held).parameters.find(({ name }) => name === "expert1.x")).toMatchObject({
    estimate: 1,
    standardError: null,
    lower: null,
  });
  const short = fit(rows, { formula: "y ~ x", starts: 1, maxIterations: 1 });
  const { parameters, messages } = summary(short);
  expect(parameters.every(({ standardError, p }) => standardError === null && p === null)).toBe(true);
  expect(messages.at(-1)).toMatch(/^No standard errors: expected .*\.$/);
});

test("it is a table in text, Markdown and LaTeX", () => {
  const found = summary(pair);
  expect(inspect(found)).toContain("EM as mirror descent: holds");
  expect(tableMarkdown(summaryTable(found))).toContain("| expert1.(intercept) |");
  const latex = tableLatex(summaryTable(found));
  expect(latex.split("\n").filter((line) => line.endsWith(String.raw`\\`))).toHaveLength(found.parameters.length + 1);
  expect(tableLatex({ columns: [{ name: "a & b" }], rows: [["50 % of {x}_1^2 ~ \\"]] })).toContain(
    String.raw`50 \% of \{x\}\_1\textasciicircum{}2 \textasciitilde{} \textbackslash{} \\`,
  );
});
