// A mixture's parameters by the names of its columns, as `coefficients` gives them.

import type { ExpertKind } from "../laws/registry.ts";
import type { Predicts, ScaleOf } from "../laws/results.ts";

/** Numbers by column name. */
export type ByColumn = Readonly<Record<string, number>>;

/** A mixture's parameters by name: what each expert and the gate read off each column. */
export interface Coefficients<E extends ExpertKind = ExpertKind> {
  /** The columns in order: an object's keys lose theirs where they look like whole numbers. */
  readonly columns: { readonly expert: readonly string[]; readonly gate: readonly string[] };
  readonly experts: readonly ExpertCoefficients<E>[];
  /** One entry for each expert, of a tree for each branch of each gate; the first of each is the reference, all 0. */
  readonly gate: readonly ByColumn[];
  /** Those entries of the gate that are no reference. */
  readonly contrasts: readonly GateContrast[];
}

/** What an entry of the gate is: such as `node 1.2`, the log-odds of that branch against `node 1.1`. */
export interface GateContrast {
  /** Number of the entry, from 0. */
  readonly at: number;
  /** Such as `gate 2`, or of a tree `node 1.2`. */
  readonly name: string;
  readonly against: string;
  /** The experts that it leads to, from 1. */
  readonly experts: readonly number[];
}

/** One expert's parameters by name: by column, of a logistic expert by label and then column; and its scale. */
export type ExpertCoefficients<E extends ExpertKind = ExpertKind> = E extends ExpertKind
  ? {
      readonly coefficients: {
        readonly mean: ByColumn;
        readonly labels: LabelledCoefficients;
        readonly successes: ByColumn;
      }[Predicts<E>];
      /** Its response, of an expert that is always 0: it has no coefficients. */
      readonly always?: 0;
    } & Pick<ExpertScales, ScaleOf<E>> & { readonly [other in Exclude<keyof ExpertScales, ScaleOf<E>>]?: undefined }
  : never;

/** The scales that experts report, each kind its own. */
export interface ExpertScales {
  /** Standard deviation of a linear expert's response; σ of a Student-t expert's, whose variance is σ²ν/(ν − 2). */
  readonly sigma: number;
  /** Shape ν of a Gamma expert: the variance is μ²/ν. */
  readonly shape: number;
  /** Dispersion α of a negative binomial expert: the variance is μ + αμ². */
  readonly dispersion: number;
}

/** Coefficients of a logistic expert's columns, label by label in their order; the first is the reference, all 0. */
export interface LabelledCoefficients extends ReadonlyArray<LabelCoefficients> {
  /** A list has no columns; so `coefficients.x` compiles whatever the experts' kind. */
  readonly [column: string]: unknown;
}

/** Coefficients of one label's log-odds against the first. */
export interface LabelCoefficients {
  readonly label: string;
  readonly values: ByColumn;
}
