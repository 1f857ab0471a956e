import { seed, size, whole } from "../errors/kinds.ts";
import { type Defaulted, defaulted, type Optional, type OptionsOf, readOptions } from "../errors/options.ts";
import { shuffled } from "../math/draw.ts";
import { random } from "../math/random.ts";
import { eStep } from "../models/expectation.ts";
import type { BatchedModel, EStep } from "../models/model.ts";
import type { Observations } from "../rows/observations.ts";
import { adamStep, type Moments, momentMemory, noMoments, type RunningMeans } from "./adam.ts";
import type { Algorithm } from "./algorithm.ts";
import { withinBounds } from "./bounds.ts";
import { firstOrderGain, type Gated, gateStepSize, innerStepsOf, stepSizeOf, stepSizesOf } from "./step-size.ts";

/** The options of mini-batch EM. */
export class MiniBatchTable {
  /** Rows of a mini-batch at the most; default 128. */
  readonly batchRows: Defaulted<number> = defaulted(whole, 128, "rows of a mini-batch at the most");

  /** Step size γ of a method that follows a gradient; default 0.02. A step moves each parameter by about as much. */
  readonly stepSize: Defaulted<number> = stepSizeOf(0.02);

  /** Step size γ of the gate's coefficients; default: that of the experts. */
  readonly gateStepSize: Optional<number> = gateStepSize;

  /** Steps of an M-step at the most; default 1. Each is one of Adam's. */
  readonly innerSteps: Defaulted<number> = innerStepsOf(1);

  /** Power by which steps shorten from epoch to epoch, from 0 on; default 0.75. */
  readonly decay: Defaulted<number> = defaulted(
    size,
    0.75,
    "power by which steps shorten from epoch to epoch, from 0 on",
  );

  /** Seed of the order of the rows; default 1. */
  readonly seed: Defaulted<number> = defaulted(seed, 1, "seed of the order of the rows");
}

export const MINI_BATCH_EM: MiniBatchTable = new MiniBatchTable();

/** How mini-batch EM goes through the rows. */
export interface MiniBatchOptions extends OptionsOf<MiniBatchTable> {}

/**
 * Mini-batch EM: for each batch of rows an E-step on the batch and, in place of an M-step, m steps of Adam on its Q.
 *
 * One step of the loop is an epoch, e = 0, 1, …: all rows once, in an order that the seed and e decide, in batches of as
 * nearly equal size as can be. Adam's moments go on from batch to batch and from epoch to epoch; its step size is
 * γ_e = γ (1 + e)^(−decay), which with a decay above ½ and up to 1 lets the noise of the batches die out (Robbins and Monro
 * 1951). A batch's objective is the log-likelihood of its rows less its share of the ridge penalty, so that the gradients
 * of an epoch's batches, at one θ, sum to that of the objective. The gain reported is that of the whole epoch,
 * ⟨∇ objective(θ), θ⁺ − θ⟩.
 *
 * For many rows: it nears the maximum in a few epochs, where EM takes tens of passes. Where all rows make a batch or two,
 * or columns differ in size or say the same, take EM. The objective may fall on the way, and an epoch's gain says little
 * of the distance to the limit: give it a number of iterations.
 *
 * @throws InputError for an option that there is not, and for one that no step can be made of
 * @remarks cost of a step: an E-step and m gradients of every row, and a gradient of the objective. Stochastic EM is
 *   Cappé and Moulines 2009's, the steps Kingma and Ba 2015's; the two together, and the decay by epochs, are our choice.
 * @example
 * ```ts
 * import { iterate, miniBatchEm, mixture, random, simulate } from "mixlens";
 * const rng = random(1);
 * const values = [new Float64Array(4000).fill(1), Float64Array.from({ length: 4000 }, () => rng.normal())];
 * const x = { columns: ["(intercept)", "x"], values };
 * const model = mixture({ experts: "linear", k: 2, gateColumns: x.columns, expertColumns: x.columns });
 * const truth = Float64Array.of(0, 2, 1, 1, -1, -1, -1, -1);
 * const design = { rows: 4000, gate: x, expert: x };
 * const data = { ...design, response: simulate(model, truth, design, rng).response };
 * const stop = { tolerance: 0, maxIterations: 10 };
 * const epochs = [...iterate(miniBatchEm(), model, new Float64Array([0, 1, 1, 0, 0, -1, 0, 0]), data, stop)];
 * const atTruth = model.gradient(truth, data).objective;
 * if (!(epochs[10].objective > atTruth)) throw new Error("ten epochs come nearer to the maximum than the truth");
 * ```
 */
export function miniBatchEm<Data extends { readonly rows: number } = Observations>(
  options: MiniBatchOptions = {},
): Algorithm<Data, BatchedModel<Data> & Gated<Data>, Moments> {
  const plan = readOptions("use mini-batch EM", options, MINI_BATCH_EM);
  const { batchRows, innerSteps, decay } = plan;
  return {
    name: "mini-batch-em",
    monotone: false,
    memory: momentMemory(plan),
    init: (model, theta, data) => ({ ...model.gradient(theta, data), ...noMoments(theta.length) }),
    step: (model, theta, state, data) => {
      const count = model.unitCount?.(data) ?? data.rows;
      const batches = Math.ceil(count / batchRows);
      const epoch = state.steps / (batches * innerSteps);
      const shortened = (1 + epoch) ** -decay;
      const sizes = stepSizesOf(model, plan).map((size) => size * shortened);
      const weight = model.totalWeight(data);
      const order = shuffled(count, random(plan.seed, epoch));
      let next = theta;
      let moments: RunningMeans = state;
      for (let b = 0; b < batches; b++) {
        const [from, to] = [b, b + 1].map((edge) => Math.floor((edge * count) / batches));
        const batch = model.rowsOf(data, order.subarray(from, to));
        const share = (to - from) / count;
        // The first step's gradient takes no responsibilities: it is that of the objective (Fisher's identity).
        const expectation = innerSteps > 1 ? eStep(model, next, batch) : undefined;
        for (let inner = 0; inner < innerSteps; inner++) {
          const gradient = batchGradient(model, next, inner === 0 ? undefined : expectation, batch, share);
          ({ theta: next, ...moments } = adamStep(next, moments, gradient, -1 / (share * weight), sizes));
          next = withinBounds(model, next);
        }
      }
      const slope = model.gradient(next, data);
      const { logLikelihood, objective } = slope;
      const gain = firstOrderGain(state.gradient, theta, next);
      return { theta: next, state: { ...slope, ...moments }, info: { logLikelihood, objective, gain } };
    },
  };
}

/**
 * Gradient of a batch's Q (p), in nats: that of its rows, and its share of the penalty's.
 *
 * @param expectation the batch's E-step; absent: that at θ itself
 */
export function batchGradient<Data>(
  model: BatchedModel<Data>,
  theta: Float64Array,
  expectation: EStep | undefined,
  batch: Data,
  share: number,
): Float64Array {
  const gradient = expectation?.gradient(theta) ?? model.gradient(theta, batch).gradient;
  // Of no rows it is the penalty's alone.
  const penalty = model.completeGradient(theta, new Float64Array(), model.rowsOf(batch, []));
  // A new vector: the model may keep the one it handed out.
  const ofBatch = gradient.slice();
  for (let j = 0; j < ofBatch.length; j++) ofBatch[j] -= (1 - share) * penalty[j];
  return ofBatch;
}
