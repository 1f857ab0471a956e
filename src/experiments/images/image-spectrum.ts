import { anderson } from "../../algorithms/anderson.ts";
import { em } from "../../algorithms/em.ts";
import type { Stop } from "../../algorithms/iterate.ts";
import type { Images } from "../../compute/image-pass.ts";
import { fashionMnist } from "../../datasets/fashion-mnist.ts";
import { run } from "../../fit/run.ts";
import { type ImageMixture, imageMixture } from "../../images/image-mixture.ts";
import { predictImages } from "../../images/image-prediction.ts";
import { imageStart } from "../../images/image-start.ts";
import { observedRate } from "../../inference/rates.ts";
import { topSpectrum } from "../../inference/top-spectrum.ts";
import { random } from "../../math/random.ts";
import type { Study } from "../runner/experiment.ts";
import { type ImageSpectrum, type ImageSpectrumJson, imageSpectrumSummary } from "./image-spectrum-summary.ts";
import { invertedFashion } from "./inverted-fashion.ts";

/** Settings of the study, but for its seed. */
const SETTINGS = {
  /** With less of it EM has hundreds of steps to go, in the end along directions that no image decides. */
  ridge: 100,
  /** Steps of accelerated EM with the first preconditioner, and of EM before the preconditioner is made anew. */
  accelerated: 3,
  approach: 4,
  /** Of EM, in standard errors: its gains are then still above what single precision blurs. */
  tolerance: 2e-4,
  maxIterations: 80,
  top: 5,
  /** Largest residual of an eigenvalue. */
  spectrumTolerance: 1e-3,
} as const;

/**
 * The missing information of a mixture fitted to Random-Invert Fashion-MNIST, without any matrix, and the rate that EM shows
 * there.
 */
export const imageSpectrum: Study<ImageSpectrum, ImageSpectrumJson> = {
  id: "spectrum",
  title: "The missing information of a mixture on Fashion-MNIST, and the speed of EM",
  instances: 1,
  settings: SETTINGS,
  prepare: fashionMnist,
  instance: spectrumOf,
  summary: (instances) => imageSpectrumSummary(SETTINGS.ridge, instances),
};

/** Fits from k-means and by EM to its limit, then looks at the limit itself. */
async function spectrumOf(seed: number): Promise<ImageSpectrum> {
  const { train, test, names } = await invertedFashion(seed);
  const { ridge, accelerated, approach, tolerance, maxIterations, top, spectrumTolerance } = SETTINGS;
  const spec = { k: 2, labels: names, pixels: train.images.length / train.rows, ridge };
  const plain = imageMixture({ ...spec, innerIterations: 3 });
  /** The mixture with a preconditioner from this point. */
  const near = (theta: Float64Array): ImageMixture => {
    const preconditioner = plain.informationProducts(theta, train).preconditioner();
    return imageMixture({ ...spec, innerIterations: 30, preconditioner });
  };

  let theta = imageStart(plain, train, random(seed, 2));
  const quick = anderson<Images>({ innerSteps: 1 });
  ({ theta } = run(quick, plain, theta, train, { tolerance, maxIterations: accelerated }));
  const gains: number[] = [];
  const climb = (model: ImageMixture, stop: Stop): boolean => {
    const { trace, result, ...end } = run(em<Images>(), model, theta, train, stop);
    ({ theta } = end);
    gains.push(...trace.slice(1).map(({ gain }) => gain));
    return result === "converged";
  };
  climb(near(theta), { tolerance, maxIterations: approach });
  const model = near(theta);
  const isConverged = climb(model, { tolerance, maxIterations });

  const found = topSpectrum(model, theta, train, { top, tolerance: spectrumTolerance });
  const { accuracy, crossEntropy } = predictImages(model, theta, test);
  const rate = observedRate(gains.map((gain) => ({ gain })));
  return {
    eigenvalues: Array.from(found.eigenvalues),
    residuals: Array.from(found.residuals),
    products: found.products,
    gradientNorm: found.gradientNorm,
    gains,
    isConverged,
    // As JSON has it.
    observedRate: Number.isNaN(rate) ? null : rate,
    accuracy,
    crossEntropy,
  };
}
