import { Job } from "./job";
import { expSingle, logSingle, maddSingle } from "./single";
import { dotImages1, dotImages2, IMAGES, PART, spread1, spread2 } from "./tiles";

/** What a pass finds: responsibilities, or all statistics of the rows; slopes in the coefficients. */
const RESPONSIBILITIES = 1;
const STATISTICS = 2;
const GRADIENT = 4;
/** What it is given: responsibilities, or statistics and a direction in place of the coefficients. */
const ASSIGNED = 8;
const COMPLETE = 16;
const MISSING = 32;
/** Sums of products of all pairs of pixels, each image with a given weight: one expert, and a class for each pixel. */
const GRAM = 64;

/** Bytes of a run: a number in single precision for each image of a tile. */
const RUN: usize = <usize>IMAGES << 2;
/** Bytes of a part of one image in single precision, and of one of all images of a tile. */
const PART_BYTES: usize = <usize>PART << 2;
const TILE_BYTES: usize = <usize>IMAGES * PART_BYTES;

function parts(job: Job): usize {
  return <usize>((job.d + PART - 1) / PART);
}

/** Pixels of an image with those that fill it up. */
function width(job: Job): i32 {
  return (job.d + 15) & ~15;
}

/** Linear predictors: of the gate, but for the first expert, and one for each class of each expert. */
function predictors(job: Job): i32 {
  return job.k - 1 + job.k * job.classes;
}

/** Runs of a tile's statistics: gate and class probabilities of all experts, and responsibilities. */
function statistics(job: Job): i32 {
  return 2 * job.k + job.k * job.classes;
}

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
  if (!isSloped) return;
  for (let h = 0; h < m; h++) {
    let to = sums + 16 + (<usize>(h * (job.d + 1)) << 3);
    for (let part = 0; part * PART < job.d; part++) {
      let from = gradient + <usize>(part * m + h) * PART_BYTES;
      for (const end = from + (<usize>min(PART, job.d - part * PART) << 2); from < end; from += 4, to += 8) {
        store<f64>(to, <f64>load<f32>(from));
      }
    }
  }
}

/** Widens the pixels of a tile, and leaves their products with the coefficients in four sums each. */
function predict(job: Job, at: usize, pixels: usize, products: usize): void {
  const m = predictors(job);
  const all = width(job);
  let theta = job.theta;
  memory.fill(products, 0, 4 * <usize>m * RUN);
  for (let from = 0; from < all; from += PART) {
    const used = min(all - from, PART);
    widen(at + from, all, pixels, used);
    const bytes = <usize>used << 2;
    let t = theta;
    let to = products;
    let left = m;
    for (; left >= 2; left -= 2, t += 2 * PART_BYTES, to += 8 * RUN) dotImages2(pixels, t, bytes, to);
    if (left === 1) dotImages1(pixels, t, bytes, to);
    theta += <usize>m * PART_BYTES;
    pixels += TILE_BYTES;
  }
}

/** Widens the pixels of a tile, and puts a run of each, times the weights, where predictors are otherwise. */
function transposed(job: Job, at: usize, pixels: usize, weights: usize, to: usize): void {
  const all = width(job);
  for (let from = 0; from < all; from += PART, pixels += TILE_BYTES) {
    const used = min(all - from, PART);
    widen(at + from, all, pixels, used);
    for (let j = 0; j < min(job.d - from, used); j++) {
      let pixel = pixels + (<usize>j << 2);
      for (let weight = weights, end = weights + RUN; weight < end; weight += 4, to += 4, pixel += PART_BYTES) {
        store<f32>(to, load<f32>(weight) * load<f32>(pixel));
      }
    }
  }
}

function widen(from: usize, stride: usize, to: usize, pixels: i32): void {
  for (let image = 0; image < IMAGES; image++, from += stride, to += PART_BYTES) {
    let at = to;
    for (let j = from, end = from + pixels; j < end; j += 16, at += 64) {
      const bytes = v128.load(j);
      const low = i16x8.extend_low_i8x16_u(bytes);
      const high = i16x8.extend_high_i8x16_u(bytes);
      v128.store(at, f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_u(low)));
      v128.store(at, f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_u(low)), 16);
      v128.store(at, f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_u(high)), 32);
      v128.store(at, f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_u(high)), 48);
    }
  }
}

/** Adds up the four sums of each product, and the intercept. */
function sumProducts(job: Job, products: usize, eta: usize): void {
  for (let h = 0; h < predictors(job); h++) {
    const intercept = v128.load32_splat(job.gateTheta + (<usize>h << 2));
    for (const end = eta + RUN; eta < end; eta += 16, products += 64) {
      const a = v128.load(products);
      const b = v128.load(products, 16);
      const c = v128.load(products, 32);
      const d = v128.load(products, 48);
      const ab = f32x4.add(v128.shuffle<f32>(a, b, 0, 4, 1, 5), v128.shuffle<f32>(a, b, 2, 6, 3, 7));
      const cd = f32x4.add(v128.shuffle<f32>(c, d, 0, 4, 1, 5), v128.shuffle<f32>(c, d, 2, 6, 3, 7));
      const sum = f32x4.add(v128.shuffle<f32>(ab, cd, 0, 1, 4, 5), v128.shuffle<f32>(ab, cd, 2, 3, 6, 7));
      v128.store(eta, f32x4.add(sum, intercept));
    }
  }
}

/**
 * The E-step of a tile: probabilities in place of the predictors, responsibilities in the k runs of `joint`, and the
 * log-likelihood; with given responsibilities, which sum to one, that of the complete data, Σ r (log g + log p). What fills
 * up the last tile has neither gate probabilities nor responsibilities.
 */
function expect(job: Job, labels: usize, eta: usize, joint: usize, used: i32): f64 {
  const k = job.k;
  const classes = job.classes;
  const isAssigned = (job.parts & ASSIGNED) !== 0;
  let logLikelihood = f64x2.splat(0.0);
  for (let i: usize = 0; i < RUN; i += 16) {
    const gate = eta + i;
    const label = labelsAt(labels, i);
    const here = i32x4.lt_s(i32x4.add(i32x4.splat(<i32>i >> 2), i32x4(0, 1, 2, 3)), i32x4.splat(used));
    let top = f32x4.splat(-Infinity);
    let total = f32x4.splat(0.0);
    let own = gate + <usize>k * RUN;
    for (let z = 0; z < k; z++, own += <usize>classes * RUN) {
      const g = v128.load(gate + <usize>z * RUN);
      const both = f32x4.add(g, f32x4.sub(ofLabel(label, own, classes), softmax(own, classes)));
      const run = joint + <usize>z * RUN + i;
      if (isAssigned) total = maddSingle(v128.load(run), both, total);
      else v128.store(run, both);
      top = f32x4.pmax(top, both);
    }
    const gateSum = softmax(gate, k);
    let scale = f32x4.splat(1.0);
    if (!isAssigned) {
      let sum = f32x4.splat(0.0);
      for (let run = joint + i, last = joint + <usize>k * RUN; run < last; run += RUN) {
        const density = expSingle(f32x4.sub(v128.load(run), top));
        v128.store(run, density);
        sum = f32x4.add(sum, density);
      }
      total = f32x4.add(top, logSingle(sum));
      scale = f32x4.div(scale, sum);
    }
    total = v128.and(f32x4.sub(total, gateSum), here);
    scale = v128.and(scale, here);
    const others = v128.shuffle<f32>(total, total, 2, 3, 0, 1);
    const both = f64x2.add(f64x2.promote_low_f32x4(total), f64x2.promote_low_f32x4(others));
    logLikelihood = f64x2.add(logLikelihood, both);
    for (let z: usize = 0; z < <usize>k * RUN; z += RUN) {
      v128.store(joint + z + i, f32x4.mul(v128.load(joint + z + i), scale));
      v128.store(gate + z, v128.and(v128.load(gate + z), here));
    }
  }
  return f64x2.extract_lane(logLikelihood, 0) + f64x2.extract_lane(logLikelihood, 1);
}

/** In place of the probabilities the gradients in the predictors: of the gate r − g, of an expert r (target − p). */
function scores(job: Job, labels: usize, eta: usize, joint: usize): void {
  const k = job.k;
  for (let i: usize = 0; i < RUN; i += 16) {
    const gate = eta + i;
    const label = labelsAt(labels, i);
    let own = gate + <usize>k * RUN;
    for (let z: usize = 0; z < <usize>k * RUN; z += RUN) {
      const r = v128.load(joint + z + i);
      v128.store(gate + z, f32x4.sub(r, v128.load(gate + z)));
      for (let c = 0; c < job.classes; c++, own += RUN) {
        v128.store(own, f32x4.mul(r, f32x4.sub(target(label, c), v128.load(own))));
      }
    }
  }
}

/**
 * In place of the predictors u of a direction, what the complete information makes of them: of the gate g (u − ū), of an
 * expert r p (u − ū), each with the mean ū of its own probabilities.
 */
function completeProduct(job: Job, given: usize, u: usize): void {
  const k = job.k;
  for (let i: usize = 0; i < RUN; i += 16) {
    const responsibilities = given + <usize>(k + k * job.classes) * RUN + i;
    curve(given + i, u + i, k, f32x4.splat(1.0));
    for (let z = 0; z < k; z++) {
      const from = <usize>(k + z * job.classes) * RUN + i;
      curve(given + from, u + from, job.classes, v128.load(responsibilities + <usize>z * RUN));
    }
  }
}

/** weight · p (u − Σ p u) in place of u */
function curve(p: usize, u: usize, classes: i32, weight: v128): void {
  const bytes = <usize>classes * RUN;
  let mean = f32x4.splat(0.0);
  for (let c: usize = 0; c < bytes; c += RUN) mean = maddSingle(v128.load(p + c), v128.load(u + c), mean);
  for (let c: usize = 0; c < bytes; c += RUN) {
    const own = f32x4.mul(weight, v128.load(p + c));
    v128.store(u + c, f32x4.mul(own, f32x4.sub(v128.load(u + c), mean)));
  }
}

/**
 * In place of the predictors u of a direction, what the missing information makes of them. Expert z's score along it is
 * s = u_gate,z + Σ_c (target − p) u; with t = r (s − s̄), of the gate it is t, of an expert t (target − p).
 */
function missingProduct(job: Job, labels: usize, given: usize, u: usize): void {
  const k = job.k;
  const classes = job.classes;
  for (let i: usize = 0; i < RUN; i += 16) {
    const label = labelsAt(labels, i);
    const responsibilities = given + <usize>(k + k * classes) * RUN + i;
    let mean = f32x4.splat(0.0);
    let at = <usize>k * RUN + i;
    for (let z: usize = 0; z < <usize>k * RUN; z += RUN) {
      let score = v128.load(u + z + i);
      for (let c = 0; c < classes; c++, at += RUN) {
        const residual = f32x4.sub(target(label, c), v128.load(given + at));
        score = maddSingle(residual, v128.load(u + at), score);
        v128.store(u + at, residual);
      }
      v128.store(u + z + i, score);
      mean = maddSingle(v128.load(responsibilities + z), score, mean);
    }
    at = <usize>k * RUN + i;
    for (let z: usize = 0; z < <usize>k * RUN; z += RUN) {
      const r = v128.load(responsibilities + z);
      const t = f32x4.mul(r, f32x4.sub(v128.load(u + z + i), mean));
      v128.store(u + z + i, t);
      for (let c = 0; c < classes; c++, at += RUN) v128.store(u + at, f32x4.mul(t, v128.load(u + at)));
    }
  }
}

/** Labels of four images. */
function labelsAt(labels: usize, i: usize): v128 {
  return i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load32_zero(labels + (i >> 2))));
}

/** 1 where the label is this class, else 0. */
function target(label: v128, c: i32): v128 {
  return v128.and(f32x4.splat(1.0), i32x4.eq(label, i32x4.splat(c)));
}

/** The predictor of each label. */
function ofLabel(label: v128, at: usize, classes: i32): v128 {
  let found = v128.load(at);
  for (let c = 1; c < classes; c++) {
    found = v128.bitselect(v128.load(at + <usize>c * RUN), found, i32x4.eq(label, i32x4.splat(c)));
  }
  return found;
}

/** Puts probabilities in place of predictors, and finds the log of Σ exp. */
function softmax(at: usize, classes: i32): v128 {
  const end = at + <usize>classes * RUN;
  let top = v128.load(at);
  for (let run = at + RUN; run < end; run += RUN) top = f32x4.pmax(top, v128.load(run));
  let sum = f32x4.splat(0.0);
  for (let run = at; run < end; run += RUN) {
    const part = expSingle(f32x4.sub(v128.load(run), top));
    v128.store(run, part);
    sum = f32x4.add(sum, part);
  }
  const scale = f32x4.div(f32x4.splat(1.0), sum);
  for (let run = at; run < end; run += RUN) v128.store(run, f32x4.mul(v128.load(run), scale));
  return f32x4.add(top, logSingle(sum));
}

/** Copies responsibilities to where they are wanted, n × k row-major. */
function keepResponsibilities(job: Job, tile: i32, joint: usize, used: i32): void {
  let to = job.found + (<usize>(tile * IMAGES * job.k) << 2);
  for (let i = 0; i < used; i++, joint += 4) {
    for (let z = 0; z < job.k; z++, to += 4) store<f32>(to, load<f32>(joint + <usize>z * RUN));
  }
}

/** Copies given responsibilities, n × k row-major, to the runs of a tile. */
function takeResponsibilities(job: Job, tile: i32, joint: usize, used: i32): void {
  memory.fill(joint, 0, <usize>job.k * RUN);
  let from = job.given + (<usize>(tile * IMAGES * job.k) << 2);
  for (let i = 0; i < used; i++, joint += 4) {
    for (let z = 0; z < job.k; z++, from += 4) store<f32>(joint + <usize>z * RUN, load<f32>(from));
  }
}

/** Adds the residuals of each predictor to its intercept's sum. */
function addIntercepts(job: Job, run: usize, sums: usize): void {
  for (let left = predictors(job); left > 0; left--, sums += <usize>(job.d + 1) << 3) {
    let sum = f32x4.splat(0.0);
    for (const end = run + RUN; run < end; run += 16) sum = f32x4.add(sum, v128.load(run));
    const even = <f64>f32x4.extract_lane(sum, 0) + <f64>f32x4.extract_lane(sum, 2);
    const odd = <f64>f32x4.extract_lane(sum, 1) + <f64>f32x4.extract_lane(sum, 3);
    store<f64>(sums, load<f64>(sums) + even + odd);
  }
}

/** Adds the products of residuals and pixels to the gradient. */
function addGradient(job: Job, pixels: usize, residual: usize, gradient: usize): void {
  const m = predictors(job);
  const all = width(job);
  for (let from = 0; from < all; from += PART) {
    const bytes = <usize>min(all - from, PART) << 2;
    for (let j: usize = 0; j < bytes; j += 64) {
      let run = residual;
      let to = gradient + j;
      let left = m;
      for (; left >= 2; left -= 2, run += 2 * RUN, to += 2 * PART_BYTES) spread2(pixels + j, run, to);
      if (left === 1) spread1(pixels + j, run, to);
    }
    pixels += TILE_BYTES;
    gradient += <usize>m * PART_BYTES;
  }
}
