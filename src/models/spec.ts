import { listOf, required, text } from "../errors/kinds.ts";
import type { Declared, OptionsOf } from "../errors/options.ts";
import { type GateKind, gateKind } from "../laws/gates/registry.ts";
import type { ExpertKind } from "../laws/registry.ts";
import { MAKE, type MakeTable, priorsByPart } from "./make.ts";
import type { Priors } from "./prior.ts";

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
   * Gaussian priors on the coefficients of whole parts, beside the ridge, by part: of `gate` with a precision of d_g × d_g
   * numbers, of `expert2` of d × d. Default: none; `fit` sets them against perfect separation.
   */
  readonly priors?: Priors;
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
};
