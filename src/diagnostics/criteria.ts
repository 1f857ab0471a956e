import { checkFields } from "../errors/arguments.ts";
import { number, required, vector, whole } from "../errors/kinds.ts";
import type { Declared } from "../errors/options.ts";
import { doubtOf, entropyOf } from "../models/shares.ts";

/** Criteria for choosing between models fitted to the same rows: smaller is better. */
export interface Criteria {
  /** −2ℓ + 2p */
  readonly aic: number;
  /** −2ℓ + p ln n */
  readonly bic: number;
  /**
   * BIC − 2 Σ log max_z r_z: that of the rows with each assigned to its most probable expert. Experts that overlap are
   * counted against the fit. The ICL of flexmix and mclust.
   */
  readonly icl: number;
  /** BIC plus twice the entropy of the responsibilities: the expectation of the above over assignments; never less. */
  readonly iclSoft: number;
}

const FIT: Declared<Parameters<typeof criteria>[0]> = {
  logLikelihood: required(number),
  parameters: required(number),
  rows: required(whole),
  responsibilities: required(vector),
  weights: vector,
};

/**
 * Information criteria of a fit, in nats doubled as is the custom.
 *
 * @param fit log-likelihood ℓ in nats, number of free parameters p, responsibilities (n × k) and row weights (n)
 * @remarks Akaike 1974; Schwarz 1978; ICL, Biernacki, Celeux and Govaert 2000, and with the entropy McLachlan and Peel
 *   2000, section 6.10.
 * @example
 * ```ts
 * import { criteria } from "mixlens";
 * const { aic } = criteria({ logLikelihood: -10, parameters: 3, rows: 4, responsibilities: Float64Array.of(1, 1, 1, 1) });
 * if (aic !== 26) throw new Error(String(aic));
 * ```
 */
export function criteria(fit: {
  readonly logLikelihood: number;
  readonly parameters: number;
  readonly rows: number;
  readonly responsibilities: Float64Array;
  readonly weights?: Float64Array | undefined;
}): Criteria {
  checkFields("find criteria", "a fit", fit, FIT);
  const { logLikelihood, parameters, rows, responsibilities, weights } = fit;
  const k = responsibilities.length / rows;
  const total = weights?.reduce((sum, w) => sum + w, 0) ?? rows;
  const bic = -2 * logLikelihood + parameters * Math.log(total);
  return {
    aic: -2 * logLikelihood + 2 * parameters,
    bic,
    icl: bic + 2 * doubtOf(responsibilities, k, weights),
    iclSoft: bic + 2 * entropyOf(responsibilities, k, weights),
  };
}
