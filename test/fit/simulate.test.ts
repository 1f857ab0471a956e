import { expect, test } from "vitest";
import { simulate } from "../../src/fit/simulate.ts";
import { EXPERT_KINDS } from "../../src/laws/registry.ts";
import { random } from "../../src/math/random.ts";
import { expectedResponse } from "../../src/models/prediction.ts";
import { draw } from "../support/problems.ts";

const rows = 60_000;

/** The mean of terms, and its standard error. */
function meanOf(terms: ArrayLike<number>): { mean: number; error: number } {
  const all = Array.from(terms);
  const mean = all.reduce((sum, value) => sum + value, 0) / all.length;
  const square = all.reduce((sum, value) => sum + (value - mean) ** 2, 0) / all.length;
  return { mean, error: Math.sqrt(square / all.length) };
}

test.each(EXPERT_KINDS)(
  "%s experts: the gate's frequencies and the expected responses, feature by feature, within five standard errors",
  (experts) => {
    const shifted = experts !== "logistic";
    const { model, data, truth } = draw({ experts, k: 3, rows, features: 2, seed: 5, shifted });
    const { response, experts: drawn } = simulate(model, truth, data, random(6));
    const { gate, expected } = expectedResponse(model, truth, data);
    const classes = expected.length / rows;
    for (const x of data.expert.values) {
      for (let z = 0; z < 3; z++) {
        const { mean, error } = meanOf(x.map((value, i) => value * ((drawn[i] === z ? 1 : 0) - gate[i * 3 + z])));
        expect(Math.abs(mean)).toBeLessThan(5 * error);
      }
      for (let c = 0; c < classes; c++) {
        const seen = (i: number) => (classes === 1 ? response[i] : response[i] === c ? 1 : 0);
        const { mean, error } = meanOf(x.map((value, i) => value * (seen(i) - expected[i * classes + c])));
        expect(Math.abs(mean)).toBeLessThan(5 * error);
      }
    }
  },
);

test("at the truth the mean score of simulated rows is 0 within five standard errors, for every parameter", () => {
  for (const experts of EXPERT_KINDS) {
    const { model, data, truth } = draw({ experts, k: 2, rows, features: 1, seed: 7 });
    const simulated = { ...data, response: simulate(model, truth, data, random(8)).response };
    const { gradient } = model.gradient(truth, simulated);
    const { complete, missing } = model.information(truth, simulated);
    // The score's variance is the observed information.
    gradient.forEach((score, j) => {
      const at = j * (gradient.length + 1);
      expect(Math.abs(score)).toBeLessThan(5 * Math.sqrt(complete[at] - missing[at]));
    });
  }
});

test("the same seed gives the same bits, another seed others; the design is not changed", () => {
  const { model, data, truth } = draw({ experts: "poisson", k: 2, rows: 500, features: 1, seed: 9 });
  const before = data.response.slice();
  expect(simulate(model, truth, data, random(1))).toEqual(simulate(model, truth, data, random(1)));
  expect(simulate(model, truth, data, random(2))).not.toEqual(simulate(model, truth, data, random(1)));
  expect(data.response).toEqual(before);
});

test("a mean that no count reaches is refused with its row", () => {
  const { model, data } = draw({ experts: "poisson", k: 1, rows: 10, features: 1, seed: 10 });
  const values = [data.expert.values[0], data.expert.values[1].map((_, i) => (i === 3 ? 1 : 0))];
  const design = { ...data, expert: { ...data.expert, values } };
  expect(() => simulate(model, Float64Array.of(1, 60), design, random(1))).toThrow(
    "Cannot simulate: expected parameters and columns that give a finite number in every row, got one that is none at row 4",
  );
});
