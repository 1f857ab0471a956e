import { BLOCK_ROWS } from "../compute/blocks.ts";
import type { Parts } from "../laws/law.ts";
import { type Observations, sumOver, sumOverStretches } from "../rows/observations.ts";
import type { Predictor } from "../rows/predictor.ts";
import { firstRows, unitCount } from "../rows/units.ts";
import { blockScores, type Head, headsOf } from "./complete-scores.ts";
import { blockPosterior } from "./e-step.ts";

/**
 * The missing information of units of several rows: Σ_u w_u Cov_r(S_uz), with the complete-data score S_uz of the unit's rows
 * when they are expert z's, and its responsibilities r.
 *
 * @returns p × p, in nats
 * @remarks cost U·p² multiplications for U units, and U·p numbers
 */
export function unitMissing(parts: Parts, p: number, theta: Float64Array, data: Observations): Float64Array {
  if (data.stretches !== undefined) {
    return sumOverStretches(data.stretches, (part) => unitMissing(parts, p, theta, part));
  }
  const { units = new Int32Array() } = data;
  const k = parts.experts.length;
  const count = unitCount(data);
  const heads = headsOf(parts);
  const own = parts.experts.map((_, z) => heads.filter(({ expert }) => expert === z));
  const places = own.map((read) => placesOf(read.map(({ predictor }) => predictor)));
  const { scores, responsibilities } = unitScores(parts, theta, data, units, own);
  const first = firstRows(units);
  const missing = new Float64Array(p * p);
  for (let unit = 0; unit < count; unit++) {
    const weight = data.weights?.[first[unit]] ?? 1;
    for (let z = 0; z < k; z++) {
      const r = responsibilities[unit * k + z];
      for (let y = 0; y < k; y++) {
        const c = weight * r * ((z === y ? 1 : 0) - responsibilities[unit * k + y]);
        if (c !== 0) addOuter(c, scores[z], places[z], scores[y], places[y], unit, missing, p);
      }
    }
  }
  return missing;
}

/** Adds c S_z S_y' of a unit. */
function addOuter(
  c: number,
  rowScores: Float64Array,
  rows: Int32Array,
  columnScores: Float64Array,
  columns: Int32Array,
  unit: number,
  matrix: Float64Array,
  p: number,
): void {
  for (let a = 0; a < rows.length; a++) {
    const scaled = c * rowScores[unit * rows.length + a];
    const at = rows[a] * p;
    for (let b = 0; b < columns.length; b++) {
      matrix[at + columns[b]] += scaled * columnScores[unit * columns.length + b];
    }
  }
}

function placesOf(predictors: readonly Predictor[]): Int32Array {
  return Int32Array.from(predictors.flatMap(({ at }) => at));
}

/** S_uz of every unit and expert, in the order of the expert's heads, and the units' responsibilities (U × k). */
function unitScores(
  parts: Parts,
  theta: Float64Array,
  data: Observations,
  units: Int32Array,
  heads: readonly (readonly Head[])[],
): { readonly scores: readonly Float64Array[]; readonly responsibilities: Float64Array } {
  const k = parts.experts.length;
  const count = unitCount(data);
  const evaluate = blockPosterior(parts, theta, data);
  const scoresOf = blockScores(parts);
  const probabilities = new Float64Array(parts.gateLaw.runs * BLOCK_ROWS);
  const responsibilities = new Float64Array(count * k);
  const lengths = heads.map((own) => own.reduce((sum, { predictor }) => sum + predictor.at.length, 0));
  const scores = lengths.map((length) => new Float64Array(count * length));
  const seen = new Uint8Array(count);
  sumOver(data, 0, (block) => {
    const { rows, start, x } = block;
    const { eta, logGate, responsibilities: r } = evaluate(block);
    parts.gateLaw.probabilities(logGate, rows, probabilities);
    const score = scoresOf(block, eta, probabilities);
    for (let i = 0; i < rows; i++) {
      const unit = units[start + i];
      heads.forEach((own, z) => {
        let at = unit * lengths[z];
        for (const { predictor, run } of own) {
          const { values, start: from } = x[predictor.design];
          const row = predictor.design === "constant" ? 0 : from + i;
          // The gate reads each unit once.
          const c = predictor.design === "gate" && seen[unit] === 1 ? 0 : score[run + i];
          for (let j = 0; j < predictor.at.length; j++) scores[z][at++] += c * values[j][row];
        }
        responsibilities[unit * k + z] = r[z * BLOCK_ROWS + i];
      });
      seen[unit] = 1;
    }
  });
  return { scores, responsibilities };
}
