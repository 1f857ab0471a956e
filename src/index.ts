// Fitting: data, laws, models, algorithms, inference, charts and tables.

export { type AdamOptions, adam, type Moments, type RunningMeans } from "./algorithms/adam.ts";
export type { Algorithm, AlgorithmMemory, StepInfo, StepResult } from "./algorithms/algorithm.ts";
export { type AcceleratedPosterior, type AndersonOptions, anderson } from "./algorithms/anderson.ts";
export { type Balance, balancedEm } from "./algorithms/balanced-em.ts";
export { deployedEm } from "./algorithms/deployed-em.ts";
export { em } from "./algorithms/em.ts";
export { type GeneralisedEmOptions, generalisedEm } from "./algorithms/generalised-em.ts";
export { type GradientDescentOptions, gradientDescent, type Slope } from "./algorithms/gradient-descent.ts";
export { type GradientEmOptions, gradientEm } from "./algorithms/gradient-em.ts";
export { type Iterate, iterate, type Outcome, type Result, type Stop } from "./algorithms/iterate.ts";
export { type LineSearchOptions, lineSearch, type SearchedSlope } from "./algorithms/line-search.ts";
export { type MiniBatchOptions, miniBatchEm } from "./algorithms/mini-batch-em.ts";
export { onePassEm } from "./algorithms/one-pass-em.ts";
export type { RestrictedState } from "./algorithms/restricted-em.ts";
export { type SparseEmOptions, sparseEm } from "./algorithms/sparse-em.ts";
export type { Gated, StepSizes } from "./algorithms/step-size.ts";
export { emWithWarmRestarts, type RestartedPosterior, type WarmRestartsOptions } from "./algorithms/warm-restarts.ts";
export { type CalibrationPlotOptions, calibrationPlot } from "./charts/calibration-plot.ts";
export { type CoefficientPlotOptions, coefficientPlot, type NamedCoefficients } from "./charts/coefficient-plot.ts";
export {
  type ConvergencePlotOptions,
  type ConvergenceRun,
  convergencePlot,
  type Traced,
} from "./charts/convergence-plot.ts";
export { type FitPlotOptions, fitPlot } from "./charts/fit-plot.ts";
export { type InfluencePlotOptions, influencePlot } from "./charts/influence-plot.ts";
export { type PartialEffectPlotOptions, partialEffectPlot } from "./charts/partial-effect-plot.ts";
export { type PosteriorPlotOptions, posteriorPlot } from "./charts/posterior-plot.ts";
export { type ReportOptions, report } from "./charts/report.ts";
export { type ResidualPlotOptions, residualPlot } from "./charts/residual-plot.ts";
export { type RootogramOptions, rootogram } from "./charts/rootogram.ts";
export { type SelectionPlotOptions, selectionPlot } from "./charts/selection-plot.ts";
export { type SpectrumPlotOptions, spectrumPlot } from "./charts/spectrum-plot.ts";
export { type TreePlotOptions, treePlot } from "./charts/tree-plot.ts";
export { type Computing, computing, setThreads } from "./compute/engine.ts";
export { datasetPath } from "./datasets/dataset-path.ts";
export { type DownloadProgress, type FetchOptions, fetchDataset } from "./datasets/download.ts";
export { type Idx, readIdx } from "./datasets/idx.ts";
export { type DatasetFile, type DatasetInfo, listDatasets } from "./datasets/registry.ts";
export { type Curve, type CurvePlotOptions, curvePlot } from "./display/curve-plot.ts";
export { type Figure, figure, plain } from "./display/figure.ts";
export { frameTable } from "./display/frame-table.ts";
export { type HeatMapOptions, heatMap, type Span } from "./display/heat-map.ts";
export { tableHtml } from "./display/html.ts";
export { tableMarkdown } from "./display/markdown.ts";
export { type Latex, type MatrixLatexOptions, matrixLatex } from "./display/matrix-latex.ts";
export { jupyterDisplay, type MimeBundle, mimeBundle } from "./display/mime.ts";
export { htmlPage, type PageOptions } from "./display/render/page.ts";
export { type PictureOptions, picture } from "./display/render/picture.ts";
export { type PixelGrid, type PixelGridOptions, type PixelImage, pixelGrid } from "./display/render/pixel-grid.ts";
export { plotlyLibrary } from "./display/render/plotly-library.ts";
export { tableLatex } from "./display/table-latex.ts";
export { InputError, WorkFailure } from "./errors.ts";
export { type Classification, classify } from "./fit/classify.ts";
export { type Criteria, criteria, type Score } from "./fit/criteria.ts";
export type { Search, SearchEnd, StartReport } from "./fit/evidence.ts";
export { fit, fitAsync } from "./fit/fit.ts";
export { FitFailure } from "./fit/fit-failure.ts";
export type { FitOptions, FitStep } from "./fit/fit-options.ts";
export type { Fit } from "./fit/fit-result.ts";
export type { FitRows, FittedMixture, Whole } from "./fit/fitted.ts";
export { load, save } from "./fit/model-file.ts";
export type { Fingerprint, Origin } from "./fit/origin.ts";
export { predict } from "./fit/predict.ts";
export type { PredictFileOptions, PredictOptions } from "./fit/predict-options.ts";
export type {
  PredictedExperts,
  PredictedLabels,
  PredictedMean,
  PredictedSuccesses,
  Prediction,
} from "./fit/prediction.ts";
export { type Run, type RunOptions as AlgorithmRunOptions, run } from "./fit/run.ts";
export { type SimulateOptions, type Simulation, simulate } from "./fit/simulate.ts";
export type { PredictionFile } from "./fit/source/prediction-file.ts";
export { type RowSource, type SourceOptions, type SourceProgress, source } from "./fit/source/source.ts";
export type { StartScheme } from "./fit/starts/starts.ts";
export type { Missing } from "./frame/complete.ts";
export { type LeftOut, numericColumnNames } from "./frame/default-features.ts";
export type { Formula } from "./frame/formula.ts";
export { observe } from "./frame/observe.ts";
export { type Bootstrap, type BootstrapOptions, bootstrap } from "./inference/bootstrap.ts";
export type { BootstrapType } from "./inference/bootstrap-type.ts";
export {
  type Calibration,
  type CalibrationOptions,
  type CalibrationPoint,
  calibration,
} from "./inference/calibration.ts";
export { type Covariance, type CovarianceType, covariance, type ErrorOptions } from "./inference/covariance.ts";
export { type CrossValidation, type CrossValidationOptions, crossValidate } from "./inference/cross-validation.ts";
export { averageEffect, type Effect, type PredictedErrors, predictWithErrors } from "./inference/delta.ts";
export { type Deployed, type DeployedOptions, deployed } from "./inference/deployed.ts";
export { type Influence, type InfluenceOptions, type InfluentialUnit, influence } from "./inference/influence.ts";
export {
  type BootstrapInterval,
  confint,
  type IntervalMethod,
  type IntervalOptions,
  type Intervals,
} from "./inference/intervals.ts";
export type { Estimate, Interval } from "./inference/level.ts";
export { likelihoodRatioTest, type RatioOptions, type RatioTest } from "./inference/likelihood-ratio.ts";
export { type ContrastOptions, contrast } from "./inference/linear-contrast.ts";
export {
  type EffectCurve,
  type EffectOn,
  type PartialEffect,
  type PartialEffectOptions,
  partialEffect,
} from "./inference/partial-effect.ts";
export { observedRate } from "./inference/rates.ts";
export { type Alignment, align, alignPair, recoveryError } from "./inference/recovery.ts";
export { quantileResiduals, type ResidualOptions, type Residuals } from "./inference/residuals.ts";
export {
  type SelectedBy,
  type SelectedModel,
  type Selection,
  type SelectModelOptions,
  selectModel,
} from "./inference/select-model.ts";
export { type PairSnr, snr } from "./inference/snr.ts";
export { type Spectrum, spectrum } from "./inference/spectrum.ts";
export { type FitSummary, type SummaryOptions, type SummaryRow, summary, summaryTable } from "./inference/summary.ts";
export {
  type TopSpectrum,
  type TopSpectrumOfFit,
  type TopSpectrumOptions,
  topSpectrum,
} from "./inference/top-spectrum.ts";
export type { Contrast } from "./laws/contrast.ts";
export type { Failure, FailureKind } from "./laws/failure.ts";
export type { Gate } from "./laws/gates/gate.ts";
export { type GateKind, type TreeKind, tree } from "./laws/gates/registry.ts";
export type { Kernel, Law, Parts, ResponseKind, Scale } from "./laws/law.ts";
export type { NaturalForm } from "./laws/natural.ts";
export type { ExpertKind } from "./laws/registry.ts";
export type { DiagonalBlock } from "./math/block-cholesky.ts";
export { type Random, random } from "./math/random.ts";
export { coefficientTable } from "./models/coefficient-table.ts";
export { coefficients, type Parameterised } from "./models/coefficients.ts";
export { type Mixture, mixture } from "./models/mixture.ts";
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
export type {
  ByColumn,
  Coefficients,
  ExpertCoefficients,
  ExpertScales,
  GateContrast,
  LabelCoefficients,
  LabelledCoefficients,
} from "./models/named-parameters.ts";
export type { MixtureSpec } from "./models/spec.ts";
export type { Design, Observations } from "./rows/observations.ts";
export type { Predictor } from "./rows/predictor.ts";
export type { Effort } from "./solve/effort.ts";
export type { Column, NumericColumn, TextColumn } from "./table/column.ts";
export { type ColumnArrays, tableFromColumns } from "./table/columns.ts";
export { parseCsv, readCsv } from "./table/csv.ts";
export { describe } from "./table/describe.ts";
export { type Frame, tableFromFrame } from "./table/frame.ts";
export { type Labels, labelColumn } from "./table/labels.ts";
export type { MissingRows } from "./table/missing.ts";
export { numericColumn } from "./table/numeric.ts";
export type { Encoding, ReadCsvOptions, ReadOptions } from "./table/read-options.ts";
export { readTable } from "./table/read-table.ts";
export { type RowObjects, tableFromRows } from "./table/rows.ts";
export { type DataSource, toTable } from "./table/source.ts";
export { column, type DataTable } from "./table/table.ts";
export { dropMissing, filter, head, type Row, selectColumns } from "./table/verbs.ts";
export { formatNumber, formatRate } from "./text/number.ts";
export { type Cell, type Table, type TableColumn, type TableLimits, tableText } from "./text/table.ts";
export { type Certificate, type CertifiedStep, type CertifyOptions, certify } from "./theory/certificate.ts";
export type { Certifiable } from "./theory/geometry.ts";
