import { softmax } from "../math/softmax.ts";

/** Responsibilities of routes, and what the model says of the rows. */
export interface RoutePosterior {
  /** Σ log Σ_z exp(joint), in nats. */
  readonly logLikelihood: number;
  /** rows × routes; those of a row sum to 1. */
  readonly responsibilities: Float64Array;
}

/** The posterior over the routes that have a joint log-density above −∞: a softmax of each row. */
export function routePosterior(joint: Float64Array, routes: number): RoutePosterior {
  const responsibilities = joint.slice();
  let logLikelihood = 0;
  for (let from = 0; from < joint.length; from += routes) logLikelihood += softmax(responsibilities, from, 1, routes);
  return { logLikelihood, responsibilities };
}

/** Expert of a layer, the first being 0, that a route takes. */
export function expertOf(route: number, layer: number, layers: number, k: number): number {
  return Math.floor(route / k ** (layers - 1 - layer)) % k;
}

/** Sums of responsibilities by layer and expert (L × k). */
export function expertLoads(responsibilities: Float64Array, layers: number, k: number): Float64Array {
  const routes = k ** layers;
  const byRoute = new Float64Array(routes);
  for (let from = 0; from < responsibilities.length; from += routes) {
    for (let route = 0; route < routes; route++) byRoute[route] += responsibilities[from + route];
  }
  const loads = new Float64Array(layers * k);
  byRoute.forEach((load, route) => {
    for (let l = 0; l < layers; l++) loads[l * k + expertOf(route, l, layers, k)] += load;
  });
  return loads;
}
