import type { ExpertKind } from "../laws/registry.ts";
import type { Predicts } from "../laws/results.ts";

/** What a fitted mixture says of rows it may not have seen: of numbers their mean, of labels and successes how probable. */
export type Prediction<E extends ExpertKind = ExpertKind> = E extends ExpertKind
  ? PredictedExperts &
      {
        readonly mean: PredictedMean;
        readonly labels: PredictedLabels;
        readonly successes: PredictedSuccesses;
      }[Predicts<E>]
  : never;

/** Which experts speak for rows. */
export interface PredictedExperts {
  readonly rows: number;
  /** Gate probabilities P(z | x), n × k row-major. */
  readonly gate: Float64Array;
  /**
   * Responsibilities P(z | x, y), n × k row-major; of a row without a response, or with one that the model can't have
   * (an unknown label, a count below 0), P(z | x) like `gate`. Absent where no row has one.
   */
  readonly responsibilities?: Float64Array;
}

/** Prediction of a number. */
export interface PredictedMean extends PredictedQuantiles {
  /** Mean of the response (n). */
  readonly mean: Float64Array;
  readonly probability?: undefined;
  readonly labels?: undefined;
  readonly probabilities?: undefined;
}

/** What is predicted of numbers where it is asked for. */
export interface PredictedQuantiles {
  /** Quantiles of the response, n × q row-major. */
  readonly quantiles?: Float64Array;
  /** Mean of each expert, n × k row-major. */
  readonly expertMeans?: Float64Array;
}

/** What is predicted of trials. */
export interface PredictedSuccesses extends PredictedQuantiles {
  /** Mean number of successes in the row's trials; in one where the rows have no trials (n). */
  readonly mean: Float64Array;
  /** Probability that a trial is a success (n). */
  readonly probability: Float64Array;
  readonly labels?: undefined;
  readonly probabilities?: undefined;
}

/** Prediction of a label. */
export interface PredictedLabels {
  readonly mean?: undefined;
  readonly probability?: undefined;
  readonly quantiles?: undefined;
  readonly expertMeans?: undefined;
  /** Most probable label of each row (n). */
  readonly labels: readonly string[];
  /** Probabilities of the labels, n × C row-major. */
  readonly probabilities: Float64Array;
}
