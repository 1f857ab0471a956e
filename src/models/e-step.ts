import { BLOCK_ROWS } from "../compute/blocks.ts";
import { linearPredictor } from "../compute/kernels.ts";
import { type Parts, predictorCount } from "../laws/law.ts";
import { normaliseLogits } from "../laws/softmax.ts";
import { softmax } from "../math/softmax.ts";
import { type Block, type Observations, sumOver } from "../rows/observations.ts";
import { areGrouped, unitCount } from "../rows/units.ts";

/** One block's linear predictors; the arrays are scratch, overwritten by the next block. */
export interface BlockPredictors {
  /** Predictors of the experts, with the rows' offset: k × m runs of BLOCK_ROWS. */
  readonly eta: Float64Array;
  /** Log gate probabilities: k runs. */
  readonly logGate: Float64Array;
}

/** What a block's rows and each expert say of each other; scratch like the predictors. */
export interface BlockJoint extends BlockPredictors {
  /** J_z = log g_z p_z(y), of a unit that of all its rows: k runs. */
  readonly joint: Float64Array;
}

/** What a block's rows say about who they belong to; scratch like the predictors. */
export interface BlockPosterior extends BlockPredictors {
  /** Responsibilities: k runs. */
  readonly responsibilities: Float64Array;
  /** Log-likelihood of each row, unweighted. */
  readonly logLikelihood: Float64Array;
}

/** Log gate probabilities of one block (k runs): a function to be called block after block, with scratch of its own. */
export function blockGate({ gateLaw, gate, experts }: Parts, theta: Float64Array): (block: Block) => Float64Array {
  const k = experts.length;
  const eta = new Float64Array(gate.length * BLOCK_ROWS);
  const logGate = new Float64Array(k * BLOCK_ROWS);
  return ({ rows, x }) => {
    gate.forEach(({ at }, h) => {
      linearPredictor(x.gate, rows, theta, at, eta, h * BLOCK_ROWS);
    });
    gateLaw.logits(eta, rows, logGate);
    normaliseLogits(logGate, k, rows);
    return logGate;
  };
}

/** The predictors of one block: a function to be called block after block, with scratch of its own. */
export function blockPredictors(parts: Parts, theta: Float64Array): (block: Block) => BlockPredictors {
  const { law, experts } = parts;
  const m = predictorCount(law);
  const eta = new Float64Array(experts.length * m * BLOCK_ROWS);
  const logGateOf = blockGate(parts, theta);
  return (block) => {
    const { rows, x, offset: known } = block;
    const logGate = logGateOf(block);
    experts.forEach((predictors, z) => {
      predictors.forEach(({ design, at }, h) => {
        linearPredictor(x[design], rows, theta, at, eta, (z * m + h) * BLOCK_ROWS);
      });
      const always = predictors[0].known ?? 0;
      for (let i = 0; i < rows; i++) eta[z * m * BLOCK_ROWS + i] += known[i] + always;
    });
    return { eta, logGate };
  };
}

/**
 * The E-step of one block, or of the units that its rows belong to: r_z ∝ g_z ∏ p_z(y) over the rows of the unit, in
 * logarithms until the largest is known. All rows of a unit have its responsibilities and its log-likelihood.
 *
 * @param data the rows that blocks will be of
 */
export function blockPosterior(
  parts: Parts,
  theta: Float64Array,
  data: Pick<Observations, "units" | "stretches">,
): (block: Block) => BlockPosterior {
  const k = parts.experts.length;
  const join = blockJoint(parts, theta, data);
  const logLikelihood = new Float64Array(BLOCK_ROWS);
  return (block) => {
    const { eta, logGate, joint } = join(block);
    for (let i = 0; i < block.rows; i++) logLikelihood[i] = softmax(joint, i, BLOCK_ROWS, k);
    return { eta, logGate, responsibilities: joint, logLikelihood };
  };
}

/** The logarithms of how probable each expert and the response are together, of one block or of the units its rows belong to. */
export function blockJoint(
  parts: Parts,
  theta: Float64Array,
  data: Pick<Observations, "units" | "stretches">,
): (block: Block) => BlockJoint {
  const joint = new Float64Array(parts.experts.length * BLOCK_ROWS);
  const ofBlock = areGrouped(data) ? unitJoint(parts, theta, joint) : rowJoint(parts, theta, joint);
  return (block) => ({ ...ofBlock(block), joint });
}

/** Writes J of a block's rows, each by itself, into k runs. */
function rowJoint(parts: Parts, theta: Float64Array, joint: Float64Array): (block: Block) => BlockPredictors {
  const { law, experts } = parts;
  const m = predictorCount(law);
  const predict = blockPredictors(parts, theta);
  return (block) => {
    const { eta, logGate } = predict(block);
    for (let z = 0; z < experts.length; z++) {
      const run = z * BLOCK_ROWS;
      law.logDensity(block, eta, m * run, joint, run);
      for (let i = run; i < run + block.rows; i++) joint[i] += logGate[i];
    }
    return { eta, logGate };
  };
}

/** Writes J of the units that a block's rows belong to, of which all rows are read first: of a source those of a stretch. */
function unitJoint(parts: Parts, theta: Float64Array, joint: Float64Array): (block: Block) => BlockPredictors {
  const k = parts.experts.length;
  const predict = blockPredictors(parts, theta);
  let rows: Observations | undefined;
  let ofUnits: Float64Array = new Float64Array();
  return (block) => {
    if (block.unitRows !== rows) {
      rows = block.unitRows;
      ofUnits = jointOfUnits(parts, theta, rows as Observations);
    }
    const units = rows?.units as Int32Array;
    for (let i = 0; i < block.rows; i++) {
      const from = units[block.x.expert.start + i] * k;
      for (let z = 0; z < k; z++) joint[z * BLOCK_ROWS + i] = ofUnits[from + z];
    }
    return predict(block);
  };
}

/** J of each unit, whose rows are in any blocks: units × k. The gate counts once. */
function jointOfUnits(parts: Parts, theta: Float64Array, data: Observations): Float64Array {
  const { law, experts } = parts;
  const k = experts.length;
  const m = predictorCount(law);
  const units = data.units as Int32Array;
  const predict = blockPredictors(parts, theta);
  const runs = new Float64Array(k * BLOCK_ROWS);
  const count = unitCount(data);
  const joint = new Float64Array(count * k);
  const seen = new Uint8Array(count);
  sumOver(data, 0, (block) => {
    const { eta, logGate } = predict(block);
    for (let z = 0; z < k; z++) law.logDensity(block, eta, z * m * BLOCK_ROWS, runs, z * BLOCK_ROWS);
    for (let i = 0; i < block.rows; i++) {
      const unit = units[block.x.expert.start + i];
      for (let z = 0; z < k; z++) {
        joint[unit * k + z] += runs[z * BLOCK_ROWS + i] + (seen[unit] === 0 ? logGate[z * BLOCK_ROWS + i] : 0);
      }
      seen[unit] = 1;
    }
  });
  return joint;
}
