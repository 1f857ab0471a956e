import { TILE_IMAGES } from "./generated.ts";

/** Images of d pixels, each with the code of its label: the pixels stay bytes. */
export interface Images {
  readonly rows: number;
  /** Brightness of each pixel, 0 to 255 (n × d). */
  readonly images: Uint8Array;
  /** Code of each label, from 0, below the number of classes (n). */
  readonly labels: Uint8Array;
}

/** Some of the images, in this order; one may come twice. */
export function imagesAt({ rows, images, labels }: Images, index: ArrayLike<number>): Images {
  const pixels = images.length / rows;
  const chosen = new Uint8Array(index.length * pixels);
  for (let i = 0; i < index.length; i++) {
    chosen.set(images.subarray(index[i] * pixels, (index[i] + 1) * pixels), i * pixels);
  }
  return { rows: index.length, images: chosen, labels: Uint8Array.from(index, (at) => labels[at]) };
}

/** How many experts, and of how many classes. */
export interface ImageShape {
  readonly k: number;
  readonly classes: number;
}

/**
 * A mixture of k multinomial experts, whose columns are an intercept and the pixels divided by 255.
 *
 * Rows of coefficients: of the gate, for the experts 1 … k − 1 against expert 0; then of expert 0, a row for each class;
 * of expert 1; and so on. No class is a reference: a constant added to all rows of an expert changes nothing.
 */
export interface ImageMixture extends ImageShape {
  /** (k − 1 + k · classes) × (1 + d), the intercept first. */
  readonly coefficients: Float64Array;
}

/** Results that a pass over the images is to find, and the responsibilities that it takes. */
export interface ImagePass {
  /** Derivatives in the coefficients. */
  readonly gradient?: boolean;
  /** Probabilities and responsibilities of every image: see {@link ImageStatistics}. */
  readonly statistics?: boolean;
  /** Responsibilities to take for those of the E-step (n × k row-major); those of an image sum to one. */
  readonly assigned?: Float32Array;
}

/** What one pass over the images finds. */
export interface ImageSums {
  /** Σ log p(y | x); with assigned responsibilities Σ r (log g + log p). In nats. */
  readonly value: number;
  /** n × k row-major: found or as they were assigned. */
  readonly responsibilities: Float32Array;
  /** Derivatives of the value in the coefficients, of the same shape; empty unless asked for. */
  readonly gradient: Float64Array;
  /** Empty unless asked for. */
  readonly statistics: ImageStatistics;
}

/**
 * Of every image the k probabilities of the gate, the classes' of each expert, and the k responsibilities.
 *
 * They are in runs of as many images as a tile has: number s of image i is at {@link statisticsIndex}.
 */
export type ImageStatistics = Float32Array;

/** Steps of brightness from black to white. */
export const WHITE = 255;

/** Statistics of an image. */
export function statisticsPerImage({ k, classes }: ImageShape): number {
  return 2 * k + k * classes;
}

/** Where number s of image i's statistics is. */
export function statisticsIndex(shape: ImageShape, i: number, s: number): number {
  const tile = Math.floor(i / TILE_IMAGES);
  return (tile * statisticsPerImage(shape) + s) * TILE_IMAGES + (i % TILE_IMAGES);
}
