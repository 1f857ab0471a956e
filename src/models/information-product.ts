import { BLOCK_ROWS } from "../compute/blocks.ts";
import { linearPredictor, weightedSum } from "../compute/kernels.ts";
import { type Parts, predictorCount } from "../laws/law.ts";
import { softmaxPenalty } from "../laws/softmax.ts";
import { blockCholesky, type DiagonalBlock } from "../math/block-cholesky.ts";
import { type Block, type Observations, sumOver } from "../rows/observations.ts";
import type { Predictor } from "../rows/predictor.ts";
import { unitCount, unitWeights } from "../rows/units.ts";
import { headBlock } from "../solve/head-block.ts";
import { blockPosterior } from "./e-step.ts";
import type { InformationProducts } from "./model.ts";
import { eachCoupling } from "./penalty.ts";

/**
 * Products of the complete and the missing information of a mixture of experts with vectors.
 *
 * Of v each row sees its predictors u = x'v. I_c v is Σ C u x with the complete-data curvature C of the row. Expert z's
 * score has s_z'v = u_gate,z + Σ_h score_zh u_zh, less what all have in common, and I_m v = Σ Σ_z r_z (s_z'v − s̄'v) s_z.
 *
 * Predictors, gate and responsibilities of the rows are kept, n·k(m + 2) numbers: to find them takes as many
 * multiplications as a product. Scores and curvatures follow from them with an exponential for each predictor, and m²
 * of them in each row would be many more than the columns: they are found anew.
 *
 * @remarks cost of a product: 2n multiplications for each parameter. arXiv 2411.06056, Theorem B.2.
 */
export function mixtureInformationProducts(parts: Parts, theta: Float64Array, data: Observations): InformationProducts {
  const at = pointOf(parts, theta, data);
  return {
    complete: (v) => completeProduct(at, v),
    missing: (v) => missingProduct(at, v),
    preconditioner: () => blockCholesky(diagonalBlocks(at)),
  };
}

/** A point, with what is known of the rows there, and room for a block's numbers. */
interface Point {
  readonly parts: Parts;
  readonly data: Observations;
  /** Number of parameters. */
  readonly p: number;
  /** Number of an expert's predictors. */
  readonly m: number;
  readonly k: number;
  readonly kept: readonly Kept[];
  /** Each row's share of the gate's score of its unit; absent: all of it. */
  readonly shares: Float64Array | undefined;
  /** Predictors at a vector: of the gate, that of expert 1 being 0 (k runs), and of the experts (k × m runs). */
  readonly gateU: Float64Array;
  readonly u: Float64Array;
  readonly curvature: Float64Array;
  readonly scores: Float64Array;
  readonly weight: Float64Array;
}

function pointOf(parts: Parts, theta: Float64Array, data: Observations): Point {
  const m = predictorCount(parts.law);
  const k = parts.experts.length;
  return {
    ...{ parts, data, p: theta.length, m, k },
    kept: keptPosteriors(parts, theta, data),
    shares: data.units && unitWeights({ rows: data.rows, units: data.units }),
    gateU: new Float64Array(k * BLOCK_ROWS),
    u: new Float64Array(k * m * BLOCK_ROWS),
    curvature: new Float64Array(m * m * BLOCK_ROWS),
    scores: new Float64Array(k * m * BLOCK_ROWS),
    weight: new Float64Array(BLOCK_ROWS),
  };
}

/** Predictors of the block's rows at v. */
function predict({ parts: { gate, experts }, m, gateU, u }: Point, { rows, x }: Block, v: Float64Array): void {
  gateU.fill(0, 0, BLOCK_ROWS);
  gate.forEach(({ offset }, h) => {
    linearPredictor(x.gate, rows, v, offset, gateU, (h + 1) * BLOCK_ROWS);
  });
  experts.forEach((predictors, z) => {
    predictors.forEach(({ design, offset }, h) => {
      linearPredictor(x[design], rows, v, offset, u, (z * m + h) * BLOCK_ROWS);
    });
  });
}

/** Adds Σ w · weight · x at the predictor's place; the gate's once for each unit. */
function collect({ weight }: Point, block: Block, { design, offset }: Predictor, partial: Float64Array): void {
  const weights = design === "gate" ? block.unitWeights : block.weights;
  for (let i = 0; i < block.rows; i++) weight[i] *= weights[i];
  weightedSum(block.x[design], block.rows, weight, 0, partial, offset);
}

/** I_c v. */
function completeProduct(at: Point, v: Float64Array): Float64Array {
  const { parts, m, k, gateU, u, curvature, weight } = at;
  const out = sumOver(at.data, at.p, (block, partial) => {
    const { rows } = block;
    const { probabilities: g, responsibilities: r, eta } = at.kept[block.start / BLOCK_ROWS];
    predict(at, block, v);
    const mean = expectation(g, gateU, rows, k);
    parts.gate.forEach((predictor, h) => {
      const run = (h + 1) * BLOCK_ROWS;
      for (let i = 0; i < rows; i++) weight[i] = g[run + i] * (gateU[run + i] - mean[i]);
      collect(at, block, predictor, partial);
    });
    parts.experts.forEach((predictors, z) => {
      parts.law.curvature(block, eta, z * m * BLOCK_ROWS, curvature);
      predictors.forEach((predictor, h) => {
        weight.fill(0, 0, rows);
        for (let j = 0; j < m; j++) {
          const [run, from] = [(h * m + j) * BLOCK_ROWS, (z * m + j) * BLOCK_ROWS];
          for (let i = 0; i < rows; i++) weight[i] += curvature[run + i] * u[from + i];
        }
        for (let i = 0; i < rows; i++) weight[i] *= r[z * BLOCK_ROWS + i];
        collect(at, block, predictor, partial);
      });
    });
  });
  eachCoupling(parts, (row, column, coupling) => {
    out[row] += coupling * v[column];
  });
  return out;
}

/** Each expert's s_z'v in the block's rows, in place of the gate's predictors; leaves the scores. */
function along(at: Point, block: Block, v: Float64Array): void {
  const { m, k, gateU, u, scores, shares } = at;
  const { rows, start } = block;
  const { eta } = at.kept[start / BLOCK_ROWS];
  predict(at, block, v);
  for (let z = 0; z < k; z++) {
    at.parts.law.scores(block, eta, z * m * BLOCK_ROWS, scores, z * m * BLOCK_ROWS);
    if (shares !== undefined) {
      for (let i = 0; i < rows; i++) gateU[z * BLOCK_ROWS + i] *= shares[start + i];
    }
    for (let from = z * m * BLOCK_ROWS; from < (z + 1) * m * BLOCK_ROWS; from += BLOCK_ROWS) {
      for (let i = 0; i < rows; i++) gateU[z * BLOCK_ROWS + i] += scores[from + i] * u[from + i];
    }
  }
}

/** s_z'v of each unit, where units have several rows (U × k). */
function alongUnits(at: Point, v: Float64Array, units: Int32Array): Float64Array {
  const sums = new Float64Array(unitCount(at.data) * at.k);
  sumOver(at.data, 0, (block) => {
    along(at, block, v);
    for (let i = 0; i < block.rows; i++) {
      for (let z = 0; z < at.k; z++) sums[units[block.start + i] * at.k + z] += at.gateU[z * BLOCK_ROWS + i];
    }
  });
  return sums;
}

/** I_m v. */
function missingProduct(at: Point, v: Float64Array): Float64Array {
  const { parts, m, k, gateU, scores, weight } = at;
  const { units = new Int32Array() } = at.data;
  const ofUnits = at.data.units && alongUnits(at, v, units);
  return sumOver(at.data, at.p, (block, partial) => {
    const { rows, start } = block;
    const { responsibilities: r } = at.kept[start / BLOCK_ROWS];
    along(at, block, v);
    if (ofUnits !== undefined) {
      for (let i = 0; i < rows; i++) {
        for (let z = 0; z < k; z++) gateU[z * BLOCK_ROWS + i] = ofUnits[units[start + i] * k + z];
      }
    }
    const mean = expectation(r, gateU, rows, k);
    for (let z = 0; z < k; z++) {
      const run = z * BLOCK_ROWS;
      for (let i = 0; i < rows; i++) gateU[run + i] = r[run + i] * (gateU[run + i] - mean[i]);
      if (z > 0) {
        for (let i = 0; i < rows; i++) weight[i] = gateU[run + i];
        collect(at, block, parts.gate[z - 1], partial);
      }
      parts.experts[z].forEach((predictor, h) => {
        const from = (z * m + h) * BLOCK_ROWS;
        for (let i = 0; i < rows; i++) weight[i] = gateU[run + i] * scores[from + i];
        collect(at, block, predictor, partial);
      });
    }
  });
}

/** The diagonal blocks of I_c, one for each predictor's place: two experts that share a parameter have one. */
function diagonalBlocks(at: Point): readonly DiagonalBlock[] {
  const { parts, data, m, k } = at;
  const gateCoupling = softmaxPenalty(k);
  const places = new Map<number, { readonly place: Predictor; readonly coupling: number }>();
  parts.gate.forEach((place, h) => {
    places.set(place.offset, { place, coupling: gateCoupling[h * k] });
  });
  for (const predictors of parts.experts) {
    predictors.forEach((place, h) => {
      places.set(place.offset, { place, coupling: parts.law.penalty[h * (m + 1)] });
    });
  }
  return Array.from(places.values(), ({ place, coupling }) => {
    return headBlock(place, data, (block) => curvatureAt(at, place, block), coupling);
  });
}

/** Weighted curvature in one predictor of a block's rows: of all experts that have it. */
function curvatureAt(at: Point, place: Predictor, block: Block): Float64Array {
  const { parts, m, curvature, weight } = at;
  const { probabilities: g, responsibilities: r, eta } = at.kept[block.start / BLOCK_ROWS];
  weight.fill(0);
  parts.gate.forEach(({ offset }, h) => {
    if (offset !== place.offset) return;
    const run = (h + 1) * BLOCK_ROWS;
    for (let i = 0; i < block.rows; i++) weight[i] += block.unitWeights[i] * g[run + i] * (1 - g[run + i]);
  });
  parts.experts.forEach((predictors, z) => {
    const h = predictors.findIndex(({ offset }) => offset === place.offset);
    if (h < 0) return;
    parts.law.curvature(block, eta, z * m * BLOCK_ROWS, curvature);
    const run = (h * m + h) * BLOCK_ROWS;
    for (let i = 0; i < block.rows; i++) {
      weight[i] += block.weights[i] * r[z * BLOCK_ROWS + i] * curvature[run + i];
    }
  });
  return weight;
}

/** What the E-step finds in a block. */
interface Kept {
  /** Predictors of the experts (k × m runs). */
  readonly eta: Float64Array;
  /** Gate probabilities and responsibilities (k runs each). */
  readonly probabilities: Float64Array;
  readonly responsibilities: Float64Array;
}

function keptPosteriors(parts: Parts, theta: Float64Array, data: Observations): Kept[] {
  const evaluate = blockPosterior(parts, theta, data);
  const kept: Kept[] = [];
  sumOver(data, 0, (block) => {
    const { eta, logGate, responsibilities } = evaluate(block);
    kept.push({ eta: eta.slice(), probabilities: logGate.map(Math.exp), responsibilities: responsibilities.slice() });
  });
  return kept;
}

const means = new Float64Array(BLOCK_ROWS);

/** Σ_z P_z value_z in each row, for k runs of probabilities and values; scratch. */
function expectation(probabilities: Float64Array, values: Float64Array, rows: number, k: number): Float64Array {
  means.fill(0, 0, rows);
  for (let z = 0; z < k; z++) {
    for (let at = z * BLOCK_ROWS, i = 0; i < rows; i++, at++) means[i] += probabilities[at] * values[at];
  }
  return means;
}
