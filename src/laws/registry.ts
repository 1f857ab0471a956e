import { binomial } from "./binomial.ts";
import { gamma } from "./gamma.ts";
import { gaussian } from "./gaussian.ts";
import type { Law, LawOption } from "./law.ts";
import { multinomial } from "./multinomial.ts";
import { negativeBinomial } from "./negative-binomial.ts";
import { poisson } from "./poisson.ts";
import { studentT } from "./student-t.ts";

/** The kinds of experts. */
export const EXPERT_KINDS = [
  "linear",
  "logistic",
  "poisson",
  "gamma",
  "negative-binomial",
  "binomial",
  "student-t",
] as const;
export type ExpertKind = (typeof EXPERT_KINDS)[number];

/** What a law is made for, where that is not the same for all mixtures of its kind. */
export interface LawConstants {
  /** Labels of the response in the order of their codes, where it is one. */
  readonly labels?: readonly string[];
  /** Degrees of freedom of Student-t experts; absent: 4. */
  readonly df?: number;
}

/** The law of each kind. */
const laws: Readonly<Record<ExpertKind, (constants: LawConstants) => Law>> = {
  linear: () => gaussian,
  logistic: ({ labels = [] }) => multinomial(labels),
  poisson: () => poisson,
  gamma: () => gamma,
  "negative-binomial": () => negativeBinomial,
  binomial: () => binomial,
  "student-t": ({ df }) => studentT(df),
};

/** The law of a kind of experts. */
export function lawOf(kind: ExpertKind, constants: LawConstants = {}): Law {
  return laws[kind](constants);
}

/** The kinds of experts that take an option. */
export function kindsThatTake(option: LawOption): ExpertKind[] {
  return EXPERT_KINDS.filter((kind) => lawOf(kind).takes?.includes(option));
}
