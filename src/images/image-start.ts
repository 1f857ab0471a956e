import { type Images, WHITE } from "../compute/image-pass.ts";
import { checkArgument } from "../errors/arguments.ts";
import { kMeans } from "../fit/starts/clusters.ts";
import type { Random } from "../math/random.ts";
import { checkModel, checkRows, randomStream } from "../models/checks.ts";
import type { ImageMixture } from "./image-mixture.ts";

/** Images that clusters are made of: their means are all that is wanted. */
const SAMPLE = 2000;

/** Log-odds of a cell at its own mean, against another. */
const LOG_ODDS = 4;

/**
 * A start for a mixture on images: a gate that tells the clusters of k-means apart, and experts that say nothing yet.
 *
 * The clusters are those of 2000 images at most by the Euclidean distance of their pixels; of the labels it knows nothing. The
 * gate's log-odds of two clusters are 0 halfway between their means and ±4 at the means.
 *
 * @returns the parameters (p), those of all experts 0
 * @remarks cost: 2000 k d multiplications for each of at most 50 rounds
 * @example
 * ```ts
 * import { random } from "mixlens";
 * import { imageMixture, imageStart, predictImages } from "mixlens/paper";
 * const shades = [10, 30, 20, 240, 220, 230];
 * const data = { rows: 6, images: Uint8Array.from(shades), labels: new Uint8Array(6) };
 * const model = imageMixture({ k: 2, labels: ["a", "b"], pixels: 1 });
 * const { gate } = predictImages(model, imageStart(model, data, random(1)), data);
 * const clusters = Array.from({ length: 6 }, (_, i) => gate[2 * i] > 0.5);
 * if (clusters[0] === clusters[5] || new Set(clusters).size !== 2) throw new Error("dark images and bright ones");
 * ```
 */
export function imageStart(model: ImageMixture, data: Images, random: Random): Float64Array {
  const act = "start from images";
  checkModel(act, model, []);
  checkRows(act, { spec: model.spec }, data);
  checkArgument(act, "random", random, randomStream);
  const { k, pixels, labels } = model.spec;
  const rows = Math.min(SAMPLE, data.rows);
  // Of few images all count, each once.
  const index = Array.from({ length: rows }, (_, i) => (rows < data.rows ? random.integer(data.rows) : i));
  const columns = Array.from({ length: pixels }, () => new Float64Array(rows));
  index.forEach((image, i) => {
    for (let j = 0; j < pixels; j++) columns[j][i] = data.images[image * pixels + j] / WHITE;
  });
  const clusters = kMeans(random, columns, rows, k);
  const counts = new Float64Array(k);
  for (const z of clusters) counts[z]++;
  const means = Array.from({ length: k }, () => new Float64Array(pixels));
  columns.forEach((column, j) => {
    for (let i = 0; i < rows; i++) means[clusters[i]][j] += column[i] / counts[clusters[i]];
  });
  const theta = new Float64Array((k - 1 + k * labels.length) * (1 + pixels));
  for (let z = 1; z < k; z++) {
    const gate = theta.subarray((z - 1) * (1 + pixels), z * (1 + pixels));
    const apart = means[z].reduce((sum, mean, j) => sum + (mean - means[0][j]) ** 2, 0);
    // Halfway between two means the odds are even; at a mean they are as given.
    const scale = (2 * LOG_ODDS) / apart;
    for (let j = 0; j < pixels; j++) {
      gate[1 + j] = scale * (means[z][j] - means[0][j]);
      gate[0] -= (scale * (means[z][j] ** 2 - means[0][j] ** 2)) / 2;
    }
  }
  return theta;
}
