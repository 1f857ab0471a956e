import { type ImageShape, type ImageStatistics, type Images, statisticsIndex } from "../compute/image-pass.ts";
import { imageGram } from "../compute/images.ts";
import { type BlockFactor, blockCholesky } from "../math/block-cholesky.ts";
import { cholesky, solveLower, solveUpper } from "../math/cholesky.ts";

/** Images for each column that a Gram matrix takes at the least. */
const ROWS_PER_COLUMN = 8;
/** What is added to the diagonal of the mean Gram matrix, relative to its mean: a pixel may be black in all images. */
const RAISE = 1e-3;

/** Of each data set, which is never changed, the factor is found once. */
const factors = new WeakMap<Images, Float64Array>();

/**
 * A factor of the complete information, about: for each predictor the Gram matrix of the columns times the curvatures' sum.
 *
 * The Gram matrix is that of a sample of the images, the same for all predictors.
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
  return { solve: (b) => apply(b, true), colour: (z) => apply(z, false) };
}

/**
 * The blocks on the diagonal of the complete information, one for each predictor, from all images: what to take where many
 * systems are solved at one point.
 *
 * @remarks cost: n d² multiplications for each predictor, and d³/3 to factor it
 */
export function imageBlocks(
  data: Images,
  shape: ImageShape,
  statistics: ImageStatistics,
  penalty: (h: number) => number,
): BlockFactor {
  const size = 1 + data.images.length / data.rows;
  const blocks = Array.from({ length: shape.k - 1 + shape.k * shape.classes }, (_, h) => {
    const weights = new Float32Array(data.rows);
    for (let i = 0; i < data.rows; i++) weights[i] = curvature(shape, statistics, i, h);
    const { gram: entries } = imageGram(data, 1, weights);
    for (let j = 0; j < size; j++) entries[j * size + j] += penalty(h);
    return { offset: h * size, size, entries };
  });
  return blockCholesky(blocks);
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
