import { PART_BYTES, predictors, RUN, TILE_BYTES, width } from "./image-layout";
import { Job } from "./job";
import { dotImages1, dotImages2, IMAGES, PART, spread1, spread2 } from "./tiles";

/** Widens the pixels of a tile, and leaves their products with the coefficients in four sums each. */
export function predict(job: Job, at: usize, pixels: usize, products: usize): void {
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
export function transposed(job: Job, at: usize, pixels: usize, weights: usize, to: usize): void {
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
export function sumProducts(job: Job, products: usize, eta: usize): void {
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

/** Adds the residuals of each predictor to its intercept's sum. */
export function addIntercepts(job: Job, run: usize, sums: usize): void {
  for (let left = predictors(job); left > 0; left--, sums += <usize>(job.d + 1) << 3) {
    let sum = f32x4.splat(0.0);
    for (const end = run + RUN; run < end; run += 16) sum = f32x4.add(sum, v128.load(run));
    const even = <f64>f32x4.extract_lane(sum, 0) + <f64>f32x4.extract_lane(sum, 2);
    const odd = <f64>f32x4.extract_lane(sum, 1) + <f64>f32x4.extract_lane(sum, 3);
    store<f64>(sums, load<f64>(sums) + even + odd);
  }
}

/** Adds the products of residuals and pixels to the gradient. */
export function addGradient(job: Job, pixels: usize, residual: usize, gradient: usize): void {
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

/** Writes a gradient, which is in parts, as sums: of each predictor those of its pixels, after the intercept's. */
export function storeGradient(job: Job, gradient: usize, sums: usize): void {
  const m = predictors(job);
  for (let h = 0; h < m; h++) {
    let to = sums + (<usize>(h * (job.d + 1)) << 3);
    for (let part = 0; part * PART < job.d; part++) {
      let from = gradient + <usize>(part * m + h) * PART_BYTES;
      for (const end = from + (<usize>min(PART, job.d - part * PART) << 2); from < end; from += 4, to += 8) {
        store<f64>(to, <f64>load<f32>(from));
      }
    }
  }
}
