import { BLOCK_ROWS } from "../compute/blocks.ts";
import { type Parts, predictorCount } from "../laws/law.ts";
import { type Observations, sumOver } from "../rows/observations.ts";
import type { Predictor } from "../rows/predictor.ts";
import { firstRows, unitCount } from "../rows/units.ts";
import { blockPosterior } from "./e-step.ts";

/**
 * The missing information of units of several rows: Σ_u w_u Cov_r(S_uz), with the complete-data score S_uz of the unit's rows
 * when they are expert z's, and its responsibilities r.
 *
 * @returns p × p, in nats
 * @remarks cost U·p² multiplications for U units, and U·p numbers
 */
export function unitMissing(parts: Parts, p: number, theta: Float64Array, data: Observations): Float64Array {
  const { units = new Int32Array() } = data;
  const k = parts.experts.length;
  const count = unitCount(data);
  const places = parts.experts.map((predictors, z) =>
    placesOf(z > 0 ? [parts.gate[z - 1], ...predictors] : predictors),
  );
  const { scores, responsibilities } = unitScores(parts, theta, data, units, places);
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
  return Int32Array.from(predictors.flatMap(({ offset, size }) => Array.from({ length: size }, (_, j) => offset + j)));
}

/** S_uz of every unit and expert, the gate's predictor first, and the units' responsibilities (U × k). */
function unitScores(
  parts: Parts,
  theta: Float64Array,
  data: Observations,
  units: Int32Array,
  places: readonly Int32Array[],
): { readonly scores: readonly Float64Array[]; readonly responsibilities: Float64Array } {
  const { law, gate, experts } = parts;
  const k = experts.length;
  const m = predictorCount(law);
  const count = unitCount(data);
  const evaluate = blockPosterior(parts, theta, data);
  const score = new Float64Array(m * BLOCK_ROWS);
  const responsibilities = new Float64Array(count * k);
  const scores = places.map(({ length }) => new Float64Array(count * length));
  const seen = new Uint8Array(count);
  sumOver(data, 0, (block) => {
    const { rows, start, x } = block;
    const { eta, responsibilities: r } = evaluate(block);
    experts.forEach((predictors, z) => {
      law.scores(block, eta, z * m * BLOCK_ROWS, score, 0);
      const { length } = places[z];
      for (let i = 0; i < rows; i++) {
        const unit = units[start + i];
        let at = unit * length;
        if (z > 0) {
          const { values, start: from } = x.gate;
          // Once in each unit.
          if (seen[unit] === 0) for (let j = 0; j < gate[z - 1].size; j++) scores[z][at + j] = values[j][from + i];
          at += gate[z - 1].size;
        }
        predictors.forEach(({ design, size }, h) => {
          const { values, start: from } = x[design];
          for (let j = 0; j < size; j++) {
            scores[z][at++] += score[h * BLOCK_ROWS + i] * values[j][design === "constant" ? 0 : from + i];
          }
        });
      }
    });
    for (let i = 0; i < rows; i++) {
      const unit = units[start + i];
      seen[unit] = 1;
      for (let z = 0; z < k; z++) responsibilities[unit * k + z] = r[z * BLOCK_ROWS + i];
    }
  });
  return { scores, responsibilities };
}
