import {
  type ImageMixture as Coefficients,
  type ImageStatistics,
  type ImageSums,
  type Images,
  imagesAt,
} from "../compute/image-pass.ts";
import { imageProduct, imageSums } from "../compute/images.ts";
import { own } from "../compute/own.ts";
import { callable, type Kind, listOf, objectOf, required, size, text, whole } from "../errors/kinds.ts";
import { type Declared, defaulted, readOptions } from "../errors/options.ts";
import { softmaxPenalty } from "../laws/softmax.ts";
import type { BlockFactor } from "../math/block-cholesky.ts";
import { dot } from "../math/vector.ts";
import type { BatchedModel, MatrixFreeModel, Maximum } from "../models/model.ts";
import { entropyOf } from "../models/shares.ts";
import { type Expansion, maximiseOnImages } from "./image-maximum.ts";
import { imageFactor, imagePreconditioner } from "./image-preconditioner.ts";

/** What a mixture of experts on images is made of. */
export interface ImageMixtureSpec {
  /** Number of experts, 1 or more. */
  readonly k: number;
  /** Labels in the order of their codes, two or more (C). */
  readonly labels: readonly string[];
  /** Pixels of an image (d). */
  readonly pixels: number;
  /** Precision ρ of a Gaussian prior on all coefficients, in nats: the objective is ℓ − ½ρ‖·‖². Default 0. */
  readonly ridge?: number;
  /** Iterations of conjugate gradients for each Newton step of the M-step, at the most; default 10. */
  readonly innerIterations?: number;
  /**
   * Factor of a matrix near the complete information, as `informationProducts` has it at a point nearby; default: one at
   * each point where an M-step is to converge or a spectrum is looked for, and for M-steps that are cut short the scaled
   * Gram matrix of the pixels.
   */
  readonly preconditioner?: BlockFactor;
  /** Called with each pass over so many images: a share of 1 for one with products both ways, ½ for one without. */
  readonly onPass?: (images: number, share: number) => void;
}

const labels: Kind<readonly string[]> = {
  wanted: "a list of two labels or more",
  accepts: (value) => listOf(text, "").accepts(value) && (value as readonly string[]).length > 1,
};
const SPEC = {
  k: required(whole),
  labels: required(labels),
  pixels: required(whole),
  ridge: defaulted(size, 0),
  innerIterations: defaulted(whole, 10),
  preconditioner: objectOf<BlockFactor>({}, "a factor such as informationProducts has it"),
  onPass: callable,
} satisfies Declared<ImageMixtureSpec>;

/** A mixture of multinomial experts on images, and the capabilities that algorithms ask for. */
export interface ImageMixture extends MatrixFreeModel<Images>, BatchedModel<Images> {
  readonly spec: ImageMixtureSpec;
  /** Where the gate's coefficients stand. */
  readonly gate: readonly { readonly offset: number; readonly size: number }[];
}

/** Errors of the rows' log-likelihoods, about 1e-6 each in single precision, partly cancel in their sum. */
const ROUNDING = 1e-7;

/**
 * A mixture of k experts on images with a softmax gate, p(y|x) = Σ_z softmax_z(x'w) softmax_y(x'β_z), its pixels bytes.
 *
 * The columns x of gate and experts are an intercept and the d pixels, from 0 to 1. The parameter vector holds the gate's
 * coefficients (expert 1 is the reference, w_1 = 0), then those of each expert, all C labels. No label is a reference: of
 * the (k − 1 + kC)(1 + d) parameters (k − 1 + k(C − 1))(1 + d) are free, and a ridge makes all of them unique. Otherwise it
 * is the `mixture` of logistic experts.
 *
 * Passes over the images are in single precision: log-likelihoods agree with double precision to about 1e-7, gradients to
 * 1e-5 of their largest entry.
 *
 * An M-step is a Newton search whose directions come from preconditioned conjugate gradients: `em` searches until single
 * precision shows no gain, `generalisedEm` takes so many Newton steps. The E-step finds the gradient along the way, so that
 * a first Newton step adds its products and half a pass. A factor of the complete information takes as long as some 30
 * passes, and near its point two or three iterations do what takes fifty with the Gram matrix: once a fit has found its
 * way, go on with a mixture that has one (`preconditioner`).
 *
 * @param spec.innerIterations of conjugate gradients for each Newton step, a whole number from 1 on; default 10
 * @throws InputError for a spec of no mixture
 * @remarks cost of a pass: 4 n (1 + d)(k − 1 + kC) operations; an E-step is one, and so is each inner iteration. Images
 *   take n·d bytes, three times. arXiv 2411.06056, section 6 and Appendix D.
 * @example
 * ```ts
 * import { generalisedEm, iterate } from "mixlens";
 * import { imageMixture, predictImages } from "mixlens/paper";
 * // Two pixels: the second says whether the first is to be read the other way round.
 * const images = Uint8Array.from({ length: 800 }, (_, at) => (at * 7919) % 256);
 * const labels = Uint8Array.from({ length: 400 }, (_, i) => Number(images[2 * i] > 127 === images[2 * i + 1] > 127));
 * const data = { rows: 400, images, labels };
 * const model = imageMixture({ k: 2, labels: ["dark", "bright"], pixels: 2, ridge: 0.01 });
 * const start = Float64Array.from(model.names, (_, j) => Math.sin(j));
 * const run = [...iterate(generalisedEm<typeof data>(), model, start, data, { tolerance: 1e-2, maxIterations: 30 })];
 * const [before, after] = [run[0], run[run.length - 1]].map(({ theta }) => predictImages(model, theta, data));
 * if (!(after.crossEntropy < before.crossEntropy - 0.1)) throw new Error("EM learns to tell them apart");
 * ```
 */
export function imageMixture(spec: ImageMixtureSpec): ImageMixture {
  const plan = readOptions("make a mixture on images", spec, SPEC);
  const { k, labels, pixels, ridge, innerIterations, onPass = () => {} } = plan;
  const shape = { k, classes: labels.length };
  const size = 1 + pixels;
  const names = layout(spec);
  const of = (coefficients: Float64Array): Coefficients => ({ ...shape, coefficients });

  // The gate's penalty couples its experts, w_1 = 0 among them; an expert's labels have one each.
  const coupling = softmaxPenalty(k);
  const penalised = (v: Float64Array): Float64Array => {
    const pull = v.map((value) => ridge * value);
    for (let h = 0; h < k - 1; h++) {
      for (let a = 0; a < size; a++) {
        let sum = 0;
        for (let j = 0; j < k - 1; j++) sum += coupling[h * (k - 1) + j] * v[j * size + a];
        pull[h * size + a] = ridge * sum;
      }
    }
    return pull;
  };
  const penalty = (theta: Float64Array): number => (ridge === 0 ? 0 : 0.5 * dot(theta, penalised(theta)));
  const less = (gradient: Float64Array, theta: Float64Array, factor = 1): Float64Array => {
    if (ridge === 0) return gradient;
    const pull = penalised(theta);
    return gradient.map((value, j) => value - factor * pull[j]);
  };
  const complete = (data: Images, v: Float64Array, statistics: ImageStatistics): Float64Array => {
    onPass(data.rows, 1);
    return less(imageProduct(data, of(v), statistics, "complete"), v, -1);
  };

  const expected = (theta: Float64Array, assigned: Float32Array, data: Images): ImageSums => {
    onPass(data.rows, 1);
    return imageSums(data, of(theta), { gradient: true, statistics: true, assigned });
  };

  /** @param first what is expected at θ itself */
  const maximise = (
    theta: Float64Array,
    assigned: Float32Array,
    data: Images,
    newtonSteps: number | undefined,
    first = expected(theta, assigned, data),
  ): Maximum => {
    let factor = spec.preconditioner;
    const expand = (at: Float64Array): Expansion => {
      const { value, gradient, statistics } = at === theta ? first : expected(at, assigned, data);
      // To converge takes so many iterations that a factor of their own is the quickest way.
      if (newtonSteps === undefined) factor ??= imageFactor(data, shape, statistics, ridge);
      return {
        value: value - penalty(at),
        gradient: less(gradient, at),
        product: (v) => complete(data, v, statistics),
        precondition: (factor ?? imagePreconditioner(data, shape, statistics, ridge)).solve,
      };
    };
    const value = (at: Float64Array): number => {
      onPass(data.rows, 0.5);
      return imageSums(data, of(at), { assigned }).value - penalty(at);
    };
    return maximiseOnImages({ expand, value }, theta, { newtonSteps, innerIterations, rounding: ROUNDING });
  };

  return {
    spec,
    names,
    rounding: ROUNDING,
    gate: Array.from({ length: k - 1 }, (_, h) => ({ offset: h * size, size })),

    totalWeight: ({ rows }) => rows,

    own,

    rowsOf: imagesAt,

    posterior: (theta, data) => {
      onPass(data.rows, 0.5);
      const { value, responsibilities } = imageSums(data, of(theta), {});
      return {
        logLikelihood: value,
        objective: value - penalty(theta),
        responsibilities: Float64Array.from(responsibilities),
      };
    },

    eStep: (theta, images) => {
      const [at, data] = [theta.slice(), own(images)];
      onPass(data.rows, 1);
      const sums = imageSums(data, of(at), { gradient: true, statistics: true });
      const assigned = sums.responsibilities;
      // At the posterior of θ itself Q is the log-likelihood less the entropy, and has its gradient.
      const first = (): ImageSums => ({ ...sums, value: sums.value - entropyOf(assigned, k) });
      return {
        logLikelihood: sums.value,
        objective: sums.value - penalty(at),
        maximise: (newtonSteps) => maximise(at, assigned, data, newtonSteps, first()),
        gradient: (point = at) => less((point === at ? sums : expected(point, assigned, data)).gradient, point).slice(),
        responsibilities: () => Float64Array.from(assigned),
      };
    },

    gradient: (theta, data) => {
      onPass(data.rows, 1);
      const { value, gradient } = imageSums(data, of(theta), { gradient: true });
      return { logLikelihood: value, objective: value - penalty(theta), gradient: less(gradient, theta) };
    },

    completeGradient: (theta, responsibilities, data) =>
      less(expected(theta, Float32Array.from(responsibilities), data).gradient, theta),

    maximise: (theta, { responsibilities }, images, newtonSteps) =>
      maximise(theta, Float32Array.from(responsibilities), own(images), newtonSteps),

    informationProducts: (theta, images) => {
      const data = own(images);
      onPass(data.rows, 0.5);
      const { statistics } = imageSums(data, of(theta), { statistics: true });
      return {
        complete: (v) => complete(data, v, statistics),
        missing: (v) => {
          onPass(data.rows, 1);
          return imageProduct(data, of(v), statistics, "missing");
        },
        preconditioner: () => spec.preconditioner ?? imageFactor(data, shape, statistics, ridge),
      };
    },
  };
}

/** What each parameter is called. */
function layout({ k, labels, pixels }: ImageMixtureSpec): string[] {
  const columns = ["(intercept)", ...Array.from({ length: pixels }, (_, j) => `pixel${j + 1}`)];
  const names: string[] = [];
  const place = (owner: string): void => {
    for (const column of columns) names.push(`${owner}.${column}`);
  };
  for (let z = 1; z < k; z++) place(`gate${z + 1}`);
  for (let z = 0; z < k; z++) for (const label of labels) place(`expert${z + 1}.${label}`);
  return names;
}
