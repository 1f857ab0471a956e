import { type Images, imagesAt } from "../compute/image-pass.ts";
import { numberIn, positive, seed, whole } from "../errors/kinds.ts";
import { type Declared, defaulted, readOptions } from "../errors/options.ts";
import { InputError } from "../errors.ts";
import { batchSteps } from "./batch-steps.ts";
import { routeEStep } from "./route-e-step.ts";
import { checkRoutes, type RouteMixture, routesOf } from "./route-mixture.ts";
import { expectedComplete } from "./route-pass.ts";
import { expertLoads } from "./route-posterior.ts";

/** How routes are trained. */
export interface RouteTrainingOptions {
  /** Passes over the images; default 10. */
  readonly passes?: number;
  /** Images of a mini-batch at the most; default 250. */
  readonly batchRows?: number;
  /** Step size γ of Adam at the start, from where it falls to 0 in a straight line; default 0.002. */
  readonly stepSize?: number;
  /** Steps of an M-step: with 1, the default, it is the stochastic gradient of the likelihood. */
  readonly innerSteps?: number;
  /** Share of the training, from its start, whose responsibilities are balanced in every batch; default 1/3. */
  readonly balanced?: number;
  /** Share of the training, from its start, whose beams are drawn and not the most probable; default 1/3. */
  readonly explored?: number;
  /** Seed of the order of the images and of what is drawn; default 1. */
  readonly seed?: number;
}

const share = numberIn("a share from 0 to 1", (value) => value >= 0 && value <= 1);
const OPTIONS = {
  passes: defaulted(whole, 10),
  batchRows: defaulted(whole, 250),
  stepSize: defaulted(positive, 0.002),
  innerSteps: defaulted(whole, 1),
  balanced: defaulted(share, 1 / 3),
  explored: defaulted(share, 1 / 3),
  seed: defaulted(seed, 1),
} satisfies Declared<RouteTrainingOptions>;

/** A pass of the training. */
export interface RouteTrainingStep {
  /** Number of the pass, from 1. */
  readonly pass: number;
  readonly theta: Float64Array;
  /** −log-likelihood of each batch before its step, a mean over the pass in nats per image. */
  readonly loss: number;
  /** Shares of the responsibilities that each layer's experts had in the pass, those of a layer summing to 1 (L × k). */
  readonly loads: Float64Array;
}

/**
 * Trains a mixture of routes by generalised EM in mini-batches: for each an E-step and m steps of Adam on its Q.
 *
 * In the first third each batch has the balanced posterior, the one nearest to the posterior in which every expert of a
 * layer has the same share of the batch; otherwise experts of deep layers die early. Batches have 25 k images at the
 * least for that. A beam is drawn from the gates in the first third, by Gumbel's law, so that routes are tried that the gates do
 * not know yet. Steps shorten to 0 in a straight line.
 *
 * @param start coefficients (p), those of `model.start` say
 * @returns the passes one after the other, as they are asked for
 * @throws InputError for options that there are not, and for batches that are too small to be balanced
 * @remarks cost: a gradient of every image in each pass, and each inner step more another one. Steps are Kingma and Ba
 *   2015's; balancing is iterative scaling (Sinkhorn) of each batch.
 * @example
 * ```ts
 * import { random } from "mixlens";
 * import { routeMixture, trainRoutes } from "mixlens/paper";
 * const images = Uint8Array.from({ length: 800 }, (_, at) => (at * 7919) % 256);
 * const labels = Uint8Array.from({ length: 400 }, (_, i) => Number(images[2 * i] > 127 === images[2 * i + 1] > 127));
 * const model = routeMixture({ layers: 1, k: 2, hidden: 4, labels: ["dark", "bright"], pixels: 2 });
 * const data = { rows: 400, images, labels };
 * const steps = [...trainRoutes(model, model.start(random(1)), data, { passes: 30, batchRows: 50, stepSize: 0.02 })];
 * if (!(steps[29].loss < steps[0].loss - 0.1)) throw new Error("they learn to tell them apart");
 * ```
 */
export function* trainRoutes(
  model: RouteMixture,
  start: Float64Array,
  data: Images,
  options: RouteTrainingOptions = {},
): Generator<RouteTrainingStep, void, void> {
  const act = "train routes";
  const plan = readOptions(act, options, OPTIONS);
  checkRoutes(act, model, "start", start, data);
  const { layers, k, beam } = model.spec;
  const least = LEAST * k;
  if (plan.balanced > 0 && k > 1 && plan.batchRows < least) {
    const wanted = `batches of ${least} images or more for ${k} experts to be balanced`;
    throw new InputError(act, wanted, String(plan.batchRows), "raise batchRows, or set balanced to 0");
  }
  const routes = routesOf(model.spec);
  let loss = 0;
  let loads: Float64Array = new Float64Array(layers * k);
  const steps = batchSteps(start, data.rows, plan, function* ({ index, progress, random }) {
    const images = imagesAt(data, index);
    let responsibilities: Float64Array = new Float64Array();
    yield (theta) => {
      const gradient = new Float64Array(theta.length);
      const found = routeEStep(routes, theta, images, {
        ...{ beam, balanced: progress < plan.balanced, gradient },
        explore: progress < plan.explored ? random : undefined,
      });
      ({ responsibilities } = found);
      loss -= found.logLikelihood / data.rows;
      const shares = expertLoads(responsibilities, layers, k);
      for (let at = 0; at < loads.length; at++) loads[at] += shares[at] / data.rows;
      return gradient;
    };
    for (let inner = 1; inner < plan.innerSteps; inner++) {
      yield (theta) => expectedComplete(routes, theta, responsibilities, images).gradient;
    }
  });
  let pass = 0;
  for (const theta of steps) {
    yield { pass: ++pass, theta, loss, loads };
    [loss, loads] = [0, new Float64Array(layers * k)];
  }
}

/** Images that a batch has for each expert at the least, where it is to be balanced. */
const LEAST = 25;
