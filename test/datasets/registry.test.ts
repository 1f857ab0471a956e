import { copyFileSync, mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { datasetPath } from "../../src/datasets/dataset-path.ts";
import { listDatasets, verified } from "../../src/datasets/registry.ts";
import { InputError } from "../../src/errors.ts";
import { numericColumnNames } from "../../src/frame/default-features.ts";
import { mean, sd } from "../../src/math/statistics.ts";
import { readCsv } from "../../src/table/csv.ts";
import { labelColumn } from "../../src/table/labels.ts";
import { numericColumn } from "../../src/table/numeric.ts";
import { column } from "../../src/table/table.ts";
import { dropMissing } from "../../src/table/verbs.ts";

const readme = readFileSync(join(dirname(datasetPath("iris")), "README.md"), "utf8");

const shipped = listDatasets().filter(({ download }) => download === undefined);

test("the README has the checksum of every file", () => {
  for (const { files } of listDatasets()) for (const { sha256 } of files) expect(readme).toContain(sha256);
});

test.each(shipped)("$name is what the registry says", (info) => {
  const table = readCsv(datasetPath(info.name));
  expect(table.rows).toBe(info.rows);
  expect(table.columns.map(({ name }) => name)).toEqual(info.columns);
  const texts = info.columns.filter((name) => column(table, name).kind === "text");
  expect(texts).toContain(info.response);
  // Of irises and wines the label alone is text.
  expect(texts.length).toBe(info.name === "penguins" ? 10 : 1);
  expect(numericColumnNames(table)).toEqual(info.columns.filter((name) => !texts.includes(name)));
  expect(statSync(datasetPath(info.name)).size).toBe(info.files[0].bytes);
});

test("every shipped file is registered", () => {
  const files = readdirSync(dirname(datasetPath("iris"))).filter((name) => name.endsWith(".csv"));
  expect(shipped.flatMap((info) => info.files.map(({ name }) => name))).toEqual(files);
});

// Means and standard deviations as R's iris has them, and as UCI's description of the wines has them.
test.each([
  ["iris", "sepal_length", 5.843333, 0.828066],
  ["iris", "sepal_width", 3.057333, 0.435866],
  ["iris", "petal_length", 3.758, 1.765298],
  ["iris", "petal_width", 1.199333, 0.762238],
])("%s: mean and sd of %s", (dataset, name, mean, sd) => {
  const found = moments(dataset, name);
  expect(found.mean).toBeCloseTo(mean, 6);
  expect(found.sd).toBeCloseTo(sd, 6);
});

// As R's palmerpenguins has them, whose values are missing in two birds.
test.each([
  ["Culmen Depth (mm)", 17.15117, 1.974793],
  ["Body Mass (g)", 4201.754386, 801.954536],
])("penguins: mean and sd of %s", (name, average, spread) => {
  const { values } = column(dropMissing(datasetPath("penguins"), name), name);
  const known = Float64Array.from(values as Float64Array);
  expect(known.length).toBe(342);
  expect(mean(known)).toBeCloseTo(average, 5);
  expect(sd(known)).toBeCloseTo(spread, 5);
});

test.each([
  ["alcohol", 13.0, 0.8, 1],
  ["malic_acid", 2.34, 1.12, 2],
  ["ash", 2.36, 0.27, 2],
  ["alcalinity_of_ash", 19.5, 3.3, 1],
  ["magnesium", 99.7, 14.3, 1],
  ["total_phenols", 2.29, 0.63, 2],
  ["flavanoids", 2.03, 1.0, 2],
  ["nonflavanoid_phenols", 0.36, 0.12, 2],
  ["proanthocyanins", 1.59, 0.57, 2],
  ["color_intensity", 5.1, 2.3, 1],
  ["hue", 0.96, 0.23, 2],
  ["od280_od315_of_diluted_wines", 2.61, 0.71, 2],
  ["proline", 746, 315, 0],
])("wine: published mean and sd of %s", (name, mean, sd, digits) => {
  // The published figures are partly cut, not rounded: one unit in the last digit.
  const unit = 10 ** -digits;
  expect(Math.abs(moments("wine", name).mean - mean)).toBeLessThan(unit);
  expect(Math.abs(moments("wine", name).sd - sd)).toBeLessThan(unit);
});

test("the classes have their published sizes", () => {
  expect(counts("iris", "species")).toEqual({
    setosa: 50,
    versicolor: 50,
    virginica: 50,
  });
  expect(counts("wine", "cultivar")).toEqual({
    barolo: 59,
    grignolino: 71,
    barbera: 48,
  });
});

test("irises 35 and 38 are Fisher's, not those of UCI's file", () => {
  const table = readCsv(datasetPath("iris"));
  const row = (index: number) => table.columns.map(({ values }) => values[index]);
  expect(row(34)).toEqual([4.9, 3.1, 1.5, 0.2, "setosa"]);
  expect(row(37)).toEqual([4.9, 3.6, 1.4, 0.1, "setosa"]);
});

test("an unknown dataset is answered with the known ones", () => {
  for (const name of ["irises", "__proto__", "../package.json", ""]) {
    const error = new InputError(
      "find the dataset",
      '"iris", "penguins", "wine" or "fashion-mnist"',
      JSON.stringify(name),
    );
    expect(() => datasetPath(name)).toThrow(error);
  }
});

test("an altered or missing file is refused with name and checksum", () => {
  const [info] = listDatasets();
  const [file] = info.files;
  const path = join(mkdtempSync(join(tmpdir(), "mixlens-datasets-")), "iris.csv");
  expect(() => verified(path, file, info)).toThrow(/Cannot use dataset "iris": .*got no such file; reinstall/);
  copyFileSync(datasetPath("iris"), path);
  expect(verified(path, file, info)).toEqual(readFileSync(path));
  writeFileSync(path, readFileSync(path, "utf8").replace("5.1", "5.2"));
  const line = `Cannot use dataset "iris": expected "${path}" with SHA-256 ${file.sha256}`;
  expect(() => verified(path, file, info)).toThrow(line);
});

function moments(dataset: string, name: string): { readonly mean: number; readonly sd: number } {
  const values = numericColumn(readCsv(datasetPath(dataset)), name);
  const mean = values.reduce((sum, value) => sum + value) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, sd: Math.sqrt(squares / (values.length - 1)) };
}

function counts(dataset: string, name: string): Record<string, number> {
  const { labels, codes } = labelColumn(readCsv(datasetPath(dataset)), name);
  return Object.fromEntries(labels.map((label, code) => [label, codes.filter((found) => found === code).length]));
}
