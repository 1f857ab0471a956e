// The experiments of the paper, what they are made of, and mixtures over images.

export type { Images } from "./compute/image-pass.ts";
export { type FashionMnist, fashionMnist } from "./datasets/fashion-mnist.ts";
export { randomInvert } from "./datasets/random-invert.ts";
export type { AblationJson } from "./experiments/ablation/ablation.ts";
export type { AblationClaim, AblationList, AblationListRow } from "./experiments/ablation/ablation-algorithms.ts";
export type { AblationFactorRow } from "./experiments/ablation/ablation-factors.ts";
export type {
  ComparisonClaim,
  ComparisonJson,
  ComparisonScores,
  ComparisonStepSize,
  ComparisonTask,
} from "./experiments/comparison/comparison-summary.ts";
export type { DeepEnd, DeepId } from "./experiments/deep/contenders.ts";
export type { DeepClaim, DeepJson, DeepRow } from "./experiments/deep/deep-summary.ts";
export { type DrawnPair, drawPair, drawStart, type PairSettings } from "./experiments/figures/symmetric-data.ts";
export type { FigureGridRow, FigureJson, FigureRow } from "./experiments/figures/symmetric-figure-summary.ts";
export type { ImageSpectrum, ImageSpectrumJson } from "./experiments/images/image-spectrum-summary.ts";
export {
  INVERTED_SETTINGS,
  type InvertedFashion,
  type InvertedId,
  type InvertedMethod,
  type InvertedSetting,
  type InvertedStep,
  invertedFashion,
  invertedRun,
} from "./experiments/images/inverted-fashion.ts";
export type { Figure3Json, InvertedRow, PublishedEnd, Table2Json } from "./experiments/images/inverted-summary.ts";
export type { Summary } from "./experiments/runner/experiment.ts";
export type { ExperimentId, Experiments } from "./experiments/runner/registry.ts";
export { type ReproduceOptions, type Reproduction, reproduce } from "./experiments/runner/reproduce.ts";
export type { RunOptions, RunProgress } from "./experiments/runner/run.ts";
export type { PairedClaim, Spread, Verdict } from "./experiments/runner/statistics.ts";
export type { PopulationRate, TheoremCheck, TheoremsJson } from "./experiments/theorems/theorems.ts";
export {
  type StepGrid,
  type StepGridCell,
  type StepGridOptions,
  type StepGridRun,
  stepGrid,
} from "./fit/step-grid.ts";
export { type ImageMixture, type ImageMixtureSpec, imageMixture } from "./images/image-mixture.ts";
export { type ImagePrediction, predictImages } from "./images/image-prediction.ts";
export { imageStart } from "./images/image-start.ts";
export { type RouteMixture, type RouteMixtureSpec, routeMixture } from "./routes/route-mixture.ts";
export { predictRoutes, type RoutePrediction, type RoutePredictionOptions } from "./routes/route-prediction.ts";
export { type RouteTrainingOptions, type RouteTrainingStep, trainRoutes } from "./routes/route-training.ts";
