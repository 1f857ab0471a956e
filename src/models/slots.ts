import { BLOCK_ROWS } from "../compute/blocks.ts";
import { InputError } from "../errors.ts";
import { type Parts, predictorCount } from "../laws/law.ts";
import type { Block, Observations } from "../rows/observations.ts";
import type { Predictor } from "../rows/predictor.ts";
import { blockGate } from "./e-step.ts";

// A slot is one of the experts that a row is looked at under: quantities of slots are runs of BLOCK_ROWS, and those of a run
// are of another expert in each row.

/** Refuses what is not found slot by slot: units of several rows, and experts that read other columns than the first. */
export function refuseForSlots(act: string, { experts }: Parts, { units }: Pick<Observations, "units">): void {
  const [first] = experts;
  if (units !== undefined) throw new InputError(act, "rows that are units of their own", "groups");
  const isOdd = experts.some((predictors) => predictors.some(({ design }, h) => design !== first[h].design));
  if (isOdd) throw new InputError(act, "experts that read the same columns", "one that is always 0");
}

/** Numbers of the experts that a block's rows are looked at under (runs), in scratch. */
export type SlotsOf = (block: Block) => Uint8Array;

/** All k experts for every row. */
export function allSlots(k: number): SlotsOf {
  const slots = new Uint8Array(k * BLOCK_ROWS);
  for (let z = 0; z < k; z++) slots.fill(z, z * BLOCK_ROWS, (z + 1) * BLOCK_ROWS);
  return () => slots;
}

/** The experts of lists (n × width, row-major). */
export function listedSlots(lists: ArrayLike<number>, width: number): SlotsOf {
  const slots = new Uint8Array(width * BLOCK_ROWS);
  return ({ start, rows }) => {
    for (let i = 0; i < rows; i++) {
      for (let s = 0; s < width; s++) slots[s * BLOCK_ROWS + i] = lists[(start + i) * width + s];
    }
    return slots;
  };
}

/** Log-densities of a block's rows under their slots (runs), in scratch. */
export function densityOfSlots(
  { law, experts }: Parts,
  theta: Float64Array,
  width: number,
): (block: Block, slots: Uint8Array) => Float64Array {
  const m = predictorCount(law);
  const eta = new Float64Array(m * BLOCK_ROWS);
  const out = new Float64Array(width * BLOCK_ROWS);
  const columns = experts[0].map((_, h) =>
    coefficientColumns(
      experts.map((predictors) => predictors[h]),
      theta,
    ),
  );
  return (block, slots) => {
    for (let run = 0; run < width * BLOCK_ROWS; run += BLOCK_ROWS) {
      columns.forEach((coefficients, h) => {
        predictSlots(block, experts[0][h], coefficients, slots.subarray(run), eta.subarray(h * BLOCK_ROWS));
      });
      for (let i = 0; i < block.rows; i++) eta[i] += block.offset[i];
      law.logDensity(block, eta, 0, out, run);
    }
    return out;
  };
}

/** The coefficients of predictors of one design, column by column (d arrays of as many as there are predictors). */
function coefficientColumns(predictors: readonly Predictor[], theta: Float64Array): Float64Array[] {
  return predictors[0].at.map((_, j) => Float64Array.from(predictors, ({ at }) => theta[at[j]]));
}

function predictSlots(
  { x, rows }: Block,
  { design }: Predictor,
  coefficients: readonly Float64Array[],
  slots: Uint8Array,
  out: Float64Array,
): void {
  const { values, start } = x[design];
  out.fill(0, 0, rows);
  const rest = coefficients.length % 2;
  for (let j = 0; j < rest; j++) {
    for (let i = 0; i < rows; i++) out[i] += coefficients[j][slots[i]] * values[j][start + i];
  }
  for (let j = rest; j < coefficients.length; j += 2) {
    const [p, q, a, b] = [coefficients[j], coefficients[j + 1], values[j], values[j + 1]];
    for (let i = 0, row = start; i < rows; i++, row++) out[i] = out[i] + p[slots[i]] * a[row] + q[slots[i]] * b[row];
  }
}

/** Gate probabilities of a block's rows and their logarithms (k runs each), in scratch. */
export function gateOfBlock(
  parts: Parts,
  theta: Float64Array,
): (block: Block) => { readonly logGate: Float64Array; readonly probabilities: Float64Array } {
  const logGateOf = blockGate(parts, theta);
  const probabilities = new Float64Array(parts.experts.length * BLOCK_ROWS);
  return (block) => {
    const logGate = logGateOf(block);
    for (let run = 0; run < probabilities.length; run += BLOCK_ROWS) {
      for (let at = run; at < run + block.rows; at++) probabilities[at] = Math.exp(logGate[at]);
    }
    return { logGate, probabilities };
  };
}

/** Calls back with the places of the `count` largest values, the largest first; of equal ones the first. */
export function largest(values: Float64Array, count: number, take: (slot: number, from: number) => void): void {
  let [above, last] = [Number.POSITIVE_INFINITY, -1];
  for (let slot = 0; slot < count; slot++) {
    let best = -1;
    for (let z = 0; z < values.length; z++) {
      // After those that were taken: lower, or as high and further on.
      const isLeft = values[z] < above || (values[z] === above && z > last);
      if (isLeft && (best < 0 || values[z] > values[best])) best = z;
    }
    take(slot, best);
    [above, last] = [values[best], best];
  }
}
