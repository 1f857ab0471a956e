import { InputError } from "../../errors.ts";
import { assignment } from "../../math/assignment.ts";

/** A choice that a gate makes among some branches: a softmax, the first branch for reference. */
export interface GateNode {
  /** The part of a mixture that its coefficients are, such as `gate`, or `gate1.2` below the branch `node 1.2`. */
  readonly part: string;
  /** The first of its predictors: it has one for each branch but the first, one after the other. */
  readonly first: number;
  readonly branches: readonly Branch[];
}

/** What a node can choose: an expert, or a node of its own. Siblings have alike nodes below them. */
export interface Branch {
  /** Such as `gate 2` or `node 1.2`; without the space it is what the parameters of its predictor are called by. */
  readonly name: string;
  /** The experts that it leads to, from 0, in ascending order. */
  readonly experts: readonly number[];
  /** The number of the node that it leads to; absent: an expert. */
  readonly node?: number;
}

/** The predictors of a node. */
export function predictorsOf({ first, branches }: GateNode): readonly number[] {
  return Array.from({ length: branches.length - 1 }, (_, h) => first + h);
}

/** Of what each predictor of a gate has, what a node's have. */
export function ofNode<T>({ first, branches }: GateNode, all: readonly T[]): readonly T[] {
  return all.slice(first, first + branches.length - 1);
}

/** Whether a part of a mixture is a gate, or a node of one: it reads the gate's columns. */
export function isOfGate(part: string): boolean {
  return part.startsWith("gate");
}

/** The experts that a node chooses among. */
export function expertsBelow({ branches }: GateNode): readonly number[] {
  return branches.flatMap(({ experts }) => experts);
}

/** Visits the pairs of predictors that a gate's curvature couples, each once, the larger first. */
export function eachPair(nodes: readonly GateNode[], visit: (h: number, j: number) => void): void {
  for (const node of nodes) {
    const own = predictorsOf(node);
    for (const h of own) for (let j = own[0]; j <= h; j++) visit(h, j);
  }
}

// Which experts are the same model in another order: those that differ by the order of a node's branches. An order has for
// each place the expert that moves there, from 0.

/**
 * The experts with the branches of every node sorted.
 *
 * @param compare two branches by their experts, below 0 where the first comes first
 * @param last an expert that stays the last
 */
export function sortedOrder(
  nodes: readonly GateNode[],
  compare: (a: readonly number[], b: readonly number[]) => number,
  last?: number,
): number[] {
  const below = ({ branches }: GateNode): number[] => {
    const stays = ({ experts }: Branch): number => Number(last !== undefined && experts.includes(last));
    return [...branches]
      .sort((a, b) => stays(a) - stays(b) || compare(a.experts, b.experts))
      .flatMap(({ experts, node }) => (node === undefined ? experts : below(nodes[node])));
  };
  return below(nodes[0]);
}

/** What it costs to move experts and branches to places. */
export interface MoveCosts {
  readonly expert: (from: number, to: number) => number;
  /** Of a branch of a node, by their numbers; absent: nothing. */
  readonly branch?: (
    from: readonly [node: number, branch: number],
    to: readonly [node: number, branch: number],
  ) => number;
}

/**
 * The order of least cost.
 *
 * @param last an expert that stays the last
 * @remarks cost that of an assignment for each pair of nodes of a level
 */
export function nearestOrder(
  nodes: readonly GateNode[],
  { expert, branch = () => 0 }: MoveCosts,
  last?: number,
): { readonly order: number[]; readonly cost: number } {
  const moved = (from: number, to: number): { order: number[]; cost: number } => {
    const count = nodes[to].branches.length;
    const pairs = nodes[from].branches.flatMap((own, b) =>
      nodes[to].branches.map((place, c) => {
        const below =
          own.node === undefined || place.node === undefined
            ? { order: [own.experts[0]], cost: expert(own.experts[0], place.experts[0]) }
            : moved(own.node, place.node);
        return { order: below.order, cost: below.cost + branch([from, b], [to, c]) };
      }),
    );
    const isPinned = last !== undefined && nodes[to].branches[count - 1].experts.includes(last);
    const open = isPinned ? count - 1 : count;
    const costs = Float64Array.from({ length: open * open }, (_, at) => {
      return pairs[Math.floor(at / open) * count + (at % open)].cost;
    });
    const rows = [...assignment(costs, open), ...(isPinned ? [open] : [])];
    const taken = rows.map((b, c) => pairs[b * count + c]);
    return { order: taken.flatMap(({ order }) => order), cost: taken.reduce((sum, { cost }) => sum + cost, 0) };
  };
  return moved(0, 0);
}

/** The node that moves to a node's place, and for each of its places the branch that does. */
export interface NodeMove {
  readonly from: number;
  readonly branches: readonly number[];
}

/**
 * What moves to each node's place with the experts in another order.
 *
 * @throws InputError for an order that is another model's
 */
export function movesOf(nodes: readonly GateNode[], order: readonly number[]): readonly NodeMove[] {
  const keyOf = (experts: readonly number[]): string => [...experts].sort((a, b) => a - b).join();
  const keys = nodes.map((node) => keyOf(expertsBelow(node)));
  return nodes.map((node) => {
    const from = keys.indexOf(keyOf(expertsBelow(node).map((z) => order[z])));
    const own = nodes[from]?.branches.map(({ experts }) => keyOf(experts)) ?? [];
    const branches = node.branches.map(({ experts }) => own.indexOf(keyOf(experts.map((z) => order[z]))));
    if (!branches.includes(-1)) return { from, branches };
    const got = order.map((z) => z + 1).join(", ");
    throw new InputError("reorder the experts", "an order that keeps the branches of each node together", got);
  });
}

/**
 * An order in which experts that are alike stand below one node: how those of a flat gate are split among the nodes.
 *
 * From the top down the experts that are least alike are the first of each branch, and the others join those that they are
 * most like.
 *
 * @param likeness of two experts
 * @param last an expert that stays the last
 * @remarks cost k³ for each level
 */
export function alikeOrder(
  nodes: readonly GateNode[],
  likeness: (a: number, b: number) => number,
  last?: number,
): number[] {
  const mean = (z: number, group: readonly number[]): number =>
    group.reduce((sum, other) => sum + likeness(z, other), 0) / group.length;
  const split = ({ branches }: GateNode, given: readonly number[]): number[] => {
    const left = new Set(given);
    const groups = branches.map((): number[] => []);
    const join = (z: number, group: number[]): void => {
      group.push(z);
      left.delete(z);
    };
    if (last !== undefined && left.has(last)) join(last, groups[groups.length - 1]);
    for (const group of groups) {
      if (group.length > 0) continue;
      const first = groups.flat();
      const nearness = (z: number): number =>
        first.length === 0 ? mean(z, given) : Math.max(...first.map((other) => likeness(z, other)));
      join(
        best([...left], (z) => -nearness(z)),
        group,
      );
    }
    while (left.size > 0) {
      const open = groups.filter((group, at) => group.length < branches[at].experts.length);
      const pairs = [...left].flatMap((z) => open.map((group) => ({ z, group })));
      const { z, group } = best(pairs, (pair) => mean(pair.z, pair.group));
      join(z, group);
    }
    return branches.flatMap(({ node }, at) => {
      // The one that stays was the first to join, and comes last.
      const group = groups[at].filter((z) => z !== last).concat(groups[at].filter((z) => z === last));
      return node === undefined ? group : split(nodes[node], group);
    });
  };
  return split(nodes[0], expertsBelow(nodes[0]));
}

/** The first of those that are the most. */
function best<T>(all: readonly T[], measure: (each: T) => number): T {
  const sizes = all.map(measure);
  return all[sizes.reduce((most, size, at) => (size > sizes[most] ? at : most), 0)];
}
