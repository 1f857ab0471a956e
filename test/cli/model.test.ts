import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { fit } from "../../src/fit/fit.ts";
import { load } from "../../src/fit/model-file.ts";
import { predict } from "../../src/fit/predict.ts";
import { observe } from "../../src/frame/observe.ts";
import { snr } from "../../src/inference/snr.ts";
import { spectrum } from "../../src/inference/spectrum.ts";
import { topSpectrum } from "../../src/inference/top-spectrum.ts";
import { random } from "../../src/math/random.ts";
import { tableFromColumns } from "../../src/table/columns.ts";
import { parseCsv, readCsv } from "../../src/table/csv.ts";
import { csv, mixlens, mixlensJson, scratch, twoLines, typesOf } from "./scratch.ts";

// A fit by the command and one by the library, and what each then says of the same rows.
const table = twoLines(80, 2);
const folder = scratch({ "data.csv": csv(table), "new.csv": csv({ x2: [0, 2], x1: [1, -1] }) });
const features = ["x1", "x2"];
const found = fit(tableFromColumns(table), { response: "y", features, starts: 3, seed: 9 });
const labelled = fit(tableFromColumns(table), {
  response: "label",
  features,
  experts: "logistic",
  ridge: 0.1,
  starts: 2,
});
const linear = ["fit", "data.csv", "--response", "y", "--features", "x1,x2", "--starts", "3", "--seed", "9"];
const logistic = "fit data.csv --response label --features x1,x2 --experts logistic --ridge 0.1 --starts 2".split(" ");
await mixlensJson(folder, ...linear, "--model-out", "linear.json");
await mixlensJson(folder, ...logistic, "--model-out", "logistic.json");
const rowsOf = (values: Float64Array, d: number) =>
  Array.from({ length: values.length / d }, (_, i) => Array.from(values.subarray(i * d, (i + 1) * d)));

test("spectrum prints the library's numbers, named by parameter", async () => {
  const wanted = spectrum(found.mixture, found.theta, found.observations);
  expect(await mixlensJson(folder, "spectrum", "linear.json", "data.csv")).toEqual({
    eigenvalues: Array.from(wanted.eigenvalues),
    rate: wanted.rate,
    gradientNorm: wanted.gradientNorm,
    observedInformation: "positive definite",
    missingFraction: Object.fromEntries(wanted.names.map((name, j) => [name, wanted.missingFraction[j]])),
    worstCombination: wanted.worstCombination,
    predictedIterationsPerDigit: wanted.predictedIterationsPerDigit,
    messages: [],
  });
  expect(wanted.names).toContain("expert1.x1");
});

test.each([
  [
    "a row fewer",
    (lines: string[]) => lines.slice(0, -1),
    "These 79 rows are not the 80 that the model was fitted to.",
  ],
  [
    "another number",
    (lines: string[]) => [lines[0], lines[1].replace(/^-?\d+\.\d/, "$&7"), ...lines.slice(2)],
    "These 80 rows are not those that the model was fitted to, or not in their order.",
  ],
  ["a column that is not read", (lines: string[]) => lines.map((line, i) => `${line},${i}`), undefined],
])("of rows with %s spectrum, snr and summary say so, and predict does not", async (_, change, message) => {
  writeFileSync(join(folder, "rows.csv"), `${change(csv(table).trimEnd().split("\n")).join("\n")}\n`);
  const wanted = message === undefined ? [] : [message];
  for (const command of ["spectrum", "snr", "summary"]) {
    const { messages } = await mixlensJson(folder, command, "linear.json", "rows.csv");
    expect(messages.slice(0, 1)).toEqual(wanted);
    const { stdout } = await mixlens(folder, command, "linear.json", "rows.csv");
    expect(stdout.includes("the model was fitted to")).toBe(message !== undefined);
  }
  expect(await mixlensJson(folder, "predict", "linear.json", "rows.csv")).not.toHaveProperty("messages");
});

test("spectrum --top keeps the largest eigenvalues", async () => {
  const { eigenvalues, rate } = await mixlensJson(folder, "spectrum", "linear.json", "data.csv", "--top", "3");
  expect(eigenvalues.length).toBe(3);
  expect(eigenvalues[0]).toBe(rate);
  const { stdout } = await mixlens(folder, "spectrum", "linear.json", "data.csv", "--top", "2");
  expect(stdout).toMatch(/\neigenvalues 0\.\d{6} 0\.\d{6}\n/);
});

describe("spectrum above 600 parameters", async () => {
  // Labels of x1, and columns of noise that make 206 of them with the intercept: 618 parameters.
  const rng = random(12);
  const wide = Object.fromEntries(
    Array.from({ length: 205 }, (_, j) => [`x${j + 1}`, Array.from({ length: 300 }, () => rng.normal())]),
  );
  const label = wide.x1.map((x) => (x + rng.normal() > 0 ? "high" : "low"));
  const files = scratch({ "wide.csv": csv({ ...wide, label }) });
  const flags = "--response label --experts logistic --ridge 5 --starts 1 --max-iterations 2 --model-out wide.json";
  await mixlens(files, "fit", "wide.csv", ...flags.split(" "));
  const model = load(join(files, "wide.json"));
  const rows = observe(readCsv(join(files, "wide.csv")), model.formula);

  test("prints the library's largest eigenvalues, and why there are no missing fractions", async () => {
    const printed = await mixlensJson(files, "spectrum", "wide.json", "wide.csv", "--top", "2");
    const wanted = topSpectrum(model.mixture, model.theta, rows, { top: 2 });
    expect(model.theta.length).toBe(618);
    expect(wanted.predictedIterationsPerDigit).toBe(Number.POSITIVE_INFINITY);
    expect(printed).toEqual({
      eigenvalues: Array.from(wanted.eigenvalues),
      rate: wanted.rate,
      gradientNorm: wanted.gradientNorm,
      observedInformation: wanted.observedInformation,
      missingFraction: null,
      worstCombination: null,
      // After two steps the fit is no maximum: a rate above 1, and Infinity is null in JSON.
      predictedIterationsPerDigit: null,
      messages: [
        "There are no missing fractions and no worst combination: above 600 parameters, and there are 618, only the largest eigenvalues are computed.",
      ],
    });
  });

  test("and says so in words, too, with as many eigenvalues as --top asks for", async () => {
    const { code, stdout } = await mixlens(files, "spectrum", "wide.json", "wide.csv", "--top", "1");
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^predicted rate of EM 1\.\d{6}, .*\n.*\neigenvalues 1\.\d{6}\n\nThere are no missing fractions/,
    );
  });
});

test("snr prints the library's numbers for each pair of experts", async () => {
  const pairs = snr(found, found.observations);
  const printed = await mixlensJson(folder, "snr", "linear.json", "data.csv");
  expect(printed).toEqual({ pairs, predictedRate: pairs[0].predictedRate, messages: [] });
  expect(typesOf(printed.pairs)).toEqual([
    { experts: ["number"], snr: "number", gate: "number", angle: "number", predictedRate: "number" },
  ]);
});

test("predict prints means, gate probabilities and responsibilities", async () => {
  const wanted = predict(found, tableFromColumns(table));
  expect(await mixlensJson(folder, "predict", "linear.json", "data.csv")).toEqual({
    rows: 80,
    mean: Array.from(wanted.mean!),
    gate: rowsOf(wanted.gate, 2),
    responsibilities: rowsOf(wanted.responsibilities!, 2),
  });
});

test("predict prints labels and their probabilities", async () => {
  const wanted = predict(labelled, tableFromColumns(table));
  const printed = await mixlensJson(folder, "predict", "logistic.json", "data.csv");
  expect(printed).toMatchObject({ labels: wanted.labels, classes: ["high", "low"] });
  expect(printed.probabilities).toEqual(rowsOf(wanted.probabilities!, 2));
});

test("predict needs neither the response nor the order of the columns", async () => {
  const printed = await mixlensJson(folder, "predict", "linear.json", "new.csv");
  expect(Object.keys(printed)).toEqual(["rows", "mean", "gate"]);
  const wanted = predict(found, { x1: [1, -1], x2: [0, 2] });
  expect(printed.mean).toEqual(Array.from(wanted.mean!));
});

test("predict needs no weights", async () => {
  await mixlensJson(folder, ...linear, "--weights", "w", "--model-out", "weighted.json");
  expect((await mixlensJson(folder, "predict", "weighted.json", "new.csv")).rows).toBe(2);
});

test("predict --out writes CSV that reads back to the same numbers", async () => {
  const run = await mixlens(folder, "predict", "logistic.json", "data.csv", "--out", "predicted.csv");
  expect(run).toEqual({ code: 0, stdout: "", stderr: "" });
  const text = readFileSync(join(folder, "predicted.csv"), "utf8");
  const names = [
    "label",
    "probability.high",
    "probability.low",
    "gate1",
    "gate2",
    "responsibility1",
    "responsibility2",
  ];
  const wanted = predict(labelled, tableFromColumns(table));
  const read = parseCsv(text);
  expect(read.columns.map(({ name }) => name)).toEqual(names);
  expect(read.columns[0].values).toEqual(wanted.labels);
  expect(read.columns[3].values).toEqual(wanted.gate.filter((_, at) => at % 2 === 0));
  expect((await mixlens(folder, "predict", "logistic.json", "data.csv")).stdout).toBe(text);
});
