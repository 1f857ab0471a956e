import { gamma } from "./gamma.ts";
import { gaussian } from "./gaussian.ts";
import type { Law } from "./law.ts";
import { multinomial } from "./multinomial.ts";
import { negativeBinomial } from "./negative-binomial.ts";
import { poisson } from "./poisson.ts";

/** Every law of an expert, by what its experts are called; that of labels is made for them. */
const laws = {
  linear: (): Law => gaussian,
  logistic: (labels: readonly string[]): Law => multinomial(labels),
  poisson: (): Law => poisson,
  gamma: (): Law => gamma,
  "negative-binomial": (): Law => negativeBinomial,
} satisfies Readonly<Record<string, (labels: readonly string[]) => Law>>;

/** The kinds of experts. */
export type ExpertKind = keyof typeof laws;

/** The kinds of experts. */
export const EXPERT_KINDS = Object.keys(laws) as readonly ExpertKind[];

/**
 * The law of a kind of experts.
 *
 * @param labels of the response in the order of their codes, where it is one
 */
export function lawOf(kind: ExpertKind, labels: readonly string[] = []): Law {
  return laws[kind](labels);
}
