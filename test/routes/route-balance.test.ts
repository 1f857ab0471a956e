import { describe, expect, test } from "vitest";
import { plainProducts } from "../../src/compute/picked-products.ts";
import { random } from "../../src/math/random.ts";
import { balancedPosterior } from "../../src/routes/route-balance.ts";
import { routeLayout } from "../../src/routes/route-layout.ts";
import { routeMixture } from "../../src/routes/route-mixture.ts";
import { jointOf, routePass } from "../../src/routes/route-pass.ts";
import { expertLoads, routePosterior } from "../../src/routes/route-posterior.ts";
import { everyRoute } from "../../src/routes/route-tree.ts";
import { deviation, jacobian } from "../support/differences.ts";

const [ROWS, LAYERS, K] = [30, 2, 3];
const ROUTES = K ** LAYERS;
const SHARE = ROWS / K;

/** log-densities that favour some experts strongly. */
function uneven(seed: number): Float64Array {
  const rng = random(seed);
  return Float64Array.from({ length: ROWS * ROUTES }, (_, at) => 2 * rng.normal() - (at % ROUTES));
}

/** Σ KL(q ‖ h) */
function divergence(q: Float64Array, h: Float64Array): number {
  return q.reduce((sum, share, at) => sum + (share > 0 ? share * Math.log(share / h[at]) : 0), 0);
}

describe("the balanced posterior", () => {
  const joint = uneven(1);
  const plain = routePosterior(joint, ROUTES);
  const found = balancedPosterior(joint, LAYERS, K, 1e-13, 5000);

  test("gives each expert of each layer the same share of the rows, to 1e-9, which the posterior does not", () => {
    const loads = (q: Float64Array): Float64Array => expertLoads(q, LAYERS, K).map((load) => load / ROWS - 1 / K);
    expect(Math.max(...loads(found.responsibilities).map(Math.abs))).toBeLessThan(1e-9);
    expect(Math.max(...loads(plain.responsibilities).map(Math.abs))).toBeGreaterThan(0.1);
    for (let i = 0; i < ROWS; i++) {
      const row = found.responsibilities.subarray(i * ROUTES, (i + 1) * ROUTES);
      expect(row.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 12);
    }
  });

  test("is the nearest: its dual is the primal to 1e-9, and every other balanced one is farther", () => {
    const { responsibilities: q, bound } = found;
    const nearest = divergence(q, plain.responsibilities);
    expect(Math.abs(plain.logLikelihood - nearest - bound)).toBeLessThan(1e-9);
    // Two rows exchange a little of two routes: shares stay as they are.
    const rng = random(2);
    for (let draw = 0; draw < 50; draw++) {
      const [i, j] = [rng.integer(ROWS), rng.integer(ROWS)];
      const [a, b] = [rng.integer(ROUTES), rng.integer(ROUTES)];
      if (i === j || a === b) continue;
      const part = 0.5 * Math.min(q[i * ROUTES + a], q[j * ROUTES + b]);
      const other = q.slice();
      for (const [at, sign] of [
        [i * ROUTES + a, -1],
        [i * ROUTES + b, 1],
        [j * ROUTES + b, -1],
        [j * ROUTES + a, 1],
      ]) {
        other[at] += sign * part;
      }
      expect(divergence(other, plain.responsibilities)).toBeGreaterThan(nearest);
    }
  });

  test("leaves alone an expert that no row can take", () => {
    const without = joint.map((value, at) => (at % K === 1 ? Number.NEGATIVE_INFINITY : value));
    const { responsibilities } = balancedPosterior(without, LAYERS, K, 1e-10, 5000);
    const loads = expertLoads(responsibilities, LAYERS, K);
    expect(deviation(loads, [SHARE, SHARE, SHARE, ROWS / 2, 0, ROWS / 2])).toBeLessThan(1e-6);
  });

  test("∇ of its objective is ∇Q there, by central differences to 1e-8; with the posterior it is not", () => {
    const spec = { layers: LAYERS, k: K, hidden: 3, labels: ["a", "b"], pixels: 4 };
    const shape = { ...spec, classes: 2 };
    const model = routeMixture({ ...spec, activation: "softplus", precision: "double" });
    const rng = random(3);
    const images = Uint8Array.from({ length: 4 * ROWS }, () => rng.integer(256));
    const data = { rows: ROWS, images, labels: Uint8Array.from({ length: ROWS }, () => rng.integer(2)) };
    const theta = Float64Array.from(model.names, () => rng.normal());
    const routes = {
      ...{ shape, layout: routeLayout(shape), products: plainProducts("double") },
      activation: "softplus" as const,
    };
    const at = (point: Float64Array) =>
      balancedPosterior(jointOf(routePass(routes, point, data, everyRoute)), LAYERS, K, 1e-14, 5000);
    const [wanted] = jacobian((point) => Float64Array.of(at(point).bound), theta);
    const scale = Math.max(...wanted.map(Math.abs));
    const of = (q: Float64Array): number => deviation(model.completeGradient(theta, q, data), wanted) / scale;
    expect(of(at(theta).responsibilities)).toBeLessThan(1e-8);
    expect(of(model.posterior(theta, data).responsibilities)).toBeGreaterThan(1e-2);
  });
});
