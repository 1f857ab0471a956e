import type { Failure } from "../laws/failure.ts";
import type { Parts } from "../laws/law.ts";
import type { Assignment } from "../rows/assignment.ts";
import { type Observations, oncePerUnit } from "../rows/observations.ts";
import type { Effort } from "../solve/effort.ts";
import type { Fixed } from "./fixed.ts";
import { type GateSlopes, slopeStep } from "./gate-slopes.ts";
import type { Maximum } from "./model.ts";
import { eachOfOwnRows } from "./own-rows.ts";
import { rowsOfExperts } from "./posterior.ts";
import { fewRows } from "./shares.ts";

/** An expert whose responsibilities sum to no more is empty. */
const FEWEST_ROWS = 1e-6;

/**
 * The M-step of a mixture: the experts' laws and the gate's, each from its own part of θ.
 *
 * @param assignment must not change, no more than the rows
 * @param effort of each part without a closed form; default: until converged
 * @param slopes of a gate that takes one step along them
 */
export function mixtureMaximum(
  { law, gateLaw, gate, experts }: Parts,
  fixed: Fixed,
  theta: Float64Array,
  assignment: Assignment,
  rows: Observations,
  effort?: Effort,
  slopes?: GateSlopes & { readonly share: number },
): Maximum {
  const k = experts.length;
  const next = theta.map((value, j) => fixed.get(j) ?? value);
  const { few } = assignment;
  if (few !== undefined) {
    const gain = eachOfOwnRows(law, experts, next, few, rows, effort);
    const ofGate =
      slopes === undefined
        ? gateLaw.maximise(gate, next, assignment, rows, effort)
        : slopeStep(gate, next, slopes, slopes.share);
    return { theta: next, gain: gain + ofGate };
  }
  const empty = emptyExpert(rowsOfExperts(assignment, rows, k, FEWEST_ROWS));
  if (empty !== undefined) return { theta, gain: 0, failure: empty };
  const fit = law.maximise(experts, next, assignment, rows, effort);
  if (fit.failure !== undefined) {
    const { kind, reason, expert } = fit.failure;
    const few = expert === undefined ? "" : fewRows(assignment.responsibilities, expert - 1, k, rows);
    if (few === "") return { theta, gain: 0, failure: fit.failure };
    const failure = {
      ...fit.failure,
      kind: kind === "exact" ? "collapsed" : kind,
      reason: `${reason} (${few})`,
    } as const;
    return { theta, gain: 0, failure };
  }
  const once = oncePerUnit(assignment, rows, k);
  const gain = fit.gain + gateLaw.maximise(gate, next, once.assignment, once.data, effort);
  return { theta: next, gain };
}

/** An expert that no row belongs to has no maximiser: names the first, where there is one, of experts with so many rows. */
export function emptyExpert(rows: Float64Array): Failure | undefined {
  const z = rows.findIndex((sum) => !(sum > FEWEST_ROWS));
  if (z < 0) return undefined;
  const reason = `expert ${z + 1} emptied: its responsibilities sum to ${rows[z].toPrecision(2)} rows, so the fit is that of k = ${rows.length - 1}`;
  return { kind: "emptied", reason, expert: z + 1 };
}
