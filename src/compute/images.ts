import type { Arena } from "./arena.ts";
import { type Copy, copied, responsibilitiesOf, runJob, started } from "./engine.ts";
import { PART_PIXELS, TILE_IMAGES } from "./generated.ts";

/** Images of d pixels, each with the code of its label: the pixels stay bytes. */
export interface Images {
  readonly rows: number;
  /** Brightness of each pixel, 0 to 255 (n × d). */
  readonly images: Uint8Array;
  /** Code of each label, from 0, below the number of classes (n). */
  readonly labels: Uint8Array;
}

/**
 * A mixture of k multinomial experts, whose columns are an intercept and the pixels divided by 255.
 *
 * Rows of coefficients: of the gate, for the experts 1 … k − 1 against expert 0; then of expert 0, a row for each class;
 * of expert 1; and so on. No class is a reference: a constant added to all rows of an expert changes nothing.
 */
export interface ImageMixture {
  readonly k: number;
  readonly classes: number;
  /** (k − 1 + k · classes) × (1 + d), the intercept first. */
  readonly coefficients: Float64Array;
}

/** What one pass over the images finds. */
export interface ImageSums {
  /** Sum over the images, in nats. */
  readonly logLikelihood: number;
  /** Derivatives in the coefficients, of the same shape. */
  readonly gradient: Float64Array;
  /** n × k, in single precision. */
  readonly responsibilities: Float32Array;
}

/** Steps of brightness from black to white. */
const WHITE = 255;

/**
 * The E-step of a mixture on images, and the gradient of its log-likelihood.
 *
 * The kernel computes in single precision and agrees with {@link plainImageSums} to 1e-5 of the gradient's largest entry.
 * The result is the same to the bit for any number of threads. The images must not change once they have been passed.
 *
 * @remarks cost: 4 n (1 + d)(k − 1 + k · classes) operations; a copy of the images, n · d bytes, stays with the kernels.
 */
export function imageSums(data: Images, mixture: ImageMixture): ImageSums {
  return kernelImageSums(data, mixture) ?? plainImageSums(data, mixture);
}

function kernelImageSums(data: Images, { k, classes, coefficients }: ImageMixture): ImageSums | undefined {
  const running = started();
  if (running === undefined || data.rows === 0) return undefined;
  const copy = copied(running, data, data.images.length, tiledImages);
  if (copy === undefined) return undefined;
  const { rows } = data;
  const room = responsibilitiesOf(running.arena, copy, k, 4 * rows * k);
  if (room === undefined) return undefined;
  const d = data.images.length / rows;
  const length = 1 + coefficients.length;
  const { tiles, stride, tileCount } = copy;
  const sums = runJob(running, {
    kernel: "images",
    work: rows * length,
    fields: {
      ...{ tileCount, rows, length, d, k, classes, tiles, stride },
      ...{ response: stride - TILE_IMAGES, responsibilities: room.address },
    },
    theta: inParts(coefficients, d),
    gate: intercepts(coefficients, d),
  });
  if (sums === undefined) return undefined;
  const gradient = sums.subarray(1);
  for (let at = 0; at < gradient.length; at++) if (at % (1 + d) !== 0) gradient[at] /= WHITE;
  const { buffer } = running.arena.memory;
  const responsibilities = new Float32Array(buffer, room.address, rows * k).slice();
  return { logLikelihood: sums[0], gradient, responsibilities };
}

interface TiledImages extends Copy {
  /** Address of the first tile, and bytes from one to the next: pixels of all its images, then their labels. */
  readonly tiles: number;
  readonly stride: number;
  readonly tileCount: number;
}

/** Copies images into tiles, their pixels filled up with black ones to whole vectors. */
function tiledImages({ rows, images, labels }: Images, { take, bytes }: Arena): TiledImages | undefined {
  const d = images.length / rows;
  const width = Math.ceil(d / 16) * 16;
  const stride = TILE_IMAGES * (width + 1);
  const tileCount = Math.ceil(rows / TILE_IMAGES);
  const region = take(tileCount * stride);
  if (region === undefined) return undefined;
  const memory = bytes();
  memory.fill(0, region.address, region.address + region.bytes);
  for (let i = 0; i < rows; i++) {
    const tile = region.address + Math.floor(i / TILE_IMAGES) * stride;
    memory.set(images.subarray(i * d, (i + 1) * d), tile + (i % TILE_IMAGES) * width);
    memory[tile + TILE_IMAGES * width + (i % TILE_IMAGES)] = labels[i];
  }
  return { region, tiles: region.address, stride, tileCount };
}

/** Coefficients of pixels in single precision: of the first PART_PIXELS pixels all rows, of the next ones all rows, … */
function inParts(coefficients: Float64Array, d: number): Float64Array {
  const m = coefficients.length / (1 + d);
  const parts = Math.ceil(d / PART_PIXELS);
  const packed = new Float32Array(parts * m * PART_PIXELS);
  for (let part = 0; part < parts; part++) {
    const count = Math.min(PART_PIXELS, d - part * PART_PIXELS);
    for (let h = 0; h < m; h++) {
      const to = (part * m + h) * PART_PIXELS;
      const from = h * (1 + d) + 1 + part * PART_PIXELS;
      for (let j = 0; j < count; j++) packed[to + j] = coefficients[from + j] / WHITE;
    }
  }
  return new Float64Array(packed.buffer);
}

/** Intercepts in single precision. */
function intercepts(coefficients: Float64Array, d: number): Float64Array {
  const m = coefficients.length / (1 + d);
  const packed = new Float32Array(2 * Math.ceil(m / 2));
  for (let h = 0; h < m; h++) packed[h] = coefficients[h * (1 + d)];
  return new Float64Array(packed.buffer);
}

/** The same in plain code and double precision: this defines what is correct. */
export function plainImageSums(data: Images, { k, classes, coefficients }: ImageMixture): ImageSums {
  const { rows, images, labels } = data;
  const d = rows === 0 ? 0 : images.length / rows;
  const m = k - 1 + k * classes;
  const gradient = new Float64Array(coefficients.length);
  const responsibilities = new Float32Array(rows * k);
  // Predictors of the gate, that of expert 0 being 0, and of the experts.
  const eta = new Float64Array(1 + m);
  const gate = eta.subarray(0, k);
  const experts = Array.from({ length: k }, (_, z) => eta.subarray(k + z * classes, k + (z + 1) * classes));
  const joint = new Float64Array(k);
  let logLikelihood = 0;
  for (let i = 0; i < rows; i++) {
    const x = images.subarray(i * d, (i + 1) * d);
    const label = labels[i];
    eta[0] = 0;
    for (let h = 0, at = 0; h < m; h++) {
      let sum = coefficients[at++];
      for (let j = 0; j < d; j++) sum += (coefficients[at++] * x[j]) / WHITE;
      eta[1 + h] = sum;
    }
    experts.forEach((expert, z) => {
      joint[z] = gate[z] + expert[label];
      joint[z] -= softmax(expert);
    });
    const gateSum = softmax(gate);
    for (let z = 0; z < k; z++) joint[z] -= gateSum;
    logLikelihood += softmax(joint);
    responsibilities.set(joint, i * k);
    for (let z = 0; z < k; z++) gate[z] = joint[z] - gate[z];
    experts.forEach((expert, z) => {
      for (let c = 0; c < classes; c++) expert[c] = joint[z] * ((c === label ? 1 : 0) - expert[c]);
    });
    for (let h = 0, at = 0; h < m; h++) {
      const residual = eta[1 + h];
      gradient[at++] += residual;
      for (let j = 0; j < d; j++) gradient[at++] += (residual * x[j]) / WHITE;
    }
  }
  return { logLikelihood, gradient, responsibilities };
}

/** Puts probabilities in place of predictors, and finds the log of Σ exp. */
function softmax(eta: Float64Array): number {
  const top = Math.max(...eta);
  let sum = 0;
  for (let c = 0; c < eta.length; c++) {
    eta[c] = Math.exp(eta[c] - top);
    sum += eta[c];
  }
  for (let c = 0; c < eta.length; c++) eta[c] /= sum;
  return top + Math.log(sum);
}
