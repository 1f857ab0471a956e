import { movesOf } from "../laws/gates/nodes.ts";
import type { Parts } from "../laws/law.ts";
import type { Mixture } from "./mixture.ts";
import type { MixtureSpec } from "./spec.ts";

/**
 * The same mixture with its experts in another order.
 *
 * @param theta parameters (p)
 * @param permutation for each place the expert that moves there (k), both counted from 0
 * @throws InputError for an order that is another model's, as of a tree of gates all are that part siblings
 * @returns parameters (p) of the same law: the gate's are less those of its new references
 */
export function relabelled(
  { gateLaw: { nodes }, gate, experts }: Pick<Parts, "gateLaw" | "gate" | "experts">,
  theta: Float64Array,
  permutation: readonly number[],
): Float64Array {
  const out = theta.slice();
  movesOf(nodes, permutation).forEach(({ from, branches }, node) => {
    const coefficient = (branch: number, j: number): number =>
      branch === 0 ? 0 : theta[gate[nodes[from].first + branch - 1].at[j]];
    branches.slice(1).forEach((branch, h) => {
      gate[nodes[node].first + h].at.forEach((place, j) => {
        out[place] = coefficient(branch, j) - coefficient(branches[0], j);
      });
    });
  });
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
export function inNewOrder({ spec, gateLaw: { nodes } }: Mixture, permutation: readonly number[]): MixtureSpec {
  const { priors } = spec;
  if (priors === undefined) return spec;
  const places = [
    ...movesOf(nodes, permutation).map(({ from }, to) => [nodes[from].part, nodes[to].part] as const),
    ...permutation.map((from, to) => [`expert${from + 1}`, `expert${to + 1}`] as const),
  ];
  const moved = places.flatMap(([from, to]) => (Object.hasOwn(priors, from) ? [[to, priors[from]] as const] : []));
  return { ...spec, priors: Object.fromEntries(moved) };
}

/** The responsibilities for the same rows with the experts in another order, n × k row-major. */
export function reordered(responsibilities: Float64Array, permutation: readonly number[]): Float64Array {
  const k = permutation.length;
  return responsibilities.map((_, at) => responsibilities[at - (at % k) + permutation[at % k]]);
}
