import { alikeOrder, type GateNode } from "../../laws/gates/nodes.ts";
import type { Mixture } from "../../models/mixture.ts";
import { expectedResponse } from "../../models/prediction.ts";
import { reordered } from "../../models/relabel.ts";
import { zeroExpert } from "../../models/zero-expert.ts";
import type { Observations } from "../../rows/observations.ts";

/** Steps of EM with a flat gate. */
const FLAT_STEPS = 10;

/**
 * Responsibilities for a tree of gates, from a fit with a flat gate: experts whose shares the gate leads to the same rows
 * stand below the same node.
 *
 * @param drawn where the flat fit begins, n × k
 * @returns those of the flat fit after some steps of EM, or as far as it came, with its experts split among the nodes
 * @remarks cost that of the steps, and n·k²
 */
export function splitAmong(
  nodes: readonly GateNode[],
  flat: Mixture,
  drawn: Float64Array,
  data: Observations,
): Float64Array {
  let responsibilities = drawn;
  let theta: Float64Array = new Float64Array(flat.names.length);
  for (let step = 0; step < FLAT_STEPS; step++) {
    const next = flat.maximise(theta, { responsibilities }, data);
    if (next.failure !== undefined) break;
    theta = next.theta;
    responsibilities = flat.posterior(theta, data).responsibilities;
  }
  const { k } = flat.spec;
  const likeness = overlaps(expectedResponse(flat, theta, data).gate, k);
  return reordered(
    responsibilities,
    alikeOrder(nodes, (a, b) => likeness[a * k + b], zeroExpert(flat.spec)),
  );
}

/** Cosines of the angles between the experts' shares of the rows (k × k). */
function overlaps(gate: Float64Array, k: number): Float64Array {
  const products = new Float64Array(k * k);
  for (let row = 0; row < gate.length; row += k) {
    for (let a = 0; a < k; a++) for (let b = 0; b < k; b++) products[a * k + b] += gate[row + a] * gate[row + b];
  }
  return products.map((product, at) => {
    const [a, b] = [Math.floor(at / k), at % k];
    return product / Math.sqrt(products[a * (k + 1)] * products[b * (k + 1)]);
  });
}
