import type { ExpertFit, Law } from "../laws/law.ts";
import type { FewExperts } from "../rows/assignment.ts";
import { type Observations, rowsOf } from "../rows/observations.ts";
import type { Predictor } from "../rows/predictor.ts";
import { sharingGroups } from "../rows/sharing.ts";
import type { Effort } from "../solve/effort.ts";

/**
 * The experts' M-step where each row has few of them: every expert, or all that share parameters, by its law from sums that
 * are there, or from the rows that it has a share in, gathered. One that these do not determine stays as it is.
 *
 * @returns the first-order gain, in nats
 * @remarks cost: without sums that of an M-step of one expert on n m rows, and copying them; of all k it would be n k
 */
export function eachOfOwnRows(
  law: Law,
  experts: readonly (readonly Predictor[])[],
  theta: Float64Array,
  few: FewExperts,
  rows: Observations,
  effort?: Effort,
): number {
  const before = theta.slice();
  const fitOf = few.sums === undefined ? fromRows(few, experts.length, rows) : fromSums(few.sums, experts.length, rows);
  let gain = 0;
  for (const group of sharingGroups(experts)) {
    const members = group.map((z) => experts[z]);
    const fit = fitOf(law, group, members, theta, effort);
    // Too few rows for its coefficients, or rows that it fits exactly: it stays as it is, and the rest goes on.
    if (fit.failure === undefined) gain += fit.gain;
    else for (const { at } of members.flat()) for (const place of at) theta[place] = before[place];
  }
  return gain;
}

/** Fits experts of these numbers, which are fitted together, writing into θ. */
type FitOf = (
  law: Law,
  group: readonly number[],
  members: readonly (readonly Predictor[])[],
  theta: Float64Array,
  effort?: Effort,
) => ExpertFit;

/** From the sums of the experts' own step. */
function fromSums(sums: Float64Array, k: number, { expert }: Observations): FitOf {
  const each = sums.length / k;
  return (law, group, members, theta) => {
    const own = new Float64Array(group.length * each);
    for (const [member, z] of group.entries()) own.set(sums.subarray(z * each, (z + 1) * each), member * each);
    return law.step!(members, expert.columns).step(theta, own, 1);
  };
}

/** From the rows of each, gathered. */
function fromRows(few: FewExperts, k: number, rows: Observations): FitOf {
  const { width, shares } = few;
  const places = placesByExpert(few, k);
  return (law, group, members, theta, effort) => {
    // A row that has two experts of a group is there twice, with the share of one each.
    const index = new Int32Array(group.reduce((sum, z) => sum + places[z].length, 0));
    const responsibilities = new Float64Array(index.length * group.length);
    let to = 0;
    group.forEach((z, member) => {
      for (const at of places[z]) {
        index[to] = Math.floor(at / width);
        responsibilities[to * group.length + member] = shares[at];
        to++;
      }
    });
    return law.maximise(members, theta, { responsibilities }, rowsOf(rows, index), effort);
  };
}

/** Where the shares of each expert stand among those of all rows, in the order of the rows. */
function placesByExpert({ experts, shares }: FewExperts, k: number): readonly Int32Array[] {
  const counts = new Int32Array(k);
  for (let at = 0; at < experts.length; at++) if (shares[at] > 0) counts[experts[at]]++;
  const places = Array.from(counts, (count) => new Int32Array(count));
  counts.fill(0);
  for (let at = 0; at < experts.length; at++) {
    if (shares[at] > 0) places[experts[at]][counts[experts[at]]++] = at;
  }
  return places;
}
