import type { Images } from "../compute/image-pass.ts";
import { whole } from "../errors/kinds.ts";
import { type Declared, readOptions } from "../errors/options.ts";
import { beam } from "./route-choice.ts";
import { checkRoutes, type RouteMixture, routesOf } from "./route-mixture.ts";
import { imagesBetween, routePass, stretches } from "./route-pass.ts";
import { expertOf } from "./route-posterior.ts";
import { everyRoute } from "./route-tree.ts";

/** How labels are predicted by routes. */
export interface RoutePredictionOptions {
  /** Routes of an image that are gone, those that the gates find most probable; default: all. */
  readonly routes?: number;
}

const OPTIONS = { routes: whole } satisfies Declared<RoutePredictionOptions>;

/** Predictions of a mixture of routes, and how right they are. */
export interface RoutePrediction {
  /** Code of the most probable label of each image (n). */
  readonly labels: Uint8Array;
  /** Share of the images whose label is the most probable one. */
  readonly accuracy: number;
  /** −Σ log p(y | x)/n, in nats per image. */
  readonly crossEntropy: number;
  /** Probability of each expert of each layer by the gates, a mean over the images; those of a layer sum to 1 (L × k). */
  readonly loads: Float64Array;
  /** The most probable route of each image by the gates, its experts as digits to the base k (n). */
  readonly routes: Uint16Array;
}

/**
 * Predicts the labels of images, the one with the highest Σ_z P(z | x) p(c | x, z), and holds them against the true ones.
 *
 * With fewer than all routes the probabilities of those that are gone are divided by their sum: another model than the
 * mixture, which computes less for each image.
 *
 * @param theta the parameters (p)
 * @param options.routes of an image that are gone, a whole number from 1 on; the beam of the mixture has no say
 * @throws InputError for what is no mixture of routes, and images of another size
 * @remarks cost: 2 n Σ_l min(kˡ, routes) (1 + inputs) hidden operations
 * @example
 * ```ts
 * import { random } from "mixlens";
 * import { predictRoutes, routeMixture } from "mixlens/paper";
 * const model = routeMixture({ layers: 2, k: 2, hidden: 3, labels: ["dark", "bright"], pixels: 2 });
 * const data = { rows: 2, images: Uint8Array.of(0, 10, 200, 250), labels: Uint8Array.of(0, 1) };
 * const theta = model.start(random(1));
 * const { crossEntropy } = predictRoutes(model, theta, data);
 * const { logLikelihood } = model.posterior(theta, data);
 * if (Math.abs(crossEntropy + logLikelihood / 2) > 1e-6) throw new Error("the mean of −log p");
 * if (predictRoutes(model, theta, data, { routes: 1 }).routes.some((route) => route > 3)) throw new Error("one of four");
 * ```
 */
export function predictRoutes(
  model: RouteMixture,
  theta: Float64Array,
  data: Images,
  options: RoutePredictionOptions = {},
): RoutePrediction {
  const act = "predict by routes";
  checkRoutes(act, model, "theta", theta, data);
  const { routes: kept } = readOptions(act, options, OPTIONS);
  const of = routesOf(model.spec);
  const { layers, k, classes } = of.shape;
  const choose = kept === undefined ? everyRoute : beam(kept);
  const { rows } = data;
  const found = { labels: new Uint8Array(rows), routes: new Uint16Array(rows), loads: new Float64Array(layers * k) };
  let [right, nats] = [0, 0];
  for (const [from, to] of stretches(of, rows)) {
    const pass = routePass(of, theta, imagesBetween(data, from, to), choose);
    const { row, code, logPrior } = pass.layers[layers];
    const [total, best] = [new Float64Array(to - from), new Float64Array(to - from)];
    const labelled = new Float64Array((to - from) * classes);
    for (let leaf = 0; leaf < row.length; leaf++) {
      const [i, prior] = [row[leaf], Math.exp(logPrior[leaf])];
      total[i] += prior;
      if (prior > best[i]) [best[i], found.routes[from + i]] = [prior, code[leaf]];
      for (let c = 0; c < classes; c++)
        labelled[i * classes + c] += prior * Math.exp(pass.logLabels[leaf * classes + c]);
    }
    for (let leaf = 0; leaf < row.length; leaf++) {
      const weight = Math.exp(logPrior[leaf]) / total[row[leaf]] / rows;
      for (let l = 0; l < layers; l++) found.loads[l * k + expertOf(code[leaf], l, layers, k)] += weight;
    }
    for (let i = 0; i < to - from; i++) {
      const p = labelled.subarray(i * classes, (i + 1) * classes);
      const label = data.labels[from + i];
      found.labels[from + i] = p.indexOf(Math.max(...p));
      if (found.labels[from + i] === label) right++;
      nats -= Math.log(p[label] / total[i]);
    }
  }
  return { ...found, accuracy: right / rows, crossEntropy: nats / rows };
}
