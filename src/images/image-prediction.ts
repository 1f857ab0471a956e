import { type Images, statisticsIndex } from "../compute/image-pass.ts";
import { imageSums } from "../compute/images.ts";
import { checkModel, checkPoint, checkRows } from "../models/checks.ts";
import type { ImageMixture } from "./image-mixture.ts";

/** Predictions for images that the mixture may not have seen, and how right they are. */
export interface ImagePrediction {
  /** Code of the most probable label of each image (n). */
  readonly labels: Uint8Array;
  /** Gate probabilities P(z | x), n × k row-major. */
  readonly gate: Float32Array;
  /** Share of the images whose label is the most probable one. */
  readonly accuracy: number;
  /** −Σ log p(y | x)/n, in nats per image. */
  readonly crossEntropy: number;
}

/**
 * Predicts the labels of images, the one with the highest Σ_z P(z | x) p_z(c | x), and holds them against the true ones.
 *
 * @param data n images of d pixels with their labels
 * @param theta the parameters (p)
 * @remarks cost: half a pass over the images, 2 n (1 + d)(k − 1 + kC) operations
 * @example
 * ```ts
 * import { imageMixture, predictImages } from "mixlens/paper";
 * const model = imageMixture({ k: 1, labels: ["dark", "bright"], pixels: 1 });
 * // Label "bright" has log-odds of −5 and 10 times the brightness.
 * const theta = Float64Array.of(0, 0, -5, 10);
 * const data = { rows: 2, images: Uint8Array.of(20, 220), labels: Uint8Array.of(0, 1) };
 * const { labels, accuracy } = predictImages(model, theta, data);
 * if (labels.join() !== "0,1" || accuracy !== 1) throw new Error("a dark image and a bright one");
 * ```
 */
export function predictImages(model: ImageMixture, theta: Float64Array, data: Images): ImagePrediction {
  const act = "predict images";
  checkModel(act, model, []);
  checkPoint(act, "theta", theta, model);
  checkRows(act, { spec: model.spec }, data);
  const { rows } = data;
  const shape = { k: model.spec.k, classes: model.spec.labels.length };
  const { k, classes } = shape;
  const { value, statistics } = imageSums(data, { ...shape, coefficients: theta }, { statistics: true });
  const stride = statisticsIndex(shape, 0, 1);
  const labels = new Uint8Array(rows);
  const gate = new Float32Array(rows * k);
  let right = 0;
  for (let i = 0; i < rows; i++) {
    const at = statisticsIndex(shape, i, 0);
    let most = -1;
    for (let c = 0; c < classes; c++) {
      let p = 0;
      for (let z = 0; z < k; z++) p += statistics[at + z * stride] * statistics[at + (k + z * classes + c) * stride];
      if (p > most) [most, labels[i]] = [p, c];
    }
    for (let z = 0; z < k; z++) gate[i * k + z] = statistics[at + z * stride];
    if (labels[i] === data.labels[i]) right++;
  }
  return { labels, gate, accuracy: right / rows, crossEntropy: -value / rows };
}
