import { binomial } from "./binomial.ts";
import { gamma } from "./gamma.ts";
import { gaussian } from "./gaussian.ts";
import type { Law } from "./law.ts";
import { multinomial } from "./multinomial.ts";
import { negativeBinomial } from "./negative-binomial.ts";
import { poisson } from "./poisson.ts";

/** The kinds of experts. */
export const EXPERT_KINDS = ["linear", "logistic", "poisson", "gamma", "negative-binomial", "binomial"] as const;
export type ExpertKind = (typeof EXPERT_KINDS)[number];

/** The law of each kind; that of labels is made for them. */
const laws: Readonly<Record<ExpertKind, (labels: readonly string[]) => Law>> = {
  linear: () => gaussian,
  logistic: multinomial,
  poisson: () => poisson,
  gamma: () => gamma,
  "negative-binomial": () => negativeBinomial,
  binomial: () => binomial,
};

/**
 * The law of a kind of experts.
 *
 * @param labels of the response in the order of their codes, where it is one
 */
export function lawOf(kind: ExpertKind, labels: readonly string[] = []): Law {
  return laws[kind](labels);
}
