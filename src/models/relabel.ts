import type { Parts } from "../laws/law.ts";
import type { MixtureSpec } from "./spec.ts";

/**
 * The same mixture with its experts in another order.
 *
 * @param theta parameters (p)
 * @param permutation for each place the expert that moves there (k), both counted from 0
 * @returns parameters (p) of the same law: the gate's are less those of its new reference
 */
export function relabelled(
  { gateLaw, gate, experts }: Pick<Parts, "gateLaw" | "gate" | "experts">,
  theta: Float64Array,
  permutation: readonly number[],
): Float64Array {
  const out = theta.slice();
  const own = gateLaw.ofExperts(gate, theta);
  gateLaw.setOfExperts(
    gate,
    out,
    permutation.map((z) => own[z]),
  );
  experts.forEach((predictors, z) => {
    predictors.forEach(({ at }, h) => {
      const from = experts[permutation[z]][h];
      at.forEach((place, j) => {
        out[place] = theta[from.at[j]];
      });
    });
  });
  return out;
}

/** What the mixture with its experts in another order is made of. Fixed parameters number the experts: there are none. */
export function inNewOrder(spec: MixtureSpec, permutation: readonly number[]): MixtureSpec {
  const { priors } = spec;
  if (priors === undefined) return spec;
  const moved = permutation.flatMap((from, to) => {
    const prior = priors[`expert${from + 1}`];
    return prior === undefined ? [] : [[`expert${to + 1}`, prior] as const];
  });
  return { ...spec, priors: { ...(priors.gate && { gate: priors.gate }), ...Object.fromEntries(moved) } };
}

/** The responsibilities for the same rows with the experts in another order, n × k row-major. */
export function reordered(responsibilities: Float64Array, permutation: readonly number[]): Float64Array {
  const k = permutation.length;
  return responsibilities.map((_, at) => responsibilities[at - (at % k) + permutation[at % k]]);
}
