import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { DataFrame, tensorflow } from "danfojs-node";
import { describe, expect, test } from "vitest";
import { InputError } from "../../src/errors.ts";
import { classify } from "../../src/fit/classify.ts";
import { fit } from "../../src/fit/fit.ts";
import type { Fit } from "../../src/fit/fit-result.ts";
import { predict } from "../../src/fit/predict.ts";
import { simulate } from "../../src/fit/simulate.ts";
import { observe } from "../../src/frame/observe.ts";
import { spectrum } from "../../src/inference/spectrum.ts";
import { type DataSource, toTable } from "../../src/table/source.ts";

tensorflow.enableProdMode();
const path = fileURLToPath(new URL("../cases/models/missing.csv", import.meta.url));
const options = { response: "y", gate: "constant", k: 2 } as const;
const advice = 'missing: "drop" (--missing drop)';

/** The case as people have it: with another word for what is missing, as row objects, columns and a frame. */
const cells = readFileSync(path, "utf8").trim().split("\n").slice(1);
const numberOr = (missing: unknown) => (cell: string) => (cell === "" || cell === "NA" ? missing : Number(cell));
const rowsWith = (missing: unknown): { x: number; y: number }[] =>
  cells.map((line) => {
    const [x, y] = line.split(",").map(numberOr(missing)) as number[];
    return { x, y };
  });
const columnsWith = (missing: unknown) => ({
  x: rowsWith(missing).map(({ x }) => x),
  y: rowsWith(missing).map(({ y }) => y),
});

describe("rows with missing values", () => {
  test("are refused with their number and the way on", () => {
    expect(() => fit(path, options)).toThrow(
      new InputError(
        `read ${JSON.stringify(path)}`,
        'a value in every row of the columns "x" and "y"',
        'a missing value in 6 of 200 rows, the first at row 4 (line 5) in column "x"',
        `fill them in, or leave these rows out with ${advice}`,
      ),
    );
    expect(() => fit({ x: [1, null, 3], y: [1, 2, 4] }, { response: "y", k: 1 })).toThrow(
      `column "x", got a missing value in 1 of 3 rows, at row 2; fill it in, or leave this row out with ${advice}`,
    );
  });

  const sources: [string, DataSource][] = [
    ["a CSV file", path],
    ...[null, undefined, Number.NaN, "-", "None"].flatMap((missing): [string, DataSource][] => [
      [`row objects with ${missing}`, rowsWith(missing)],
      [`columns with ${missing}`, columnsWith(missing)],
    ]),
    ["a danfo frame with null", new DataFrame(columnsWith(null))],
    ["a danfo frame with NaN", new DataFrame(columnsWith(Number.NaN))],
  ];
  test.each(sources)("are dropped from %s, and the fit is the right one", (_, data) => {
    const found = fit(data, { ...options, missing: "drop", starts: 5 });
    expect(found.observations.rows).toBe(194);
    expect(found.logLikelihood).toBeCloseTo(-345.890554, 5);
    expect(found.dropped).toEqual({
      rows: Int32Array.of(3, 9, 17, 44, 91, 120),
      count: 6,
      of: 200,
      columns: [
        { column: "x", rows: 4 },
        { column: "y", rows: 2 },
      ],
    });
    expect(found.messages).toEqual(['Left out for missing values: 6 of 200 rows (4 in "x", 2 in "y").']);
  });

  test("stay where a column that no one reads misses values, and where nothing is missing nothing is said", () => {
    const data = { x: [1, 2, 3, 4, 5], y: [1, 3, 2, 5, 4], note: [null, "a", null, null, "b"], z: [null, 1, 2, 3, 4] };
    const found = fit(data, { response: "y", features: ["x"], k: 1, missing: "drop" });
    expect([found.observations.rows, found.messages, found.dropped.columns]).toEqual([5, [], []]);
    expect(found.observations.numbers).toBeUndefined();
    expect(fit(data, { response: "y", features: ["x"], k: 1 }).observations.rows).toBe(5);
    expect(fit(data, { response: "y", features: ["z"], k: 1, missing: "drop" }).observations.rows).toBe(4);
  });

  test("count for weights, offset, group, gate and starts, too", () => {
    const x = [1, 2, 3, 4, 5, 6];
    const gap = [1, 1, null, 1, 1, 1];
    const data = {
      x,
      y: [1, 3, 2, 5, 4, 7],
      gap,
      r: [0.5, 0.4, 0.3, null, 0.2, 0.1],
      s: [0.5, 0.6, 0.7, 0.6, 0.8, 0.9],
    };
    const base = { response: "y", features: ["x"], missing: "drop", ridge: 0.1 } as const;
    for (const part of ["weights", "offset"] as const) {
      expect(fit(data, { ...base, k: 1, [part]: "gap" }).observations.rows).toBe(5);
    }
    const groups = { ...data, gap: ["a", "a", null, "b", "b", "c"] };
    expect(fit(groups, { ...base, k: 1, group: "gap" }).observations.units).toEqual(Int32Array.of(0, 0, 1, 1, 2));
    const gated = { ...base, k: 2, gateFeatures: ["gap", "x"], sigmaFloor: 0.1, starts: 1 };
    expect(fit({ ...data, gap: [2, 1, null, 3, 5, 1] }, gated).observations.rows).toBe(5);
    const begun = { ...base, k: 2, gateFeatures: [], startColumns: ["r", "s"], sigmaFloor: 0.1 };
    expect(fit(data, begun).dropped.columns).toEqual([{ column: "r", rows: 1 }]);
  });

  test("of labels are dropped, and do not become a label", () => {
    const x = [1, 2, 3, 4, 5, 6];
    const s = ["a", "b", null, "a", "NA", "b"];
    const found = fit({ x, s }, { response: "s", experts: "logistic", k: 1, ridge: 0.1, missing: "drop" });
    expect([found.formula.labels, found.observations.rows]).toEqual([["a", "b"], 4]);
  });

  test("count in what a formula reads: factors, products, expressions, and a response that is computed", () => {
    const data = {
      x: [1, 2, null, 4, 5, 6, 7, 8],
      f: ["a", "b", "b", null, "a", "b", "a", "b"],
      z: [1, 4, 2, 8, null, 3, 7, 5],
      y: [2, 3, 4, 5, 6, null, 9, 8],
      other: Array(8).fill(null),
    };
    const kept = (formula: string) => fit(data, { formula, k: 1, ridge: 0.1, missing: "drop" }).observations.numbers;
    expect([...kept("y ~ log(x)")!]).toEqual([1, 2, 4, 5, 7, 8]);
    expect([...kept("log(y) ~ x:f")!]).toEqual([1, 2, 5, 7, 8]);
    expect([...kept("y ~ x + f + offset(z)")!]).toEqual([1, 2, 7, 8]);
    expect(() => fit(data, { formula: "log(y) ~ x:f", k: 1 })).toThrow(
      'the columns "x", "f" and "y", got a missing value',
    );
    const found = fit(data, { formula: "y ~ log(x) + f", k: 1, ridge: 0.1, missing: "drop" });
    const { mean } = predict(found, { x: [null, 2, 3], f: ["a", null, "b"] });
    expect(Array.from(mean, Number.isFinite)).toEqual([false, false, true]);
  });

  test("count for the trials of successes, and what is predicted of them is in its place", () => {
    const data = { x: [1, 2, 3, 4, 5, null], s: [1, 2, 1, 3, null, 2], n: [4, 4, 5, 4, 4, 3] };
    const found = fit(data, { response: "s", trials: "n", experts: "binomial", k: 1, missing: "drop" });
    expect([...found.dropped.rows]).toEqual([4, 5]);
    const { mean, probability } = predict(found, { x: [null, 2, 3], n: [4, null, 5] });
    expect(Array.from(mean, Number.isFinite)).toEqual([false, false, true]);
    expect([probability[0], probability[1], probability[2]]).toEqual([Number.NaN, Number.NaN, mean[2] / 5]);
  });

  test("are all there are: that is said, with the column to leave out", () => {
    const data = { x: [1, 2, 3], z: [null, null, 1], y: [1, null, null] };
    expect(() => fit(data, { response: "y", k: 1, missing: "drop" })).toThrow(
      'expected a row without missing values in the columns "z" and "y", got none: "z" is missing in 2 of 3; leave',
    );
  });

  test("a column without any value is no feature by default", () => {
    const found = fit({ x: [1, 2, 3, 4], empty: [null, null, null, null], y: [1, 3, 2, 4] }, { response: "y", k: 1 });
    expect([found.formula.features, found.leftOut]).toEqual([["x"], [{ column: "empty", reason: "no values" }]]);
  });

  test("errors name a row as it was before rows were left out", () => {
    const data = { x: [1, null, 3, 4], y: [1, 2, 2, Number.POSITIVE_INFINITY] };
    expect(() => fit(data, { response: "y", k: 1, missing: "drop" })).toThrow('column "y", got Infinity at row 4');
    const outlier = toTable({
      x: [null, ...Array(12).keys()],
      y: [0, 50, ...Array.from({ length: 11 }, (_, i) => i % 3)],
    });
    const found = fit(outlier, { response: "y", features: [], k: 1, missing: "drop", weights: "x" });
    expect(found.observations.numbers?.[0]).toBe(2);
  });
});

describe("a fit that dropped rows", () => {
  const found: Fit<"linear"> = fit(path, { ...options, missing: "drop", starts: 5 });

  test("reads other tables the same way", () => {
    expect(observe(toTable(path), found.formula).rows).toBe(194);
    expect(spectrum(found, path).rate).toBeCloseTo(spectrum(found).rate, 12);
  });

  test("predicts what it can, each row in its place", () => {
    const rows = { x: [1, null, -2, Number.NaN], y: [null, 1, 2, null] };
    const { rows: n, mean, gate, responsibilities } = predict(found, rows);
    const known = predict(found, { x: [1, -2], y: [null, 2] });
    expect([n, [...mean]]).toEqual([4, [known.mean[0], Number.NaN, known.mean[1], Number.NaN]]);
    expect([...gate.subarray(2, 6)]).toEqual([Number.NaN, Number.NaN, ...known.gate.subarray(2)]);
    expect(responsibilities?.slice(4, 6)).toEqual(known.responsibilities?.slice(2));
    expect([...classify(found, rows).experts].map((z) => z > 0)).toEqual([true, false, true, false]);
    expect(classify(found, rows).responsibilities[1]).toBeNaN();
    expect([...predict(found, { x: [null] }).mean]).toEqual([Number.NaN]);
    expect(predict(found).rows).toBe(194);
  });

  test("and refuses them where that is asked", () => {
    expect(() => predict(found, { x: [1, null] }, { missing: "refuse" })).toThrow(
      `column "x", got a missing value in 1 of 2 rows, at row 2; fill it in, or leave this row out with ${advice}`,
    );
  });

  test("a fit of whole rows refuses them unless told otherwise", () => {
    const whole = fit({ x: [1, 2, 3, 4], y: [1, 3, 2, 4] }, { response: "y", k: 1 });
    expect(() => predict(whole, { x: [1, null] })).toThrow(advice);
    const { mean } = predict(whole, { x: [1, null] }, { missing: "drop" });
    expect([mean[0], mean[1]]).toEqual([predict(whole, { x: [1] }).mean[0], Number.NaN]);
  });

  test("labels of rows that miss a value are empty", () => {
    const labelled = fit(
      { x: [1, 2, 3, 4, 5], s: [..."ababb"] },
      { response: "s", experts: "logistic", k: 1, ridge: 1 },
    );
    const { labels, probabilities } = predict(labelled, { x: [null, 9] }, { missing: "drop" });
    expect([labels, [...probabilities.subarray(0, 2)]]).toEqual([
      ["", "b"],
      [Number.NaN, Number.NaN],
    ]);
  });

  test("draws no response for a row that misses a value", () => {
    const { response, experts } = simulate(found, { rows: { x: [null, 1] } });
    expect([response[0], Number.isFinite(response[1]), experts[0], experts[1] >= 0]).toEqual([
      Number.NaN,
      true,
      -1,
      true,
    ]);
  });
});
