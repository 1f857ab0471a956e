import { listOf, required, text } from "../errors/kinds.ts";
import type { Declared, OptionsOf } from "../errors/options.ts";
import { type GateKind, gateKind } from "../laws/gates/registry.ts";
import type { ExpertKind } from "../laws/registry.ts";
import { MAKE, type MakeTable, originsByPart, priorsByPart } from "./make.ts";
import type { PriorOrigins, Priors } from "./prior.ts";

type Make = OptionsOf<MakeTable>;

/** Specification of a mixture of experts. */
export interface MixtureSpec<E extends ExpertKind = ExpertKind>
  extends Omit<Make, "experts" | "k">,
    Required<Pick<Make, "experts" | "k">> {
  /** Kind of the experts. */
  readonly experts: E;
  /** Kind of the gate; default `"softmax"`. A constant one is that of an intercept alone, and `tree` makes trees. */
  readonly gate?: GateKind;
  /** Columns of the gate (d_g). */
  readonly gateColumns: readonly string[];
  /** Columns of the experts (d). */
  readonly expertColumns: readonly string[];
  /** Those of the experts' columns whose coefficients are the same in all experts; default: none. */
  readonly shared?: readonly string[];
  /** Labels of the response in the order of their codes; logistic experts only. */
  readonly labels?: readonly string[];
  /**
   * Precision matrices of Gaussian priors on the coefficients of whole parts, beside the ridge, by part: `gate` (d_g × d_g,
   * row-major) or `expert2` (d × d). Default: none; `fit` sets them against perfect separation.
   */
  readonly priors?: Priors;
  /**
   * Of priors on the coefficients of columns less their means, by part: those means (d), and the place of the intercept, which
   * takes them up. Written into the matrices they would cancel. Default: the priors are on the coefficients as they are.
   */
  readonly priorOrigins?: PriorOrigins;
}

/** What a specification is checked against. */
export const SPEC: Declared<MixtureSpec> = {
  ...MAKE,
  experts: required(MAKE.experts),
  k: required(MAKE.k),
  gate: gateKind,
  gateColumns: required(listOf(text, "a list of names")),
  expertColumns: required(listOf(text, "a list of names")),
  shared: listOf(text, "a list of names"),
  labels: listOf(text, "a list of labels"),
  priors: priorsByPart,
  priorOrigins: originsByPart,
};
