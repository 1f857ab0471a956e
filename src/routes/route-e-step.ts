import type { Images } from "../compute/image-pass.ts";
import type { Random } from "../math/random.ts";
import { balancedPosterior } from "./route-balance.ts";
import { beam } from "./route-choice.ts";
import { routeCount } from "./route-layout.ts";
import {
  addGradient,
  expectedComplete,
  imagesBetween,
  jointOf,
  type Routes,
  routePass,
  stretches,
} from "./route-pass.ts";
import { type RoutePosterior, routePosterior } from "./route-posterior.ts";
import { everyRoute } from "./route-tree.ts";

/** How the E-step of routes is made. */
export interface RouteEStepOptions {
  /** Routes of an image that are kept; default: all. */
  readonly beam?: number | undefined;
  /** Stream of the noise by which the beam is drawn; default: the most probable are kept. */
  readonly explore?: Random | undefined;
  /** Whether every expert of a layer is to have the same share of the rows. */
  readonly balanced?: boolean;
  /** Array that the gradient of Q at θ is added to (p), in nats. */
  readonly gradient?: Float64Array;
}

/** The E-step of routes: responsibilities n × kᴸ, and the log-likelihood, of the routes that are kept alone. */
export function routeEStep(
  routes: Routes,
  theta: Float64Array,
  data: Images,
  { beam: kept, explore, balanced = false, gradient }: RouteEStepOptions,
): RoutePosterior {
  const { layers, k } = routes.shape;
  const count = routeCount(routes.shape);
  const choose = kept === undefined ? everyRoute : beam(kept, explore);
  const parts = stretches(routes, data.rows);
  // A balance is among all rows: those of several stretches have to be gone through once more.
  const isOnce = !balanced || parts.length === 1;
  const posteriorOf = (joint: Float64Array): RoutePosterior =>
    balanced ? { ...routePosterior(joint, count), ...tilted(joint, layers, k) } : routePosterior(joint, count);
  const joint = new Float64Array(isOnce ? 0 : data.rows * count);
  const responsibilities = new Float64Array(data.rows * count);
  let logLikelihood = 0;
  for (const [from, to] of parts) {
    const pass = routePass(routes, theta, imagesBetween(data, from, to), choose);
    const ofPart = jointOf(pass);
    if (!isOnce) {
      joint.set(ofPart, from * count);
      continue;
    }
    const found = posteriorOf(ofPart);
    logLikelihood += found.logLikelihood;
    responsibilities.set(found.responsibilities, from * count);
    if (gradient) addGradient(pass, found.responsibilities, gradient);
  }
  if (isOnce) return { logLikelihood, responsibilities };
  const found = posteriorOf(joint);
  if (gradient) {
    expectedComplete(routes, theta, found.responsibilities, data).gradient.forEach((slope, j) => {
      gradient[j] += slope;
    });
  }
  return found;
}

/** The balanced responsibilities alone. */
function tilted(joint: Float64Array, layers: number, k: number): Pick<RoutePosterior, "responsibilities"> {
  const { responsibilities } = balancedPosterior(joint, layers, k);
  return { responsibilities };
}
