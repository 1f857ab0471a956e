import {
  type ImageShape,
  type ImageStatistics,
  type Images,
  imagesAt,
  statisticsIndex,
} from "../compute/image-pass.ts";
import { imageGram } from "../compute/images.ts";
import { softmaxPenalty } from "../laws/softmax.ts";
import { type BlockFactor, blockCholesky, type DiagonalBlock } from "../math/block-cholesky.ts";
import { cholesky } from "../math/cholesky.ts";
import { inProportion } from "../math/in-proportion.ts";
import { solveLower, solveUpper } from "../math/triangular.ts";
import { addMultiple } from "../math/vector.ts";
import { places } from "../rows/predictor.ts";

/** Images for each column that a Gram matrix takes, at the least or about. */
const ROWS_PER_COLUMN = 8;
/** Ridge on the diagonal of the mean Gram matrix, relative to its mean: a pixel may be black in all images. */
const RAISE = 1e-3;

/** Of each data set, which is never changed, the factor is found once. */
const factors = new WeakMap<Images, Float64Array>();

/**
 * A factor of the complete information, roughly: for each predictor the Gram matrix of the columns times the curvatures'
 * sum. The matrix is that of a sample of the images, the same for all predictors and at all points.
 *
 * @remarks cost of a solution: d² multiplications for each predictor
 */
export function imagePreconditioner(
  data: Images,
  shape: ImageShape,
  statistics: ImageStatistics,
  ridge: number,
): BlockFactor {
  const size = 1 + data.images.length / data.rows;
  const factor = gramFactor(data, size);
  const scales = curvatures(data.rows, shape, statistics).map((sum) => Math.sqrt(sum + ridge));
  const apply = (b: Float64Array, isWhole: boolean): Float64Array => {
    const x = b.slice();
    scales.forEach((scale, h) => {
      const part = x.subarray(h * size, (h + 1) * size);
      if (isWhole) solveLower(factor, size, part);
      solveUpper(factor, size, part);
      for (let j = 0; j < size; j++) part[j] /= isWhole ? scale * scale : scale;
    });
    return x;
  };
  return amongLabels({ solve: (b) => apply(b, true), colour: (z) => apply(z, false) }, shape, size, ridge);
}

/**
 * A factor of the complete information at a point: of each predictor the Gram matrix of the columns, weighed by the
 * curvatures there. What to take where many systems are solved near one point.
 *
 * The Gram matrix is that of some of the images, drawn in proportion to their curvatures: of most a label is sure. Of
 * Fashion-MNIST a tenth of them serves as well as all.
 *
 * @remarks cost: 8 d³ multiplications for each predictor, and d³/3 to factor it; some 30 passes' time for 784 pixels
 */
export function imageFactor(data: Images, shape: ImageShape, statistics: ImageStatistics, ridge: number): BlockFactor {
  const size = 1 + data.images.length / data.rows;
  const coupling = softmaxPenalty(shape.k);
  const blocks = function* (): Generator<DiagonalBlock> {
    for (let h = 0; h < shape.k - 1 + shape.k * shape.classes; h++) {
      const curvatures = Float64Array.from({ length: data.rows }, (_, i) => curvature(shape, statistics, i, h));
      const { index, weights } = inProportion(curvatures, ROWS_PER_COLUMN * size);
      const { gram: entries } = imageGram(imagesAt(data, index), 1, Float32Array.from(weights));
      const penalty = h < shape.k - 1 ? ridge * coupling[h * shape.k] : ridge;
      for (let j = 0; j < size; j++) entries[j * size + j] += penalty;
      yield { at: places(h * size, size), entries };
    }
  };
  return amongLabels(blockCholesky(blocks()), shape, size, ridge);
}

/**
 * Takes out of a factor what all labels of an expert have in common: no probability depends on it, so that the complete
 * information there is the ridge alone, which the blocks on its diagonal don't show.
 *
 * Where the probabilities p are the same for all images this is exact: Π diag(p)⁻¹ Π, with a Π that takes the mean over the
 * labels off, is the inverse of diag(p) − pp' on what sums to 0.
 */
function amongLabels(factor: BlockFactor, shape: ImageShape, size: number, ridge: number): BlockFactor {
  const first = (shape.k - 1) * size;
  const apart = (apply: (b: Float64Array) => Float64Array, b: Float64Array, common: number): Float64Array => {
    const x = b.slice();
    const means = centre(x, shape, size);
    const y = apply(x);
    centre(y, shape, size);
    for (let j = first; j < y.length; j++) {
      const z = Math.floor((j - first) / (shape.classes * size));
      y[j] += common * means[z * size + ((j - first) % size)];
    }
    return y;
  };
  return {
    solve: (b) => apart(factor.solve, b, ridge > 0 ? 1 / ridge : 0),
    colour: (z) => apart(factor.colour, z, 0),
  };
}

/** Takes off each expert's coefficients of a column their mean over the labels; returns the means (k × size). */
function centre(v: Float64Array, { k, classes }: ImageShape, size: number): Float64Array {
  const means = new Float64Array(k * size);
  for (let z = 0; z < k; z++) {
    const mean = means.subarray(z * size, (z + 1) * size);
    const labels = Array.from({ length: classes }, (_, c) => {
      const from = (k - 1 + z * classes + c) * size;
      return v.subarray(from, from + size);
    });
    for (const label of labels) addMultiple(mean, 1 / classes, label);
    for (const label of labels) addMultiple(label, -1, mean);
  }
  return means;
}

function gramFactor(data: Images, size: number): Float64Array {
  const known = factors.get(data);
  if (known !== undefined) return known;
  const every = Math.max(1, Math.floor(data.rows / (ROWS_PER_COLUMN * size)));
  const { rows, gram } = imageGram(data, every);
  let trace = 0;
  for (let j = 0; j < size; j++) trace += gram[j * size + j];
  for (let j = 0; j < size; j++) gram[j * size + j] += (RAISE * trace) / size;
  const factor = cholesky(
    gram.map((sum) => sum / rows),
    size,
  );
  if (typeof factor === "number") throw new Error("a Gram matrix with a raised diagonal has a factor");
  factors.set(data, factor);
  return factor;
}

/** Σ g (1 − g) of each of the gate's predictors, and Σ r p (1 − p) of each expert's. */
function curvatures(rows: number, shape: ImageShape, statistics: ImageStatistics): Float64Array {
  const sums = new Float64Array(shape.k - 1 + shape.k * shape.classes);
  for (let i = 0; i < rows; i++) for (let h = 0; h < sums.length; h++) sums[h] += curvature(shape, statistics, i, h);
  return sums;
}

/** An image's g (1 − g) in a predictor of the gate, or its r p (1 − p) in one of an expert. */
function curvature(shape: ImageShape, statistics: ImageStatistics, i: number, h: number): number {
  const { k, classes } = shape;
  const at = statisticsIndex(shape, i, 0);
  const stride = statisticsIndex(shape, 0, 1);
  const p = statistics[at + (1 + h) * stride];
  const z = h < k - 1 ? undefined : Math.floor((h - (k - 1)) / classes);
  const r = z === undefined ? 1 : statistics[at + (k + k * classes + z) * stride];
  return r * p * (1 - p);
}
