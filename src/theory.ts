// What EM is: mirror descent, in coordinates where that shows, and the quantities of its theorems.

export { bregmanProjection } from "./theory/bregman-projection.ts";
export { bregman, posteriorDivergence } from "./theory/divergence.ts";
export { type Lift, lift } from "./theory/lift.ts";
export { type MirrorDescentOptions, mirrorDescent } from "./theory/mirror-descent.ts";
export {
  type LiftedPoint,
  type ProjectedMirrorDescentOptions,
  projectedMirrorDescent,
} from "./theory/projected-mirror-descent.ts";
export {
  type ConvexityBounds,
  type Neighbourhood,
  type RelativeConvexity,
  relativeConvexity,
  type SecantConvexity,
  secantConvexity,
} from "./theory/relative-convexity.ts";
export { type SymmetricModel, type SymmetricSpec, symmetricPair } from "./theory/symmetric.ts";
export { type SymmetricPair, symmetricRate } from "./theory/symmetric-rate.ts";
