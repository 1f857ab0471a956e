import { BLOCK_ROWS } from "../compute/blocks.ts";
import { foundResponsibilities, type Given } from "../compute/kept-responsibilities.ts";
import { knownRows } from "../laws/found-sums.ts";
import { kernelOf, type Parts } from "../laws/law.ts";
import type { Assignment } from "../rows/assignment.ts";
import { type Observations, sumOver } from "../rows/observations.ts";
import { notInMemory } from "../rows/streamed.ts";
import { blockPosterior } from "./e-step.ts";
import { tallyOf } from "./tally.ts";

/**
 * The E-step of a mixture: by a kernel where there is one, else block by block.
 *
 * A kernel leaves the responsibilities where the kernels of the M-step read them. They are copied from there when they are
 * asked for, or found once more when others have taken their place: the assignment is for the library alone, and must be
 * neither written to nor handed out.
 *
 * Those of rows that are not in memory are refused when they are asked for.
 *
 * @param theta must not change, no more than `rows`
 * @returns the log-likelihood, and the responsibilities
 */
export function mixturePosterior(
  parts: Parts,
  theta: Float64Array,
  rows: Observations,
): { readonly logLikelihood: number; readonly assignment: Assignment } {
  let read: Float64Array | undefined;
  const assignment: Assignment & Given = {
    areUnit: true,
    get responsibilities() {
      if (rows.stretches !== undefined) throw notInMemory(rows.rows);
      read ??=
        foundResponsibilities(rows, assignment) ?? mixturePosterior(parts, theta, rows).assignment.responsibilities;
      return read;
    },
  };
  const logLikelihood = kernelOf(parts, rows)?.posterior(parts, theta, assignment, rows);
  if (logLikelihood !== undefined) return { logLikelihood, assignment };
  if (rows.stretches !== undefined) return { logLikelihood: tallyOf(parts, theta, rows).logLikelihood, assignment };
  const plain = plainPosterior(parts, theta, rows);
  return { logLikelihood: plain.logLikelihood, assignment: { responsibilities: plain.responsibilities } };
}

function plainPosterior(
  parts: Parts,
  theta: Float64Array,
  data: Observations,
): { logLikelihood: number; responsibilities: Float64Array } {
  const k = parts.experts.length;
  const responsibilities = new Float64Array(data.rows * k);
  const evaluate = blockPosterior(parts, theta, data);
  const [logLikelihood] = sumOver(data, 1, (block, sums) => {
    const found = evaluate(block);
    for (let i = 0; i < block.rows; i++) {
      sums[0] += block.unitWeights[i] * found.logLikelihood[i];
      const to = (block.start + i) * k;
      for (let z = 0; z < k; z++) responsibilities[to + z] = found.responsibilities[z * BLOCK_ROWS + i];
    }
  });
  return { logLikelihood, responsibilities };
}

/** Σ r of each expert, over the rows that weigh anything; less than that, perhaps, where it is above `enough`. */
export function rowsOfExperts(assignment: Assignment, data: Observations, k: number, enough: number): Float64Array {
  const { weights } = data;
  const known = knownRows(assignment, data);
  if (known !== undefined && (weights === undefined || known.every((sum) => sum > enough))) return known;
  const { responsibilities } = assignment;
  const rows = new Float64Array(k);
  for (let at = 0; at < responsibilities.length; at++) {
    if (weights === undefined || weights[Math.floor(at / k)] > 0) rows[at % k] += responsibilities[at];
  }
  return rows;
}
