/**
 * What kind of failure: `emptied`, an expert has fewer rows than coefficients; `collapsed`, its spread went to 0, onto the few
 * rows that the reason names; `exact`, the same, of many rows; `collinear`, columns determine each other; `unbounded`, there
 * is no maximum; `rounding`, the objective is lost in it; `no step`, the method has none to take.
 */
export type FailureKind = "emptied" | "collapsed" | "exact" | "collinear" | "unbounded" | "rounding" | "no step";

/** Why there is no maximiser, or no step. */
export interface Failure {
  readonly kind: FailureKind;
  /** In words, without a full stop. */
  readonly reason: string;
  /** The expert that it is of, from 1; absent: of several, or of none. */
  readonly expert?: number;
}
