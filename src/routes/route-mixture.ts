import { type Images, imagesAt } from "../compute/image-pass.ts";
import { own } from "../compute/own.ts";
import { plainProducts } from "../compute/picked-products.ts";
import { singleProducts } from "../compute/single-products.ts";
import { checkArgument } from "../errors/arguments.ts";
import { callable, type Kind, objectOf, oneOf, required, whole, wholeFrom } from "../errors/kinds.ts";
import { type Declared, defaulted, readOptions } from "../errors/options.ts";
import type { Random } from "../math/random.ts";
import { checkLabels, checkModel, checkPoint, checkRows, labelList } from "../models/checks.ts";
import type { BatchedModel } from "../models/model.ts";
import type { Activation } from "./activation.ts";
import { guardedSteps } from "./guarded-steps.ts";
import { routeEStep } from "./route-e-step.ts";
import { type RouteLayout, routeLayout, routeNames } from "./route-layout.ts";
import { expectedComplete, type Routes } from "./route-pass.ts";

/** Specification of a mixture of routes through layers of experts. */
export interface RouteMixtureSpec {
  /** Layers of experts, 1 to 3 (L). */
  readonly layers: number;
  /** Experts of each layer, 1 to 8 (k). */
  readonly k: number;
  /** Hidden units of an expert. */
  readonly hidden: number;
  /** Labels in the order of their codes, two or more (C). */
  readonly labels: readonly string[];
  /** Pixels of an image (d). */
  readonly pixels: number;
  /** Function of a hidden unit; default `"relu"`. */
  readonly activation?: Activation;
  /** Routes of an image that are gone on with after each layer, those that the gates find most probable; default: all. */
  readonly beam?: number;
  /** Precision of the units; default `"single"`. */
  readonly precision?: "single" | "double";
}

const SPEC = {
  layers: required(wholeFrom(1, 3)),
  k: required(wholeFrom(1, 8)),
  hidden: required(whole),
  labels: required(labelList),
  pixels: required(whole),
  activation: defaulted(oneOf<Activation>(["relu", "softplus"]), "relu"),
  beam: whole,
  precision: defaulted(oneOf<"single" | "double">(["single", "double"]), "single"),
} satisfies Declared<RouteMixtureSpec>;

/** A mixture of routes, and the capabilities that algorithms ask for. */
export interface RouteMixture extends BatchedModel<Images> {
  readonly spec: RouteMixtureSpec;
  /** Coefficients to start from (p): of experts and output normal with variance 2/inputs, of gates near 0. */
  readonly start: (random: Random) => Float64Array;
  /** Q = Σ q log p(y, z | x) and its gradient (p), in nats, for responsibilities that need not be the posterior. */
  readonly expected: (
    theta: Float64Array,
    responsibilities: Float64Array,
    data: Images,
  ) => { readonly value: number; readonly gradient: Float64Array };
}

/**
 * Experimental: a mixture of the kᴸ routes through L layers of k nonlinear experts, p(y|x) = Σ_z Π_l g_l(z_l|h_{l−1}) p(y|x,z).
 *
 * Layer l's expert z makes of the units before it h_l = relu(W_{l,z} h_{l−1} + b_{l,z}), h_0 being the pixels from −1 to 1;
 * which expert is a latent choice that a softmax gate makes, and p(y|x,z) = softmax(V h_L + c). This extension is ours and
 * not the paper's. The units depend on θ, so that there is no M-step in closed form and no exponential family: EM here is
 * generalised EM, and what the paper says of mirror descent does not carry over. What does: Fisher's identity, by which one
 * gradient step of an M-step is one of the likelihood, and L_t − L_{t+1} = ΔQ + KL, so that guarded steps never raise L.
 *
 * The responsibilities are of routes, n × kᴸ, route z₁kᴸ⁻¹ + … + z_L. With a beam those of all but some are 0, and
 * the log-likelihood is of these alone: less than all routes' by the mean of −log(posterior mass kept).
 *
 * No row of a gate is a reference: only differences count. One expert a layer (k = 1) is the plain network.
 *
 * @throws InputError for a spec of no mixture
 * @remarks cost of a gradient: 6 n Σ_l kˡ (1 + inputs) hidden operations with all routes. In single precision
 *   log-likelihoods agree with double precision to about 1e-6. Jordan and Jacobs 1994 have trees of gates; routes and their posterior
 *   are ours.
 * @example
 * ```ts
 * import { random } from "mixlens";
 * import { routeMixture } from "mixlens/paper";
 * const model = routeMixture({ layers: 2, k: 2, hidden: 3, labels: ["dark", "bright"], pixels: 2, precision: "double" });
 * const data = { rows: 2, images: Uint8Array.of(0, 10, 200, 250), labels: Uint8Array.of(0, 1) };
 * const { responsibilities } = model.posterior(model.start(random(1)), data);
 * const [first, second] = [0, 4].map((at) => responsibilities.subarray(at, at + 4).reduce((sum, r) => sum + r, 0));
 * if (Math.abs(first - 1) + Math.abs(second - 1) > 1e-12) throw new Error("four routes, and one was taken");
 * ```
 */
export function routeMixture(spec: RouteMixtureSpec): RouteMixture {
  const { labels, precision, beam } = readOptions("make a mixture of routes", spec, SPEC);
  const { layout } = routesOf(spec);
  const expected: RouteMixture["expected"] = (theta, responsibilities, data) =>
    expectedComplete(routesOf(spec), theta, responsibilities, data);

  return {
    spec,
    names: routeNames(layout, labels),
    ...(precision === "single" && { rounding: ROUNDING }),
    totalWeight: ({ rows }) => rows,
    own,
    rowsOf: imagesAt,
    start: (random) => startOf(layout, random),
    posterior: (theta, data) => {
      const found = routeEStep(routesOf(spec), theta, data, { beam });
      return { ...found, objective: found.logLikelihood };
    },
    expected,
    gradient: (theta, data) => {
      const gradient = new Float64Array(layout.length);
      const { logLikelihood } = routeEStep(routesOf(spec), theta, data, { beam, gradient });
      return { logLikelihood, objective: logLikelihood, gradient };
    },
    completeGradient: (theta, responsibilities, data) => expected(theta, responsibilities, data).gradient,
    maximise: (theta, { responsibilities }, data, effort) =>
      guardedSteps((at) => expected(at, responsibilities, data), theta, data.rows, effort?.steps),
  };
}

/** What the passes of a mixture of this specification are of. */
export function routesOf(spec: RouteMixtureSpec): Routes {
  const { layers, k, hidden, pixels, labels, activation, precision } = readOptions(
    "make a mixture of routes",
    spec,
    SPEC,
  );
  const shape = { layers, k, hidden, pixels, classes: labels.length };
  const products = precision === "single" ? singleProducts() : plainProducts("double");
  return { shape, layout: routeLayout(shape), activation, products };
}

/** What a mixture of routes is known by. */
const aRouteMixture: Kind<RouteMixture> = objectOf(
  { expected: required(callable), spec: required(objectOf(SPEC, "a specification of routes")) },
  "a mixture of routes",
);

/** Refuses what is no mixture of routes, what are not its parameters, and images that are not its. */
export function checkRoutes(act: string, model: RouteMixture, name: string, theta: Float64Array, data: Images): void {
  checkModel(act, model, []);
  checkArgument(act, "model", model, aRouteMixture);
  checkPoint(act, name, theta, model);
  checkRows(act, model, data);
  checkLabels(act, model.spec.labels, data.labels, data.rows);
}

/** Largest error of a log-likelihood that was found in single precision, relative to itself. */
const ROUNDING = 1e-6;

function startOf({ layers, output, length }: RouteLayout, random: Random): Float64Array {
  const theta = new Float64Array(length);
  const draw = ({ at, inputs, outputs }: typeof output, deviation: number): void => {
    for (let j = at + outputs; j < at + (1 + inputs) * outputs; j++) theta[j] = deviation * random.normal();
  };
  for (const { gate, experts } of layers) {
    if (gate) draw(gate, GATE / Math.sqrt(gate.inputs));
    for (const expert of experts) draw(expert, Math.sqrt(2 / expert.inputs));
  }
  draw(output, Math.sqrt(2 / output.inputs));
  return theta;
}

/** Standard deviation of what a gate says at the start, about. */
const GATE = 0.1;
