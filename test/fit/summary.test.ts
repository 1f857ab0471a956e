import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { resultTable } from "../../src/display/result-table.ts";
import { classify } from "../../src/fit/classify.ts";
import { fit } from "../../src/fit/fit.ts";
import { predict } from "../../src/fit/predict.ts";
import { run } from "../../src/fit/run.ts";
import { covariance } from "../../src/inference/covariance.ts";
import { confint } from "../../src/inference/intervals.ts";
import { spectrum } from "../../src/inference/spectrum.ts";
import { topSpectrum } from "../../src/inference/top-spectrum.ts";
import { formatNumber } from "../../src/text/number.ts";

const x = Array.from({ length: 90 }, (_, i) => 3 * Math.sin(i));
const y = x.map((value, i) => (i % 2 === 0 ? value : 2 - value) + Math.cos(7 * i));
const found = fit({ x, y }, { response: "y", starts: 4 });
const lines = (value: unknown): string[] => inspect(value).split("\n");

describe("a printed fit", () => {
  const text = inspect(found);

  test("says what was fitted, how well, how it ended, and where to look on", () => {
    const [what, scores, end] = text.split("\n");
    expect(what).toBe("2 linear experts, y ~ x; 90 rows, 8 parameters");
    const { aic, bic, icl } = found.criteria;
    const score = (value: number): string => value.toFixed(2).replace("-", "−");
    expect(scores).toBe(
      `log-likelihood ${score(found.logLikelihood)}, AIC ${score(aic)}, BIC ${score(bic)}, ICL ${score(icl)}`,
    );
    expect(end).toBe(`converged after ${found.iterations} steps`);
    expect(text).toContain(found.search.summary);
    expect(text).toMatch(/\nLook on with spectrum\(fit\), .*predict\(fit, rows\)/);
  });

  test("shows the coefficients side by side, with their standard errors, sigma and shares, and the gate's", () => {
    const cells = (line: string): string[] => line.split(/ {2,}/).map((cell) => cell.replace(/ ± .*$/, ""));
    const rows = new Map(lines(found).map((line) => [cells(line)[0], cells(line).slice(1)]));
    const shown = (values: readonly unknown[]): string[] => values.map((value) => formatNumber(Number(value)));
    const { experts, gate } = found.coefficients;
    expect(rows.get("")).toBeDefined();
    expect(rows.get("sigma")).toEqual(shown(experts.map(({ sigma }) => sigma)));
    expect(rows.get("share of rows")).toEqual(shown(found.shares));
    // The gate's row comes after the experts' of the same name.
    expect(rows.get("x")).toEqual(shown([gate[1].x]));
    const [slopes] = lines(found).filter((line) => line.startsWith("x "));
    expect(cells(slopes)).toEqual(["x", ...shown(experts.map(({ coefficients }) => coefficients.x))]);
  });

  test("shows the standard errors that covariance finds, and their intervals as a table", () => {
    const { names, standardErrors } = covariance(found);
    const error = (name: string): number => standardErrors[names.indexOf(name)];
    const slope = `${formatNumber(found.coefficients.experts[0].coefficients.x)} ± ${formatNumber(Number(error("expert1.x").toPrecision(2)))}`;
    expect(text).toContain(slope);
    const { intervals } = confint(found);
    const { rows, caption } = resultTable(found)!;
    const row = rows.find(([part, column]) => part === "expert 1" && column === "sigma")!;
    const { estimate, lower, upper } = intervals["expert1.sigma"];
    const wanted = [estimate, estimate * error("expert1.log(sigma)"), lower, upper];
    for (const [at, cell] of row.slice(2).entries()) expect(Number(cell)).toBeCloseTo(wanted[at], 9);
    expect(caption).toContain(found.search.summary);
  });

  test("says that one start proves little, and where there are no standard errors why", () => {
    const one = fit({ x, y }, { response: "y", starts: 1, maxIterations: 2 });
    expect(inspect(one)).toContain("the only start: another may lead to a higher maximum");
    expect(inspect(one)).toContain(
      "No standard errors: expected a maximum, where the likelihood falls in every direction",
    );
    expect(resultTable(one)!.columns).toHaveLength(3);
    expect(inspect(fit({ x, y }, { response: "y", k: 1 }))).not.toContain("start");
  });

  test("is 30 lines at the most, however many columns, experts, labels and messages there are", () => {
    const names = Array.from({ length: 12 }, (_, j) => `x${j}`);
    const columns = Object.fromEntries(
      names.map((name, j) => [name, Array.from({ length: 120 }, (_, i) => Math.sin((i + 1) * (j + 1.3)))]),
    );
    const label = Array.from({ length: 120 }, (_, i) => `label ${(i * 7919) % 5}`);
    const wide = fit(
      { ...columns, label, text: label.map((name) => `about ${name}`) },
      { response: "label", experts: "logistic", k: 3, ridge: 5, starts: 2, features: names, maxIterations: 3 },
    );
    for (const fitted of [wide, { ...wide, messages: Array.from({ length: 9 }, (_, i) => `Message ${i}.\nMore.`) }]) {
      Object.defineProperty(fitted, Symbol.for("nodejs.util.inspect.custom"), {
        value: (wide as never)[Symbol.for("nodejs.util.inspect.custom")],
      });
      expect(lines(fitted).length).toBeLessThanOrEqual(30);
    }
    expect(inspect(wide)).toContain("label ~ x0 + x1 + x2 + x3 + x4 + x5 + 6 more");
    expect(inspect(wide)).toMatch(/expert 1, label \d/);
  });

  test("is no more than that: what lists its properties does not see how it is printed", () => {
    expect(Object.getOwnPropertySymbols({ ...found })).toEqual([]);
    expect(JSON.stringify(found)).not.toContain("inspect");
    expect(found).toEqual({ ...found });
  });
});

test("what else is found is printed in a few lines", () => {
  const whole = spectrum(found);
  expect(lines(whole)[0]).toMatch(/^EM's rate 0\.\d+, [\d.]+ steps for each digit$/);
  expect(inspect(whole)).toContain(`gate2.x`);
  expect(lines(topSpectrum(found, { top: 2 })).length).toBe(3);
  const predicted = lines(predict(found));
  expect(predicted[0].split(/ {2,}/)).toEqual([
    "row",
    "mean",
    "gate 1",
    "gate 2",
    "responsibility 1",
    "responsibility 2",
  ]);
  expect(predicted.length).toBe(12);
  expect(predicted.at(-1)).toBe("… 80 more rows");
  const { experts } = classify(found);
  const ones = experts.filter((z) => z === 1).length;
  expect(inspect(classify(found))).toBe(`90 rows: ${ones} rows to expert 1, ${90 - ones} rows to expert 2`);
  expect(lines(run("em", found, { maxIterations: 2 }))[0]).toMatch(
    /^em: max-iterations after 2 steps, log-likelihood −[\d.]+$/,
  );
});
