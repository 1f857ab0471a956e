// The experiments of the paper, what they are made of, and mixtures over images.

export { imageStart } from "./algorithms/image-start.ts";
export {
  type StepGrid,
  type StepGridCell,
  type StepGridOptions,
  type StepGridRun,
  stepGrid,
} from "./algorithms/step-grid.ts";
export type { Images } from "./compute/image-pass.ts";
export { type FashionMnist, fashionMnist } from "./data/fashion-mnist.ts";
export { randomInvert } from "./data/random-invert.ts";
export type { AblationJson } from "./experiments/ablation.ts";
export type { AblationClaim, AblationList, AblationListRow } from "./experiments/ablation-algorithms.ts";
export type { AblationFactorRow } from "./experiments/ablation-factors.ts";
export type {
  ComparisonClaim,
  ComparisonJson,
  ComparisonScores,
  ComparisonStepSize,
  ComparisonTask,
} from "./experiments/comparison-summary.ts";
export type { Summary } from "./experiments/experiment.ts";
export type { ImageSpectrum, ImageSpectrumJson } from "./experiments/image-spectrum-summary.ts";
export {
  INVERTED_SETTINGS,
  type InvertedFashion,
  type InvertedId,
  type InvertedMethod,
  type InvertedSetting,
  type InvertedStep,
  invertedFashion,
  invertedRun,
} from "./experiments/inverted-fashion.ts";
export type { Figure3Json, InvertedRow, PublishedEnd, Table2Json } from "./experiments/inverted-summary.ts";
export type { ExperimentId, Experiments } from "./experiments/registry.ts";
export { type ReproduceOptions, type Reproduction, reproduce } from "./experiments/reproduce.ts";
export type { RunOptions, RunProgress } from "./experiments/run.ts";
export type { PairedDifference, Spread, Verdict } from "./experiments/statistics.ts";
export { type DrawnPair, drawPair, drawStart, type PairSettings } from "./experiments/symmetric-data.ts";
export type { FigureGridRow, FigureJson, FigureRow } from "./experiments/symmetric-figure-summary.ts";
export type { PopulationRate, TheoremCheck, TheoremsJson } from "./experiments/theorems.ts";
export { type ImageMixture, type ImageMixtureSpec, imageMixture } from "./models/image-mixture.ts";
export { type ImagePrediction, predictImages } from "./models/image-prediction.ts";
