import type { Random } from "../math/random.ts";
import type { Choice } from "./route-tree.ts";

/**
 * A beam: of the beginnings of each row's routes, those m are gone on from that the gates so far find most probable.
 *
 * The label has no say: a gate that is trained on routes that a label chose would not know its own choice.
 *
 * @param explore the stream of noise that is added to the log-probabilities, by Gumbel's law: then the m are drawn from
 *   the gates, without replacement
 */
export function beam(m: number, explore?: Random): Choice {
  return ({ row, logPrior }, logGate, k) => {
    const marks = new Uint8Array(row.length * k);
    const keys = logGate.map((value, at) => {
      const noise = explore === undefined ? 0 : -Math.log(-Math.log(explore.uniform() || Number.MIN_VALUE));
      return logPrior[Math.floor(at / k)] + value + noise;
    });
    const nodesOf = byRow(row);
    for (const nodes of nodesOf) {
      const children = nodes.flatMap((node) => Array.from({ length: k }, (_, z) => node * k + z));
      // Where two are equal the first is taken: a sort keeps their order.
      if (children.length > m) children.sort((a, b) => keys[b] - keys[a]).length = m;
      for (const child of children) marks[child] = 1;
    }
    return marks;
  };
}

/** The nodes of each row. */
function byRow(row: Int32Array): number[][] {
  const nodesOf: number[][] = [];
  row.forEach((i, node) => {
    nodesOf[i] ??= [];
    nodesOf[i].push(node);
  });
  return nodesOf;
}

/**
 * The routes that have a responsibility above 0.
 *
 * @param responsibilities rows × routes
 */
export function support(responsibilities: Float64Array, routes: number): Choice {
  return ({ row, code }, _logGate, k, below) => {
    const marks = new Uint8Array(row.length * k);
    for (let child = 0; child < marks.length; child++) {
      const node = Math.floor(child / k);
      // Routes with the same beginning follow each other.
      const from = row[node] * routes + (code[node] * k + (child % k)) * below;
      if (responsibilities.subarray(from, from + below).some((share) => share > 0)) marks[child] = 1;
    }
    return marks;
  };
}
