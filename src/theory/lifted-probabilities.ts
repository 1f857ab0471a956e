import { BLOCK_ROWS } from "../compute/blocks.ts";
import type { NaturalForm } from "../laws/natural.ts";
import { toLogProbabilities } from "../math/softmax.ts";
import type { Observations } from "../rows/observations.ts";
import { unitCount } from "../rows/units.ts";

/** What the log-partition of rows depends on beside their natural parameters. */
export type LiftedRows = Pick<Observations, "units" | "trials">;

/** Logarithms of probabilities (U × k), and of what they were divided by (U). */
export interface Logarithms {
  readonly logs: Float64Array;
  readonly sums: Float64Array;
}

/** log g_z of every unit (U × k), and A_x of each. */
export function gateLogarithms(
  expert: NaturalForm,
  k: number,
  eta: Float64Array,
  { units, trials }: LiftedRows,
): Logarithms {
  const q = k * expert.size;
  const logits = new Float64Array(unitCount({ rows: eta.length / q, units }) * k);
  for (let row = 0; row * q < eta.length; row++) {
    const to = (units?.[row] ?? row) * k;
    for (let z = 0; z < k; z++)
      logits[to + z] += expert.logPartition(eta, row * q + z * expert.size, trials?.[row] ?? 1);
  }
  return normalised(logits, k);
}

/** log r_z of every unit (U × k), and lse_z ⟨S(y), η_z⟩ of each. */
export function posteriorLogarithms(
  expert: NaturalForm,
  k: number,
  eta: Float64Array,
  { rows, response, units }: Observations,
): Logarithms {
  const m = expert.size;
  const statistic = new Float64Array(m);
  const logits = new Float64Array(unitCount({ rows, units }) * k);
  for (let row = 0; row < rows; row++) {
    const to = (units?.[row] ?? row) * k;
    expert.statistic(response[row], statistic);
    for (let z = 0; z < k; z++) {
      for (let j = 0; j < m; j++) logits[to + z] += statistic[j] * eta[(row * k + z) * m + j];
    }
  }
  return normalised(logits, k);
}

/** The logarithms of the experts' probabilities in a block of rows (k runs, scratch), from those of all units (U × k). */
export function gateRuns(
  logs: Float64Array,
  k: number,
  units: Int32Array | undefined,
): (start: number, rows: number) => Float64Array {
  const runs = new Float64Array(k * BLOCK_ROWS);
  return (start, rows) => {
    for (let i = 0; i < rows; i++) {
      const from = (units?.[start + i] ?? start + i) * k;
      for (let z = 0; z < k; z++) runs[z * BLOCK_ROWS + i] = logs[from + z];
    }
    return runs;
  };
}

/** Makes log-probabilities of logits (k in a row), in place. */
function normalised(logs: Float64Array, k: number): Logarithms {
  const sums = new Float64Array(logs.length / k);
  for (let unit = 0; unit < sums.length; unit++) sums[unit] = toLogProbabilities(logs, unit * k, 1, k);
  return { logs, sums };
}
