import { expect, keepResponsibilities, scores, takeResponsibilities } from "./image-e-step";
import { completeProduct, missingProduct } from "./image-information";
import {
  ASSIGNED,
  COMPLETE,
  GRADIENT,
  GRAM,
  MISSING,
  PART_BYTES,
  parts,
  predictors,
  RESPONSIBILITIES,
  RUN,
  STATISTICS,
  statistics,
  TILE_BYTES,
} from "./image-layout";
import { addGradient, addIntercepts, predict, storeGradient, sumProducts, transposed } from "./image-pixels";
import { Job } from "./job";
import { IMAGES } from "./tiles";

/** Bytes of scratch: pixels, gradient, products that wait to be summed, and two sets of runs as many as statistics. */
export function imageBytes(job: Job): usize {
  const m = <usize>predictors(job);
  return parts(job) * (TILE_BYTES + m * PART_BYTES) + 4 * m * RUN + 2 * <usize>statistics(job) * RUN;
}

/**
 * One pass over images for a mixture of multinomial experts, in single precision; which one, the job's parts say.
 *
 * Images are widened, multiplied with the coefficients, and what follows from their predictors multiplied with them, a
 * tile at a time. Pixels, coefficients and gradient are in parts of PART pixels, so that inner loops read at constant
 * distances. The E-step takes four images at a time; sums over images in single precision span one tile, and then the
 * tiles of one chunk.
 *
 * Sums: the objective in nats; for each predictor that of the intercept and of each pixel, 0 to 255, where asked for.
 */
export function imageTiles(job: Job, first: i32, end: i32, scratch: usize, sums: usize): void {
  const m = predictors(job);
  const stats = <usize>statistics(job) * RUN;
  const pixels = scratch;
  const gradient = pixels + parts(job) * TILE_BYTES;
  const products = gradient + parts(job) * <usize>m * PART_BYTES;
  // Predictors, of the gate's first expert too, and then in their place what follows from them; responsibilities.
  const eta = products + 4 * <usize>m * RUN;
  const joint = eta + <usize>(m + 1) * RUN;
  const given = joint + <usize>job.k * RUN;
  const isProduct = (job.parts & (COMPLETE | MISSING)) !== 0;
  const isGram = (job.parts & GRAM) !== 0;
  const isSloped = (job.parts & (GRADIENT | COMPLETE | MISSING | GRAM)) !== 0;
  memory.fill(gradient, 0, parts(job) * <usize>m * PART_BYTES);
  memory.fill(sums, 0, <usize>job.length << 3);
  for (let tile = first; tile < end; tile++) {
    const at = job.tiles + <usize>tile * job.stride;
    const labels = at + job.response;
    if (isGram) transposed(job, at, pixels, job.given + <usize>tile * RUN, eta + RUN);
    else {
      predict(job, at, pixels, products);
      sumProducts(job, products, eta + RUN);
    }
    memory.fill(eta, 0, RUN);
    if (isProduct) memory.copy(given, job.given + <usize>tile * stats, stats);
    if (job.parts & COMPLETE) completeProduct(job, given, eta);
    else if (job.parts & MISSING) missingProduct(job, labels, given, eta);
    else if (!isGram) {
      const used = min(job.rows - tile * IMAGES, IMAGES);
      if (job.parts & ASSIGNED) takeResponsibilities(job, tile, joint, used);
      store<f64>(sums, load<f64>(sums) + expect(job, labels, eta, joint, used));
      if (job.parts & STATISTICS) memory.copy(job.found + <usize>tile * stats, eta, stats);
      if (job.parts & RESPONSIBILITIES) keepResponsibilities(job, tile, joint, used);
      if (isSloped) scores(job, labels, eta, joint);
    }
    if (!isSloped) continue;
    addIntercepts(job, eta + RUN, sums + 8);
    addGradient(job, pixels, eta + RUN, gradient);
  }
  if (isSloped) storeGradient(job, gradient, sums + 16);
}
