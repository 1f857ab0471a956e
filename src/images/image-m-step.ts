import type { ImagePass, ImageShape, ImageStatistics, ImageSums, Images } from "../compute/image-pass.ts";
import type { BlockFactor } from "../math/block-cholesky.ts";
import type { Maximum } from "../models/model.ts";
import type { Effort } from "../solve/effort.ts";
import { type Expansion, maximiseOnImages } from "./image-maximum.ts";
import type { ImagePenalty } from "./image-penalty.ts";
import { imageFactor, imagePreconditioner } from "./image-preconditioner.ts";

/** Errors of the rows' log-likelihoods, about 1e-6 each in single precision, partly cancel in their sum. */
export const ROUNDING = 1e-7;

/** Passes over images at a mixture's coefficients. */
export interface ImagePasses {
  readonly sums: (theta: Float64Array, data: Images, pass: ImagePass) => ImageSums;
  readonly product: (
    v: Float64Array,
    data: Images,
    statistics: ImageStatistics,
    information: "complete" | "missing",
  ) => Float64Array;
}

/** A mixture on images, as its M-step takes it. */
export interface ImageParts {
  readonly shape: ImageShape;
  readonly passes: ImagePasses;
  readonly penalty: ImagePenalty;
  /** Precision ρ of the prior. */
  readonly ridge: number;
  readonly innerIterations: number;
  /** Factor of a matrix near the complete information. */
  readonly preconditioner?: BlockFactor;
}

/** The pass over assigned responsibilities that an M-step begins with: Q, its gradient and the statistics of its rows. */
export function expectedSums(
  passes: ImagePasses,
  theta: Float64Array,
  assigned: Float32Array,
  data: Images,
): ImageSums {
  return passes.sums(theta, data, { gradient: true, statistics: true, assigned });
}

/** I_c v at a point whose statistics are known. */
export function completeProduct(
  { passes, penalty }: ImageParts,
  v: Float64Array,
  data: Images,
  statistics: ImageStatistics,
): Float64Array {
  return penalty.onProduct(passes.product(v, data, statistics, "complete"), v);
}

/**
 * The M-step of a mixture on images.
 *
 * @param effort default: until single precision shows no gain
 * @param first the expected sums at θ itself
 */
export function imageMStep(
  parts: ImageParts,
  theta: Float64Array,
  assigned: Float32Array,
  data: Images,
  effort: Effort | undefined,
  first: ImageSums,
): Maximum {
  const { shape, passes, penalty, ridge, innerIterations } = parts;
  let factor = parts.preconditioner;
  const expand = (at: Float64Array): Expansion => {
    const { value, gradient, statistics } = at === theta ? first : expectedSums(passes, at, assigned, data);
    // To converge takes so many iterations that a factor of their own is the quickest way.
    if (effort?.steps === undefined) factor ??= imageFactor(data, shape, statistics, ridge);
    return {
      value: value - penalty.value(at),
      gradient: penalty.offGradient(gradient, at),
      product: (v) => completeProduct(parts, v, data, statistics),
      precondition: (factor ?? imagePreconditioner(data, shape, statistics, ridge)).solve,
    };
  };
  const value = (at: Float64Array): number => passes.sums(at, data, { assigned }).value - penalty.value(at);
  return maximiseOnImages({ expand, value }, theta, {
    newtonSteps: effort?.steps,
    innerIterations,
    rounding: ROUNDING,
  });
}
