import { setThreads } from "../../compute/engine.ts";
import type { ImageMixture, Images } from "../../compute/image-pass.ts";
import { imageSums } from "../../compute/images.ts";
import { readDatasetFile } from "../../datasets/dataset-path.ts";
import { parseIdx } from "../../datasets/idx.ts";
import { randomInvert } from "../../datasets/random-invert.ts";
import { datasetInfo } from "../../datasets/registry.ts";
import { random } from "../../math/random.ts";
import { type BenchRow, type BenchSize, timed } from "./bench-rows.ts";

/** Images, and the mixture at which a pass over them is timed. */
export interface ImageProblem {
  readonly data: Images;
  readonly mixture: ImageMixture;
  readonly source: "Fashion-MNIST" | "random bytes";
}

const CLASSES = 10;

/** Random-Invert Fashion-MNIST from its folder, with coefficients drawn as the numpy baseline does: normal, of size 0.05. */
export function fashionMnistProblem(folder: string, { k }: Pick<BenchSize, "k">): ImageProblem {
  const info = datasetInfo("fashion-mnist");
  const [images, labels] = info.files
    .slice(0, 2)
    .map((file) => parseIdx(readDatasetFile(folder, file, info), file.name).values);
  const data = randomInvert({ rows: labels.length, images, labels }, random(1));
  return { data, mixture: drawnMixture(k, images.length / labels.length), source: "Fashion-MNIST" };
}

/** As many images of random bytes, with random labels. */
export function randomImages({ n, d, k }: Pick<BenchSize, "n" | "d" | "k">): ImageProblem {
  const rng = random(1);
  const images = Uint8Array.from({ length: n * (d - 1) }, () => Math.floor(256 * rng.uniform()));
  const labels = Uint8Array.from({ length: n }, () => Math.floor(CLASSES * rng.uniform()));
  return { data: { rows: n, images, labels }, mixture: drawnMixture(k, d - 1), source: "random bytes" };
}

function drawnMixture(k: number, pixels: number): ImageMixture {
  const rng = random(2);
  const length = (k - 1 + k * CLASSES) * (1 + pixels);
  return { k, classes: CLASSES, coefficients: Float64Array.from({ length }, () => 0.05 * rng.normal()) };
}

/** Times the E-step with all gradients: one pass over the images, which are in the kernels' memory already. */
export function benchImages(problem: ImageProblem, size: BenchSize, runs: number, now: () => number): BenchRow {
  const { data, mixture, source } = problem;
  setThreads(size.threads);
  let logLikelihood = 0;
  const once = (): void => {
    ({ value: logLikelihood } = imageSums(data, mixture, { gradient: true }));
  };
  return { name: "images", source, ...size, ...timed(once, runs, now), logLikelihood };
}
