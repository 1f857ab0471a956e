import type { ExpertFit } from "./law.ts";

const EXACTLY = "it fits its rows exactly";

/**
 * What became of experts whose spread went to 0, where the likelihood has no bound.
 *
 * @param spread the parameter in words
 * @param experts from 1; more than one where they share it
 */
export function collapse(spread: string, experts: readonly number[]): ExpertFit {
  const failure = `the ${spread} of expert ${experts.join(", ")} collapsed: ${EXACTLY}`;
  return { gain: 0, failure, ...(experts.length === 1 && { expert: experts[0] }) };
}

/** Whether a run ended at a collapse, by its message: of so many rows that the message does not name them. */
export function isCollapseOfMany(message: string): boolean {
  return message.endsWith(`${EXACTLY}.`);
}
