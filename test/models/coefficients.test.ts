import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { coefficientPlot } from "../../src/charts/coefficient-plot.ts";
import { fit } from "../../src/fit/fit.ts";
import { spectrum } from "../../src/inference/spectrum.ts";
import { coefficientTable } from "../../src/models/coefficient-table.ts";
import { coefficients } from "../../src/models/coefficients.ts";
import type { Coefficients, LabelCoefficients } from "../../src/models/named-parameters.ts";
import { tableFromColumns } from "../../src/table/columns.ts";
import { labelColumn } from "../../src/table/labels.ts";

const file = (name: string) => fileURLToPath(new URL(`../cases/models/${name}.csv`, import.meta.url));

/** A logistic regression of a case, and its standard errors. */
function regression(name: string): { readonly found: Coefficients; readonly errors: Coefficients } {
  const {
    mixture,
    theta,
    observations,
    coefficients: found,
  } = fit(file(name), {
    response: "y",
    experts: "logistic",
    k: 1,
  });
  const { standardErrors } = spectrum(mixture, theta, observations);
  return { found, errors: coefficients(mixture, standardErrors) };
}

const labelsOf = ({ experts }: Coefficients) => experts[0].coefficients as readonly LabelCoefficients[];

// Estimates and standard errors by R's glm and nnet, against the label -1.
test.each([
  ["labels-pm1", [["1", [-0.19889, 1.2098], [0.36339, 0.47757]]]],
  [
    "labels-neg",
    [
      ["0", [0.366369, 1.533703], [0.26714, 0.39509]],
      ["1", [0.005077, 2.352481], [0.30148, 0.45451]],
    ],
  ],
] as [string, [string, number[], number[]][]][])("%s: coefficients by label, -1 the reference", (name, wanted) => {
  const { found, errors } = regression(name);
  expect(labelsOf(found).map(({ label }) => label)).toEqual(["-1", ...wanted.map(([label]) => label)]);
  expect(Object.values(labelsOf(found)[0].values)).toEqual([0, 0]);
  const rows = coefficientTable(found, errors).rows;
  for (const [at, [label, estimates, deviations]] of wanted.entries()) {
    const list = Object.values(labelsOf(found)[at + 1].values);
    for (const [j, column] of ["(intercept)", "x"].entries()) {
      const row = rows[2 * at + j];
      expect(row.slice(0, 2)).toEqual([`expert 1, ${label}`, column]);
      expect(row[2]).toBe(list[j]);
      expect(list[j]).toBeCloseTo(estimates[j], 5);
      expect(Number(row[3])).toBeCloseTo(deviations[j], 4);
    }
  }
  expect(rows.length).toBe(2 * wanted.length);
});

test.each([
  ["numbers", [1, -2, 0, -1, 10, 2]],
  ["numbers as text", ["1", "-2", "0", "-1", "10", "2"]],
])("labels that are %s are sorted by their size", (_, y) => {
  expect(labelColumn(tableFromColumns({ y }), "y").labels).toEqual(["-2", "-1", "0", "1", "2", "10"]);
});

test("numbers among labels that are text are sorted as text, the same from every order", () => {
  const labels = ["2", "1f", "1e3", "b", "-1", "-2"];
  const sorted = (y: string[]) => labelColumn(tableFromColumns({ y }), "y").labels;
  for (let turn = 0; turn < labels.length; turn++) {
    expect(sorted([...labels.slice(turn), ...labels.slice(0, turn)])).toEqual(sorted(labels));
  }
});

test("columns named by years keep the order of the features", () => {
  const x = [0, 1, 2, 3, 4, 5, 6, 7];
  const data = {
    2020: x.map((v) => Math.sin(3 * v)),
    1: x.map((v) => Math.cos(v)),
    b: x,
    y: x.map((v) => v + Math.sin(v)),
  };
  const found = fit(data, { response: "y", features: ["b", "2020", "1"], k: 1 }).coefficients;
  const names = ["(intercept)", "b", "2020", "1"];
  expect(found.columns).toEqual({ expert: names, gate: names });
  expect(coefficientTable(found, found).rows.map(([, column]) => column)).toEqual([...names, "sigma"]);
  const [{ coefficients: values }] = found.experts;
  const shown = [{ name: "expert 1", coefficients: values as Record<string, number> }];
  expect(coefficientPlot(shown, { order: found.columns.expert }).data[0]).toMatchObject({ text: names });
});
