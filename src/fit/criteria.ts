import { checkFields } from "../errors/arguments.ts";
import { number, required, unitNumbers, vector, whole } from "../errors/kinds.ts";
import type { Declared } from "../errors/options.ts";
import { isWhole } from "../models/checks.ts";
import type { Parameterised } from "../models/coefficients.ts";
import { doubtOf, entropyOf } from "../models/shares.ts";
import type { Observations } from "../rows/observations.ts";
import { totalWeight, unitWeights } from "../rows/units.ts";
import { fittedParts, rowsOfFit, type Whole } from "./fitted.ts";

/** Criteria for choosing between models fitted to the same rows: smaller is better. */
export interface Criteria {
  /** −2ℓ + 2p */
  readonly aic: number;
  /** −2ℓ + p ln n for n rows, each counted as it weighs; those of a group one by one, as flexmix does. */
  readonly bic: number;
  /** BIC with (n + 2)/24 in place of n, which small samples ask for: the sample-size-adjusted one. */
  readonly sabic: number;
  /**
   * BIC − 2 Σ log max_z r_z: that of the rows with each assigned to its most probable expert. Experts that overlap are
   * counted against the fit. The ICL of flexmix and mclust.
   */
  readonly icl: number;
  /** BIC plus twice the entropy of the responsibilities: the expectation of the above over assignments; never less. */
  readonly iclSoft: number;
}

/** Quantities that the criteria of a fit are made of. */
export interface Score {
  /** ℓ, in nats. */
  readonly logLikelihood: number;
  /** Number of free parameters, p. */
  readonly parameters: number;
  readonly rows: number;
  /** Responsibilities, n × k row-major. */
  readonly responsibilities: Float64Array;
  /** Weight of each row (n); absent: 1. */
  readonly weights?: Float64Array | undefined;
  /** Unit that each row belongs to (n), whose expert is one; absent: each row is a unit. */
  readonly units?: Int32Array | undefined;
}

/** A fit, as far as its criteria depend on it. */
type Scored = Parameterised &
  Pick<Score, "logLikelihood" | "responsibilities"> & { readonly observations: Observations };

const SCORE: Declared<Score> = {
  logLikelihood: required(number),
  parameters: required(number),
  rows: required(whole),
  responsibilities: required(vector),
  weights: vector,
  units: unitNumbers,
};

/**
 * Information criteria of a fit, or of what they are made of, in nats doubled as is the custom.
 *
 * @remarks Akaike 1974; Schwarz 1978; the sample size adjusted, Sclove 1987; ICL, Biernacki, Celeux and Govaert 2000, and with
 *   the entropy McLachlan and Peel 2000, section 6.10.
 * @example
 * ```ts
 * import { criteria, fit } from "mixlens";
 * const line = fit({ x: [0, 1, 2, 3, 4], y: [0, 1.1, 1.9, 3, 4.2] }, { response: "y", k: 1 });
 * if (criteria(line).bic !== line.criteria.bic) throw new Error("a fit has them");
 * const { aic } = criteria({ logLikelihood: -10, parameters: 3, rows: 4, responsibilities: Float64Array.of(1, 1, 1, 1) });
 * if (aic !== 26) throw new Error(String(aic));
 * ```
 */
export function criteria(fit: Scored): Criteria;
export function criteria(score: Score): Criteria;
export function criteria(fit: Scored | Score): Criteria {
  const score = isWhole<Scored>(fit) && !("parameters" in fit) ? scoreOf(fit) : (fit as Score);
  checkFields(ACT, "a fit", score, SCORE);
  const { logLikelihood, parameters, rows, responsibilities, weights, units } = score;
  const k = responsibilities.length / rows;
  const own = unitWeights({ rows, ...(weights && { weights }), ...(units && { units }) });
  const total = totalWeight({ rows, weights });
  const [doubt, entropy] = [doubtOf(responsibilities, k, own), entropyOf(responsibilities, k, own)];
  return criteriaOf({ logLikelihood, parameters, total, doubt, entropy });
}

/** The criteria from sums over the rows: their weight, and −Σ w log max r and −Σ w r log r of the responsibilities. */
export function criteriaOf({
  logLikelihood,
  parameters,
  total,
  doubt,
  entropy,
}: Pick<Score, "logLikelihood" | "parameters"> & Readonly<Record<"total" | "doubt" | "entropy", number>>): Criteria {
  const bic = -2 * logLikelihood + parameters * Math.log(total);
  return {
    aic: -2 * logLikelihood + 2 * parameters,
    bic,
    sabic: -2 * logLikelihood + parameters * Math.log((total + 2) / 24),
    icl: bic + 2 * doubt,
    iclSoft: bic + 2 * entropy,
  };
}

const ACT = "find criteria";

function scoreOf(fit: Scored): Score {
  const { mixture, logLikelihood, responsibilities } = fittedParts(ACT, fit);
  const { rows, weights, units } = rowsOfFit(ACT, fit as unknown as Whole, undefined, "fit(data, options)");
  return { logLikelihood, parameters: mixture.free.length, rows, responsibilities, weights, units };
}
