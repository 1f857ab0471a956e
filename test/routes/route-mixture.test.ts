import { describe, expect, test } from "vitest";
import { adamStep, noMoments } from "../../src/algorithms/adam.ts";
import { generalisedEm } from "../../src/algorithms/generalised-em.ts";
import { iterate } from "../../src/algorithms/iterate.ts";
import { miniBatchEm } from "../../src/algorithms/mini-batch-em.ts";
import type { Images } from "../../src/compute/image-pass.ts";
import { random } from "../../src/math/random.ts";
import { type RouteMixtureSpec, routeMixture } from "../../src/routes/route-mixture.ts";
import { deviation, jacobian } from "../support/differences.ts";
import { jointByDefinition, likelihoodByDefinition } from "./oracle.ts";

const LABELS = ["a", "b", "c"];
const PIXELS = 5;

function drawn(rows: number, seed: number): Images {
  const rng = random(seed);
  const images = Uint8Array.from({ length: rows * PIXELS }, () => rng.integer(256));
  return { rows, images, labels: Uint8Array.from({ length: rows }, () => rng.integer(3)) };
}

/** A point where gates, experts and output all have something to say. */
function point(names: readonly string[], seed: number): Float64Array {
  const rng = random(seed);
  return Float64Array.from(names, () => 0.7 * rng.normal());
}

const exact = (spec: Partial<RouteMixtureSpec>): RouteMixtureSpec => ({
  ...{ layers: 2, k: 3, hidden: 4, labels: LABELS, pixels: PIXELS, activation: "softplus", precision: "double" },
  ...spec,
});

const size = (values: Float64Array): number => Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));

describe.each([
  { layers: 1, k: 3 },
  { layers: 2, k: 3 },
  { layers: 3, k: 2 },
  { layers: 2, k: 1 },
  { layers: 2, k: 2, activation: "relu" as const },
])("a mixture of routes %o is its definition", (given) => {
  const spec = exact(given);
  const model = routeMixture(spec);
  const data = drawn(13, 1);
  const theta = point(model.names, 2);
  const wanted = likelihoodByDefinition(spec, theta, data);

  test("in log-likelihood and posterior, to rounding", () => {
    const found = model.posterior(theta, data);
    expect(found.logLikelihood).toBeCloseTo(wanted.logLikelihood, 11);
    const joint = jointByDefinition(spec, theta, new Float64Array(theta.length), data);
    const posterior = joint.flatMap((routes) => {
      const sum = routes.reduce((total, { value }) => total + Math.exp(value), 0);
      return routes.map(({ value }) => Math.exp(value) / sum);
    });
    expect(deviation(found.responsibilities, posterior)).toBeLessThan(1e-13);
  });

  test("by Fisher's identity: its gradient is the posterior mean of that of the complete data, to 1e-12", () => {
    const { responsibilities } = model.posterior(theta, data);
    const { gradient } = model.gradient(theta, data);
    expect(deviation(gradient, wanted.gradient)).toBeLessThan(1e-12 * size(wanted.gradient));
    const complete = model.completeGradient(theta, responsibilities, data);
    expect(deviation(complete, wanted.gradient)).toBeLessThan(1e-12 * size(wanted.gradient));
  });
});

describe("generalised EM of routes", () => {
  const spec = exact({});
  const model = routeMixture(spec);
  const data = drawn(40, 3);
  const theta = point(model.names, 4);

  test("Fisher's identity against central differences, to 1e-8; with the prior in place of the posterior it fails", () => {
    const [wanted] = jacobian((at) => Float64Array.of(model.posterior(at, data).logLikelihood), theta);
    const { responsibilities } = model.posterior(theta, data);
    const complete = model.completeGradient(theta, responsibilities, data);
    expect(deviation(complete, wanted)).toBeLessThan(1e-8 * size(wanted));
    const prior = new Float64Array(responsibilities.length).fill(1 / 9);
    expect(deviation(model.completeGradient(theta, prior, data), wanted)).toBeGreaterThan(1e-2 * size(wanted));
  });

  test("one inner step of a mini-batch is one of the stochastic gradient, to 1e-12; two are not", () => {
    const batchRows = 10;
    // All rows are one batch: their order does not count.
    const first = model.rowsOf(
      data,
      Uint32Array.from({ length: batchRows }, (_, i) => i),
    );
    const epoch = (innerSteps: number): Float64Array => {
      const algorithm = miniBatchEm<Images>({ batchRows, innerSteps, stepSize: 0.01, decay: 0 });
      const [, step] = iterate(algorithm, model, theta, first, { tolerance: 0, maxIterations: 1 });
      return step.theta;
    };
    const { gradient } = likelihoodByDefinition(spec, theta, first);
    const sizes = new Float64Array(theta.length).fill(0.01);
    const { theta: wanted } = adamStep(theta, noMoments(theta.length), gradient, -1 / batchRows, sizes);
    expect(deviation(epoch(1), wanted)).toBeLessThan(1e-12);
    expect(deviation(epoch(2), wanted)).toBeGreaterThan(1e-3);
  });

  test("L_t − L_t+1 = ΔQ + KL for guarded inner steps, to 1e-12, and L never rises", () => {
    let at = theta;
    for (let t = 0; t < 8; t++) {
      const before = model.posterior(at, data);
      const { theta: next, gain } = model.maximise(at, before, data, { steps: 1 + (t % 3) });
      const after = model.posterior(next, data);
      const [q0, q1] = [at, next].map((point) => model.expected(point, before.responsibilities, data).value);
      const divergence = before.responsibilities.reduce(
        (sum, share, z) => sum + (share > 0 ? share * Math.log(share / after.responsibilities[z]) : 0),
        0,
      );
      const risen = after.logLikelihood - before.logLikelihood;
      expect(Math.abs(risen - (q1 - q0) - divergence)).toBeLessThan(1e-12 * Math.abs(before.logLikelihood));
      // The control: the divergence taken the other way round.
      const exchanged = after.responsibilities.reduce(
        (sum, share, z) => sum + share * Math.log(share / before.responsibilities[z]),
        0,
      );
      expect(Math.abs(risen - (q1 - q0) - exchanged)).toBeGreaterThan(1e-9 * Math.abs(before.logLikelihood));
      expect(q1).toBeGreaterThan(q0);
      expect(gain).toBeGreaterThan(0);
      at = next;
    }
  });

  test("as an algorithm: every step of generalisedEm raises the objective", () => {
    const steps = [
      ...iterate(generalisedEm<Images>({ innerSteps: 2 }), model, theta, data, { tolerance: 0, maxIterations: 15 }),
    ];
    const rises = steps.slice(1).map(({ objective }, t) => objective - steps[t].objective);
    expect(Math.min(...rises)).toBeGreaterThan(0);
    expect(steps[15].objective - steps[0].objective).toBeGreaterThan(1);
  });
});

describe("a beam", () => {
  const data = drawn(60, 5);

  test.each([1, 2, 4, 8])("of %d routes loses the mean of −log(posterior mass kept), to 1e-12", (m) => {
    const [whole, part] = [exact({ layers: 3, k: 2 }), exact({ layers: 3, k: 2, beam: m })].map(routeMixture);
    const theta = point(whole.names, 6);
    const [all, kept] = [whole, part].map((model) => model.posterior(theta, data));
    let lost = 0;
    for (let i = 0; i < data.rows; i++) {
      let mass = 0;
      let routes = 0;
      for (let z = 8 * i; z < 8 * (i + 1); z++) {
        if (kept.responsibilities[z] === 0) continue;
        mass += all.responsibilities[z];
        routes++;
      }
      expect(routes).toBe(m);
      lost -= Math.log(mass);
    }
    expect(Math.abs(all.logLikelihood - kept.logLikelihood - lost)).toBeLessThan(1e-12 * Math.abs(all.logLikelihood));
    if (m < 8) expect(lost).toBeGreaterThan(1);
    else expect(kept).toEqual(all);
  });

  test("has the gradient of its own log-likelihood, by central differences to 1e-8, and not that of all routes", () => {
    const model = routeMixture(exact({ beam: 3 }));
    const theta = point(model.names, 7);
    const [wanted] = jacobian((at) => Float64Array.of(model.posterior(at, data).logLikelihood), theta, 1e-4);
    expect(deviation(model.gradient(theta, data).gradient, wanted)).toBeLessThan(1e-8 * size(wanted));
    const { gradient } = routeMixture(exact({})).gradient(theta, data);
    expect(deviation(gradient, wanted)).toBeGreaterThan(1e-2 * size(wanted));
  });
});
