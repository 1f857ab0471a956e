import type { Images } from "../compute/image-pass.ts";
import { readOptions } from "../errors/options.ts";
import { FETCH, type FetchOptions, fetchFiles } from "./download.ts";
import { parseIdx } from "./idx.ts";
import { datasetInfo } from "./registry.ts";

/** The images of Fashion-MNIST. */
export interface FashionMnist {
  /** 60,000 images of 28 × 28 pixels, line by line. */
  readonly train: Images;
  /** 10,000 images. */
  readonly test: Images;
  /** What the labels mean, by code. */
  readonly names: readonly string[];
}

/** In the order of their codes, as the dataset's own page has them. */
const KINDS = [
  "T-shirt/top",
  "Trouser",
  "Pullover",
  "Dress",
  "Coat",
  "Sandal",
  "Shirt",
  "Sneaker",
  "Bag",
  "Ankle boot",
];

/**
 * The images of Fashion-MNIST, from the folders that `datasetPath` looks in or else from their home page.
 *
 * @param options.dataDir folder to look in first, and to download to
 * @throws InputError naming the file when it isn't the published one
 * @throws WorkFailure when it has to be downloaded and cannot be
 * @remarks cost: 55 MB, and half a second to unzip and check them. Xiao, Rasul and Vollgraf 2017, arXiv 1708.07747.
 * @example
 * ```ts
 * import { fashionMnist } from "mixlens/paper";
 * const { train, test, names } = await fashionMnist();
 * if (train.rows !== 60_000 || test.images.length !== 10_000 * 784) throw new Error("70,000 images");
 * if (names[train.labels[0]] !== "Ankle boot") throw new Error("the first image is a boot");
 * ```
 */
export async function fashionMnist(options: FetchOptions = {}): Promise<FashionMnist> {
  readOptions("read Fashion-MNIST", options, FETCH);
  const info = datasetInfo("fashion-mnist");
  const { contents } = await fetchFiles(info, info.download ?? "", options);
  const [trainImages, trainLabels, testImages, testLabels] = contents.map(
    (bytes, at) => parseIdx(bytes, info.files[at].name).values,
  );
  return {
    train: { rows: trainLabels.length, images: trainImages, labels: trainLabels },
    test: { rows: testLabels.length, images: testImages, labels: testLabels },
    names: KINDS,
  };
}
