import { describe, expect, test } from "vitest";
import { em } from "../../src/algorithms/em.ts";
import { generalisedEm } from "../../src/algorithms/generalised-em.ts";
import type { Images } from "../../src/compute/image-pass.ts";
import { imageMixture } from "../../src/images/image-mixture.ts";
import { predictImages } from "../../src/images/image-prediction.ts";
import { topSpectrum } from "../../src/inference/top-spectrum.ts";
import { random } from "../../src/math/random.ts";
import { mixture } from "../../src/models/mixture.ts";
import type { Observations } from "../../src/rows/observations.ts";
import { deviation } from "../support/differences.ts";

const K = 2;
const LABELS = ["a", "b", "c"];
const PIXELS = 5;
const RIDGE = 0.5;
const SIZE = 1 + PIXELS;

/** Images whose label depends on one pixel, and on another whether the first is to be taken the other way round. */
function drawn(rows: number, seed: number): Images {
  const rng = random(seed);
  const images = Uint8Array.from({ length: rows * PIXELS }, () => Math.floor(256 * rng.uniform()));
  const labels = Uint8Array.from({ length: rows }, (_, i) => {
    const [first, second] = [images[i * PIXELS], images[i * PIXELS + 1]];
    const shade = second > 128 ? first : 255 - first;
    return rng.uniform() < 0.2 ? rng.integer(3) : Math.floor((3 * shade) / 256);
  });
  return { rows, images, labels };
}

/** The same rows as columns of numbers. */
function asObservations({ rows, images, labels }: Images): Observations {
  const values = [
    new Float64Array(rows).fill(1),
    ...Array.from({ length: PIXELS }, (_, j) =>
      Float64Array.from({ length: rows }, (_, i) => images[i * PIXELS + j] / 255),
    ),
  ];
  const columns = ["(intercept)", ...Array.from({ length: PIXELS }, (_, j) => `pixel${j + 1}`)];
  const design = { columns, values };
  return { rows, gate: design, expert: design, response: Float64Array.from(labels) };
}

const images = imageMixture({ k: K, labels: LABELS, pixels: PIXELS, ridge: RIDGE, innerIterations: 200 });
const columns = ["(intercept)", "pixel1", "pixel2", "pixel3", "pixel4", "pixel5"];
const general = mixture({
  ...{ experts: "logistic", k: K, labels: LABELS, ridge: RIDGE },
  ...{ gateColumns: columns, expertColumns: columns },
});

/** The parameters with the first label as reference: each label's less the first one's. */
function reduced(theta: Float64Array): Float64Array {
  const out = [...theta.subarray(0, SIZE)];
  for (let z = 0; z < K; z++) {
    const expert = theta.subarray(SIZE + z * 3 * SIZE, SIZE + (z + 1) * 3 * SIZE);
    for (let c = 1; c < 3; c++) for (let j = 0; j < SIZE; j++) out.push(expert[c * SIZE + j] - expert[j]);
  }
  return Float64Array.from(out);
}

/** Parameters whose labels' sum is 0: where the ridge has them. */
function point(seed: number): Float64Array {
  const rng = random(seed);
  const theta = Float64Array.from({ length: images.names.length }, () => rng.normal());
  for (let z = 0; z < K; z++) {
    for (let j = 0; j < SIZE; j++) {
      const at = (c: number): number => SIZE + (z * 3 + c) * SIZE + j;
      const mean = (theta[at(0)] + theta[at(1)] + theta[at(2)]) / 3;
      for (let c = 0; c < 3; c++) theta[at(c)] -= mean;
    }
  }
  return theta;
}

/** Steps of EM, the last θ. */
function stepped<Data>(
  algorithm: ReturnType<typeof em<Data>>,
  model: Parameters<typeof algorithm.init>[0],
  start: Float64Array,
  data: Data,
  steps: number,
) {
  let [theta, state] = [start, algorithm.init(model, start, data)];
  for (let t = 0; t < steps; t++) {
    const step = algorithm.step(model, theta, state, data);
    if ("failure" in step) throw new Error(step.failure.reason);
    ({ theta, state } = step);
  }
  return { theta, state };
}

describe("a mixture on images is the mixture of logistic experts", () => {
  const data = drawn(700, 1);
  const rows = asObservations(data);

  test("in objective to 1e-6 of itself, responsibilities to 1e-5", () => {
    const theta = point(2);
    const [found, wanted] = [images.posterior(theta, data), general.posterior(reduced(theta), rows)];
    expect(Math.abs(found.logLikelihood / wanted.logLikelihood - 1)).toBeLessThan(1e-6);
    expect(Math.abs(found.objective / wanted.objective - 1)).toBeLessThan(1e-6);
    expect(deviation(found.responsibilities, wanted.responsibilities)).toBeLessThan(1e-5);
  });

  test("in gradients, by all labels but the first, to 1e-5 of the largest", () => {
    const theta = point(3);
    const { responsibilities } = images.posterior(point(4), data);
    const byLabel = (gradient: Float64Array): Float64Array => {
      const out = [...gradient.subarray(0, SIZE)];
      for (let z = 0; z < K; z++) {
        out.push(...gradient.subarray(SIZE + (z * 3 + 1) * SIZE, SIZE + (z + 1) * 3 * SIZE));
      }
      return Float64Array.from(out);
    };
    const pairs = [
      [images.gradient(theta, data).gradient, general.gradient(reduced(theta), rows).gradient],
      [
        images.completeGradient(theta, responsibilities, data),
        general.completeGradient(reduced(theta), responsibilities, rows),
      ],
    ];
    for (const [found, wanted] of pairs) {
      const size = Math.max(...wanted.map(Math.abs));
      expect(deviation(byLabel(found), wanted) / size).toBeLessThan(1e-5);
    }
  });

  test("in M-steps to 1e-2 of the parameters' standard errors, and in their gains", () => {
    const theta = point(5);
    const posterior = images.posterior(point(6), data);
    const found = images.maximise(theta, posterior, data);
    const wanted = general.maximise(reduced(theta), { responsibilities: posterior.responsibilities }, rows);
    // A standard error is about 1/√(n p (1 − p)/12), 0.3.
    expect(deviation(reduced(found.theta), wanted.theta)).toBeLessThan(3e-3);
  });

  test("in ten steps of EM, and cut short it climbs all the same", () => {
    const start = point(7);
    const found = stepped(em<Images>(), images, start, data, 10);
    const wanted = stepped(em<Observations>(), general, reduced(start), rows, 10);
    expect(Math.abs(found.state.objective - wanted.state.objective)).toBeLessThan(0.05);
    let before = images.posterior(start, data).objective;
    for (let t = 1; t <= 5; t++) {
      const { objective } = stepped(generalisedEm<Images>({ innerSteps: 1 }), images, start, data, t).state;
      expect(objective).toBeGreaterThan(before);
      before = objective;
    }
  });

  test("in the largest eigenvalues of the missing information, to 1e-3", () => {
    const { theta } = stepped(em<Observations>(), general, reduced(point(7)), rows, 400);
    const whole = new Float64Array(images.names.length);
    whole.set(theta.subarray(0, SIZE));
    for (let z = 0; z < K; z++) {
      for (let j = 0; j < SIZE; j++) {
        const at = SIZE + 2 * z * SIZE + j;
        const mean = (theta[at] + theta[at + SIZE]) / 3;
        [0, theta[at], theta[at + SIZE]].forEach((value, c) => {
          whole[SIZE + (z * 3 + c) * SIZE + j] = value - mean;
        });
      }
    }
    const found = topSpectrum(images, whole, data, { top: 3, tolerance: 1e-4 });
    const wanted = topSpectrum(general, theta, rows, { top: 3 });
    expect(deviation(found.eigenvalues, wanted.eigenvalues)).toBeLessThan(1e-3);
    expect(found.gradientNorm).toBeLessThan(1e-4);
  });

  test("negative control: with another ridge the objective is off by more than 1e-3", () => {
    const theta = point(2);
    const other = imageMixture({ k: K, labels: LABELS, pixels: PIXELS, ridge: 2 * RIDGE });
    const [found, wanted] = [other.posterior(theta, data), general.posterior(reduced(theta), rows)];
    expect(Math.abs(found.objective / wanted.objective - 1)).toBeGreaterThan(1e-3);
  });
});

test("responsibilities that were changed are taken as they are", () => {
  const data = drawn(300, 8);
  const theta = point(9);
  const { responsibilities } = images.posterior(theta, data);
  const swapped = responsibilities.map((_, at) => responsibilities[at ^ 1]);
  const [own, other] = [responsibilities, swapped].map((r) => images.completeGradient(theta, r, data));
  expect(deviation(own, other)).toBeGreaterThan(1);
});

test("predicts the label with the highest Σ_z P(z | x) p_z(c | x)", () => {
  const data = drawn(200, 10);
  const theta = point(11);
  const { labels, accuracy, crossEntropy, gate } = predictImages(images, theta, data);
  const names = new Float64Array(theta);
  let [right, nats] = [0, 0];
  for (let i = 0; i < data.rows; i++) {
    const x = [1, ...data.images.subarray(i * PIXELS, (i + 1) * PIXELS)].map((value, j) => (j === 0 ? 1 : value / 255));
    const eta = (row: number): number => x.reduce((sum, value, j) => sum + value * names[row * SIZE + j], 0);
    const second = 1 / (1 + Math.exp(-eta(0)));
    const p = [1 - second, second].map((g, z) => {
      const e = [0, 1, 2].map((c) => Math.exp(eta(1 + 3 * z + c)));
      return e.map((value) => (g * value) / (e[0] + e[1] + e[2]));
    });
    const total = [0, 1, 2].map((c) => p[0][c] + p[1][c]);
    expect(total[labels[i]]).toBeGreaterThan(Math.max(...total) - 1e-5);
    expect(Math.abs(gate[2 * i + 1] - second)).toBeLessThan(1e-5);
    if (labels[i] === data.labels[i]) right++;
    nats -= Math.log(total[data.labels[i]]);
  }
  expect(accuracy).toBe(right / data.rows);
  expect(Math.abs(crossEntropy / (nats / data.rows) - 1)).toBeLessThan(1e-6);
});

test.each([
  [{ k: 0, labels: LABELS, pixels: 4 }, "k to be a whole number from 1 on, got 0"],
  [{ k: 2, labels: ["a"], pixels: 4 }, 'labels to be a list of two labels or more, got ["a"]'],
  [{ k: 2, labels: LABELS, pixels: 0.5 }, "pixels to be a whole number from 1 on, got 0.5"],
  [{ k: 2, labels: LABELS, pixels: 4, ridge: -1 }, "ridge to be a number from 0 to 1e+50, got -1"],
])("refuses %o", (spec, message) => {
  expect(() => imageMixture(spec)).toThrow(`Cannot make a mixture on images: expected ${message}`);
});
