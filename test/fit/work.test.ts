import { expect, test } from "vitest";
import { workOfStep } from "../../src/fit/work.ts";
import { mixture } from "../../src/models/mixture.ts";
import type { MixtureSpec } from "../../src/models/spec.ts";

const columns = ["(intercept)", "x"];
const design = (rows: number) => ({ columns, values: columns.map(() => new Float64Array(rows).fill(1)) });
const work = (spec: Partial<MixtureSpec>, rows = 10): number => {
  const model = mixture({ experts: "linear", k: 3, gateColumns: columns, expertColumns: columns, ...spec });
  return workOfStep(model, { rows, gate: design(rows), expert: design(rows), response: new Float64Array(rows) });
};

test("work of a step is that of each row, of informations and coefficients", () => {
  // The gate has 4 coefficients, each expert two and sigma.
  expect(work({})).toBe(10 * (16 + 40 + 3 * (9 + 30)));
  expect(work({}, 30)).toBe(3 * work({}));
  // Twice as many labels less one are twice as many coefficients.
  expect(work({ experts: "logistic", labels: ["a", "b", "c"] })).toBe(10 * (16 + 40 + 3 * (16 + 40)));
});

test("experts whose law has no kernel take more of it for each row", () => {
  const { poisson, negative } = {
    poisson: work({ experts: "poisson" }),
    negative: work({ experts: "negative-binomial" }),
  };
  expect(negative).toBe(poisson + 10 * 3 * (800 + 9 + 30 - 4 - 20));
});
