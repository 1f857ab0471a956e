import fc from "fast-check";
import { expect, test } from "vitest";
import { em } from "../../src/algorithms/em.ts";
import { miniBatchEm } from "../../src/algorithms/mini-batch-em.ts";
import { fit } from "../../src/fit/fit.ts";
import { predict } from "../../src/fit/predict.ts";
import { simulate } from "../../src/fit/simulate.ts";
import { spectrum } from "../../src/inference/spectrum.ts";
import { random } from "../../src/math/random.ts";
import { mixture } from "../../src/models/mixture.ts";
import type { Observations } from "../../src/rows/observations.ts";
import { certify } from "../../src/theory/certificate.ts";
import { lift } from "../../src/theory/lift.ts";
import { projectedMirrorDescent } from "../../src/theory/projected-mirror-descent.ts";
import { deviation, jacobian } from "../support/differences.ts";
import { type Draw, draw, nearby, type Problem } from "../support/problems.ts";
import { reported } from "../support/reports.ts";
import { run } from "../support/run.ts";

/** A problem whose rows belong to units of one to four, in any order; the gate's columns are those of the first row. */
function grouped(options: Draw): Problem {
  const { model, data, truth } = draw({ ...options, shifted: options.experts !== "logistic" });
  const rng = random(options.seed, 5);
  const numbers: number[] = [];
  const units = Int32Array.from({ length: data.rows }, () => {
    const drawn = rng.integer(Math.ceil(data.rows / 2));
    if (!numbers.includes(drawn)) numbers.push(drawn);
    return numbers.indexOf(drawn);
  });
  const first = new Map<number, number>();
  units.forEach((unit, row) => {
    if (!first.has(unit)) first.set(unit, row);
  });
  const own = (column: Float64Array) => Float64Array.from(units, (unit) => column[first.get(unit) ?? 0]);
  const gate = { columns: data.gate.columns, values: data.gate.values.map(own) };
  const design = { ...data, gate, units, ...(data.weights && { weights: own(data.weights) }) };
  return { model, truth, data: { ...design, response: simulate(model, truth, design, rng).response } };
}

const problems = fc
  .record({
    experts: fc.constantFrom("linear" as const, "logistic" as const, "poisson" as const, "gamma" as const),
    k: fc.integer({ min: 1, max: 3 }),
    rows: fc.constant(60),
    features: fc.constant(1),
    seed: fc.integer({ min: 1, max: 1e6 }),
    ridge: fc.constantFrom(0, 0.5),
    weighted: fc.boolean(),
  })
  .map(grouped);

/** Responsibilities and log-likelihood of each unit, written out from those of rows that are units of their own. */
function written({ model, data }: Problem, theta: Float64Array) {
  const { k } = model.spec;
  const { units = new Int32Array(), weights: _, ...rest } = data;
  const count = Math.max(...units) + 1;
  const { units: __, ...alone } = rest as Observations;
  // Of each expert by itself: a gate that is certain leaves the density of one expert.
  const own = Array.from({ length: k }, (_, z) => {
    const one = mixture({ ...model.spec, k: 1, ridge: 0 });
    const point = Float64Array.from(one.names, (_, j) => theta[model.experts[z][0].at[0] + j]);
    return Array.from({ length: data.rows }, (_, i) => {
      const row = {
        rows: 1,
        gate: pick(alone.gate, i),
        expert: pick(alone.expert, i),
        response: data.response.slice(i, i + 1),
      };
      const offset = data.offset && { offset: data.offset.slice(i, i + 1) };
      return one.posterior(point, { ...row, ...offset }).logLikelihood;
    });
  });
  return Array.from({ length: count }, (_, unit) => {
    const rows = Array.from(units.keys()).filter((i) => units[i] === unit);
    const logits = [
      0,
      ...model.gate.map(({ at }) => {
        return at.map((place, j) => theta[place] * data.gate.values[j][rows[0]]).reduce((a, b) => a + b, 0);
      }),
    ];
    const total = Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit), 0));
    const joint = logits.map((logit, z) => logit - total + rows.reduce((sum, i) => sum + own[z][i], 0));
    const top = Math.max(...joint);
    const log = top + Math.log(joint.reduce((sum, value) => sum + Math.exp(value - top), 0));
    return { rows, log, weight: data.weights?.[rows[0]] ?? 1, r: joint.map((value) => Math.exp(value - log)) };
  });
}

const pick = ({ columns, values }: Observations["gate"], i: number) => {
  return { columns, values: values.map((column) => column.slice(i, i + 1)) };
};

test("responsibilities are those of the product over a unit's rows, and the log-likelihood is the units' sum", () => {
  fc.assert(
    fc.property(problems, fc.integer(), (problem, seed) => {
      const theta = nearby(problem, seed);
      const { logLikelihood, responsibilities } = problem.model.posterior(theta, problem.data);
      const { k } = problem.model.spec;
      const units = written(problem, theta);
      const sum = units.reduce((total, { log, weight }) => total + weight * log, 0);
      expect(Math.abs(logLikelihood - sum)).toBeLessThan(1e-10 * (1 + Math.abs(sum)));
      for (const { rows, r } of units) {
        for (const i of rows)
          expect(deviation(responsibilities.subarray(i * k, (i + 1) * k), Float64Array.from(r))).toBeLessThan(1e-10);
      }
    }),
    { numRuns: 30 },
  );
});

test("gradient, informations and their products are the derivatives of the units' log-likelihood", () => {
  fc.assert(
    fc.property(problems, fc.integer(), (problem, seed) => {
      const { model, data } = problem;
      const theta = nearby(problem, seed);
      const [slope] = jacobian((at) => Float64Array.of(model.posterior(at, data).objective), theta);
      const { gradient, objective } = model.gradient(theta, data);
      expect(deviation(gradient, slope)).toBeLessThan(1e-7 * (1 + Math.abs(objective)));
      const { complete, missing } = model.information(theta, data);
      const hessian = jacobian((at) => model.gradient(at, data).gradient, theta).flatMap((row) => Array.from(row));
      const scale = Math.max(1, ...complete.map(Math.abs));
      expect(
        deviation(
          missing.map((value, at) => value - complete[at]),
          Float64Array.from(hessian),
        ),
      ).toBeLessThan(1e-6 * scale);
      const products = model.informationProducts(theta, data);
      const p = theta.length;
      const rng = random(seed);
      const v = theta.map(() => rng.normal());
      const times = (matrix: Float64Array) =>
        theta.map((_, i) => v.reduce((sum, value, j) => sum + matrix[i * p + j] * value, 0));
      expect(deviation(products.complete(v), times(complete))).toBeLessThan(1e-9 * scale);
      expect(deviation(products.missing(v), times(missing))).toBeLessThan(1e-9 * scale);
    }),
    { numRuns: 30 },
  );
});

test("an M-step from a posterior leaves no slope of Q, and units of one row are rows", () => {
  fc.assert(
    fc.property(problems, fc.integer(), (problem, seed) => {
      const { model, data } = problem;
      const theta = nearby(problem, seed);
      const step = model.maximise(theta, model.posterior(theta, data), data);
      fc.pre(step.failure === undefined);
      const { responsibilities } = model.posterior(theta, data);
      const slope = model.completeGradient(step.theta, responsibilities, data);
      expect(Math.max(...slope.map(Math.abs))).toBeLessThan(1e-5 * (1 + data.rows));
      const { units: _, ...rows } = data;
      const single = { ...rows, units: Int32Array.from(data.response.keys()) };
      const [one, other] = [model.posterior(theta, rows), model.posterior(theta, single)];
      expect(Math.abs(one.logLikelihood - other.logLikelihood)).toBeLessThan(1e-9 * (1 + Math.abs(one.logLikelihood)));
      expect(deviation(model.information(theta, single).missing, model.information(theta, rows).missing)).toBeLessThan(
        1e-8 * data.rows,
      );
    }),
    { numRuns: 20 },
  );
});

test("the lift of units has the loss of the mixture, and EM is projected mirror descent on it, step for step", () => {
  fc.assert(
    fc.property(problems, fc.integer(), (problem, seed) => {
      const { model, data } = problem;
      const lifted = lift(model);
      const [theta, phi] = [nearby(problem, seed), nearby(problem, seed + 1)];
      const total = model.totalWeight(data);
      const { logLikelihood } = model.posterior(theta, data);
      const [eta, from] = [lifted.natural(theta, data), lifted.natural(phi, data)];
      expect(Math.abs(lifted.loss(eta, data) + logLikelihood / total)).toBeLessThan(
        1e-10 * (1 + Math.abs(logLikelihood / total)),
      );
      const pulled = lifted.pullback(eta, lifted.lossGradient(eta, data), data).map((g) => -total * g);
      const { gradient } = mixture({ ...model.spec, ridge: 0 }).gradient(theta, data);
      expect(deviation(pulled, gradient)).toBeLessThan(1e-9 * (1 + Math.max(...gradient.map(Math.abs))));
      const [bregman, divergence] = [lifted.divergence(eta, from, data), lifted.completeDivergence(from, eta, data)];
      expect(Math.abs(bregman - divergence)).toBeLessThan(1e-8 * (1 + Math.abs(divergence)));
      const mirror = projectedMirrorDescent();
      const step = mirror.step(model, theta, mirror.init(model, theta, data), data);
      const em = model.maximise(theta, model.posterior(theta, data), data);
      fc.pre(em.failure === undefined && !("failure" in step));
      if ("failure" in step) throw new Error(JSON.stringify(step.failure));
      // Along directions that hardly matter the two solvers may stop apart: what they reach is the same.
      const reached = (point: Float64Array) => model.posterior(point, data).objective;
      expect(Math.abs(reached(em.theta) - reached(step.theta))).toBeLessThan(1e-6 * (1 + Math.abs(reached(em.theta))));
    }),
    { numRuns: 20 },
  );
});

test("repeated: two lines over groups, whatever the order of the rows, and of unit weight 2 as drawn twice", () => {
  const options = { response: "y", features: ["x"], gate: "constant", group: "id", k: 2 } as const;
  const found = fit(reported("repeated"), options);
  expect(found.logLikelihood).toBeCloseTo(-447.642107, 6);
  const [first, second] = found.coefficients.experts;
  const near = (value: unknown, wanted: number) => expect(Number(value)).toBeCloseTo(wanted, 5);
  for (const [expert, wanted] of [
    [first, [-0.223218, -0.468225, 1.377787]],
    [second, [1.222397, 1.560224, 1.59099]],
  ] as const) {
    near(expert.coefficients["(intercept)"], wanted[0]);
    near(expert.coefficients.x, wanted[1]);
    near(expert.sigma, wanted[2]);
  }
  near(found.coefficients.gate[1]["(intercept)"], -0.663578);
  expect(certify(found.mixture, found.start, found.observations, { limit: found.theta, steps: 4 }).holds).toBe(true);
  const { rate, observedInformation } = spectrum(found.mixture, found.theta, found.observations);
  expect(observedInformation).toBe("positive definite");
  const { steps } = run(em(), { model: found.mixture, data: found.observations }, found.start, { tolerance: 1e-13 });
  const distances = steps.map(({ theta }) => Math.hypot(...theta.map((value, j) => value - found.theta[j])));
  const last = distances.findLastIndex((distance) => distance > 1e-6);
  expect(Math.abs(distances[last] / distances[last - 1] / rate - 1)).toBeLessThan(0.05);

  const { observations: data, mixture: model, theta } = found;
  const order = Int32Array.from(data.response.keys()).toSorted((a, b) => ((a * 7919) % 1009) - ((b * 7919) % 1009));
  const numbers: number[] = [];
  const units = Int32Array.from(order, (row) => {
    const unit = data.units?.[row] ?? 0;
    if (!numbers.includes(unit)) numbers.push(unit);
    return numbers.indexOf(unit);
  });
  const moved = (column: Float64Array) => Float64Array.from(order, (row) => column[row]);
  const design = ({ columns, values }: Observations["gate"]) => ({ columns, values: values.map(moved) });
  const shuffled = {
    rows: data.rows,
    gate: design(data.gate),
    expert: design(data.expert),
    response: moved(data.response),
    units,
  };
  expect(model.posterior(theta, shuffled).logLikelihood).toBeCloseTo(found.logLikelihood, 9);
  const twice = model.rowsOf(
    data,
    Array.from({ length: 2 * Math.max(...units) + 2 }, (_, at) => Math.floor(at / 2)),
  );
  const doubled = { ...data, weights: new Float64Array(data.rows).fill(2) };
  expect(model.posterior(theta, twice).logLikelihood).toBeCloseTo(2 * found.logLikelihood, 8);
  expect(model.posterior(theta, doubled).logLikelihood).toBeCloseTo(2 * found.logLikelihood, 8);
  expect(deviation(model.gradient(theta, twice).gradient, model.gradient(theta, doubled).gradient)).toBeLessThan(1e-8);
});

test("a mini-batch is of whole units, and predictions give a unit's rows one posterior", () => {
  const options = { response: "y", features: ["x"], gate: "constant", group: "id", k: 2 } as const;
  const best = fit(reported("repeated"), { ...options, starts: 3 });
  const found = fit(reported("repeated"), {
    ...options,
    starts: 3,
    algorithm: miniBatchEm({ batchRows: 8 }),
    maxIterations: 300,
  });
  expect(best.logLikelihood - found.logLikelihood).toBeLessThan(0.2);
  const { responsibilities = new Float64Array() } = predict(found, reported("repeated"));
  expect(deviation(responsibilities, found.responsibilities)).toBeLessThan(1e-12);
});

test("what groups cannot have is refused by column and row", () => {
  const data = {
    y: [1, 2, 3, 4, 5, 6.5],
    x: [1, 2, 1, 2, 5, 6],
    w: [1, 2, 1, 1, 1, 1],
    id: ["a", "a", "b", "b", "c", "d"],
  };
  const asked = (more: object) => () => fit(data, { response: "y", k: 1, features: [], group: "id", ...more });
  expect(asked({ gateFeatures: ["x"] })).toThrow(
    'Cannot read the groups: expected columns of the gate that are the same in all rows with one "id", got "x" with 1 at row 1 and 2 at row 2',
  );
  expect(asked({ weights: "w" })).toThrow('weights that are the same in all rows with one "id", got "w"');
  expect(asked({ group: "ID" })).toThrow('"ID"');
  expect(asked({ gate: "constant", gateFeatures: ["x"] })).toThrow("no columns of a constant gate, got");
  expect(fit(data, { response: "y", features: ["x"], group: "id", k: 1 }).messages.join(" ")).toContain(
    '"x" varies within groups of "id", and is no column of the gate.',
  );
});
