import { expect, test } from "vitest";
import { fit } from "../../src/fit/fit.ts";

const x = [0.1, 1.2, 2.1, 2.9, 4.2, 5.1];
const kind = ["a", "b", "a", "b", "b", "a"];
const advice = 'set experts to "logistic" (--experts logistic), which predict labels';

test.each(["linear", "poisson", "gamma", "negative-binomial", "binomial", "student-t"] as const)(
  "labels with %s experts are refused, with the experts that predict them",
  (experts) => {
    expect(() => fit({ x, kind }, { response: "kind", experts, k: 1 })).toThrow(
      `expected a finite number in column "kind", got the label "a" at row 1; ${advice}`,
    );
  },
);

test("the advice works", () => {
  expect(fit({ x, kind }, { response: "kind", experts: "logistic", k: 1 }).formula.labels).toEqual(["a", "b"]);
});

test.each([
  ["text that is different in every row", ["u", "v", "w", "x", "y", "z"]],
  ["a stray text among numbers", ["1", "2", "oops", "4", "5", "oops"]],
  ["numbers in another notation", ["1,204", "1,204", "744", "1,1", "1,204", "1,1"]],
])("there is no such advice for %s", (_, values) => {
  expect(() => fit({ x, values }, { response: "values", k: 1 })).toThrow(
    /^(?!.*logistic).*a finite number in column "values"/,
  );
});
