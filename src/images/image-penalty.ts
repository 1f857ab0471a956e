import { softmaxPenalty } from "../laws/softmax.ts";
import { dot } from "../math/vector.ts";

/** Ridge of a mixture on images, ½ρ θ'Kθ: K couples the gate's experts, w_1 = 0 among them, and no others. */
export interface ImagePenalty {
  /** In nats. */
  readonly value: (theta: Float64Array) => number;
  /** A gradient at θ, less the penalty's. */
  readonly offGradient: (gradient: Float64Array, theta: Float64Array) => Float64Array;
  /** A product of the complete information with v, and the penalty's second derivative times v. */
  readonly onProduct: (product: Float64Array, v: Float64Array) => Float64Array;
}

/**
 * @param size coefficients of a predictor
 * @param ridge precision ρ of the prior
 */
export function imagePenalty(k: number, size: number, ridge: number): ImagePenalty {
  if (ridge === 0) return { value: () => 0, offGradient: (gradient) => gradient, onProduct: (product) => product };
  const coupling = softmaxPenalty(k);
  /** ρK times a vector. */
  const times = (v: Float64Array): Float64Array => {
    const product = v.map((value) => ridge * value);
    for (let h = 0; h < k - 1; h++) {
      for (let a = 0; a < size; a++) {
        let sum = 0;
        for (let j = 0; j < k - 1; j++) sum += coupling[h * (k - 1) + j] * v[j * size + a];
        product[h * size + a] = ridge * sum;
      }
    }
    return product;
  };
  return {
    value: (theta) => 0.5 * dot(theta, times(theta)),
    offGradient: (gradient, theta) => {
      const penalty = times(theta);
      return gradient.map((value, j) => value - penalty[j]);
    },
    onProduct: (product, v) => {
      const penalty = times(v);
      return product.map((value, j) => value + penalty[j]);
    },
  };
}
