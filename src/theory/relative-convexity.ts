import { positive, required, whole } from "../errors/kinds.ts";
import { type Declared, readOptions } from "../errors/options.ts";
import { InputError } from "../errors.ts";
import { cholesky } from "../math/cholesky.ts";
import { generalisedEigenvalues } from "../math/generalised-eigen.ts";
import type { Random } from "../math/random.ts";
import { solveUpper } from "../math/triangular.ts";
import { dot } from "../math/vector.ts";
import { checkModelAt, randomStream } from "../models/checks.ts";
import { freeInformation } from "../models/free-information.ts";
import type { FlatModel, InformedModel } from "../models/model.ts";
import { bregman, posteriorDivergence } from "./divergence.ts";

/** Which points to look at. */
export interface Neighbourhood {
  /** Radius of the ball √(δ'I_c(θ)δ / n) ≤ r about θ, above 0: a distance in the units of one row's standard error. */
  readonly radius: number;
  /** Number of directions, 1 or more. */
  readonly samples: number;
  readonly random: Random;
}

/** Bounds α ∇²A ⪯ ∇²L ⪯ β ∇²A, or as much of them as was seen. */
export interface ConvexityBounds {
  /** α, relative strong convexity: the least curvature of L as a fraction of the complete data's; negative where L is not convex. */
  readonly strongConvexity: number;
  /** β, relative smoothness: the largest; never above 1. */
  readonly smoothness: number;
}

/** Relative convexity of the loss at a point and around it. */
export interface RelativeConvexity {
  /** At θ: 1 − λₘₐₓ and 1 − λ_min of the missing information. */
  readonly at: ConvexityBounds;
  /** The extremes of the same over θ and the points sampled around it. */
  readonly around: ConvexityBounds;
}

/** Relative convexity in the mirror map, without second derivatives. */
export interface SecantConvexity {
  /** Extremes of [L(φ) − L(θ) − ⟨∇L(θ), φ − θ⟩] / D_A(φ, θ) over the points φ sampled around θ. */
  readonly from: ConvexityBounds;
  /** Extremes of [L(θ) − L(φ) − ⟨∇L(φ), θ − φ⟩] / D_A(θ, φ): what an EM step from φ gains on the point θ. */
  readonly towards: ConvexityBounds;
}

const ACT = "look at relative convexity";
const NEAR = {
  radius: required(positive),
  samples: required(whole),
  random: required(randomStream),
} satisfies Declared<Neighbourhood>;

/** Distances at which each direction is looked at, in radii. */
const SHELLS = [1, 1 / 2, 1 / 4];

/**
 * Relative smoothness and strong convexity of L with respect to the complete data, at θ and in a ball around it.
 *
 * ∇²L = I_c − I_m, so that relative to I_c the curvature of L lies between 1 − λₘₐₓ and 1 − λ_min of the missing
 * information: never above 1, and above 0 where L is strongly convex relative to the complete data. There EM converges
 * linearly, with a factor 1 − α. Around θ the bounds are extremes over the points seen, at r, r/2 and r/4 in each
 * direction: α of the whole ball is at most `around.strongConvexity`.
 *
 * @throws InputError when the radius is not above 0, the samples are not a whole number from 1 on, or I_c is not positive
 *   definite at a point
 * @remarks cost: 3 informations and eigenproblems for each sample. arXiv 2411.06056, Theorem 4.2, Corollary B.1 and
 *   Theorem B.2.
 * @example
 * ```ts
 * import { datasetPath, fit, random } from "mixlens";
 * import { relativeConvexity } from "mixlens/theory";
 * const iris = fit(datasetPath("iris"), { response: "petal_width", features: ["petal_length"], starts: 5 });
 * const near = { radius: 1e-3, samples: 5, random: random(1) };
 * const { at, around } = relativeConvexity(iris.mixture, iris.theta, iris.observations, near);
 * if (!(at.strongConvexity > 0 && at.smoothness < 1 + 1e-12)) throw new Error("EM converges here");
 * if (around.strongConvexity > at.strongConvexity) throw new Error("a ball holds its centre");
 * ```
 */
export function relativeConvexity<Data>(
  model: InformedModel<Data>,
  theta: Float64Array,
  data: Data,
  near: Neighbourhood,
): RelativeConvexity {
  checkModelAt(ACT, model, { theta }, data, ["information"]);
  readOptions(ACT, near, NEAR);
  const bounds = (point: Float64Array): ConvexityBounds => {
    const { free, complete, missing } = freeInformation(model, point, data);
    const values = generalisedEigenvalues(missing, factorOf(complete, free.length), free.length);
    return { strongConvexity: 1 - values[0], smoothness: 1 - values[values.length - 1] };
  };
  const at = bounds(theta);
  return { at, around: extremes([at, ...pointsAround(model, theta, data, near).map(bounds)]) };
}

/**
 * Relative convexity between θ and points around it, exactly: in a mirror map no second derivative is needed.
 *
 * `L(φ) = L(θ) + ⟨∇L(θ), φ − θ⟩ + D_A(φ, θ) − E KL(post_θ ‖ post_φ)`, so that what L curves between the two, relative to
 * A, is 1 − E KL(post_θ ‖ post_φ) / D_A(φ, θ): at most 1, and with θ for a limit of EM, 1 less the factor by which a step
 * from φ shrinks D_A(θ, φ).
 *
 * @throws InputError as {@link relativeConvexity}
 * @remarks cost: 3 pairs of mirror maps and of E-steps, both ways, for each sample. arXiv 2411.06056, Theorem 4.2.
 * @example
 * ```ts
 * import { random } from "mixlens";
 * import { secantConvexity, symmetricPair } from "mixlens/theory";
 * const rng = random(1);
 * const values = [Float64Array.from({ length: 200 }, () => rng.normal())];
 * const response = values[0].map((x) => (rng.uniform() < 0.5 ? 2 : -2) * x + rng.normal());
 * const x = { columns: ["x"], values };
 * const model = symmetricPair({ experts: "linear", gateColumns: ["x"], expertColumns: ["x"] });
 * const near = { radius: 0.1, samples: 5, random: rng };
 * const { from } = secantConvexity(model, Float64Array.of(0, 2), { rows: 200, gate: x, expert: x, response }, near);
 * if (!(from.strongConvexity > 0 && from.smoothness < 1 + 1e-12)) throw new Error("two experts well apart");
 * ```
 */
export function secantConvexity<Data extends { readonly rows: number; readonly weights?: Float64Array }>(
  model: FlatModel<Data>,
  theta: Float64Array,
  data: Data,
  near: Neighbourhood,
): SecantConvexity {
  checkModelAt(ACT, model, { theta }, data, ["information", "mirrorMap", "posterior"]);
  readOptions(ACT, near, NEAR);
  const points = pointsAround(model, theta, data, near);
  const secant = (from: Float64Array, to: Float64Array): ConvexityBounds => {
    const curved = 1 - posteriorDivergence(model, from, to, data) / bregman(model, to, from, data);
    return { strongConvexity: curved, smoothness: curved };
  };
  return {
    from: extremes(points.map((point) => secant(theta, point))),
    towards: extremes(points.map((point) => secant(point, theta))),
  };
}

function extremes(bounds: readonly ConvexityBounds[]): ConvexityBounds {
  return {
    strongConvexity: Math.min(...bounds.map(({ strongConvexity }) => strongConvexity)),
    smoothness: Math.max(...bounds.map(({ smoothness }) => smoothness)),
  };
}

/** Points on spheres about θ, in directions drawn evenly in the metric I_c(θ). */
function pointsAround<Data>(
  model: InformedModel<Data>,
  theta: Float64Array,
  data: Data,
  { radius, samples, random }: Neighbourhood,
): Float64Array[] {
  const { free, complete } = freeInformation(model, theta, data);
  const factor = factorOf(complete, free.length);
  const length = radius * Math.sqrt(model.totalWeight(data));
  return Array.from({ length: samples }, () => {
    const direction = Float64Array.from(free, () => random.normal());
    const scale = length / Math.sqrt(dot(direction, direction));
    solveUpper(factor, free.length, direction);
    return SHELLS.map((shell) => {
      const point = theta.slice();
      free.forEach((j, at) => {
        point[j] += shell * scale * direction[at];
      });
      return point;
    });
  }).flat();
}

function factorOf(complete: Float64Array, q: number): Float64Array {
  const factor = cholesky(complete, q);
  if (typeof factor !== "number") return factor;
  throw new InputError(
    "look at relative convexity",
    "positive definite complete information",
    "a point where it is not",
    "take a smaller radius",
  );
}
