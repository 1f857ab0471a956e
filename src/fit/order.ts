import { sortedOrder } from "../laws/gates/nodes.ts";
import { type Mixture, mixture } from "../models/mixture.ts";
import { inNewOrder, relabelled } from "../models/relabel.ts";
import { zeroExpert } from "../models/zero-expert.ts";
import type { FitPlan } from "./fit-options.ts";

/** A mixture whose experts are in the order in which a fit reports them. */
export interface Ordered {
  /** With the standard deviations that are at their floor held there: no more is fitted of them. */
  readonly model: Mixture;
  /** The old number of each expert, from 0; absent: they stay as they are. */
  readonly order: readonly number[] | undefined;
  /** The experts, from 0, whose standard deviation is fitted, and at its floor. */
  readonly floored: readonly number[];
  /** Parameters in the new order. */
  readonly placed: (theta: Float64Array) => Float64Array;
}

/**
 * The experts in descending order of their shares, and in a tree of gates the branches of each, unless the start or fixed
 * parameters number them; one that is always 0 comes last.
 */
export function ordered(
  found: Mixture,
  theta: Float64Array,
  shares: readonly number[],
  { startColumns, start, fixed }: FitPlan,
): Ordered {
  const isNumbered = (startColumns ?? start ?? fixed) !== undefined;
  const order = isNumbered ? undefined : byShare(shares, found);
  const placed = (theta: Float64Array): Float64Array => (order ? relabelled(found, theta, order) : theta);
  const model = order ? mixture(inNewOrder(found, order)) : found;
  const floored = atFloor(model, placed(theta));
  const held = floored.length === 0 ? model : mixture({ ...model.spec, fixed: heldAtFloor(model, floored) });
  return { model: held, order, floored, placed };
}

function byShare(shares: readonly number[], { spec, gateLaw: { nodes } }: Mixture): number[] {
  const share = (experts: readonly number[]): number => experts.reduce((sum, z) => sum + shares[z], 0);
  return sortedOrder(nodes, (a, b) => share(b) - share(a), zeroExpert(spec));
}

/** What is fixed is what it is, also below the floor. */
function atFloor({ experts, free }: Mixture, theta: Float64Array): number[] {
  return Array.from(experts.keys()).filter((z) =>
    experts[z].some(
      ({ at: [place], least = Number.NEGATIVE_INFINITY }) => theta[place] <= least && free.includes(place),
    ),
  );
}

/** The fixed parameters, and with them the standard deviations at their floor. */
function heldAtFloor({ spec, experts, names }: Mixture, floored: readonly number[]): Readonly<Record<string, number>> {
  const held = floored.flatMap((z) =>
    experts[z].flatMap(({ at, least }) => (least === undefined ? [] : [[names[at[0]], least] as const])),
  );
  return { ...spec.fixed, ...Object.fromEntries(held) };
}
