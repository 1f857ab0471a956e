import { columnName, oneOf } from "../errors/kinds.ts";
import { type Optional, optional, type PlanOf, readOptions } from "../errors/options.ts";
import { InputError, quote } from "../errors.ts";
import { type FitRows, fittedParts, rowsOfAFit, rowsOfFit, type Whole } from "../fit/fitted.ts";
import { countsInWords } from "../frame/relative-weights.ts";
import { checkMixture } from "../models/checks.ts";
import { curvatureAt } from "../models/curvature.ts";
import type { Observations } from "../rows/observations.ts";
import type { Table } from "../text/table.ts";
import { tabled } from "../text/tabled.ts";
import { clustersOf } from "./clusters.ts";

/** Kinds of covariance matrices. */
const COVARIANCE_TYPES = ["observed", "robust", "cluster"] as const;

/** How much the estimates vary: by the curvature of the likelihood, or whether or not the model is right. */
export type CovarianceType = (typeof COVARIANCE_TYPES)[number];

/** How standard errors are found: options of all that has them. */
export interface ErrorOptions {
  /**
   * `"observed"`: the inverse of the observed information. `"robust"`: the sandwich of it and the units' scores, which holds
   * for a model that is wrong, too. `"cluster"`: the same with the scores added up within clusters. Default: `"cluster"`
   * where a column of them is named, else `"observed"`.
   */
  readonly type?: CovarianceType;
  /** Column of the fit's table that says which cluster a row belongs to. */
  readonly cluster?: string;
  /** The rows that a loaded model was fitted to; default: those of the fit. */
  readonly rows?: FitRows;
}

/** Table of these options. */
export class ErrorTable {
  readonly type: Optional<CovarianceType> = optional(oneOf(COVARIANCE_TYPES), "kind of the covariance matrix", {
    otherwise: "cluster where there is a column of them, else observed",
  });

  readonly cluster: Optional<string> = optional(columnName, "column of the clusters that rows belong to", {
    otherwise: "none",
  });

  readonly rows: Optional<FitRows> = optional(rowsOfAFit, "rows of a loaded model", { otherwise: "those of the fit" });
}

export const ERRORS: ErrorTable = new ErrorTable();

/** Covariance matrix of the estimates of a fit. */
export interface Covariance {
  readonly type: CovarianceType;
  /** Names of the parameters that are fitted (q): fixed ones, and a σ at its floor, have no variance. */
  readonly names: readonly string[];
  /** The matrix, q × q row-major. */
  readonly matrix: Float64Array;
  /** Square roots of its diagonal (q). */
  readonly standardErrors: Float64Array;
  /** What should be known about it. */
  readonly messages: readonly string[];
}

/**
 * Covariance matrix of a fit's estimates.
 *
 * The observed information is that of the objective, by Louis' identity: I_c − I_m, priors and ridge included, with weights
 * as numbers of rows. The robust matrix is A⁻¹(Σ_u s_u s_u')A⁻¹ of it, A, and of the units' scores s_u, each times its
 * unit's weight; units are rows, or groups of a grouped fit. That of clusters has the sums of their scores in place of
 * s_u, and the factor G/(G − 1) for G clusters: R's `sandwich::vcovCL` with its default `cadjust` and `type = "HC0"`,
 * which is its default for all but `lm` (there it is HC1, larger by (n − 1)/(n − d)). Scales are parameters by their
 * logarithms.
 *
 * @throws InputError where the parameters are no maximum of the rows or a combination of them is not determined, which it
 *   names; for rows that a loaded model lacks; and for clusters that cut groups
 * @remarks cost n·p² for the informations and p³. Louis 1982; Huber 1967; Zeileis, Köll and Graham 2020.
 * @example
 * ```ts
 * import { covariance, datasetPath, fit } from "mixlens";
 * const iris = fit(datasetPath("iris"), { response: "petal_width", features: ["petal_length"], starts: 5 });
 * const { names, standardErrors } = covariance(iris);
 * const robust = covariance(iris, { type: "robust" });
 * const clustered = covariance(iris, { cluster: "species" });
 * if (names.length !== 8 || !(standardErrors[0] > 0)) throw new Error("one for each parameter");
 * if (robust.matrix.length !== 64 || clustered.type !== "cluster") throw new Error("8 × 8");
 * ```
 */
export function covariance(fit: Whole, options: ErrorOptions = {}): Covariance {
  return covarianceFor(ACT, "covariance(model, { rows })", fit, readOptions(ACT, options, ERRORS)).covariance;
}

const ACT = "find a covariance matrix";

/**
 * The same for another act, with the rows that it was found on.
 *
 * @param call how to write that with rows
 */
export function covarianceFor(
  act: string,
  call: string,
  fit: Whole,
  { type, cluster, rows }: PlanOf<ErrorTable>,
): { readonly covariance: Covariance; readonly data: Observations; readonly free: readonly number[] } {
  const taken = type ?? (cluster === undefined ? "observed" : "cluster");
  if ((taken === "cluster") !== (cluster !== undefined)) {
    const got = cluster === undefined ? "none" : `${quote(cluster)} with type ${quote(taken)}`;
    throw new InputError(act, 'a column of clusters with the type "cluster", and only there', got);
  }
  const { mixture, theta } = fittedParts(act, fit);
  checkMixture(act, mixture);
  const data = rowsOfFit(act, fit, rows, call);
  const { free, inverse, influences, sumOfInfluences } = curvatureAt(act, mixture, theta, data);
  const q = free.length;
  let matrix = inverse;
  if (taken === "robust") matrix = sumOfInfluences((own) => squares(own, q));
  if (cluster !== undefined) {
    const clusters = clustersOf(act, fit, rows, data, cluster);
    matrix = squares(addedUp(influences(), clusters.of, clusters.count, q), q, clusters.count / (clusters.count - 1));
  }
  const found: Covariance = {
    type: taken,
    names: free.map((j) => mixture.names[j]),
    matrix,
    standardErrors: Float64Array.from(free, (_, j) => Math.sqrt(matrix[j * q + j])),
    messages: [...priorsInWords(mixture.spec.priors ?? {}), ...(taken === "robust" ? countsInWords(data) : [])],
  };
  return { covariance: tabled<Covariance>(found, covarianceTable), data, free };
}

/** Σ_u t_u t_u' of vectors one after the other (q × q), times a factor. */
function squares(vectors: Float64Array, q: number, factor: number = 1): Float64Array {
  const sums = new Float64Array(q * q);
  for (let from = 0; from < vectors.length; from += q) {
    for (let j = 0; j < q; j++) {
      for (let i = 0; i <= j; i++) sums[j * q + i] += vectors[from + j] * vectors[from + i];
    }
  }
  return sums.map((_, at) => {
    const [row, column] = [Math.floor(at / q), at % q];
    return factor * (row >= column ? sums[at] : sums[column * q + row]);
  });
}

function addedUp(vectors: Float64Array, clusters: Int32Array, count: number, q: number): Float64Array {
  const sums = new Float64Array(count * q);
  for (let at = 0; at < vectors.length; at++) sums[clusters[Math.floor(at / q)] * q + (at % q)] += vectors[at];
  return sums;
}

/** Parts that only a prior keeps finite, as a fit sets it against separation. */
function priorsInWords(priors: Readonly<Record<string, unknown>>): readonly string[] {
  const parts = Object.keys(priors);
  if (parts.length === 0) return [];
  return [
    `Without its prior ${parts.join(" and ")} has no finite maximum: its standard errors are those of the prior.`,
  ];
}

function covarianceTable({ type, names, standardErrors, messages }: Covariance): Table {
  return {
    columns: [{ name: "parameter" }, { name: `standard error (${type})` }],
    rows: names.map((name, j) => [name, standardErrors[j]]),
    ...(messages.length > 0 && { note: messages.join(" ") }),
  };
}
