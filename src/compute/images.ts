import type { Arena } from "./arena.ts";
import type { Copy } from "./data-cache.ts";
import { started } from "./engine.ts";
import { PART_PIXELS, TILE_IMAGES } from "./generated.ts";
import {
  type ImageMixture,
  type ImagePass,
  type ImageStatistics,
  type ImageSums,
  type Images,
  statisticsIndex,
  statisticsPerImage,
  WHITE,
} from "./image-pass.ts";
import { runJob } from "./job.ts";
import { plainImageGram, plainImageProduct, plainImageSums } from "./plain-images.ts";

/** What a job finds and is given; see src/compute/assembly/image-layout.ts. */
const RESPONSIBILITIES = 1;
const STATISTICS = 2;
const GRADIENT = 4;
const ASSIGNED = 8;
const COMPLETE = 16;
const MISSING = 32;
const GRAM = 64;

/**
 * A pass over images: the E-step or, with assigned responsibilities, the expected log-likelihood of the complete data.
 *
 * The kernel computes in single precision and agrees with {@link plainImageSums} to 1e-5 of the gradient's largest entry.
 * The result is the same to the bit for any number of threads.
 *
 * @remarks cost: 2 n (1 + d)(k − 1 + k · classes) operations, twice as many with the gradient; two copies of the images,
 *   n · d bytes each, stay with the kernels.
 */
export function imageSums(data: Images, mixture: ImageMixture, pass: ImagePass = {}): ImageSums {
  const { rows } = data;
  const { k, classes, coefficients } = mixture;
  const { gradient: isSloped = false, statistics: isWhole = false, assigned } = pass;
  const tiles = Math.ceil(rows / TILE_IMAGES);
  const responsibilities = assigned ?? new Float32Array(rows * k);
  const statistics = new Float32Array(isWhole ? tiles * statisticsPerImage({ k, classes }) * TILE_IMAGES : 0);
  const parts = (assigned ? ASSIGNED : 0) | (isWhole ? STATISTICS : assigned ? 0 : RESPONSIBILITIES);
  const sums = kernelPass(data, mixture, {
    parts: parts | (isSloped ? GRADIENT : 0),
    length: 1 + (isSloped ? coefficients.length : 0),
    given: assigned,
    found: isWhole ? statistics : assigned ? undefined : responsibilities,
  });
  if (sums === undefined) return plainImageSums(data, mixture, pass);
  if (isWhole && !assigned) {
    for (let i = 0; i < rows; i++) {
      for (let z = 0; z < k; z++) {
        responsibilities[i * k + z] = statistics[statisticsIndex(mixture, i, k + k * classes + z)];
      }
    }
  }
  return { value: sums[0], responsibilities, gradient: sums.subarray(1), statistics };
}

/**
 * The product of an information with a direction, at a point whose statistics a pass has found: of the complete data's,
 * the negated second derivative of {@link imageSums}' value with assigned responsibilities; or of the missing data's, the
 * covariance of the complete data's score.
 *
 * @remarks cost: 4 n (1 + d)(k − 1 + k · classes) operations
 */
export function imageProduct(
  data: Images,
  direction: ImageMixture,
  statistics: ImageStatistics,
  information: "complete" | "missing",
): Float64Array {
  const parts = information === "complete" ? COMPLETE : MISSING;
  const length = 1 + direction.coefficients.length;
  const sums = kernelPass(data, direction, { parts, length, given: statistics });
  return sums?.subarray(1) ?? plainImageProduct(data, direction, statistics, information);
}

/**
 * The Gram matrix Σ c xx' of the columns, the intercept first, of every so many images ((1 + d) × (1 + d)).
 *
 * @param every takes one tile of images of so many; what is left of a tile at the end is left out
 * @param weights c of each image (n); absent: 1
 * @remarks cost: 2 n (1 + d)²/every operations
 */
export function imageGram(
  data: Images,
  every: number,
  weights?: Float32Array,
): { readonly rows: number; readonly gram: Float64Array } {
  const d = data.images.length / data.rows;
  const size = 1 + d;
  const tileCount = Math.ceil(Math.floor(data.rows / TILE_IMAGES) / every);
  const engine = tileCount > 0 ? started() : undefined;
  const copy = engine?.data.take(data, data.images.length, tiledImages);
  const rows = tileCount * TILE_IMAGES;
  const given = new Float32Array(rows).fill(1);
  for (let tile = 0; weights !== undefined && tile < tileCount; tile++) {
    const from = tile * every * TILE_IMAGES;
    given.set(weights.subarray(from, from + TILE_IMAGES), tile * TILE_IMAGES);
  }
  const sums =
    engine &&
    copy &&
    runJob(engine, {
      kernel: "images",
      work: rows * d * d,
      fields: {
        ...{ parts: GRAM, tileCount, rows: data.rows, length: 1 + d * size, d, k: 1, classes: d },
        ...{ tiles: copy.tiles, stride: every * copy.stride, response: 0 },
      },
      theta: undefined,
      gate: undefined,
      given,
    });
  if (sums === undefined) return plainImageGram(data, weights);
  const gram = new Float64Array(size * size);
  gram[0] = given.reduce((sum, weight) => sum + weight, 0);
  for (let j = 1; j < size; j++) {
    const row = sums.subarray(1 + (j - 1) * size, 1 + j * size);
    gram[j] = gram[j * size] = row[0] / WHITE;
    for (let a = 1; a < size; a++) gram[j * size + a] = row[a] / WHITE ** 2;
  }
  return { rows, gram };
}

interface KernelPass {
  readonly parts: number;
  readonly length: number;
  readonly given?: Float32Array | undefined;
  readonly found?: Float32Array | undefined;
}

function kernelPass(
  data: Images,
  { k, classes, coefficients }: ImageMixture,
  { parts, length, given, found }: KernelPass,
): Float64Array | undefined {
  const engine = started();
  if (engine === undefined || data.rows === 0) return undefined;
  const copy = engine.data.take(data, data.images.length, tiledImages);
  if (copy === undefined) return undefined;
  const { rows } = data;
  const d = data.images.length / rows;
  const { tiles, stride, tileCount } = copy;
  const sums = runJob(engine, {
    kernel: "images",
    work: rows * coefficients.length,
    fields: { parts, tileCount, rows, length, d, k, classes, tiles, stride, response: stride - TILE_IMAGES },
    theta: inParts(coefficients, d),
    gate: intercepts(coefficients, d),
    given,
    found,
  });
  // Of the pixels the kernel takes the bytes.
  for (let row = 1; sums !== undefined && row < length; row += 1 + d) {
    for (let at = row + 1; at <= row + d; at++) sums[at] /= WHITE;
  }
  return sums;
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
function inParts(coefficients: Float64Array, d: number): Float32Array {
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
  return packed;
}

/** Intercepts in single precision. */
function intercepts(coefficients: Float64Array, d: number): Float32Array {
  return Float32Array.from({ length: coefficients.length / (1 + d) }, (_, h) => coefficients[h * (1 + d)]);
}
