import { BLOCK_ROWS } from "../compute/blocks.ts";
import { InputError } from "../errors.ts";
import { softmax } from "../math/softmax.ts";
import { assignedToFew } from "../rows/assignment.ts";
import { sumOver } from "../rows/observations.ts";
import { slopeAdder, slopeLength, slopesOf } from "./gate-slopes.ts";
import { mixturePosterior } from "./posterior.ts";
import type { Restriction } from "./restriction.ts";
import { densityOfSlots, gateOfBlock, largest, refuseForSlots } from "./slots.ts";

/**
 * The E-step of the mixture that is deployed with the m experts of a row that its gate finds most probable, whatever the
 * response: p_m(y|x) = Σ_T g_z p_z(y) / Σ_T g_z.
 *
 * It is another model than the whole mixture, and F its own log-likelihood, which may fall where a step of the gate changes
 * T: the gate therefore takes one step, as much of it as does not.
 *
 * @param m from 1 to k
 * @remarks cost of a row: k logits and exponentials, and m densities
 */
export function topGate(m: number): Restriction {
  return {
    name: "top gate",
    choose: (parts, theta, rows) => {
      const k = parts.experts.length;
      if (m >= k) {
        const { logLikelihood, assignment } = mixturePosterior(parts, theta, rows);
        return { bound: logLikelihood, gap: 0, assignment, kept: {} };
      }
      refuseForSlots("deploy few experts", parts, rows);
      if (parts.gateLaw.nodes.length > 1) throw new InputError("deploy few experts", "a flat gate", "a tree of gates");
      const [experts, shares] = [new Uint8Array(rows.rows * m), new Float64Array(rows.rows * m)];
      const few = { width: m, experts, shares };
      const gateOf = gateOfBlock(parts, theta);
      const density = densityOfSlots(parts, theta, m);
      const addSlopes = slopeAdder(parts, true);
      const slots = new Uint8Array(m * BLOCK_ROWS);
      const [row, own] = [new Float64Array(k), new Float64Array(m)];
      const sums = sumOver(rows, 1 + slopeLength(parts, true), (block, sums) => {
        const { logGate, probabilities } = gateOf(block);
        for (let i = 0; i < block.rows; i++) {
          for (let z = 0; z < k; z++) row[z] = logGate[z * BLOCK_ROWS + i];
          largest(row, m, (s, z) => {
            slots[s * BLOCK_ROWS + i] = z;
          });
        }
        const joint = density(block, slots);
        for (let i = 0; i < block.rows; i++) {
          let mass = 0;
          for (let s = 0; s < m; s++) mass += probabilities[slots[s * BLOCK_ROWS + i] * BLOCK_ROWS + i];
          for (let s = 0; s < m; s++) {
            own[s] = joint[s * BLOCK_ROWS + i] + logGate[slots[s * BLOCK_ROWS + i] * BLOCK_ROWS + i];
            experts[(block.start + i) * m + s] = slots[s * BLOCK_ROWS + i];
          }
          shares.set(own, (block.start + i) * m);
          sums[0] += block.weights[i] * (softmax(shares, (block.start + i) * m, 1, m) - Math.log(mass));
          for (let z = 0, at = i; z < k; z++, at += BLOCK_ROWS) row[z] = probabilities[at];
          for (let at = i; at < k * BLOCK_ROWS; at += BLOCK_ROWS) probabilities[at] = 0;
          for (let s = 0; s < m; s++) {
            const z = slots[s * BLOCK_ROWS + i];
            probabilities[z * BLOCK_ROWS + i] = row[z] / mass;
          }
        }
        addSlopes(block, probabilities, few, sums.subarray(1));
      });
      const assignment = assignedToFew(few, rows.rows, k);
      return { bound: sums[0], assignment, kept: {}, slopes: slopesOf(parts, sums.subarray(1)) };
    },
  };
}
