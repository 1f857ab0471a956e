import { file, type Kind, listOf, numberIn, oneOf, truth } from "../errors/kinds.ts";
import { type Defaulted, defaulted, type Optional, optional } from "../errors/options.ts";
import { MISSING, type Missing } from "../frame/complete.ts";

/** How rows are predicted. */
export interface PredictOptions {
  /**
   * What is done about rows that miss a value the model reads; default: what the fit did. They are refused, or dropped: such
   * a row keeps its place, with NaN for numbers and no text for its label.
   */
  readonly missing?: Missing;
  /** Probabilities of the quantiles of the response that are predicted, such as `[0.05, 0.95]`; default: none. */
  readonly quantiles?: readonly number[];
  /** Whether the mean of each expert is predicted, too; default: false. */
  readonly perExpert?: boolean;
}

/** How rows are predicted into a file. */
export interface PredictFileOptions extends PredictOptions {
  /** CSV file, or Parquet file by its ending, that is written instead; default: none. */
  readonly out?: string;
}

/** Probabilities, each of a quantile. */
export const probabilities: Kind<readonly number[]> = {
  ...listOf(
    numberIn("", (p) => p > 0 && p < 1),
    "numbers above 0 and below 1, such as 0.05,0.95",
  ),
  written: "numbers",
};

/** Table of the options of `predict`. */
export class PredictTable {
  readonly missing: Optional<Missing> = optional(oneOf(MISSING), "what is done about rows with missing values", {
    otherwise: "what the fit did",
  });
  readonly quantiles: Optional<readonly number[]> = optional(
    probabilities,
    "probabilities of the quantiles of the response that are predicted",
    { otherwise: "none" },
  );
  readonly perExpert: Defaulted<boolean> = defaulted(truth, false, "predict the mean of each expert, too");
}

export const PREDICT: PredictTable = new PredictTable();

/** Table of the options of `predict`, with that of a file. */
export class PredictFileTable extends PredictTable {
  readonly out: Optional<string> = optional(file, "CSV file, or Parquet file by its ending, that is written instead", {
    otherwise: "none",
  });
}

export const PREDICT_FILE: PredictFileTable = new PredictFileTable();
