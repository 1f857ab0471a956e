import { adam } from "../../algorithms/adam.ts";
import type { Algorithm } from "../../algorithms/algorithm.ts";
import { anderson } from "../../algorithms/anderson.ts";
import { generalisedEm } from "../../algorithms/generalised-em.ts";
import { gradientDescent } from "../../algorithms/gradient-descent.ts";
import { gradientEm } from "../../algorithms/gradient-em.ts";
import { iterate } from "../../algorithms/iterate.ts";
import { miniBatchEm } from "../../algorithms/mini-batch-em.ts";
import type { Images } from "../../compute/image-pass.ts";
import { fashionMnist } from "../../datasets/fashion-mnist.ts";
import { randomInvert } from "../../datasets/random-invert.ts";
import { checkArgument } from "../../errors/arguments.ts";
import { listOf, number, objectOf, oneOf, required, text } from "../../errors/kinds.ts";
import { type ImageMixture, type ImageMixtureSpec, imageMixture } from "../../images/image-mixture.ts";
import { predictImages } from "../../images/image-prediction.ts";
import { imageStart } from "../../images/image-start.ts";
import { random } from "../../math/random.ts";
import { images } from "../../models/checks.ts";

/** How an algorithm is run on Random-Invert Fashion-MNIST. */
export interface InvertedSetting {
  readonly name: string;
  /** Whether the setting is chosen to end where the paper's does, or as far as the model goes. */
  readonly aim: "paper" | "best";
  /** Number of experts. */
  readonly k: number;
  /** Coefficients drawn with a standard deviation of 0.01, or a gate that tells two cells of the pixels apart. */
  readonly start: "random" | "k-means";
  readonly ridge: number;
  /** Iterations of conjugate gradients for each Newton step. */
  readonly innerIterations?: number;
  /** The iteration after which they are preconditioned with a factor of the complete information there; absent: none. */
  readonly factoredAfter?: number;
  readonly algorithm: InvertedMethod;
  /** Iterations, or epochs. */
  readonly iterations: number;
}

/** An algorithm and its step sizes. */
export type InvertedMethod =
  | { readonly kind: "generalised-em" | "anderson"; readonly innerSteps: number }
  | { readonly kind: "gradient-em" | "gradient-descent" | "adam"; readonly stepSize: number }
  | { readonly kind: "mini-batch-em"; readonly stepSize: number; readonly decay: number; readonly batchRows: number };

/** The name of a row's algorithm. */
export type InvertedId =
  | "em"
  | "gradient-em"
  | "gradient-descent"
  | "em-from-k-means"
  | "accelerated-em"
  | "mini-batch-em"
  | "adam"
  | "softmax";

/**
 * The settings of Table 2's rows, by the names of the algorithms.
 *
 * @example
 * ```ts
 * import { INVERTED_SETTINGS } from "mixlens/paper";
 * if (INVERTED_SETTINGS["gradient-descent"].aim !== "paper") throw new Error("a row of the paper's");
 * ```
 */
export const INVERTED_SETTINGS: Readonly<Record<InvertedId, InvertedSetting>> = {
  em: {
    ...{ name: "EM", aim: "paper", k: 2, start: "random", ridge: 30, innerIterations: 3 },
    ...{ algorithm: { kind: "generalised-em", innerSteps: 1 }, iterations: 5 },
  },
  "gradient-em": {
    ...{ name: "gradient EM", aim: "paper", k: 2, start: "random", ridge: 0 },
    ...{ algorithm: { kind: "gradient-em", stepSize: 0.05 }, iterations: 65 },
  },
  "gradient-descent": {
    ...{ name: "gradient descent", aim: "paper", k: 2, start: "random", ridge: 0 },
    ...{ algorithm: { kind: "gradient-descent", stepSize: 0.1 }, iterations: 42 },
  },
  "em-from-k-means": {
    ...{ name: "EM from k-means", aim: "best", k: 2, start: "k-means", ridge: 10, innerIterations: 3 },
    ...{ factoredAfter: 3, algorithm: { kind: "generalised-em", innerSteps: 1 }, iterations: 15 },
  },
  "accelerated-em": {
    ...{ name: "accelerated EM from k-means", aim: "best", k: 2, start: "k-means", ridge: 10, innerIterations: 3 },
    ...{ factoredAfter: 3, algorithm: { kind: "anderson", innerSteps: 1 }, iterations: 12 },
  },
  "mini-batch-em": {
    ...{ name: "mini-batch EM from k-means", aim: "best", k: 2, start: "k-means", ridge: 0 },
    ...{ algorithm: { kind: "mini-batch-em", stepSize: 0.002, decay: 0.75, batchRows: 128 }, iterations: 10 },
  },
  adam: {
    ...{ name: "Adam", aim: "best", k: 2, start: "random", ridge: 0 },
    ...{ algorithm: { kind: "adam", stepSize: 0.003 }, iterations: 100 },
  },
  softmax: {
    ...{ name: "one softmax regression", aim: "best", k: 1, start: "random", ridge: 10, innerIterations: 3 },
    ...{ algorithm: { kind: "generalised-em", innerSteps: 1 }, iterations: 6 },
  },
};

export const INVERTED_IDS: readonly InvertedId[] = Object.keys(INVERTED_SETTINGS) as InvertedId[];

/** Random-Invert Fashion-MNIST: which images are inverted depends on the seed. */
export interface InvertedFashion {
  readonly train: Images & { readonly inverted: Uint8Array };
  readonly test: Images & { readonly inverted: Uint8Array };
  readonly names: readonly string[];
  readonly seed: number;
}

/**
 * Random-Invert Fashion-MNIST: the images, each inverted with probability ½, labels unchanged.
 *
 * @param seed any 32-bit integer: which images are inverted depends on it alone
 * @throws as {@link fashionMnist}
 * @remarks cost: 110 MB while the images are read, then 55 MB. arXiv 2411.06056, section 6.
 * @example
 * ```ts
 * import { invertedFashion } from "mixlens/paper";
 * const { train, test } = await invertedFashion(1);
 * const share = train.inverted.reduce((sum, flip) => sum + flip, 0) / train.rows;
 * if (test.rows !== 10_000 || Math.abs(share - 0.5) > 0.01) throw new Error("half of them");
 * ```
 */
export async function invertedFashion(seed: number): Promise<InvertedFashion> {
  checkArgument("invert Fashion-MNIST", "seed", seed, number);
  const { train, test, names } = await fashionMnist();
  const rng = random(seed, 1);
  return { train: randomInvert(train, rng), test: randomInvert(test, rng), names, seed };
}

const aSet = objectOf(
  { train: required(images), test: required(images), names: required(listOf(text, "names")), seed: required(number) },
  "what invertedFashion gives",
);

/** One iterate of a run, the start being the first. */
export interface InvertedStep {
  readonly iteration: number;
  readonly theta: Float64Array;
  /** Of the 10,000 test images. */
  readonly accuracy: number;
  readonly crossEntropy: number;
  /** Negative objective of the training images, in nats per image. */
  readonly loss: number;
  /** Passes over the training images so far; one without gradients counts half. */
  readonly passes: number;
}

/**
 * Runs an algorithm of Table 2 on Random-Invert Fashion-MNIST, iterate by iterate, each held against the test images.
 *
 * @param id the algorithm and its setting, of {@link INVERTED_SETTINGS}
 * @returns the iterates, the start being the first; at the end, the model
 * @remarks cost of an iteration: 4 to 6 passes over the images for EM, one for gradient methods, two for an epoch of
 *   mini-batch EM; a factor takes as long as some 30. arXiv 2411.06056, Table 2.
 * @example
 * ```ts
 * import { invertedFashion, invertedRun } from "mixlens/paper";
 * const data = await invertedFashion(1);
 * let last = 0;
 * for (const { iteration, accuracy } of invertedRun("em-from-k-means", data)) {
 *   last = accuracy;
 *   if (iteration === 2) break;
 * }
 * if (last < 0.8) throw new Error(`${last} of the test images after two iterations`);
 * ```
 */
export function* invertedRun(id: InvertedId, set: InvertedFashion): Generator<InvertedStep, ImageMixture, void> {
  const act = "run on inverted images";
  checkArgument(act, "id", id, oneOf(Object.keys(INVERTED_SETTINGS)));
  checkArgument(act, "set", set, aSet);
  const { train, test, names, seed } = set;
  const setting = INVERTED_SETTINGS[id];
  const { k, ridge, start, iterations, innerIterations, factoredAfter = iterations } = setting;
  let passes = 0;
  const spec: ImageMixtureSpec = {
    ...{ k, labels: names, pixels: train.images.length / train.rows, ridge },
    ...(innerIterations !== undefined && { innerIterations }),
    onPass: (images, share) => {
      passes += (share * images) / train.rows;
    },
  };
  let model = imageMixture(spec);
  const rng = random(seed, 2);
  let theta =
    start === "k-means"
      ? imageStart(model, train, rng)
      : Float64Array.from({ length: model.names.length }, () => START * rng.normal());
  const algorithm = algorithmOf(setting.algorithm, seed);
  let done = 0;
  for (const end of factoredAfter < iterations ? [factoredAfter, iterations] : [iterations]) {
    if (done > 0) {
      const preconditioner = model.informationProducts(theta, train).preconditioner();
      model = imageMixture({ ...spec, preconditioner });
    }
    for (const step of iterate(algorithm, model, theta, train, { tolerance: 1e-3, maxIterations: end - done })) {
      // Where the last stage ended this one begins.
      if (done > 0 && step.iteration === 0) continue;
      ({ theta } = step);
      const { accuracy, crossEntropy } = predictImages(model, theta, test);
      const iteration = done + step.iteration;
      yield { iteration, theta, accuracy, crossEntropy, loss: -step.objective / train.rows, passes };
    }
    done = end;
  }
  return model;
}

/** Standard deviation of the coefficients of a random start. */
const START = 0.01;

function algorithmOf(
  method: InvertedMethod,
  seed: number,
  // biome-ignore lint/suspicious/noExplicitAny: each method has a state of its own.
): Algorithm<Images, ImageMixture, any> {
  switch (method.kind) {
    case "generalised-em":
      return generalisedEm({ innerSteps: method.innerSteps });
    case "anderson":
      return anderson({ innerSteps: method.innerSteps });
    case "gradient-em":
      return gradientEm({ stepSize: method.stepSize });
    case "gradient-descent":
      return gradientDescent({ stepSize: method.stepSize });
    case "adam":
      return adam({ stepSize: method.stepSize });
    case "mini-batch-em": {
      const { kind: _, ...options } = method;
      return miniBatchEm({ ...options, seed });
    }
  }
}
