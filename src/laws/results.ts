import type { ExpertKind } from "./registry.ts";

/**
 * What is found of a mixture, by the kind of its experts: what it predicts, and the scale that each expert reports.
 *
 * Here alone types tell kinds apart: one that is left out does not compile, and a test holds the table against the laws.
 */
interface Results {
  readonly linear: { readonly predicts: "mean"; readonly scale: "sigma" };
  readonly logistic: { readonly predicts: "labels"; readonly scale: never };
  readonly poisson: { readonly predicts: "mean"; readonly scale: never };
  readonly gamma: { readonly predicts: "mean"; readonly scale: "shape" };
  readonly "negative-binomial": { readonly predicts: "mean"; readonly scale: "dispersion" };
  readonly binomial: { readonly predicts: "successes"; readonly scale: never };
  readonly "student-t": { readonly predicts: "mean"; readonly scale: "sigma" };
}

/** Whether experts of a kind predict a mean, labels or successes. */
export type Predicts<E extends ExpertKind> = Results[E]["predicts"];

/** Name that the scale of an expert is reported by; never: it has none. */
export type ScaleOf<E extends ExpertKind> = Results[E]["scale"];
