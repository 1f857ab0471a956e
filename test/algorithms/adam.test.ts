import { expect, test } from "vitest";
import { adam } from "../../src/algorithms/adam.ts";
import { draw, nearby } from "../support/problems.ts";
import { run } from "../support/run.ts";

const problem = draw({ experts: "linear", k: 2, rows: 200, features: 1, seed: 71, weighted: true });
const start = nearby(problem, 1, 0.5);

test("its steps are those of the algorithm written out for one parameter after the other, to 1e-12", () => {
  const { model, data } = problem;
  const options = { stepSize: 0.03, betas: [0.8, 0.95], epsilon: 1e-3 } as const;
  const { steps } = run(adam(options), problem, start, { maxIterations: 30 });
  const theta = Array.from(start);
  const [m, v] = [theta.map(() => 0), theta.map(() => 0)];
  for (let t = 1; t <= 30; t++) {
    const { gradient } = model.gradient(Float64Array.from(theta), data);
    for (let j = 0; j < theta.length; j++) {
      const slope = -gradient[j] / model.totalWeight(data);
      m[j] = 0.8 * m[j] + 0.2 * slope;
      v[j] = 0.95 * v[j] + 0.05 * slope * slope;
      theta[j] -= (0.03 * (m[j] / (1 - 0.8 ** t))) / (Math.sqrt(v[j] / (1 - 0.95 ** t)) + 1e-3);
      expect(Math.abs(steps[t].theta[j] - theta[j])).toBeLessThan(1e-12);
    }
  }
});

test("its first step moves each parameter by the step size, up its slope", () => {
  const { gradient } = problem.model.gradient(start, problem.data);
  const { outcome } = run(adam({ stepSize: 0.03 }), problem, start, { maxIterations: 1 });
  gradient.forEach((g, j) => {
    expect(outcome.theta[j] - start[j]).toBeCloseTo(0.03 * Math.sign(g), 6);
  });
});
