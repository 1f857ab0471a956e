import { describe, expect, test } from "vitest";
import { adamStep, noMoments } from "../../src/algorithms/adam.ts";
import type { Images } from "../../src/compute/image-pass.ts";
import { shuffled } from "../../src/math/draw.ts";
import { random } from "../../src/math/random.ts";
import { routeMixture } from "../../src/routes/route-mixture.ts";
import { predictRoutes } from "../../src/routes/route-prediction.ts";
import { type RouteTrainingOptions, type RouteTrainingStep, trainRoutes } from "../../src/routes/route-training.ts";
import { deviation } from "../support/differences.ts";
import { jointByDefinition } from "./oracle.ts";

const LABELS = ["dark", "bright", "middle"];
const PIXELS = 6;

/** Images whose second pixel says whether the first is to be read the other way round. */
function drawn(rows: number, seed: number): Images {
  const rng = random(seed);
  const images = Uint8Array.from({ length: rows * PIXELS }, () => rng.integer(256));
  const labels = Uint8Array.from({ length: rows }, (_, i) => {
    const [first, second] = [images[i * PIXELS], images[i * PIXELS + 1]];
    return Math.floor((3 * (second > 127 ? first : 255 - first)) / 256);
  });
  return { rows, images, labels };
}

const data = drawn(1200, 1);
const spec = { layers: 2, k: 3, hidden: 5, labels: LABELS, pixels: PIXELS } as const;
const model = routeMixture(spec);
const start = model.start(random(2));
const trained = (options: RouteTrainingOptions, of = model, from = start): RouteTrainingStep[] => [
  ...trainRoutes(of, from, data, { passes: 15, batchRows: 100, stepSize: 0.01, ...options }),
];

describe("training", () => {
  test("learns what no linear classifier can, with all routes and with a beam, and other images too", () => {
    for (const of of [model, routeMixture({ ...spec, beam: 2 })]) {
      const steps = trained({ passes: 40 }, of);
      const { theta, loss } = steps[39];
      expect(loss).toBeLessThan(steps[0].loss / 2);
      expect(predictRoutes(of, theta, drawn(2000, 9)).accuracy).toBeGreaterThan(0.85);
    }
  });

  test("has the same bits for the same seed, and others for another", () => {
    const [first, again, other] = [1, 1, 2].map((seed) => trained({ passes: 2, seed })[1]);
    expect(again).toEqual(first);
    expect(deviation(other.theta, first.theta)).toBeGreaterThan(1e-4);
  });

  test("a pass without balance is one of stochastic gradients, by Adam, with steps that shorten to 0", () => {
    const double = routeMixture({ ...spec, precision: "double" });
    const [step] = trained({ passes: 1, balanced: 0, seed: 5 }, double);
    const order = shuffled(data.rows, random(5, 1));
    let [theta, moments] = [start, noMoments(start.length)];
    for (let b = 0; b < 12; b++) {
      const batch = double.rowsOf(data, order.subarray(100 * b, 100 * (b + 1)));
      const sizes = new Float64Array(start.length).fill(0.01 * (1 - b / 12));
      const { gradient } = double.gradient(theta, batch);
      ({ theta, ...moments } = adamStep(theta, moments, gradient, -1 / 100, sizes));
    }
    expect(deviation(step.theta, theta)).toBeLessThan(1e-12);
    expect(deviation(trained({ passes: 1, balanced: 1, seed: 5 }, double)[0].theta, theta)).toBeGreaterThan(1e-3);
    expect(deviation(trained({ passes: 1, balanced: 0, innerSteps: 2 }, double)[0].theta, theta)).toBeGreaterThan(1e-3);
  });

  test("balanced, gives every expert its share where the gates favour one; without balance the others have next to nothing", () => {
    // The first k coefficients of a gate are its intercepts.
    const favoured = start.slice();
    for (const layer of ["layer1", "layer2"]) favoured[model.names.indexOf(`${layer}.gate1.(intercept)`)] = 12;
    const least = (balanced: number): number =>
      Math.min(...trained({ passes: 1, balanced, stepSize: 1e-4 }, model, favoured)[0].loads);
    expect(least(1)).toBeGreaterThan(0.32);
    expect(least(0)).toBeLessThan(0.001);
  });

  test.each([
    [{ batchRows: 74 }, "expected batches of 75 images or more for 3 experts to be balanced, got 74"],
    [{ balanced: 1.5 }, "expected balanced to be a share from 0 to 1, got 1.5"],
    [{ stepsize: 0.1 }, 'expected the name of an option, got "stepsize"; did you mean "stepSize"?'],
  ])("refuses %o", (options, message) => {
    expect(() => trained(options as never)).toThrow(message);
  });

  test("refuses labels that there are not, naming the image", () => {
    const wrong = { ...data, labels: data.labels.slice().fill(3, 7, 8) };
    expect(() => trainRoutes(model, start, wrong).next()).toThrow(
      "expected codes of labels from 0 to 2, got 3 for image 8",
    );
  });
});

describe("predictions", () => {
  const some = drawn(50, 3);
  const double = routeMixture({ ...spec, precision: "double" });
  const theta = start.map((value) => 2 * value);
  /** log p(y, z | x) of every row, route and label. */
  const joint = LABELS.map((_, c) => {
    const labelled = { ...some, labels: new Uint8Array(some.rows).fill(c) };
    return jointByDefinition(double.spec, theta, new Float64Array(theta.length), labelled);
  });
  const chance = (c: number, i: number, z: number): number => Math.exp(joint[c][i][z].value);

  test("of all routes are by definition the sum over them", () => {
    const { labels, crossEntropy, loads, accuracy } = predictRoutes(double, theta, some);
    let nats = 0;
    for (let i = 0; i < some.rows; i++) {
      const p = LABELS.map((_, c) => joint[c][i].reduce((sum, { value }) => sum + Math.exp(value), 0));
      expect(labels[i]).toBe(p.indexOf(Math.max(...p)));
      nats -= Math.log(p[some.labels[i]]) / some.rows;
    }
    expect(crossEntropy).toBeCloseTo(nats, 11);
    expect(accuracy).toBe(labels.filter((label, i) => label === some.labels[i]).length / some.rows);
    const second = [0, 1, 2].map((z) => {
      let sum = 0;
      for (let i = 0; i < some.rows; i++) {
        for (let c = 0; c < 3; c++) for (let first = 0; first < 3; first++) sum += chance(c, i, 3 * first + z);
      }
      return sum / some.rows;
    });
    expect(deviation(loads.subarray(3), second)).toBeLessThan(1e-12);
  });

  test("of one route are those of the expert with the largest gate in each layer, and no others", () => {
    const { labels, routes, crossEntropy } = predictRoutes(double, theta, some, { routes: 1 });
    let nats = 0;
    for (let i = 0; i < some.rows; i++) {
      const prior = joint[0][i].map((_, z) => LABELS.reduce((sum, _, c) => sum + chance(c, i, z), 0));
      const firsts = [0, 1, 2].map((z) => prior[3 * z] + prior[3 * z + 1] + prior[3 * z + 2]);
      const first = firsts.indexOf(Math.max(...firsts));
      const within = prior.slice(3 * first, 3 * first + 3);
      const route = 3 * first + within.indexOf(Math.max(...within));
      expect(routes[i]).toBe(route);
      const p = LABELS.map((_, c) => chance(c, i, route) / prior[route]);
      expect(labels[i]).toBe(p.indexOf(Math.max(...p)));
      nats -= Math.log(p[some.labels[i]]) / some.rows;
    }
    expect(crossEntropy).toBeCloseTo(nats, 11);
  });
});
