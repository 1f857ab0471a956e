import { BLOCK_ROWS } from "../compute/blocks.ts";
import type { Predictor } from "../rows/predictor.ts";
import { placesOf, sharingGroups } from "../rows/sharing.ts";
import { leastValues } from "../solve/bounds.ts";
import { couplingsOf } from "../solve/coupling.ts";
import { eliminate } from "../solve/eliminate.ts";
import { newtonDirection } from "../solve/newton-direction.ts";
import { type ExpertStep, type Law, predictorCount } from "./law.ts";
import { adderOfExpansions } from "./newton-step.ts";

/** One step of Newton's method for each expert, or all that share some parameters, from the law's scores and curvatures. */
export function newtonExpertStep(law: Law, experts: readonly (readonly Predictor[])[]): ExpertStep {
  const [k, m] = [experts.length, predictorCount(law)];
  let length = k;
  const groups = sharingGroups(experts).map((members) => {
    const { places, local } = placesOf(members.map((z) => experts[z]));
    const at = length;
    length += places.length + places.length ** 2;
    return { members, places, local, at };
  });
  const share = new Float64Array(BLOCK_ROWS);
  const addExpansion = adderOfExpansions(law, m);
  const partsOf = (sums: Float64Array, at: number, q: number): [slopes: Float64Array, matrix: Float64Array] => {
    return [sums.subarray(at, at + q), sums.subarray(at + q, at + q + q * q)];
  };
  return {
    length,
    add: (block, eta, responsibilities, sums) => {
      for (const { members, places, local, at } of groups) {
        const [slopes, matrix] = partsOf(sums, at, places.length);
        members.forEach((z, member) => {
          for (let i = 0; i < block.rows; i++) {
            share[i] = block.weights[i] * responsibilities[z * BLOCK_ROWS + i];
            sums[z] += share[i];
          }
          addExpansion(block, eta, z * m * BLOCK_ROWS, share, local[member], slopes, matrix);
        });
      }
    },
    weights: (sums) => sums.slice(0, k),
    step: (theta, sums, length) => {
      let gain = 0;
      for (const { members, places, local, at } of groups) {
        const [slopes, matrix] = partsOf(sums, at, places.length).map((part) => part.slice());
        const fit = stepOfGroup(law, local, places, theta, slopes, matrix, length);
        if (fit === undefined) {
          const expert = members[0] + 1;
          return { gain: 0, failure: { kind: "unbounded", reason: `expert ${expert} has no maximum`, expert } };
        }
        gain += fit;
      }
      return { gain };
    },
  };
}

/** Takes a group's step, and returns its first-order gain; nothing where it leads nowhere. */
function stepOfGroup(
  law: Law,
  local: readonly (readonly Predictor[])[],
  places: readonly number[],
  theta: Float64Array,
  slopes: Float64Array,
  matrix: Float64Array,
  share: number,
): number | undefined {
  const q = places.length;
  const least = leastValues(local.flat(), q);
  const here = Float64Array.from(places, (place, j) => Math.max(theta[place], least[j]));
  for (const predictors of local) {
    couplingsOf(predictors, law.penalty, (row, column, precision) => {
      slopes[row] -= precision * here[column];
      matrix[row * q + column] += precision;
    });
  }
  const fixed = new Set(local.flat().flatMap(({ at, fixed = [] }) => fixed.map((j) => at[j])));
  const stuck = Array.from(here.keys()).filter((j) => fixed.has(j) || (here[j] <= least[j] && slopes[j] <= 0));
  eliminate(stuck, matrix, slopes);
  const direction = newtonDirection(slopes, matrix);
  let gain = 0;
  for (const [j, place] of places.entries()) {
    const next = Math.max(here[j] + share * direction[j], least[j]);
    if (!Number.isFinite(next)) return undefined;
    gain += slopes[j] * (next - here[j]);
    theta[place] = next;
  }
  return gain;
}
