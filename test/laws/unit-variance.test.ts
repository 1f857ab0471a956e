import fc from "fast-check";
import { expect, test } from "vitest";
import { mixture } from "../../src/models/mixture.ts";
import { unitVariance } from "../../src/models/unit-variance.ts";
import { deviation, jacobian } from "../support/differences.ts";
import { liftedProblems } from "../support/lifted.ts";

const linearProblems = liftedProblems.filter(({ model }) => model.spec.experts === "linear");

test("with responsibilities given, gate and coefficients are those of free variances, to 1e-9", () => {
  fc.assert(
    fc.property(linearProblems, ({ model, data, theta }) => {
      const columns = { gateColumns: data.gate.columns, expertColumns: data.expert.columns };
      const free = mixture({ experts: "linear", k: model.experts.length, ...columns });
      const { responsibilities } = model.posterior(theta, data);
      const start = Float64Array.from(free.names, (name) => theta[model.names.indexOf(name)] ?? 0);
      const found = free.maximise(start, responsibilities, data).theta;
      const expected = found.filter((_, j) => model.names.includes(free.names[j]));
      const step = model.maximise(theta, responsibilities, data);
      expect(deviation(step.theta, expected)).toBeLessThan(1e-9);
      const slope = model.completeGradient(theta, responsibilities, data);
      const gain = slope.reduce((sum, g, j) => sum + g * (step.theta[j] - theta[j]), 0);
      expect(Math.abs(step.gain - gain)).toBeLessThan(1e-9 * (1 + gain));
    }),
    { numRuns: 30 },
  );
});

test("gradient and information are derivatives of the objective, to 1e-7 of their scale", () => {
  fc.assert(
    fc.property(linearProblems, ({ model, data, theta }) => {
      const [slope] = jacobian((at) => Float64Array.of(model.posterior(at, data).objective), theta);
      const { gradient, objective } = model.gradient(theta, data);
      expect(deviation(gradient, slope)).toBeLessThan(1e-8 * (1 + Math.abs(objective)));
      const hessian = jacobian((at) => model.gradient(at, data).gradient, theta).flatMap((row) => Array.from(row));
      const { complete, missing } = model.information(theta, data);
      const scale = Math.max(...complete.map(Math.abs));
      expect(
        deviation(
          missing.map((entry, at) => entry - complete[at]),
          hessian,
        ),
      ).toBeLessThan(1e-7 * scale);
    }),
    { numRuns: 20 },
  );
});

test("an expert that fits its rows exactly is no failure", () => {
  const x = { columns: ["x"], values: [Float64Array.of(1, 2, 3)] };
  const data = { rows: 3, gate: x, expert: x, response: Float64Array.of(2, 4, 6) };
  const model = unitVariance({ k: 1, gateColumns: ["x"], expertColumns: ["x"] });
  const step = model.maximise(Float64Array.of(0), new Float64Array(3).fill(1), data);
  expect(step.failure).toBeUndefined();
  expect(deviation(step.theta, [2])).toBeLessThan(1e-14);
});
