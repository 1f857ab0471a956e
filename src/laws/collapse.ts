import type { ExpertFit } from "./law.ts";

/**
 * What became of experts whose spread went to 0, where the likelihood has no bound.
 *
 * @param spread the parameter in words
 * @param experts from 1; more than one where they share it
 */
export function collapse(spread: string, experts: readonly number[]): ExpertFit {
  const reason = `the ${spread} of expert ${experts.join(", ")} collapsed: it fits its rows exactly`;
  return { gain: 0, failure: { kind: "exact", reason, ...(experts.length === 1 && { expert: experts[0] }) } };
}
