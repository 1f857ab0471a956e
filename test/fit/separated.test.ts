import { expect, test } from "vitest";
import { datasetPath } from "../../src/datasets/dataset-path.ts";
import { fit } from "../../src/fit/fit.ts";
import { newtonDirection } from "../../src/solve/newton-direction.ts";

/** A fit, and the steps of all its runs. */
function counted(...[data, options]: Parameters<typeof fit>) {
  let steps = 0;
  const found = fit(data, { ...options, onStep: () => void steps++ });
  return { found, steps };
}

test.each([["wine", "cultivar"]] as const)(
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

test("a direction where all but rounding is lost on the diagonal moves only what has a curvature", () => {
  // Two classes that are all but certain beside a column: p(1 − p) is lost, and its product with the other is not.
  const direction = newtonDirection(
    Float64Array.of(2, 1e-40, 1e-40),
    Float64Array.of(4, 0, 0, 0, 1e-45, 1e-20, 0, 1e-20, 1e-45),
  );
  expect(direction[0]).toBeCloseTo(0.5, 7);
  expect(Math.hypot(direction[1], direction[2])).toBeLessThan(1e-12);
});
