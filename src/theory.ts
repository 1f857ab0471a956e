// What EM is: mirror descent, in coordinates where that shows, and the quantities of its theorems.

export { type MirrorDescentOptions, mirrorDescent } from "./algorithms/mirror-descent.ts";
export {
  type LiftedPoint,
  type ProjectedMirrorDescentOptions,
  projectedMirrorDescent,
} from "./algorithms/projected-mirror-descent.ts";
export { bregman, posteriorDivergence } from "./diagnostics/divergence.ts";
export {
  type ConvexityBounds,
  type Neighbourhood,
  type RelativeConvexity,
  relativeConvexity,
  type SecantConvexity,
  secantConvexity,
} from "./diagnostics/relative-convexity.ts";
export { type SymmetricPair, symmetricRate } from "./diagnostics/symmetric-rate.ts";
export { bregmanProjection } from "./models/bregman-projection.ts";
export { type Lift, lift } from "./models/lift.ts";
export { type SymmetricModel, type SymmetricSpec, symmetricPair } from "./models/symmetric.ts";
