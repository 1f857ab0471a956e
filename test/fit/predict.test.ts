import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { fit } from "../../src/fit/fit.ts";
import type { FittedMixture } from "../../src/fit/fitted.ts";
import { predict } from "../../src/fit/predict.ts";
import type { Prediction } from "../../src/fit/prediction.ts";
import { EXPERT_KINDS, type ExpertKind } from "../../src/laws/registry.ts";
import { random } from "../../src/math/random.ts";
import { type ColumnArrays, tableFromColumns } from "../../src/table/columns.ts";

const file = (name: string) => fileURLToPath(new URL(`../cases/models/${name}.csv`, import.meta.url));
const rng = random(4);
const x = Array.from({ length: 120 }, () => rng.normal());
const line = x.map((v) => (rng.uniform() < 1 / (1 + Math.exp(-2 * v)) ? 1 + v : -1 - v) + 0.3 * rng.normal());
const responses: Readonly<Record<ExpertKind, (number | string)[]>> = {
  linear: line,
  logistic: line.map((v) => (v + rng.normal() > 0 ? "yes" : "no")),
  poisson: line.map((v) => Math.floor(Math.exp(v))),
  gamma: line.map(Math.exp),
  "negative-binomial": line.map((v) => Math.floor(Math.exp(v))),
  "student-t": line,
  binomial: line.map((v) => (v + rng.normal() > 0 ? 1 : 0)),
};
const models = Object.fromEntries(
  Object.entries(responses).map(([experts, y]) => {
    const options = { response: "y", experts: experts as ExpertKind, starts: 2, ridge: 0.1 };
    return [experts, fit({ x, y } as ColumnArrays, options)];
  }),
) as unknown as Readonly<Record<ExpertKind, FittedMixture>>;
const kinds = EXPERT_KINDS;
const some = (columns: object) => tableFromColumns(columns as ColumnArrays);
const row = (values: Float64Array | undefined, i: number) => values?.slice(2 * i, 2 * i + 2);
const numbersOf = ({ gate, mean, probabilities, responsibilities }: Prediction) =>
  [gate, mean, probabilities, responsibilities].flatMap((values) => (values === undefined ? [] : [...values]));

test("rows of the model's own case whose response is blank or NA are predicted", () => {
  const model = fit(file("binary01"), { response: "y", experts: "logistic", k: 1 });
  const { labels, responsibilities, probabilities } = predict(model, file("predict-blank-response"));
  expect([labels, responsibilities]).toEqual([["1", "1"], undefined]);
  const [intercept, slope] = model.theta;
  for (const [i, v] of [1, 2].entries()) {
    expect(probabilities?.[2 * i + 1]).toBeCloseTo(1 / (1 + Math.exp(-intercept - slope * v)), 12);
  }
});

test.each(kinds)("%s experts predict the same whatever stands in the response's place", (kind) => {
  const without = predict(models[kind], some({ x: [0.3, -1] }));
  const strange = [
    [null, null],
    ["", "NA"],
    [Number.NaN, Number.NaN],
    ["maybe", "?"],
    ["never", null],
    [Number.POSITIVE_INFINITY, "x"],
    ...(kind === "poisson" ? [[-1, 0.5]] : []),
  ];
  for (const y of strange) expect(predict(models[kind], some({ x: [0.3, -1], y }))).toEqual(without);
  expect(without.responsibilities).toBeUndefined();
});

test.each(kinds)("%s experts have responsibilities where the response is known, the gate's elsewhere", (kind) => {
  const y = responses[kind].slice(0, 6);
  const all = predict(models[kind], some({ x: x.slice(0, 6), y }));
  const holes = predict(models[kind], some({ x: x.slice(0, 6), y: y.map((value, i) => (i % 3 === 1 ? null : value)) }));
  for (let i = 0; i < 6; i++) {
    const wanted = i % 3 === 1 ? row(all.gate, i) : row(all.responsibilities, i);
    expect(row(holes.responsibilities, i)).toEqual(wanted);
  }
  expect(holes.gate).toEqual(all.gate);
  expect(numbersOf(holes).every(Number.isFinite)).toBe(true);
  expect(row(all.responsibilities, 1)).not.toEqual(row(all.gate, 1));
});

test("a label that the model does not know counts as none", () => {
  const known = predict(models.logistic, some({ x: [0.3, 1], y: ["yes", "no"] }));
  const strange = predict(models.logistic, some({ x: [0.3, 1], y: ["yes", "nobody"] }));
  expect(row(strange.responsibilities, 0)).toEqual(row(known.responsibilities, 0));
  expect(row(strange.responsibilities, 1)).toEqual(row(known.gate, 1));
});
