import { Job } from "./job";
import { expSingle, logSingle, maddSingle } from "./single";
import { dotImages1, dotImages2, IMAGES, PART, spread1, spread2 } from "./tiles";

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

/** Bytes of scratch: pixels, gradient, products that wait to be summed, and runs. */
export function imageBytes(job: Job): usize {
  const m = <usize>predictors(job);
  return parts(job) * (TILE_BYTES + m * PART_BYTES) + 4 * m * RUN + (m + 1 + <usize>job.k) * RUN;
}

/**
 * The E-step and all gradients of a mixture of multinomial experts on images, in single precision.
 *
 * Images are widened, multiplied with the coefficients, and their residuals multiplied with them, a tile at a time. Pixels,
 * coefficients and gradient are in parts of PART pixels, so that inner loops read at constant distances. The E-step takes
 * four images at a time; sums over images in single precision span one tile, and then the tiles of one chunk.
 *
 * Sums: the log-likelihood; for each predictor that of the intercept and of each pixel, 0 to 255.
 */
export function imageTiles(job: Job, first: i32, end: i32, scratch: usize, sums: usize): void {
  const m = predictors(job);
  const pixels = scratch;
  const gradient = pixels + parts(job) * TILE_BYTES;
  const products = gradient + parts(job) * <usize>m * PART_BYTES;
  const eta = products + 4 * <usize>m * RUN;
  const joint = eta + <usize>(m + 1) * RUN;
  memory.fill(gradient, 0, parts(job) * <usize>m * PART_BYTES);
  memory.fill(sums, 0, <usize>job.length << 3);
  for (let tile = first; tile < end; tile++) {
    const at = job.tiles + <usize>tile * job.stride;
    predict(job, at, pixels, products);
    sumProducts(job, products, eta + RUN);
    const used = min(job.rows - tile * IMAGES, IMAGES);
    store<f64>(sums, load<f64>(sums) + residuals(job, at + job.response, eta, joint, used));
    keepResponsibilities(job, tile, joint, used);
    addIntercepts(job, eta + RUN, sums + 8);
    addGradient(job, pixels, eta + RUN, gradient);
  }
  for (let h = 0; h < m; h++) {
    const to = sums + 16 + (<usize>(h * (job.d + 1)) << 3);
    for (let j = 0; j < job.d; j++) {
      const from = gradient + <usize>((j / PART) * m + h) * PART_BYTES + (<usize>(j % PART) << 2);
      store<f64>(to + (<usize>j << 3), <f64>load<f32>(from));
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
 * The E-step of a tile: its log-likelihood, responsibilities in the k runs of `joint`, and in place of the predictors the
 * gradients in them: of the gate r − g, of an expert r (target − p). What fills up the last tile weighs nothing.
 */
function residuals(job: Job, labels: usize, eta: usize, joint: usize, used: i32): f64 {
  const k = job.k;
  const classes = job.classes;
  let logLikelihood = f64x2.splat(0.0);
  for (let i: usize = 0; i < RUN; i += 16) {
    const gate = eta + i;
    const experts = gate + <usize>k * RUN;
    const label = i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load32_zero(labels + (i >> 2))));
    const here = i32x4.lt_s(i32x4.add(i32x4.splat(<i32>i >> 2), i32x4(0, 1, 2, 3)), i32x4.splat(used));
    v128.store(gate, f32x4.splat(0.0));
    let top = f32x4.splat(-Infinity);
    let own = experts;
    for (let z = 0; z < k; z++, own += <usize>classes * RUN) {
      const g = v128.load(gate + <usize>z * RUN);
      const both = f32x4.add(g, f32x4.sub(ofLabel(label, own, classes), softmax(own, classes)));
      v128.store(joint + <usize>z * RUN + i, both);
      top = f32x4.pmax(top, both);
    }
    let sum = f32x4.splat(0.0);
    for (let run = joint + i, last = joint + <usize>k * RUN; run < last; run += RUN) {
      const density = expSingle(f32x4.sub(v128.load(run), top));
      v128.store(run, density);
      sum = f32x4.add(sum, density);
    }
    const total = v128.and(f32x4.sub(f32x4.add(top, logSingle(sum)), softmax(gate, k)), here);
    const others = v128.shuffle<f32>(total, total, 2, 3, 0, 1);
    const both = f64x2.add(f64x2.promote_low_f32x4(total), f64x2.promote_low_f32x4(others));
    logLikelihood = f64x2.add(logLikelihood, both);
    const scale = v128.and(f32x4.div(f32x4.splat(1.0), sum), here);
    own = experts;
    for (let z = 0; z < k; z++) {
      const run = joint + <usize>z * RUN + i;
      const r = f32x4.mul(v128.load(run), scale);
      v128.store(run, r);
      const g = gate + <usize>z * RUN;
      v128.store(g, f32x4.sub(r, v128.and(v128.load(g), here)));
      for (let c = 0; c < classes; c++, own += RUN) {
        const target = v128.and(f32x4.splat(1.0), i32x4.eq(label, i32x4.splat(c)));
        v128.store(own, f32x4.mul(r, f32x4.sub(target, v128.load(own))));
      }
    }
  }
  return f64x2.extract_lane(logLikelihood, 0) + f64x2.extract_lane(logLikelihood, 1);
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
  let to = job.responsibilities + (<usize>(tile * IMAGES * job.k) << 2);
  for (let i = 0; i < used; i++, joint += 4) {
    for (let z = 0; z < job.k; z++, to += 4) store<f32>(to, load<f32>(joint + <usize>z * RUN));
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
