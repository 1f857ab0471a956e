import { expect, test } from "vitest";
import { datasetPath } from "../../src/datasets/dataset-path.ts";
import { fit } from "../../src/fit/fit.ts";

/** A fit, and the steps of all its runs. */
function counted(...[data, options]: Parameters<typeof fit>) {
  let steps = 0;
  const found = fit(data, { ...options, onStep: () => void steps++ });
  return { found, steps };
}

test.each([
  ["wine", "cultivar"],
  ["iris", "species"],
] as const)(
  "%s: labels that columns separate are fitted in hundreds of steps, not thousands, and in a few starts",
  (name, response) => {
    const { found, steps } = counted(datasetPath(name), { response, experts: "logistic" });
    expect(steps).toBeLessThan(1000);
    expect([found.result, found.starts.length < 20]).toEqual(["converged", true]);
    // Of a log-likelihood of at most 0.
    expect(found.logLikelihood).toBeGreaterThan(-1e-5 * found.observations.rows);
    expect(found.message).toMatch(/There is no finite maximum: .* separate the classes /);
    expect(found.search.unseen).toBe(0);
    const again = fit(datasetPath(name), { response, experts: "logistic" });
    expect(Array.from(again.theta)).toEqual(Array.from(found.theta));
  },
);

test("as many starts as are asked for are run all the same", () => {
  const { found } = counted(datasetPath("wine"), { response: "cultivar", experts: "logistic", starts: 3 });
  expect(found.starts).toHaveLength(3);
});
