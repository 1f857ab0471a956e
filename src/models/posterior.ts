import { BLOCK_ROWS } from "../compute/blocks.ts";
import { foundResponsibilities } from "../compute/engine.ts";
import { own, sameBits } from "../compute/own.ts";
import { knownRows, linearPosterior } from "../laws/gaussian-kernel.ts";
import type { Parts } from "../laws/law.ts";
import { logisticPosterior } from "../laws/multinomial-kernel.ts";
import { blockPosterior } from "./e-step.ts";
import type { Assignment } from "./model.ts";
import { type Observations, sumOver } from "./observations.ts";

const kernels = { linear: linearPosterior, logistic: logisticPosterior, poisson: () => undefined };

/** Whether responsibilities that an E-step found are still those that it found: who looks at them may write to them. */
const isUnchanged = new WeakMap<Assignment, () => boolean>();
/** Which assignment an array of responsibilities was read from. */
const owners = new WeakMap<Float64Array, Assignment>();

/**
 * The E-step of a mixture: by a kernel where there is one, else block by block.
 *
 * A kernel leaves the responsibilities where the kernels of the M-step read them. They are copied from there when
 * somebody looks at them, or found once more when others have taken their place.
 *
 * @returns the log-likelihood, and the responsibilities
 */
export function mixturePosterior(
  parts: Parts,
  theta: Float64Array,
  data: Observations,
): { readonly logLikelihood: number; readonly assignment: Assignment } {
  const rows = own(data);
  const at = theta.slice();
  let shown: { readonly found: Float64Array; readonly responsibilities: Float64Array } | undefined;
  const assignment: Assignment = {
    get responsibilities() {
      if (shown === undefined) {
        const found =
          foundResponsibilities(rows, assignment) ?? mixturePosterior(parts, at, rows).assignment.responsibilities;
        shown = { found, responsibilities: found.slice() };
        owners.set(shown.responsibilities, assignment);
      }
      return shown.responsibilities;
    },
  };
  const logLikelihood = kernels[parts.law.name](parts, theta, assignment, rows);
  if (logLikelihood === undefined) {
    const { logLikelihood, responsibilities } = plainPosterior(parts, theta, rows);
    return { logLikelihood, assignment: { responsibilities } };
  }
  isUnchanged.set(assignment, () => shown === undefined || sameBits(shown.found, shown.responsibilities));
  return { logLikelihood, assignment };
}

function plainPosterior(
  parts: Parts,
  theta: Float64Array,
  data: Observations,
): { logLikelihood: number; responsibilities: Float64Array } {
  const k = parts.experts.length;
  const responsibilities = new Float64Array(data.rows * k);
  const evaluate = blockPosterior(parts, theta);
  const [logLikelihood] = sumOver(data, 1, (block, sums) => {
    const found = evaluate(block);
    for (let i = 0; i < block.rows; i++) {
      sums[0] += block.weights[i] * found.logLikelihood[i];
      const to = (block.start + i) * k;
      for (let z = 0; z < k; z++) responsibilities[to + z] = found.responsibilities[z * BLOCK_ROWS + i];
    }
  });
  return { logLikelihood, responsibilities };
}

/**
 * An assignment that stands for its values as they are now, until the end of a call: that of an E-step while nobody has
 * written to it, else one of its own.
 */
export function settled(assignment: Assignment): Assignment {
  if (isUnchanged.get(assignment)?.()) return assignment;
  return { responsibilities: assignment.responsibilities };
}

/** The assignment that an array of responsibilities was read from, while it is the same, or one of its own. */
export function assignmentOf(responsibilities: Float64Array): Assignment {
  return settled(owners.get(responsibilities) ?? { responsibilities });
}

/** Σ r of each expert, over the rows that weigh anything; less than that, perhaps, where it is above `enough`. */
export function rowsOfExperts(assignment: Assignment, data: Observations, k: number, enough: number): Float64Array {
  const { weights } = data;
  const known = knownRows(assignment, data, k);
  if (known !== undefined && (weights === undefined || known.every((sum) => sum > enough))) return known;
  const { responsibilities } = assignment;
  const rows = new Float64Array(k);
  for (let at = 0; at < responsibilities.length; at++) {
    if (weights === undefined || weights[Math.floor(at / k)] > 0) rows[at % k] += responsibilities[at];
  }
  return rows;
}
