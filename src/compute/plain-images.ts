import { softmax } from "../math/softmax.ts";
import { TILE_IMAGES } from "./generated.ts";
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

/** A pass over images in plain code and double precision: this defines what is correct. */
export function plainImageSums(data: Images, mixture: ImageMixture, pass: ImagePass = {}): ImageSums {
  const { rows, labels } = data;
  const { k, classes, coefficients } = mixture;
  const { gradient: isSloped = false, statistics: isWhole = false, assigned } = pass;
  const gradient = new Float64Array(isSloped ? coefficients.length : 0);
  const responsibilities = assigned ?? new Float32Array(rows * k);
  const tiles = Math.ceil(rows / TILE_IMAGES);
  const statistics = new Float32Array(isWhole ? tiles * statisticsPerImage(mixture) * TILE_IMAGES : 0);
  const r = new Float64Array(k);
  let value = 0;
  eachImage(data, mixture, (i, { eta, gate, experts }, collect) => {
    const label = labels[i];
    // Predictors become probabilities, and r the logs of what gate and expert make of the label.
    experts.forEach((expert, z) => {
      r[z] = gate[z] + expert[label];
      r[z] -= softmax(expert, 0, 1, classes);
    });
    const gateSum = softmax(gate, 0, 1, k);
    for (let z = 0; z < k; z++) r[z] -= gateSum;
    if (assigned) {
      for (let z = 0; z < k; z++) {
        value += assigned[i * k + z] * r[z];
        r[z] = assigned[i * k + z];
      }
    } else {
      value += softmax(r, 0, 1, k);
      responsibilities.set(r, i * k);
    }
    if (isWhole) {
      eta.forEach((p, s) => {
        statistics[statisticsIndex(mixture, i, s)] = p;
      });
      r.forEach((own, z) => {
        statistics[statisticsIndex(mixture, i, eta.length + z)] = own;
      });
    }
    if (!isSloped) return;
    for (let z = 0; z < k; z++) gate[z] = r[z] - gate[z];
    experts.forEach((expert, z) => {
      for (let c = 0; c < classes; c++) expert[c] = r[z] * ((c === label ? 1 : 0) - expert[c]);
    });
    collect(gradient);
  });
  return { value, responsibilities, gradient, statistics };
}

/** The product of an information with a direction, in plain code. */
export function plainImageProduct(
  data: Images,
  direction: ImageMixture,
  statistics: ImageStatistics,
  information: "complete" | "missing",
): Float64Array {
  const { labels } = data;
  const { k, classes } = direction;
  const product = new Float64Array(direction.coefficients.length);
  const known = new Float64Array(statisticsPerImage(direction));
  const g = known.subarray(0, k);
  const p = Array.from({ length: k }, (_, z) => known.subarray(k + z * classes, k + (z + 1) * classes));
  const r = known.subarray(k + k * classes);
  eachImage(data, direction, (i, { gate, experts }, collect) => {
    for (let s = 0; s < known.length; s++) known[s] = statistics[statisticsIndex(direction, i, s)];
    if (information === "complete") {
      curve(g, gate, 1);
      experts.forEach((u, z) => {
        curve(p[z], u, r[z]);
      });
    } else {
      experts.forEach((u, z) => {
        u.forEach((own, c) => {
          gate[z] += ((c === labels[i] ? 1 : 0) - p[z][c]) * own;
        });
      });
      const mean = gate.reduce((sum, score, z) => sum + r[z] * score, 0);
      for (let z = 0; z < k; z++) gate[z] = r[z] * (gate[z] - mean);
      experts.forEach((u, z) => {
        for (let c = 0; c < classes; c++) u[c] = gate[z] * ((c === labels[i] ? 1 : 0) - p[z][c]);
      });
    }
    collect(product);
  });
  return product;
}

/** The Gram matrix of the columns of all images, in plain code. */
export function plainImageGram(
  { rows, images }: Images,
  weights?: Float32Array,
): { readonly rows: number; readonly gram: Float64Array } {
  const d = images.length / rows;
  const size = 1 + d;
  const gram = new Float64Array(size * size);
  const x = new Float64Array(size).fill(1);
  for (let i = 0; i < rows; i++) {
    const weight = weights?.[i] ?? 1;
    for (let j = 0; j < d; j++) x[1 + j] = images[i * d + j] / WHITE;
    for (let j = 0; j < size; j++) for (let a = 0; a < size; a++) gram[j * size + a] += weight * x[j] * x[a];
  }
  return { rows, gram };
}

/** weight · p (u − Σ p u) in place of u */
function curve(p: Float64Array, u: Float64Array, weight: number): void {
  const mean = p.reduce((sum, own, c) => sum + own * u[c], 0);
  for (let c = 0; c < u.length; c++) u[c] = weight * p[c] * (u[c] - mean);
}

/** An image's predictors: of the gate, that of expert 0 being 0, and of the classes of each expert; and all of them. */
interface Predictors {
  readonly eta: Float64Array;
  readonly gate: Float64Array;
  readonly experts: readonly Float64Array[];
}

/** Visits images with their predictors; `collect` adds the products of what has taken their place with the columns. */
function eachImage(
  { rows, images }: Images,
  { k, classes, coefficients }: ImageMixture,
  visit: (i: number, predictors: Predictors, collect: (sums: Float64Array) => void) => void,
): void {
  const d = rows === 0 ? 0 : images.length / rows;
  const m = k - 1 + k * classes;
  const eta = new Float64Array(1 + m);
  const gate = eta.subarray(0, k);
  const experts = Array.from({ length: k }, (_, z) => eta.subarray(k + z * classes, k + (z + 1) * classes));
  for (let i = 0; i < rows; i++) {
    const x = images.subarray(i * d, (i + 1) * d);
    eta[0] = 0;
    for (let h = 0, at = 0; h < m; h++) {
      let sum = coefficients[at++];
      for (let j = 0; j < d; j++) sum += (coefficients[at++] * x[j]) / WHITE;
      eta[1 + h] = sum;
    }
    visit(i, { eta, gate, experts }, (sums) => {
      for (let h = 0, at = 0; h < m; h++) {
        const own = eta[1 + h];
        sums[at++] += own;
        for (let j = 0; j < d; j++) sums[at++] += (own * x[j]) / WHITE;
      }
    });
  }
}
