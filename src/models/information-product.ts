import { BLOCK_ROWS } from "../compute/blocks.ts";
import { linearPredictor, weightedSum } from "../compute/kernels.ts";
import { type Parts, type Predictor, predictorCount } from "../laws/law.ts";
import { softmaxPenalty } from "../laws/softmax.ts";
import { blockCholesky, type DiagonalBlock } from "../math/block-cholesky.ts";
import { blockPosterior } from "./e-step.ts";
import { headBlock } from "./head-block.ts";
import type { InformationProducts } from "./model.ts";
import { type Block, type Observations, sumOver } from "./observations.ts";
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
  const { law, gate, experts } = parts;
  const m = predictorCount(law);
  const k = experts.length;
  const kept = keptPosteriors(parts, theta, data);
  const curvature = new Float64Array(m * m * BLOCK_ROWS);
  const scores = new Float64Array(k * m * BLOCK_ROWS);
  const gateU = new Float64Array(k * BLOCK_ROWS);
  const u = new Float64Array(k * m * BLOCK_ROWS);
  const weight = new Float64Array(BLOCK_ROWS);

  /** Predictors of the block's rows at v: to `gateU`, that of expert 1 being 0, and to `u`. */
  const predict = ({ rows, x }: Block, v: Float64Array): void => {
    gateU.fill(0, 0, BLOCK_ROWS);
    gate.forEach(({ offset }, h) => {
      linearPredictor(x.gate, rows, v, offset, gateU, (h + 1) * BLOCK_ROWS);
    });
    experts.forEach((predictors, z) => {
      predictors.forEach(({ design, offset }, h) => {
        linearPredictor(x[design], rows, v, offset, u, (z * m + h) * BLOCK_ROWS);
      });
    });
  };

  /** Adds Σ w · weight · x at the predictor's place. */
  const collect = (block: Block, { design, offset }: Predictor, partial: Float64Array): void => {
    for (let i = 0; i < block.rows; i++) weight[i] *= block.weights[i];
    weightedSum(block.x[design], block.rows, weight, 0, partial, offset);
  };

  const complete = (v: Float64Array): Float64Array => {
    const out = sumOver(data, theta.length, (block, partial) => {
      const { rows } = block;
      const { probabilities: g, responsibilities: r, eta } = kept[block.start / BLOCK_ROWS];
      predict(block, v);
      const mean = expectation(g, gateU, rows, k);
      gate.forEach((predictor, h) => {
        const run = (h + 1) * BLOCK_ROWS;
        for (let i = 0; i < rows; i++) weight[i] = g[run + i] * (gateU[run + i] - mean[i]);
        collect(block, predictor, partial);
      });
      experts.forEach((predictors, z) => {
        law.curvature(block, eta, z * m * BLOCK_ROWS, curvature);
        predictors.forEach((predictor, h) => {
          weight.fill(0, 0, rows);
          for (let j = 0; j < m; j++) {
            const [run, at] = [(h * m + j) * BLOCK_ROWS, (z * m + j) * BLOCK_ROWS];
            for (let i = 0; i < rows; i++) weight[i] += curvature[run + i] * u[at + i];
          }
          for (let i = 0; i < rows; i++) weight[i] *= r[z * BLOCK_ROWS + i];
          collect(block, predictor, partial);
        });
      });
    });
    eachCoupling(parts, (row, column, coupling) => {
      out[row] += coupling * v[column];
    });
    return out;
  };

  const missing = (v: Float64Array): Float64Array =>
    sumOver(data, theta.length, (block, partial) => {
      const { rows } = block;
      const { responsibilities: r, eta } = kept[block.start / BLOCK_ROWS];
      predict(block, v);
      // Each expert's s_z'v, in place of the gate's predictors.
      for (let z = 0; z < k; z++) {
        law.scores(block, eta, z * m * BLOCK_ROWS, scores, z * m * BLOCK_ROWS);
        for (let at = z * m * BLOCK_ROWS; at < (z + 1) * m * BLOCK_ROWS; at += BLOCK_ROWS) {
          for (let i = 0; i < rows; i++) gateU[z * BLOCK_ROWS + i] += scores[at + i] * u[at + i];
        }
      }
      const mean = expectation(r, gateU, rows, k);
      for (let z = 0; z < k; z++) {
        const run = z * BLOCK_ROWS;
        for (let i = 0; i < rows; i++) gateU[run + i] = r[run + i] * (gateU[run + i] - mean[i]);
        if (z > 0) {
          for (let i = 0; i < rows; i++) weight[i] = gateU[run + i];
          collect(block, gate[z - 1], partial);
        }
        experts[z].forEach((predictor, h) => {
          const at = (z * m + h) * BLOCK_ROWS;
          for (let i = 0; i < rows; i++) weight[i] = gateU[run + i] * scores[at + i];
          collect(block, predictor, partial);
        });
      }
    });

  const blocks = (): readonly DiagonalBlock[] => {
    const gateCoupling = softmaxPenalty(k);
    const places = new Map<number, { readonly place: Predictor; readonly coupling: number }>();
    gate.forEach((place, h) => {
      places.set(place.offset, { place, coupling: gateCoupling[h * k] });
    });
    for (const predictors of experts) {
      predictors.forEach((place, h) => {
        places.set(place.offset, { place, coupling: law.penalty[h * (m + 1)] });
      });
    }
    return Array.from(places.values(), ({ place, coupling }) => {
      const weights = (block: Block): Float64Array => {
        const { probabilities: g, responsibilities: r, eta } = kept[block.start / BLOCK_ROWS];
        weight.fill(0);
        gate.forEach(({ offset }, h) => {
          if (offset !== place.offset) return;
          const run = (h + 1) * BLOCK_ROWS;
          for (let i = 0; i < block.rows; i++) weight[i] += block.weights[i] * g[run + i] * (1 - g[run + i]);
        });
        experts.forEach((predictors, z) => {
          const h = predictors.findIndex(({ offset }) => offset === place.offset);
          if (h < 0) return;
          law.curvature(block, eta, z * m * BLOCK_ROWS, curvature);
          const run = (h * m + h) * BLOCK_ROWS;
          for (let i = 0; i < block.rows; i++) {
            weight[i] += block.weights[i] * r[z * BLOCK_ROWS + i] * curvature[run + i];
          }
        });
        return weight;
      };
      return headBlock(place, data, weights, coupling);
    });
  };

  return { complete, missing, preconditioner: () => blockCholesky(blocks()) };
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
  const evaluate = blockPosterior(parts, theta);
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
