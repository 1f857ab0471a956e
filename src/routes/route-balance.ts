import { expertLoads, expertOf, type RoutePosterior, routePosterior } from "./route-posterior.ts";

/** A balanced posterior. */
export interface BalancedPosterior extends RoutePosterior {
  /** Multipliers λ of each layer's experts (L × k), in nats. */
  readonly multipliers: Float64Array;
  /** max F = ℓ − min Σ KL(q ‖ posterior) over balanced q, by its dual Σ log Σ_z exp(joint + λ) − (n/k) Σ λ, in nats. */
  readonly bound: number;
}

/**
 * The responsibilities nearest to the posterior in which every expert of a layer has the same share of the rows:
 * q ∝ exp(joint + Σ_l λ_{l, z_l}), the minimum of Σ KL(q ‖ posterior), by iterative scaling, one layer at a time.
 *
 * Where no row can take an expert at all, that expert is left alone, and the others share what there is.
 *
 * @param joint log p(y, z | x), −∞ of routes that were not chosen (n × kᴸ)
 * @param tolerance of an expert's share, by which it may be off where this ends
 * @param sweeps through the layers at the most
 */
export function balancedPosterior(
  joint: Float64Array,
  layers: number,
  k: number,
  tolerance: number = 1e-3,
  sweeps: number = 100,
): BalancedPosterior {
  const routes = k ** layers;
  const rows = joint.length / routes;
  const multipliers = new Float64Array(layers * k);
  const tilted = joint.slice();
  let posterior = routePosterior(tilted, routes);
  let [sweep, off] = [0, Number.POSITIVE_INFINITY];
  while (sweep < sweeps && off > tolerance) {
    off = 0;
    for (let l = 0; l < layers; l++) {
      const loads = expertLoads(posterior.responsibilities, layers, k).subarray(l * k, (l + 1) * k);
      const taken = loads.filter((load) => load > 0).length;
      const step = loads.map((load) => (load > 0 ? Math.log(rows / taken / load) : 0));
      for (const load of loads) if (load > 0) off = Math.max(off, Math.abs(load / rows - 1 / taken));
      for (let z = 0; z < k; z++) multipliers[l * k + z] += step[z];
      const tilt = Float64Array.from({ length: routes }, (_, route) => step[expertOf(route, l, layers, k)]);
      for (let from = 0; from < tilted.length; from += routes) {
        for (let route = 0; route < routes; route++) tilted[from + route] += tilt[route];
      }
      posterior = routePosterior(tilted, routes);
    }
    sweep++;
  }
  const bound = posterior.logLikelihood - (rows / k) * multipliers.reduce((sum, value) => sum + value, 0);
  return { ...posterior, multipliers, bound };
}
