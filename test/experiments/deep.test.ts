import { describe, expect, test } from "vitest";
import { DEEP_IDS, type DeepEnd } from "../../src/experiments/deep/contenders.ts";
import { deep } from "../../src/experiments/deep/deep.ts";
import { type DeepInstance, deepSummary } from "../../src/experiments/deep/deep-summary.ts";
import { type Mixing, mixOutputs } from "../../src/experiments/deep/output-mixing.ts";
import { random } from "../../src/math/random.ts";
import { type RouteMixtureSpec, routeMixture, routesOf } from "../../src/routes/route-mixture.ts";
import { predictRoutes } from "../../src/routes/route-prediction.ts";
import { deviation, jacobian } from "../support/differences.ts";

const rng = random(1);
const [ROWS, K] = [20, 4];
const spec: RouteMixtureSpec = {
  ...{ layers: 2, k: K, hidden: 3, labels: ["a", "b", "c"], pixels: 4 },
  ...{ activation: "softplus", precision: "double" },
};
const images = Uint8Array.from({ length: 4 * ROWS }, () => rng.integer(256));
const data = { rows: ROWS, images, labels: Uint8Array.from({ length: ROWS }, () => rng.integer(3)) };
const model = routeMixture(spec);
const theta = Float64Array.from(model.names, () => rng.normal());

/** The log-likelihood of a network that mixes outputs, in nats. */
function logLikelihood(at: Float64Array, mixing: Mixing): number {
  const { logLabels } = mixOutputs(routesOf(spec), at, data, mixing);
  return data.labels.reduce((sum, label, i) => sum + logLabels[3 * i + label], 0);
}

function gradientOf(mixing: Mixing): Float64Array {
  const gradient = new Float64Array(theta.length);
  mixOutputs(routesOf(spec), theta, data, mixing, gradient);
  return gradient;
}

describe("a network that mixes outputs", () => {
  test.each([{}, { top: 1, scaled: true }, { top: 2 }, { top: 3, scaled: true }])(
    "%o has the gradient of its log-likelihood, by central differences to 1e-8",
    (mixing) => {
      const [wanted] = jacobian((at) => Float64Array.of(logLikelihood(at, mixing)), theta, 1e-4);
      expect(deviation(gradientOf(mixing), wanted)).toBeLessThan(1e-8 * Math.max(...wanted.map(Math.abs)));
      const other = gradientOf({ top: 4 - (Object.values(mixing).includes(2) ? 0 : 2) });
      expect(deviation(other, wanted)).toBeGreaterThan(1e-3);
    },
  );

  test("the balancing loss of Switch adds −n ∇(α k Σ f P) of its gates, the shares f of the experts held fixed", () => {
    const [plain, balanced] = [
      { top: 1, scaled: true },
      { top: 1, scaled: true, balance: 0.5 },
    ].map(gradientOf);
    // By the first layer's intercepts: those of the second have a loss of their own, which the first also changes.
    const one = { ...spec, layers: 1 };
    const [routes, at] = [routesOf(one), theta.slice(0, routeMixture(one).names.length)];
    const own = (mixing: Mixing): Float64Array => {
      const gradient = new Float64Array(at.length);
      mixOutputs(routes, at, data, mixing, gradient);
      return gradient;
    };
    const { loads } = mixOutputs(routes, at, data, { top: 1, scaled: true });
    const loss = (point: Float64Array): number => {
      const gates = mixOutputs(routes, point, data, {}).loads;
      return 0.5 * K * loads.reduce((sum, share, z) => sum + share * gates[z], 0);
    };
    const [wanted] = jacobian((point) => Float64Array.of(-ROWS * loss(point)), at, 1e-3);
    const plainOne = own({ top: 1, scaled: true });
    const added = own({ top: 1, scaled: true, balance: 0.5 }).map((slope, j) => slope - plainOne[j]);
    expect(deviation(added, wanted)).toBeLessThan(1e-8);
    expect(Math.max(...wanted.map(Math.abs))).toBeGreaterThan(0.1);
    expect(deviation(plain, balanced)).toBeGreaterThan(0.1);
  });

  test("with one expert a layer is the plain network, as routes are", () => {
    const plain = { ...spec, k: 1 };
    const of = routeMixture(plain);
    const at = of.start(random(2));
    const gradient = new Float64Array(at.length);
    const { logLabels } = mixOutputs(routesOf(plain), at, data, {}, gradient);
    const { gradient: wanted } = of.gradient(at, data);
    expect(deviation(gradient, wanted)).toBeLessThan(1e-12 * Math.max(...wanted.map(Math.abs)));
    const nats = -data.labels.reduce((sum, label, i) => sum + logLabels[3 * i + label], 0) / ROWS;
    expect(predictRoutes(of, at, data).crossEntropy).toBeCloseTo(nats, 12);
  });

  test("with all experts at the end of a sum of gates 1, loads are mean gates; of one, shares of the images", () => {
    const { loads } = mixOutputs(routesOf(spec), theta, data, {});
    expect(loads.subarray(0, K).reduce((sum, load) => sum + load, 0)).toBeCloseTo(1, 12);
    const one = mixOutputs(routesOf(spec), theta, data, { top: 1 }).loads;
    for (const load of one) expect(Math.abs(load * ROWS - Math.round(load * ROWS))).toBeLessThan(1e-12);
  });
});

describe("the study", () => {
  const end = (accuracy: number, one: number, loads: number[][]): DeepEnd => ({
    ...{ parameters: 10, passes: 2, accuracy, trainAccuracy: 0.9, crossEntropy: 0.4, curve: [0.7, accuracy] },
    ...{ oneRoute: { accuracy: one, crossEntropy: 0.5 }, loads, seconds: 1 },
  });
  const even = [[0.25, 0.25, 0.25, 0.25]];
  const instance = (routes: DeepEnd): DeepInstance => ({
    ...{ images: 100, plain: end(0.87, 0.87, [[1], [1]]), "mixed-dense": end(0.86, 0.5, even) },
    ...{ "mixed-top-1": end(0.85, 0.85, even), "mixed-top-2": end(0.85, 0.8, even) },
    ...{
      "routes-dense": routes,
      "routes-beam": end(0.85, 0.85, even),
      "linear-experts": end(0.84, 0.84, [[0.5, 0.5]]),
    },
  });
  const settings = deep.settings as never;
  const holds = (routes: DeepEnd): boolean[] =>
    deepSummary(settings, [instance(end(0.85, 0.84, even)), instance(routes)]).json.claims.map((claim) => claim.holds);

  test("says of each claim whether every drawing bears it out", () => {
    const [yes, no] = [true, false];
    expect(holds(end(0.85, 0.84, even))).toEqual([yes, yes, yes, yes, yes, no]);
    expect(holds(end(0.841, 0.84, even))).toEqual([no, yes, yes, yes, yes, no]);
    expect(holds(end(0.835, 0.83, even))).toEqual([no, no, yes, yes, yes, no]);
    expect(holds(end(0.85, 0.82, even))).toEqual([yes, yes, yes, no, yes, no]);
    expect(holds(end(0.85, 0.84, [[0.5, 0.495, 0.005, 0]]))).toEqual([yes, yes, yes, yes, no, no]);
    expect(holds(end(0.88, 0.88, even))).toEqual([yes, yes, yes, yes, yes, yes]);
  });

  test("has a row of each model: means, entropies by log k, dead experts of all drawings", () => {
    const { json, tables } = deepSummary(settings, [
      instance(end(0.85, 0.84, even)),
      instance(end(0.87, 0.84, [[0.5, 0.5, 0, 0]])),
    ]);
    expect(json.rows.map(({ model }) => model)).toEqual(DEEP_IDS);
    const [plain, , , , routes] = json.rows;
    expect(plain).toMatchObject({ loadEntropy: null, deadExperts: 0 });
    expect(routes.accuracy.mean).toBeCloseTo(0.86, 12);
    expect(routes.loadEntropy?.mean).toBeCloseTo(0.75, 12);
    expect(routes.deadExperts).toBe(2);
    expect(tables[0].rows[4].slice(0, 4)).toEqual(["route EM, all routes", 10, "2", "86.0"]);
  });

  test("a small one of the real images: all models, as many parameters to 2 %, the same bits again but for seconds", async () => {
    const sizes = { images: 600, passes: 2 };
    const [found, again] = [await deep.instance(3, sizes), await deep.instance(3, sizes)];
    const untimed = (of: DeepInstance) => JSON.stringify(of, (name, value) => (name === "seconds" ? 0 : value));
    expect(untimed(again)).toBe(untimed(found));
    expect(found.images).toBe(600);
    const { "linear-experts": linear, images: _, ...networks } = found;
    for (const { parameters, curve, accuracy, loads } of Object.values(networks)) {
      expect(Math.abs(parameters / found.plain.parameters - 1)).toBeLessThan(0.02);
      expect(curve.length).toBe(2);
      expect(curve[1]).toBe(accuracy);
      for (const layer of loads) expect(layer.reduce((sum, load) => sum + load, 0)).toBeCloseTo(1, 5);
    }
    expect(found.plain.accuracy).toBeGreaterThan(0.25);
    // Either expert reads one kind of image, and the gate knows which: one alone is as good as both.
    expect(Math.abs(linear.oneRoute.accuracy - linear.accuracy)).toBeLessThan(0.01);
    expect(linear.accuracy).toBeGreaterThan(0.7);
  }, 240_000);
});
