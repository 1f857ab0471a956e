import { type ImageShape, type ImageSums, type Images, imagesAt } from "../compute/image-pass.ts";
import { imageProduct, imageSums } from "../compute/images.ts";
import { own } from "../compute/own.ts";
import { callable, objectOf, required, size, whole } from "../errors/kinds.ts";
import { type Declared, defaulted, readOptions } from "../errors/options.ts";
import type { BlockFactor } from "../math/block-cholesky.ts";
import { labelList } from "../models/checks.ts";
import type { BatchedModel, EStep, Evaluation, MatrixFreeModel } from "../models/model.ts";
import { entropyOf } from "../models/shares.ts";
import { places } from "../rows/predictor.ts";
import {
  completeProduct,
  expectedSums,
  type ImageParts,
  type ImagePasses,
  imageMStep,
  ROUNDING,
} from "./image-m-step.ts";
import { imagePenalty } from "./image-penalty.ts";
import { imageFactor } from "./image-preconditioner.ts";

/** Specification of a mixture of experts on images. */
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

const SPEC = {
  k: required(whole),
  labels: required(labelList),
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
  readonly gate: readonly { readonly at: readonly number[] }[];
}

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
  const { k, labels, pixels, ridge, innerIterations, onPass, preconditioner } = readOptions(
    "make a mixture on images",
    spec,
    SPEC,
  );
  const shape = { k, classes: labels.length };
  const size = 1 + pixels;
  const passes = countedPasses(shape, onPass);
  const penalty = imagePenalty(k, size, ridge);
  const parts: ImageParts = {
    shape,
    passes,
    penalty,
    ridge,
    innerIterations,
    ...(preconditioner && { preconditioner }),
  };
  const evaluation = (theta: Float64Array, logLikelihood: number): Evaluation => ({
    logLikelihood,
    objective: logLikelihood - penalty.value(theta),
  });

  return {
    spec,
    names: parameterNames(spec),
    rounding: ROUNDING,
    gate: Array.from({ length: k - 1 }, (_, h) => ({ at: places(h * size, size) })),

    totalWeight: ({ rows }) => rows,

    own,

    rowsOf: imagesAt,

    posterior: (theta, data) => {
      const { value, responsibilities } = passes.sums(theta, data, {});
      return { ...evaluation(theta, value), responsibilities: Float64Array.from(responsibilities) };
    },

    eStep: (theta, images) => imageEStep(parts, theta.slice(), own(images)),

    gradient: (theta, data) => {
      const { value, gradient } = passes.sums(theta, data, { gradient: true });
      return { ...evaluation(theta, value), gradient: penalty.offGradient(gradient, theta) };
    },

    completeGradient: (theta, responsibilities, data) => {
      const { gradient } = expectedSums(passes, theta, Float32Array.from(responsibilities), data);
      return penalty.offGradient(gradient, theta);
    },

    maximise: (theta, { responsibilities }, images, effort) => {
      const [assigned, data] = [Float32Array.from(responsibilities), own(images)];
      const first = expectedSums(passes, theta, assigned, data);
      return imageMStep(parts, theta, assigned, data, effort, first);
    },

    informationProducts: (theta, images) => {
      const data = own(images);
      const { statistics } = passes.sums(theta, data, { statistics: true });
      return {
        complete: (v) => completeProduct(parts, v, data, statistics),
        missing: (v) => passes.product(v, data, statistics, "missing"),
        preconditioner: () => preconditioner ?? imageFactor(data, shape, statistics, ridge),
      };
    },
  };
}

/** The passes of a mixture of this shape, each reported when it begins. */
function countedPasses(shape: ImageShape, onPass: ImageMixtureSpec["onPass"] = () => {}): ImagePasses {
  return {
    sums: (coefficients, data, pass) => {
      onPass(data.rows, pass.gradient ? 1 : 0.5);
      return imageSums(data, { ...shape, coefficients }, pass);
    },
    product: (coefficients, data, statistics, information) => {
      onPass(data.rows, 1);
      return imageProduct(data, { ...shape, coefficients }, statistics, information);
    },
  };
}

/** The E-step at θ; neither θ nor the images may change. */
function imageEStep(parts: ImageParts, theta: Float64Array, data: Images): EStep {
  const { shape, passes, penalty } = parts;
  const sums = passes.sums(theta, data, { gradient: true, statistics: true });
  const assigned = sums.responsibilities;
  // At the posterior of θ itself Q is the log-likelihood less the entropy, and has its gradient.
  const first = (): ImageSums => ({ ...sums, value: sums.value - entropyOf(assigned, shape.k) });
  return {
    logLikelihood: sums.value,
    objective: sums.value - penalty.value(theta),
    maximise: (effort) => imageMStep(parts, theta, assigned, data, effort, first()),
    gradient: (at = theta) => {
      const { gradient } = at === theta ? sums : expectedSums(passes, at, assigned, data);
      return penalty.offGradient(gradient, at).slice();
    },
    responsibilities: () => Float64Array.from(assigned),
  };
}

/** Names of the parameters, in their order. */
function parameterNames({ k, labels, pixels }: ImageMixtureSpec): string[] {
  const columns = ["(intercept)", ...Array.from({ length: pixels }, (_, j) => `pixel${j + 1}`)];
  const names: string[] = [];
  const place = (owner: string): void => {
    for (const column of columns) names.push(`${owner}.${column}`);
  };
  for (let z = 1; z < k; z++) place(`gate${z + 1}`);
  for (let z = 0; z < k; z++) for (const label of labels) place(`expert${z + 1}.${label}`);
  return names;
}
