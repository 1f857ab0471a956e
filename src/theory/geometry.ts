import { dot } from "../math/vector.ts";
import type { Mixture } from "../models/mixture.ts";
import type { FlatModel } from "../models/model.ts";
import { penaltyOf } from "../models/penalty.ts";
import type { Observations } from "../rows/observations.ts";
import { bregman, posteriorDivergence } from "./divergence.ts";
import { lift } from "./lift.ts";
import { mirrorDescent } from "./mirror-descent.ts";
import { PointOfLift } from "./point-of-lift.ts";
import { projectedStep } from "./projected-mirror-descent.ts";

/** A model in which EM can be held against mirror descent: a symmetric pair, or any mixture. */
export type Certifiable = FlatModel<Observations> | Mixture;

/** The geometry in which EM on a model and its rows is mirror descent; at points θ (p) that do not change, in nats per row. */
export interface Geometry {
  /** Whether the points that θ stands for are all points of the space, or a flat part of it. */
  readonly flat: boolean;
  /** D_A(θ, φ). */
  readonly divergence: (theta: Float64Array, phi: Float64Array) => number;
  /** ⟨∇L(φ), θ − φ⟩ + D_A(θ, φ), and what the ridge adds: by the first law Q(θ | φ) − Q(φ | φ), as losses. */
  readonly surrogate: (theta: Float64Array, phi: Float64Array) => number;
  /** E KL(P(z | x, y; φ) ‖ P(z | x, y; θ)). */
  readonly posteriorDivergence: (phi: Float64Array, theta: Float64Array) => number;
  /** Where the mirror-descent step of size 1 from θ leads (p); nothing where it fails. */
  readonly step: (theta: Float64Array) => Float64Array | undefined;
}

/** That of the mirror map, where a model has one, or of the lift. */
export function geometryOf(model: Certifiable, data: Observations): Geometry {
  return "mirrorMap" in model ? flatGeometry(model, data) : liftedGeometry(model, centred(model, data));
}

function flatGeometry(model: FlatModel<Observations>, data: Observations): Geometry {
  const mirror = mirrorDescent<Observations>();
  const divergence: Geometry["divergence"] = (theta, phi) => bregman(model, theta, phi, data);
  return {
    flat: true,
    divergence,
    surrogate: (theta, phi) => {
      const { gradient } = model.gradient(phi, data);
      const change = theta.map((value, j) => value - phi[j]);
      return divergence(theta, phi) - dot(gradient, change) / model.totalWeight(data);
    },
    posteriorDivergence: (phi, theta) => posteriorDivergence(model, phi, theta, data),
    step: (theta) => {
      const step = mirror.step(model, theta, mirror.init(model, theta, data), data);
      return "failure" in step ? undefined : step.theta;
    },
  };
}

function liftedGeometry(model: Mixture, data: Observations): Geometry {
  const lifted = lift(model);
  const points = new WeakMap<Float64Array, PointOfLift>();
  const at = (theta: Float64Array): PointOfLift => {
    const known = points.get(theta);
    const point = known ?? new PointOfLift(lifted, lifted.natural(theta, data), data);
    if (known === undefined) points.set(theta, point);
    return point;
  };
  const penalty = (theta: Float64Array): number => penaltyOf(model, theta).value / model.totalWeight(data);
  return {
    flat: false,
    divergence: (theta, phi) => at(theta).divergence(at(phi)),
    surrogate: (theta, phi) => {
      const [there, from] = [at(theta), at(phi)];
      const linear = there.changeFrom(from, from.lossGradient());
      return linear + there.divergence(from) + penalty(theta) - penalty(phi);
    },
    posteriorDivergence: (phi, theta) => at(phi).posteriorDivergence(at(theta)),
    step: (theta) => projectedStep(lifted, at(theta), at(theta).lossGradient(), theta, 1),
  };
}

/**
 * The same rows with the response about its mean where only y − offset counts, so that divergences and steps
 * are the same, and squares of the response are no larger than they must be: their rounding is what a step is judged by.
 */
function centred(model: Mixture, data: Observations): Observations {
  if (!model.law.isLocation) return data;
  const centre = data.response.reduce((sum, y) => sum + y, 0) / data.rows;
  return {
    ...data,
    response: data.response.map((y) => y - centre),
    offset: data.response.map((_, row) => (data.offset?.[row] ?? 0) - centre),
  };
}
