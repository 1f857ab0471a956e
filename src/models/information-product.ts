import { BLOCK_ROWS } from "../compute/blocks.ts";
import { linearPredictor, weightedSum } from "../compute/kernels.ts";
import { type Parts, predictorCount } from "../laws/law.ts";
import { blockCholesky, type DiagonalBlock } from "../math/block-cholesky.ts";
import { type Block, type Observations, sumOver } from "../rows/observations.ts";
import type { Predictor } from "../rows/predictor.ts";
import { unitCount, unitWeights } from "../rows/units.ts";
import { headBlock } from "../solve/head-block.ts";
import { blockScores, type Head, headsOf } from "./complete-scores.ts";
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
  readonly heads: readonly Head[];
  readonly scoresOf: ReturnType<typeof blockScores>;
  /** Predictors at a vector: of the gate (a run each), and of the experts (k × m runs). */
  readonly gateU: Float64Array;
  readonly u: Float64Array;
  /** Gate curvatures times its predictors (a run for each). */
  readonly curved: Float64Array;
  /** What each expert's score comes to along a vector (k runs). */
  readonly slope: Float64Array;
  readonly curvature: Float64Array;
  readonly weight: Float64Array;
}

function pointOf(parts: Parts, theta: Float64Array, data: Observations): Point {
  const m = predictorCount(parts.law);
  const k = parts.experts.length;
  return {
    ...{ parts, data, p: theta.length, m, k },
    kept: keptPosteriors(parts, theta, data),
    shares: data.units && unitWeights({ rows: data.rows, units: data.units }),
    heads: headsOf(parts),
    scoresOf: blockScores(parts),
    gateU: new Float64Array(parts.gate.length * BLOCK_ROWS),
    u: new Float64Array(k * m * BLOCK_ROWS),
    curvature: new Float64Array(m * m * BLOCK_ROWS),
    curved: new Float64Array(parts.gate.length * BLOCK_ROWS),
    slope: new Float64Array(k * BLOCK_ROWS),
    weight: new Float64Array(BLOCK_ROWS),
  };
}

/** Predictors of the block's rows at v. */
function predict({ parts: { gate, experts }, m, gateU, u }: Point, { rows, x }: Block, v: Float64Array): void {
  gate.forEach(({ at }, h) => {
    linearPredictor(x.gate, rows, v, at, gateU, h * BLOCK_ROWS);
  });
  experts.forEach((predictors, z) => {
    predictors.forEach(({ design, at }, h) => {
      linearPredictor(x[design], rows, v, at, u, (z * m + h) * BLOCK_ROWS);
    });
  });
}

/** Adds Σ w · weight · x at the predictor's place; the gate's once for each unit. */
function collect({ weight }: Point, block: Block, { design, at }: Predictor, partial: Float64Array): void {
  const weights = design === "gate" ? block.unitWeights : block.weights;
  for (let i = 0; i < block.rows; i++) weight[i] *= weights[i];
  weightedSum(block.x[design], block.rows, weight, 0, partial, at);
}

/** I_c v. */
function completeProduct(at: Point, v: Float64Array): Float64Array {
  const { parts, m, gateU, u, curved, curvature, weight } = at;
  const out = sumOver(at.data, at.p, (block, partial) => {
    const { rows } = block;
    const { probabilities: g, responsibilities: r, eta } = at.kept[block.start / BLOCK_ROWS];
    predict(at, block, v);
    parts.gateLaw.curved(g, r, gateU, rows, curved);
    parts.gate.forEach((predictor, h) => {
      for (let i = 0; i < rows; i++) weight[i] = curved[h * BLOCK_ROWS + i];
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

/** Each expert's s_z'v in the block's rows, to `slope`; returns the scores. */
function along(at: Point, block: Block, v: Float64Array): Float64Array {
  const { parts, k, m, gateU, u, slope, shares } = at;
  const { rows, start } = block;
  const { eta, probabilities } = at.kept[start / BLOCK_ROWS];
  predict(at, block, v);
  const scores = at.scoresOf(block, eta, probabilities);
  slope.fill(0, 0, k * BLOCK_ROWS);
  let run = 0;
  const add = (z: number, values: Float64Array, from: number): void => {
    for (let i = 0; i < rows; i++) slope[z * BLOCK_ROWS + i] += scores[run + i] * values[from + i];
    run += BLOCK_ROWS;
  };
  for (let z = 0; z < k; z++) for (const h of parts.gateLaw.read(z)) add(z, gateU, h * BLOCK_ROWS);
  if (shares !== undefined) {
    for (let z = 0; z < k; z++) for (let i = 0; i < rows; i++) slope[z * BLOCK_ROWS + i] *= shares[start + i];
  }
  for (let own = 0; own < k * m; own++) add(Math.floor(own / m), u, own * BLOCK_ROWS);
  return scores;
}

/** s_z'v of each unit, where units have several rows (U × k). */
function alongUnits(at: Point, v: Float64Array, units: Int32Array): Float64Array {
  const sums = new Float64Array(unitCount(at.data) * at.k);
  sumOver(at.data, 0, (block) => {
    along(at, block, v);
    for (let i = 0; i < block.rows; i++) {
      for (let z = 0; z < at.k; z++) sums[units[block.start + i] * at.k + z] += at.slope[z * BLOCK_ROWS + i];
    }
  });
  return sums;
}

/** I_m v. */
function missingProduct(at: Point, v: Float64Array): Float64Array {
  const { k, slope, weight } = at;
  const { units = new Int32Array() } = at.data;
  const ofUnits = at.data.units && alongUnits(at, v, units);
  return sumOver(at.data, at.p, (block, partial) => {
    const { rows, start } = block;
    const { responsibilities: r } = at.kept[start / BLOCK_ROWS];
    const scores = along(at, block, v);
    if (ofUnits !== undefined) {
      for (let i = 0; i < rows; i++) {
        for (let z = 0; z < k; z++) slope[z * BLOCK_ROWS + i] = ofUnits[units[start + i] * k + z];
      }
    }
    const mean = expectation(r, slope, rows, k);
    for (let z = 0; z < k; z++) {
      const run = z * BLOCK_ROWS;
      for (let i = 0; i < rows; i++) slope[run + i] = r[run + i] * (slope[run + i] - mean[i]);
    }
    for (const { predictor, expert, run } of at.heads) {
      for (let i = 0; i < rows; i++) weight[i] = slope[expert * BLOCK_ROWS + i] * scores[run + i];
      collect(at, block, predictor, partial);
    }
  });
}

/** How many experts have a parameter at a place. */
function ownersOf(place: number, experts: Parts["experts"]): number {
  return experts.filter((own) => own.some(({ at }) => at.includes(place))).length;
}

/** A predictor's columns, those apart whose coefficients other experts share. */
function apart({ at }: Predictor, experts: Parts["experts"]): readonly (readonly number[])[] {
  const isShared = at.map((place) => ownersOf(place, experts) > 1);
  const columns = Array.from(at.keys());
  const parts = [columns.filter((j) => !isShared[j]), columns.filter((j) => isShared[j])];
  return parts.filter((part) => part.length > 0);
}

/** The diagonal blocks of I_c, one for each predictor's own coefficients and one for those that experts share. */
function diagonalBlocks(at: Point): readonly DiagonalBlock[] {
  const { parts, data, m } = at;
  const { gate, gateLaw, experts, law } = parts;
  const heads = [
    ...gate.map((predictor, h) => ({ predictor, coupling: gateLaw.penalty[h * (gate.length + 1)] })),
    ...experts.flatMap((own) => own.map((predictor, h) => ({ predictor, coupling: law.penalty[h * (m + 1)] }))),
  ];
  const done = new Set<number>();
  return heads.flatMap(({ predictor, coupling }) => {
    return apart(predictor, experts).flatMap((columns) => {
      const first = predictor.at[columns[0]];
      if (done.has(first)) return [];
      done.add(first);
      // Each expert that shares a coefficient has its part of the prior.
      const prior = coupling * Math.max(1, ownersOf(first, experts));
      return [headBlock(predictor, data, (block) => curvatureAt(at, first, block), prior, columns)];
    });
  });
}

/** Weighted curvature in one predictor of a block's rows, of all experts that have a coefficient at its place. */
function curvatureAt(at: Point, place: number, block: Block): Float64Array {
  const { parts, m, curvature, weight } = at;
  const { probabilities: g, responsibilities: r, eta } = at.kept[block.start / BLOCK_ROWS];
  weight.fill(0);
  parts.gate.forEach((predictor, h) => {
    if (!predictor.at.includes(place)) return;
    parts.gateLaw.curvature(g, r, h, h, block.rows, curvature);
    for (let i = 0; i < block.rows; i++) weight[i] += block.unitWeights[i] * curvature[i];
  });
  parts.experts.forEach((predictors, z) => {
    const h = predictors.findIndex((predictor) => predictor.at.includes(place));
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
  /** The gate's own probabilities, and responsibilities (k runs). */
  readonly probabilities: Float64Array;
  readonly responsibilities: Float64Array;
}

function keptPosteriors(parts: Parts, theta: Float64Array, data: Observations): Kept[] {
  const evaluate = blockPosterior(parts, theta, data);
  const kept: Kept[] = [];
  sumOver(data, 0, (block) => {
    const { eta, logGate, responsibilities } = evaluate(block);
    const probabilities = new Float64Array(parts.gateLaw.runs * BLOCK_ROWS);
    parts.gateLaw.probabilities(logGate, block.rows, probabilities);
    kept.push({ eta: eta.slice(), probabilities, responsibilities: responsibilities.slice() });
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
