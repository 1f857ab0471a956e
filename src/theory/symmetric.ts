import { BLOCK_ROWS } from "../compute/blocks.ts";
import { linearPredictor, weightedGram, weightedSum } from "../compute/kernels.ts";
import { own } from "../compute/own.ts";
import { listOf, oneOf, required, text } from "../errors/kinds.ts";
import { type Declared, readOptions } from "../errors/options.ts";
import { softmaxLikelihood } from "../laws/softmax.ts";
import { blockCholesky } from "../math/block-cholesky.ts";
import { cholesky, solveCholesky } from "../math/cholesky.ts";
import type { BatchedModel, Evaluation, FlatModel, MatrixFreeModel } from "../models/model.ts";
import { type Block, type Observations, rowsOf, sumOver } from "../rows/observations.ts";
import type { Predictor } from "../rows/predictor.ts";
import { totalWeight } from "../rows/units.ts";
import { addGram } from "../solve/gram.ts";
import { headBlock } from "../solve/head-block.ts";
import { maximiseByNewton } from "../solve/newton.ts";

/** What a symmetric pair is made of. */
export interface SymmetricSpec {
  /** `"linear"`: y ~ N(z x'β, 1). `"logistic"`: P(y | x, z) = σ(yz x'β) with y = ±1, given as codes 1 and 0. */
  readonly experts: "linear" | "logistic";
  /** Columns of the gate (d_g). */
  readonly gateColumns: readonly string[];
  /** Columns of the experts (d). */
  readonly expertColumns: readonly string[];
}

const SPEC = {
  experts: required(oneOf(["linear", "logistic"])),
  gateColumns: required(listOf(text, "a list of names")),
  expertColumns: required(listOf(text, "a list of names")),
} satisfies Declared<SymmetricSpec>;

/** A symmetric pair: a model with a mirror map, the place of its gate's coefficients, and its symmetries. */
export interface SymmetricModel
  extends FlatModel<Observations>,
    MatrixFreeModel<Observations>,
    BatchedModel<Observations> {
  readonly spec: SymmetricSpec;
  readonly gate: readonly Predictor[];
  /**
   * The parameter vectors that give the response the same law as θ: θ first, then (−w, −β). Where gate and logistic
   * experts read the same columns, `p(y | x) = (1 + y tanh(x'w/2) tanh(x'β/2))/2`, and w and β may be exchanged, too. Rows
   * with an offset have none of these symmetries.
   */
  readonly equivalents: (theta: Float64Array) => readonly Float64Array[];
}

/** How the two kinds of experts differ: everything else of a symmetric pair is one. */
interface Kind {
  /** The response as the formulas take it. */
  readonly response: (value: number) => number;
  /** Scale c of the statistics: log p(y, z | x; θ) = z a/2 + c yz b − A_x(θ) + log h(y). */
  readonly scale: number;
  /** The expert's part of A_x. */
  readonly logPartition: (b: number) => number;
  /** Its first and second derivatives. */
  readonly slope: (b: number) => number;
  readonly curvature: (b: number) => number;
  /** log h(y). */
  readonly base: (y: number) => number;
}

const kinds: Record<SymmetricSpec["experts"], Kind> = {
  linear: {
    response: (value) => value,
    scale: 1,
    logPartition: (b) => (b * b) / 2,
    slope: (b) => b,
    curvature: () => 1,
    base: (y) => -0.5 * y * y - 0.5 * Math.log(2 * Math.PI),
  },
  logistic: {
    response: (code) => 2 * code - 1,
    scale: 0.5,
    logPartition: logTwoCosh,
    slope: (b) => Math.tanh(b / 2) / 2,
    curvature: (b) => 1 / (2 + 2 * Math.cosh(b)),
    base: () => 0,
  },
};

/** log(2 cosh(x/2)), for any x. */
function logTwoCosh(x: number): number {
  return Math.abs(x) / 2 + Math.log1p(Math.exp(-Math.abs(x)));
}

/**
 * A symmetric pair of experts: z = ±1 with P(z | x) = σ(z x'w), and experts β and −β.
 *
 * SymMoLinE: `A_x = log 2cosh(x'w/2) + (x'β)²/2`. SymMoLogE: `A_x = log 2cosh(x'w/2) + log 2cosh(x'β/2)`. The complete
 * data are an exponential family in θ = (w, β) itself, so that EM on these models is mirror descent with the mirror map
 * A = Σ A_x and no projection. An offset of the rows is added to x'β. Responsibilities are n × 2, of z = +1 and z = −1.
 *
 * @remarks cost of an EM step: two Gram matrices, and more for each further Newton step of a logistic part. arXiv
 *   2411.06056, section 5, Theorem 5.1.
 * @example
 * ```ts
 * import { symmetricPair } from "mixlens/theory";
 * const model = symmetricPair({ experts: "linear", gateColumns: ["x"], expertColumns: ["x", "v"] });
 * if (model.names.join() !== "gate.x,expert.x,expert.v") throw new Error(model.names.join());
 * ```
 */
export function symmetricPair(spec: SymmetricSpec): SymmetricModel {
  const { gateColumns, expertColumns } = readOptions("make a symmetric pair", spec, SPEC);
  const kind = kinds[spec.experts];
  const [dg, d] = [gateColumns.length, expertColumns.length];
  const p = dg + d;
  const gate: Predictor = { design: "gate", offset: 0, size: dg };
  const expert: Predictor = { design: "expert", offset: dg, size: d };

  const exchange = spec.experts === "logistic" ? exchanging(gateColumns, expertColumns) : undefined;

  /** Predictors of a block's rows, and log-odds of z = +1 given the response: scratch for the next block. */
  const a = new Float64Array(BLOCK_ROWS);
  const b = new Float64Array(BLOCK_ROWS);
  const weight = new Float64Array(BLOCK_ROWS);
  const predict = (block: Block, theta: Float64Array): void => {
    linearPredictor(block.x.gate, block.rows, theta, 0, a, 0);
    predictExpert(block, theta);
  };
  const predictExpert = (block: Block, theta: Float64Array): void => {
    linearPredictor(block.x.expert, block.rows, theta, dg, b, 0);
    for (let i = 0; i < block.rows; i++) b[i] += block.offset[i];
  };
  /** Log-likelihood of row i, and P(z = ±1 | x, y), each exact however small. */
  const row = (block: Block, i: number): { logLikelihood: number; plus: number; minus: number; y: number } => {
    const y = kind.response(block.response[i]);
    const odds = a[i] + 2 * kind.scale * y * b[i];
    const logLikelihood = logTwoCosh(odds) - logTwoCosh(a[i]) - kind.logPartition(b[i]) + kind.base(y);
    return { logLikelihood, plus: 1 / (1 + Math.exp(-odds)), minus: 1 / (1 + Math.exp(odds)), y };
  };
  const weigh = (block: Block, value: (i: number) => number): Float64Array => {
    for (let i = 0; i < block.rows; i++) weight[i] = block.weights[i] * value(i);
    return weight;
  };

  const pair: SymmetricModel = {
    spec,
    gate: [gate],
    names: [...gateColumns.map((name) => `gate.${name}`), ...expertColumns.map((name) => `expert.${name}`)],
    own,

    rowsOf,

    totalWeight,

    equivalents: (theta) => {
      const exchanged = exchange === undefined ? [] : [Float64Array.from(exchange, (from) => theta[from])];
      return [theta, ...exchanged].flatMap((point) => [point, point.map((value) => -value)]);
    },

    posterior: (theta, data) => {
      const responsibilities = new Float64Array(2 * data.rows);
      const [logLikelihood] = sumOver(data, 1, (block, sums) => {
        predict(block, theta);
        for (let i = 0; i < block.rows; i++) {
          const found = row(block, i);
          sums[0] += block.weights[i] * found.logLikelihood;
          responsibilities[2 * (block.start + i)] = found.plus;
          responsibilities[2 * (block.start + i) + 1] = found.minus;
        }
      });
      return { responsibilities, ...unpenalised(logLikelihood) };
    },

    gradient: (theta, data) => {
      const { responsibilities, ...value } = pair.posterior(theta, data);
      return { gradient: pair.completeGradient(theta, responsibilities, data), ...value };
    },

    // Of an exponential family: the expected statistics less those that θ itself expects.
    completeGradient: (theta, responsibilities, data) => {
      const expected = sumOver(data, p, (block, partial) => {
        const sign = (i: number): number => {
          const at = 2 * (block.start + i);
          return responsibilities[at] - responsibilities[at + 1];
        };
        weightedSum(
          block.x.gate,
          block.rows,
          weigh(block, (i) => sign(i) / 2),
          0,
          partial,
          0,
        );
        const signed = weigh(block, (i) => kind.scale * kind.response(block.response[i]) * sign(i));
        weightedSum(block.x.expert, block.rows, signed, 0, partial, dg);
      });
      return pair.mirrorMap(theta, data).gradient.map((mean, j) => expected[j] - mean);
    },

    maximise: (theta, { responsibilities }, data, newtonSteps) => {
      const next = theta.slice();
      const plus = (block: Block, i: number): number => responsibilities[2 * (block.start + i)];
      const gateLikelihood = softmaxLikelihood(2, (block, targets) => {
        for (let i = 0; i < block.rows; i++) {
          targets[i] = block.weights[i] * (1 - plus(block, i));
          targets[BLOCK_ROWS + i] = block.weights[i] * plus(block, i);
        }
      });
      const gateGain = maximiseByNewton(gateLikelihood, [gate], next, data, newtonSteps);
      if (spec.experts === "logistic") {
        // yz is the label of one logistic regression: y where z = +1, −y where z = −1.
        const expertLikelihood = softmaxLikelihood(2, (block, targets) => {
          for (let i = 0; i < block.rows; i++) {
            const agree = block.response[i] === 1 ? plus(block, i) : 1 - plus(block, i);
            targets[i] = block.weights[i] * (1 - agree);
            targets[BLOCK_ROWS + i] = block.weights[i] * agree;
          }
        });
        return { theta: next, gain: gateGain + maximiseByNewton(expertLikelihood, [expert], next, data, newtonSteps) };
      }
      const { gain, failure } = leastSquares(next, plus, data);
      return failure === undefined ? { theta: next, gain: gateGain + gain } : { theta, gain: 0, failure };
    },

    information: (theta, data) => {
      const sums = sumOver(data, 2 * p * p, (block, partial) => {
        predict(block, theta);
        const found = Array.from({ length: block.rows }, (_, i) => row(block, i));
        const [complete, missing] = [partial.subarray(0, p * p), partial.subarray(p * p)];
        const spread = (i: number): number => found[i].plus * found[i].minus;
        const times = (i: number): number => 2 * kind.scale * found[i].y;
        addGram(
          block,
          gate,
          gate,
          weigh(block, (i) => 1 / (2 + 2 * Math.cosh(a[i]))),
          0,
          complete,
          p,
          false,
        );
        addGram(
          block,
          expert,
          expert,
          weigh(block, (i) => kind.curvature(b[i])),
          0,
          complete,
          p,
          false,
        );
        addGram(block, gate, gate, weigh(block, spread), 0, missing, p, false);
        addGram(
          block,
          expert,
          gate,
          weigh(block, (i) => spread(i) * times(i)),
          0,
          missing,
          p,
          true,
        );
        addGram(
          block,
          expert,
          expert,
          weigh(block, (i) => spread(i) * times(i) ** 2),
          0,
          missing,
          p,
          false,
        );
      });
      return { complete: sums.slice(0, p * p), missing: sums.slice(p * p) };
    },

    informationProducts: (theta, given) => {
      const data = own(given);
      /** Σ x c and Σ x e, for weights c and e of rows whose predictors at v are u and t. */
      const product = (v: Float64Array, weights: (block: Block, u: Float64Array, t: Float64Array) => Float64Array[]) =>
        sumOver(data, p, (block, partial) => {
          const [u, t] = [new Float64Array(BLOCK_ROWS), new Float64Array(BLOCK_ROWS)];
          linearPredictor(block.x.gate, block.rows, v, 0, u, 0);
          linearPredictor(block.x.expert, block.rows, v, dg, t, 0);
          predict(block, theta);
          const [c, e] = weights(block, u, t);
          weightedSum(block.x.gate, block.rows, c, 0, partial, 0);
          weightedSum(block.x.expert, block.rows, e, 0, partial, dg);
        });
      const gateCurvature = (i: number): number => 1 / (2 + 2 * Math.cosh(a[i]));
      const expertCurvature = (i: number): number => kind.curvature(b[i]);
      return {
        complete: (v) =>
          product(v, (block, u, t) => [
            weigh(block, (i) => gateCurvature(i) * u[i]).slice(),
            weigh(block, (i) => expertCurvature(i) * t[i]),
          ]),
        missing: (v) =>
          product(v, (block, u, t) => {
            const times = t.map((_, i) => 2 * kind.scale * kind.response(block.response[i]));
            const along = weigh(block, (i) => {
              const { plus, minus } = row(block, i);
              return plus * minus * (u[i] + times[i] * t[i]);
            });
            return [along, times.map((factor, i) => factor * along[i])];
          }),
        preconditioner: () =>
          blockCholesky(
            [gate, expert].map((predictor) =>
              headBlock(
                predictor,
                data,
                (block) => {
                  predict(block, theta);
                  return weigh(block, predictor === gate ? gateCurvature : expertCurvature);
                },
                0,
              ),
            ),
          ),
      };
    },

    mirrorMap: (theta, data) => {
      const sums = sumOver(data, p + 1, (block, partial) => {
        predict(block, theta);
        for (let i = 0; i < block.rows; i++) {
          partial[p] += block.weights[i] * (logTwoCosh(a[i]) + kind.logPartition(b[i]));
        }
        weightedSum(
          block.x.gate,
          block.rows,
          weigh(block, (i) => Math.tanh(a[i] / 2) / 2),
          0,
          partial,
          0,
        );
        weightedSum(
          block.x.expert,
          block.rows,
          weigh(block, (i) => kind.slope(b[i])),
          0,
          partial,
          dg,
        );
      });
      return { value: sums[p], gradient: sums.slice(0, p) };
    },
  };
  return pair;

  /** β⁺ = (Σ xx')⁻¹ Σ (2r − 1) y x, as a change of the present β. */
  function leastSquares(
    theta: Float64Array,
    plus: (block: Block, i: number) => number,
    data: Observations,
  ): { gain: number; failure?: string } {
    const sums = sumOver(data, d + d * d, (block, partial) => {
      predictExpert(block, theta);
      const residual = weigh(block, (i) => (2 * plus(block, i) - 1) * block.response[i] - b[i]);
      weightedSum(block.x.expert, block.rows, residual, 0, partial, 0);
      weightedGram(block.x.expert, block.x.expert, block.rows, block.weights, 0, partial, d);
    });
    const factor = cholesky(sums.subarray(d), d);
    if (typeof factor === "number") {
      return { gain: 0, failure: `the column ${JSON.stringify(expertColumns[factor])} depends on those before it` };
    }
    const gradient = sums.slice(0, d);
    const change = solveCholesky(factor, d, gradient);
    let gain = 0;
    for (let j = 0; j < d; j++) {
      theta[dg + j] += change[j];
      gain += gradient[j] * change[j];
    }
    return { gain };
  }
}

/** For each place of (w, β) the one whose number it gets when the two are exchanged; nothing when their columns differ. */
function exchanging(gate: readonly string[], expert: readonly string[]): readonly number[] | undefined {
  if (gate.length !== expert.length || gate.some((name) => !expert.includes(name))) return undefined;
  return [...gate.map((name) => gate.length + expert.indexOf(name)), ...expert.map((name) => gate.indexOf(name))];
}

function unpenalised(logLikelihood: number): Evaluation {
  return { logLikelihood, objective: logLikelihood };
}
