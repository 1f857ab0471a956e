import { balancedEm } from "../algorithms/balanced-em.ts";
import type { FitAlgorithm } from "../algorithms/named.ts";
import { sparseEm } from "../algorithms/sparse-em.ts";
import { InputError } from "../errors.ts";
import type { Observations } from "../rows/observations.ts";
import { finishedEm } from "./finished-em.ts";
import type { FitPlan } from "./fit-options.ts";

/**
 * The algorithm of a fit, which begins with restricted E-steps where it is asked to.
 *
 * @returns nothing where it is not, nor asked for by name: the default of a fit
 * @throws InputError for restrictions that these rows or experts can't have, or that exclude each other
 */
export function withRestrictions(
  { balance, activeExperts, algorithm, k, zeroInflated }: FitPlan,
  { units }: Observations,
): FitAlgorithm | undefined {
  if (balance === undefined && activeExperts === undefined) return algorithm;
  const refuse = (wanted: string, got: string, next: string): never => {
    throw new InputError("fit", wanted, got, next);
  };
  const name = balance === undefined ? "activeExperts" : "balance";
  if (balance !== undefined && activeExperts !== undefined) {
    refuse("balance or activeExperts", "both", "balance first, and give the fit's theta to another as its start");
  }
  if (zeroInflated) refuse(`no zeroInflated with ${name}`, "an expert that is always 0", `leave ${name} out`);
  const then = algorithm ?? finishedEm();
  if (activeExperts === undefined) return balancedEm(balance, then);
  if (units !== undefined)
    refuse("rows that are units of their own with activeExperts", "groups", "leave it out (--active)");
  if (activeExperts > k)
    refuse(`activeExperts from 1 to ${k}, the number of experts`, String(activeExperts), "leave it out (--active)");
  return sparseEm({ activeExperts }, then);
}
