import fc from "fast-check";
import { afterEach, describe, expect, test } from "vitest";
import { em } from "../../src/algorithms/em.ts";
import { iterate } from "../../src/algorithms/iterate.ts";
import { lineSearch } from "../../src/algorithms/line-search.ts";
import { setEngine } from "../../src/compute/engine.ts";
import type { Images } from "../../src/compute/image-pass.ts";
import { own } from "../../src/compute/own.ts";
import { fit } from "../../src/fit/fit.ts";
import type { FitOptions } from "../../src/fit/fit-options.ts";
import { simulate } from "../../src/fit/simulate.ts";
import { imageMixture } from "../../src/images/image-mixture.ts";
import { predictImages } from "../../src/images/image-prediction.ts";
import { snr } from "../../src/inference/snr.ts";
import { spectrum } from "../../src/inference/spectrum.ts";
import { topSpectrum } from "../../src/inference/top-spectrum.ts";
import { random } from "../../src/math/random.ts";
import { type Mixture, mixture } from "../../src/models/mixture.ts";
import type { LatentModel, MatrixFreeModel } from "../../src/models/model.ts";
import type { Observations } from "../../src/rows/observations.ts";
import { lift } from "../../src/theory/lift.ts";
import { drawPair } from "../support/pairs.ts";
import { draw, nearby, type Problem } from "../support/problems.ts";

afterEach(() => setEngine("relaxed"));

/** What every model with a posterior says of its rows. */
function answers<Data>(model: LatentModel<Data> & MatrixFreeModel<Data>, theta: Float64Array, data: Data) {
  const posterior = model.posterior(theta, data);
  const { responsibilities, logLikelihood, objective } = posterior;
  const even = responsibilities.map((r) => 0.5 * r + 0.25);
  const products = model.informationProducts(theta, data);
  return {
    ...{ logLikelihood, objective, responsibilities },
    weight: model.totalWeight(data),
    next: model.maximise(theta, model.posterior(theta, data), data),
    step: model.maximise(theta, { responsibilities: even }, data, { steps: 1 }),
    gradient: model.gradient(theta, data),
    complete: model.completeGradient(theta, even, data),
    products: [products.complete(theta), products.missing(theta)],
    run: [...iterate(em<Data>(), model, theta, data, { tolerance: 1e-6, maxIterations: 2 })],
    descent: [...iterate(lineSearch<Data>(), model, theta, data, { tolerance: 1e-6, maxIterations: 1 })],
  };
}

/** What only mixtures say, and only of few enough rows. */
function more(model: Mixture, theta: Float64Array, data: Observations) {
  const lifted = lift(model);
  const eta = lifted.natural(theta, data);
  return {
    ...{ eta, loss: lifted.loss(eta, data), slope: lifted.lossGradient(eta, data) },
    information: model.information(theta, data),
    rate: spectrum(model, theta, data).rate,
    snr: snr({ mixture: model, theta }, data),
  };
}

/** Every array of numbers that rows are made of, each once. */
function arraysOf(data: Observations): Float64Array[] {
  const { response, weights, offset, expert, gate } = data;
  return [...new Set([response, weights, offset, ...expert.values, ...gate.values])].filter((x) => x !== undefined);
}

const problems: readonly [string, () => Problem][] = [
  ["linear", () => draw({ experts: "linear", k: 2, rows: 170, features: 2, seed: 7, weighted: true, shifted: true })],
  ["linear, narrow gate", () => draw({ experts: "linear", k: 3, rows: 90, features: 2, seed: 6, narrowGate: true })],
  ["logistic", () => draw({ experts: "logistic", k: 2, rows: 170, features: 1, seed: 7, weighted: true, ridge: 1 })],
  ["Poisson", () => draw({ experts: "poisson", k: 2, rows: 170, features: 1, seed: 9, shifted: true, ridge: 1 })],
];

describe.each(["relaxed", "reference"] as const)("%s", (engine) => {
  test.each(problems)("every number is that of the rows as they are, whichever was written to: %s", (_, make) => {
    setEngine(engine);
    const { model, data, truth } = make();
    const theta = nearby({ model, data, truth }, 1);
    const say = (rows: Observations) => ({ ...answers(model, theta, rows), ...more(model, theta, rows) });
    let before = say(data);
    for (const [j, array] of arraysOf(data).entries()) {
      // A label stays a label, and a count a count.
      const row = (17 * (j + 1)) % data.rows;
      array[row] = array === data.response && model.spec.experts !== "linear" ? 1 - Math.min(1, array[row]) : 1.5;
      const after = say(data);
      expect(after).toEqual(say(structuredClone(data)));
      expect(after.logLikelihood).not.toBe(before.logLikelihood);
      before = after;
    }
    // A column put in the place of another is seen, too.
    (data.expert.values as Float64Array[])[1] = data.expert.values[1].map((x) => x + 0.5);
    expect(say(data)).toEqual(say(structuredClone(data)));
  });

  test.each(problems)("responsibilities count as they are, whoever found them: %s", (_, make) => {
    setEngine(engine);
    const { model, data, truth } = make();
    const theta = nearby({ model, data, truth }, 2);
    const k = model.spec.k;
    const fresh = (responsibilities: Float64Array) => [
      model.maximise(theta, { responsibilities: responsibilities.slice() }, structuredClone(data)),
      model.completeGradient(theta, responsibilities.slice(), structuredClone(data)),
    ];
    fc.assert(
      fc.property(fc.integer({ min: 0, max: data.rows - 1 }), fc.double({ min: 0, max: 1, noNaN: true }), (i, r) => {
        const found = model.posterior(theta, data);
        const given = { responsibilities: found.responsibilities.slice() };
        for (const assignment of [found, given]) {
          const { responsibilities } = assignment;
          model.maximise(theta, assignment, data);
          model.completeGradient(theta, responsibilities, data);
          for (let z = 0; z < k; z++) responsibilities[i * k + z] = z === 0 ? r : (1 - r) / (k - 1);
          const now = [model.maximise(theta, assignment, data), model.completeGradient(theta, responsibilities, data)];
          expect(now).toEqual(fresh(responsibilities));
        }
      }),
      { numRuns: 10 },
    );
  });

  test.each(problems)("an E-step is of the rows at its time, and an M-step of those at its own: %s", (_, make) => {
    setEngine(engine);
    const { model, data, truth } = make();
    const theta = nearby({ model, data, truth }, 3);
    const expected = model.posterior(theta, structuredClone(data)).responsibilities;
    const [seen, unseen] = [1, 2].map(() => model.posterior(theta, data));
    expect(seen.responsibilities).toEqual(expected);
    data.expert.values[1].fill(0.7, 0, 20);
    const after = model.maximise(theta, { responsibilities: expected }, structuredClone(data));
    expect(model.maximise(theta, unseen, data)).toEqual(after);
    expect(model.maximise(theta, seen, data)).toEqual(after);
    expect(unseen.responsibilities).toEqual(expected);
  });

  test("a run reads its rows when it starts, and the next one as they are then", () => {
    setEngine(engine);
    const { model, data, truth } = problems[0][1]();
    const start = nearby({ model, data, truth }, 4);
    const stop = { tolerance: 1e-6, maxIterations: 3 };
    const expected = [...iterate(em(), model, start, structuredClone(data), stop)];
    const written = [];
    for (const step of iterate(em(), model, start, data, stop)) {
      written.push(step);
      for (let i = 0; i < data.rows; i++) data.response[i] += 5;
    }
    expect(written).toEqual(expected);
    const again = [...iterate(em(), model, start, data, stop)];
    expect(again).toEqual([...iterate(em(), model, start, structuredClone(data), stop)]);
    expect(again[0].objective).not.toBe(expected[0].objective);
  });

  test("a symmetric pair says what its rows say as they are", () => {
    setEngine(engine);
    const { model, data, truth } = drawPair("linear", 2, 60, 5, true);
    const before = answers(model, truth, data);
    for (const array of arraysOf(data)) {
      array[7] += 0.5;
      expect(answers(model, truth, data)).toEqual(answers(model, truth, structuredClone(data)));
    }
    expect(answers(model, truth, data).logLikelihood).not.toBe(before.logLikelihood);
  });

  test("images, labels and responsibilities of images count as they are, and so do parameters", () => {
    setEngine(engine);
    const model = imageMixture({ k: 2, labels: ["a", "b"], pixels: 3, ridge: 0.5 });
    // A Buffer's own slice would be no copy.
    const images = Buffer.from(Uint8Array.from({ length: 3 * 40 }, (_, at) => (at * 7919) % 256));
    const data: Images = { rows: 40, images, labels: Uint8Array.from({ length: 40 }, (_, i) => (i * 31) % 2) };
    const theta = Float64Array.from(model.names, (_, j) => Math.sin(j));
    const copy = ({ rows, images, labels }: Images): Images => ({
      rows,
      images: Uint8Array.from(images),
      labels: labels.slice(),
    });
    const say = (rows: Images) => ({ ...answers(model, theta, rows), ...predictImages(model, theta, rows) });
    let before = say(data);
    for (const array of [data.images, data.labels]) {
      for (let i = 0; i < 20; i++) array[i] = 1 - Math.min(1, array[i]);
      const after = say(data);
      expect(after).toEqual(say(copy(data)));
      expect(after.logLikelihood).not.toBe(before.logLikelihood);
      before = after;
    }
    const posterior = model.posterior(theta, data);
    posterior.responsibilities.fill(0.5, 0, 20);
    expect(model.maximise(theta, posterior, data, { steps: 1 })).toEqual(
      model.maximise(theta, { responsibilities: posterior.responsibilities.slice() }, copy(data), { steps: 1 }),
    );
    const old = theta.slice();
    const found = model.posterior(theta, data).responsibilities;
    theta[0] += 1;
    expect(model.completeGradient(theta, found, data)).not.toEqual(model.completeGradient(old, found, data));
    expect(model.completeGradient(theta, found, data)).toEqual(
      model.completeGradient(theta, found.slice(), copy(data)),
    );
  });
});

/** Every array of numbers that can be reached from a value, each once. */
function reachable(value: unknown, seen = new Set<unknown>()): (Float64Array | number[])[] {
  if (typeof value !== "object" || value === null || seen.has(value)) return [];
  seen.add(value);
  if (value instanceof Float64Array) return [value];
  const here = Array.isArray(value) && value.length > 0 && value.every((entry) => typeof entry === "number");
  const inside = Object.entries(value).flatMap(([, entry]) => reachable(entry, seen));
  return here ? [value as number[], ...inside] : inside;
}

/** Writes to all of it that can be written to. */
function spoil(value: unknown): void {
  for (const array of reachable(value)) if (!Object.isFrozen(array)) array.fill(0.321);
}

describe("what was handed out or in", () => {
  const x = Array.from({ length: 60 }, (_, i) => Math.sin(i) * 3);
  const y = x.map((value, i) => (i % 2 === 0 ? value : 2 - value) + Math.cos(7 * i));
  const options: FitOptions = { response: "y", k: 2, starts: 3 };

  test("written to at every step of a fit, parameters are not the fit's own", () => {
    const expected = fit({ x, y }, options);
    const written = fit({ x, y }, { ...options, onStep: (step) => spoil(step) });
    expect(spectrum(written.mixture, written.theta, written.observations).rate).toBe(
      spectrum(expected.mixture, expected.theta, expected.observations).rate,
    );
    expect(written.theta).toEqual(expected.theta);
    expect(written.starts).toEqual(expected.starts);
  });

  test("columns, start and priors that are written to after a fit or a mixture was made of them change nothing", () => {
    const columns = { x: Float64Array.from(x), y: Float64Array.from(y) };
    const first = fit(columns, options);
    const start = first.theta.slice();
    const from = fit(columns, { ...options, start });
    const kept = structuredClone([from.theta, from.start, from.trace, from.observations]);
    spoil([columns, start]);
    expect([from.theta, from.start, from.trace, from.observations]).toEqual(kept);

    const { spec } = first.mixture;
    const priors = { gate: { precision: [2, 0, 0, 3] }, expert1: { precision: [1, 0, 0, 1] } };
    const model = mixture({ ...spec, priors });
    const { objective } = model.posterior(from.theta, from.observations);
    spoil(priors);
    expect(model.posterior(from.theta, from.observations).objective).toBe(objective);
    expect(objective).not.toBe(mixture(spec).posterior(from.theta, from.observations).objective);
  });

  test("whatever of a fit is written to, its mixture says of the same rows what it said", () => {
    const found = fit({ x, y }, options);
    const model = mixture({ ...found.mixture.spec, priors: { gate: { precision: [2, 0, 0, 3] } } });
    const [theta, data] = [found.theta.slice(), structuredClone(found.observations)];
    const say = () => ({
      ...answers(model, theta, data),
      ...more(model, theta, data),
      drawn: simulate(model, theta, data, random(1)),
      top: topSpectrum(model, theta, data),
    });
    const before = structuredClone(say());
    spoil([found, model]);
    expect(say()).toEqual(before);
  });

  test.each(problems)("answers are the asker's own, to write to, too: %s", (_, make) => {
    const { model, data, truth } = make();
    const say = () => ({ ...answers(model, truth, data), ...more(model, truth, data), free: model.free });
    const before = structuredClone(say());
    const products = model.informationProducts(truth, data);
    const step = model.eStep(truth, data);
    const ask = () => [
      [products.complete(truth), products.missing(truth), products.preconditioner().solve(truth)],
      [step.maximise(), step.gradient(), step.responsibilities()],
    ];
    const asked = structuredClone(ask());
    spoil([say(), ask(), products.preconditioner()]);
    expect(say()).toEqual(before);
    expect(ask()).toEqual(asked);
  });
});

test("rows that have not changed have one copy, with what is one array in them one array again", () => {
  const { data } = draw({ experts: "linear", k: 2, rows: 20, features: 2, seed: 1, narrowGate: true });
  const copy = own(data);
  expect(copy).toEqual(data);
  expect(own(data)).toBe(copy);
  expect(own(copy)).toBe(copy);
  expect(copy.gate.values[1]).toBe(copy.expert.values[1]);
  data.response[3]++;
  expect(own(data)).not.toBe(copy);
  expect(own(data).response[3]).toBe(copy.response[3] + 1);
});
