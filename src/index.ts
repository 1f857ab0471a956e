// Fitting: data, laws, models, algorithms, inference, charts and tables.

export { type AdamOptions, adam, type Moments, type RunningMeans } from "./algorithms/adam.ts";
export type { Algorithm, StepInfo, StepResult } from "./algorithms/algorithm.ts";
export { type AcceleratedPosterior, type AndersonOptions, anderson } from "./algorithms/anderson.ts";
export { em } from "./algorithms/em.ts";
export { type Fit, fit, fitAsync } from "./algorithms/fit.ts";
export { FitFailure } from "./algorithms/fit-failure.ts";
export type { FitOptions, FitStep } from "./algorithms/fit-options.ts";
export { type GeneralisedEmOptions, generalisedEm } from "./algorithms/generalised-em.ts";
export { type GradientDescentOptions, gradientDescent, type Slope } from "./algorithms/gradient-descent.ts";
export { type GradientEmOptions, gradientEm } from "./algorithms/gradient-em.ts";
export { type Iterate, iterate, type Outcome, type Result, type Stop } from "./algorithms/iterate.ts";
export { type LineSearchOptions, lineSearch, type SearchedSlope } from "./algorithms/line-search.ts";
export { type MiniBatchOptions, miniBatchEm } from "./algorithms/mini-batch-em.ts";
export {
  type Classification,
  classify,
  type PredictedExperts,
  type PredictedLabels,
  type PredictedMean,
  type Prediction,
  predict,
} from "./algorithms/predict.ts";
export { type Run, type RunOptions as AlgorithmRunOptions, run } from "./algorithms/run.ts";
export type { Search, StartReport } from "./algorithms/search.ts";
export { type SimulateOptions, type Simulation, simulate } from "./algorithms/simulate.ts";
export type { StartScheme } from "./algorithms/starts.ts";
export type { Gated, StepSizes } from "./algorithms/step-size.ts";
export { emWithWarmRestarts, type RestartedPosterior, type WarmRestartsOptions } from "./algorithms/warm-restarts.ts";
export { type CoefficientPlotOptions, coefficientPlot, type NamedCoefficients } from "./charts/coefficient-plot.ts";
export {
  type ConvergencePlotOptions,
  type ConvergenceRun,
  convergencePlot,
  type Traced,
} from "./charts/convergence-plot.ts";
export { type FitPlotOptions, fitPlot } from "./charts/fit-plot.ts";
export { type SpectrumPlotOptions, spectrumPlot } from "./charts/spectrum-plot.ts";
export { type Computing, computing, setThreads } from "./compute/engine.ts";
export { type ColumnArrays, tableFromColumns } from "./data/columns.ts";
export { parseCsv, readCsv } from "./data/csv.ts";
export { datasetPath } from "./data/dataset-path.ts";
export { type LeftOut, numericColumnNames } from "./data/default-features.ts";
export { type DownloadProgress, type FetchOptions, fetchDataset } from "./data/download.ts";
export type { FitRows, FittedMixture, Whole } from "./data/fitted.ts";
export type { Formula } from "./data/formula.ts";
export { type Frame, tableFromFrame } from "./data/frame.ts";
export { type Idx, readIdx } from "./data/idx.ts";
export { type Labels, labelColumn } from "./data/labels.ts";
export { load, save } from "./data/model-file.ts";
export { numericColumn } from "./data/numeric.ts";
export { observe } from "./data/observe.ts";
export { type DatasetFile, type DatasetInfo, listDatasets } from "./data/registry.ts";
export { type DataSource, toTable } from "./data/source.ts";
export { type Column, column, type DataTable, type NumericColumn, type TextColumn } from "./data/table.ts";
export { type Certificate, type CertifiedStep, type CertifyOptions, certify } from "./diagnostics/certificate.ts";
export { type Criteria, criteria, type Score } from "./diagnostics/criteria.ts";
export type { Certifiable } from "./diagnostics/geometry.ts";
export { observedRate } from "./diagnostics/rates.ts";
export { type Alignment, align, alignPair, recoveryError } from "./diagnostics/recovery.ts";
export { type PairSnr, snr } from "./diagnostics/snr.ts";
export { type Spectrum, spectrum } from "./diagnostics/spectrum.ts";
export {
  type TopSpectrum,
  type TopSpectrumOfFit,
  type TopSpectrumOptions,
  topSpectrum,
} from "./diagnostics/top-spectrum.ts";
export { coefficientTable } from "./display/coefficient-table.ts";
export { type Curve, type CurvePlotOptions, curvePlot } from "./display/curve-plot.ts";
export { type Figure, figure, plain } from "./display/figure.ts";
export { frameTable } from "./display/frame-table.ts";
export { type HeatMapOptions, heatMap, type Span } from "./display/heat-map.ts";
export { tableHtml } from "./display/html.ts";
export { tableMarkdown } from "./display/markdown.ts";
export { type Latex, type MatrixLatexOptions, matrixLatex } from "./display/matrix-latex.ts";
export { jupyterDisplay, type MimeBundle, mimeBundle } from "./display/mime.ts";
export { htmlPage } from "./display/page.ts";
export { type PictureOptions, picture } from "./display/picture.ts";
export { type PixelGrid, type PixelGridOptions, type PixelImage, pixelGrid } from "./display/pixel-grid.ts";
export { InputError, WorkFailure } from "./errors.ts";
export type { Contrast } from "./laws/contrast.ts";
export type { Kernel, Law, Parts, Predictor, ResponseKind, Scale } from "./laws/law.ts";
export type { NaturalForm } from "./laws/natural.ts";
export type { ExpertKind, GateKind } from "./laws/registry.ts";
export type { DiagonalBlock } from "./math/block-cholesky.ts";
export { type Random, random } from "./math/random.ts";
export {
  type ByColumn,
  type Coefficients,
  coefficients,
  type ExpertCoefficients,
  type ExpertScales,
  type LabelCoefficients,
  type LabelledCoefficients,
  type Parameterised,
} from "./models/coefficients.ts";
export { type Mixture, type MixtureSpec, mixture } from "./models/mixture.ts";
export type {
  BatchedModel,
  EStep,
  Evaluation,
  FlatModel,
  Information,
  InformationProducts,
  InformedModel,
  LatentModel,
  MatrixFreeModel,
  Maximum,
  Model,
  Posterior,
} from "./models/model.ts";
export type { Design, Observations } from "./models/observations.ts";
export { formatNumber, formatRate } from "./text/number.ts";
export { type Cell, type Table, type TableColumn, type TableLimits, tableText } from "./text/table.ts";
