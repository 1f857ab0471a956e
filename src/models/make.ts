import { byName, isObject, type Kind, numbers, oneOf, size, truth, whole } from "../errors/kinds.ts";
import { type Defaulted, defaulted, type Optional, optional } from "../errors/options.ts";
import { EXPERT_KINDS, type ExpertKind } from "../laws/registry.ts";
import type { Priors } from "./centring.ts";

/** How a mixture is made, whatever columns it reads: options of a fit, which a model file keeps. */
export class MakeTable {
  /** Kind of the experts; default `"linear"`. */
  readonly experts: Defaulted<ExpertKind> = defaulted(oneOf(EXPERT_KINDS), "linear", "kind of the experts");

  /** Number of experts; default 2. */
  readonly k: Defaulted<number> = defaulted(whole, 2, "number of experts");

  /** One variance for all linear experts; default false. */
  readonly sharedVariance: Defaulted<boolean> = defaulted(truth, false, "one variance for all linear experts");

  /**
   * Precision of a Gaussian prior on the coefficients, intercepts included; default 0. With a precision ρ the objective is
   * ℓ − ½ρ‖·‖². Of the gate and of labels the coefficients count less their mean over all classes, the reference's 0 among
   * them, so that the fit does not depend on the reference: of two classes the log-odds' coefficients have the precision ρ/2.
   */
  readonly ridge: Defaulted<number> = defaulted(
    size,
    0,
    "precision of a Gaussian prior on the coefficients, intercepts included",
  );

  /**
   * Least standard deviation of a linear expert, in units of the response; default 0. EM and its variants keep to it, so that
   * no expert collapses onto a few rows.
   */
  readonly sigmaFloor: Defaulted<number> = defaulted(
    size,
    0,
    "least standard deviation of a linear expert, in units of the response",
  );

  /** Values that parameters are held at, by names such as expert1.x; default: none. All names are in `mixture.names`. */
  readonly fixed: Optional<Readonly<Record<string, number>>> = optional(
    byName,
    "values that parameters are held at, by names such as expert1.x",
    { otherwise: "none", flag: "fix" },
  );
}

export const MAKE: MakeTable = new MakeTable();

/** Priors on whole parts, which are made and not told. */
export const priorsByPart: Kind<Priors> = {
  wanted: "an object of matrices by part",
  accepts: (value) => isObject(value) && !Array.isArray(value) && Object.values(value).every(numbers.accepts),
};
