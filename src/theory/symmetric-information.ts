import { BLOCK_ROWS } from "../compute/blocks.ts";
import { linearPredictor, weightedSum } from "../compute/kernels.ts";
import { type BlockFactor, blockCholesky } from "../math/block-cholesky.ts";
import type { Information, InformationProducts } from "../models/model.ts";
import { type Block, type Observations, sumOver } from "../rows/observations.ts";
import type { Predictor } from "../rows/predictor.ts";
import { addGram } from "../solve/gram.ts";
import { headBlock } from "../solve/head-block.ts";
import { signPartition } from "./symmetric-law.ts";
import { addSum, type PairParts, predict, rowPosterior, weigh } from "./symmetric-rows.ts";

/** Complete and missing information of a symmetric pair, p × p each. */
export function pairInformation(pair: PairParts, theta: Float64Array, data: Observations): Information {
  const { law, gate, expert, p, a, b } = pair;
  const sums = sumOver(data, 2 * p * p, (block, partial) => {
    predict(pair, block, theta);
    const found = Array.from({ length: block.rows }, (_, i) => rowPosterior(pair, block, i));
    const [complete, missing] = [partial.subarray(0, p * p), partial.subarray(p * p)];
    const add = (row: Predictor, column: Predictor, value: (i: number) => number, to: Float64Array): void =>
      addGram(block, row, column, weigh(pair, block, value), 0, to, p, row !== column);
    const variance = (i: number): number => found[i].plus * found[i].minus;
    const slope = (i: number): number => 2 * law.scale * found[i].y;
    add(gate, gate, (i) => signPartition.variance(a[i]), complete);
    add(expert, expert, (i) => law.logPartition.variance(b[i]), complete);
    add(gate, gate, variance, missing);
    add(expert, gate, (i) => variance(i) * slope(i), missing);
    add(expert, expert, (i) => variance(i) * slope(i) ** 2, missing);
  });
  return { complete: sums.slice(0, p * p), missing: sums.slice(p * p) };
}

/** Products with the informations of a symmetric pair; the rows must not change. */
export function pairInformationProducts(pair: PairParts, theta: Float64Array, data: Observations): InformationProducts {
  const { law, gate, expert, a, b } = pair;
  return {
    complete: (v) =>
      product(pair, theta, v, data, (block, u, t, sums) => {
        addSum(pair, block, gate, (i) => signPartition.variance(a[i]) * u[i], sums);
        addSum(pair, block, expert, (i) => law.logPartition.variance(b[i]) * t[i], sums);
      }),
    missing: (v) =>
      product(pair, theta, v, data, (block, u, t, sums) => {
        const slope = (i: number): number => 2 * law.scale * law.response(block.response[i]);
        const along = weigh(pair, block, (i) => {
          const { plus, minus } = rowPosterior(pair, block, i);
          return plus * minus * (u[i] + slope(i) * t[i]);
        });
        weightedSum(block.x.gate, block.rows, along, 0, sums, gate.at);
        for (let i = 0; i < block.rows; i++) along[i] *= slope(i);
        weightedSum(block.x.expert, block.rows, along, 0, sums, expert.at);
      }),
    preconditioner: () => pairPreconditioner(pair, theta, data),
  };
}

/**
 * A product with v, as a sum over blocks whose predictors at θ are found.
 *
 * @param add adds a block's part to the sums (p), given the gate's and the expert's predictors u and t at v
 */
function product(
  pair: PairParts,
  theta: Float64Array,
  v: Float64Array,
  data: Observations,
  add: (block: Block, u: Float64Array, t: Float64Array, sums: Float64Array) => void,
): Float64Array {
  const [u, t] = [new Float64Array(BLOCK_ROWS), new Float64Array(BLOCK_ROWS)];
  return sumOver(data, pair.p, (block, sums) => {
    linearPredictor(block.x.gate, block.rows, v, pair.gate.at, u, 0);
    linearPredictor(block.x.expert, block.rows, v, pair.expert.at, t, 0);
    predict(pair, block, theta);
    add(block, u, t, sums);
  });
}

/** Factor of the complete information, or of a matrix near it, a block for the gate and one for the expert. */
function pairPreconditioner(pair: PairParts, theta: Float64Array, data: Observations): BlockFactor {
  const { law, gate, expert, a, b } = pair;
  const gram = (predictor: Predictor, variance: (i: number) => number) =>
    headBlock(
      predictor,
      data,
      (block) => {
        predict(pair, block, theta);
        return weigh(pair, block, variance);
      },
      0,
    );
  return blockCholesky([
    gram(gate, (i) => signPartition.variance(a[i])),
    gram(expert, (i) => law.logPartition.variance(b[i])),
  ]);
}
