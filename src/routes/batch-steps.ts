import { adamStep, noMoments } from "../algorithms/adam.ts";
import { shuffled } from "../math/draw.ts";
import { type Random, random } from "../math/random.ts";

/** How passes over rows in mini-batches are made. */
export interface BatchPlan {
  readonly passes: number;
  /** Rows of a batch at the most. */
  readonly batchRows: number;
  /** Step size γ of Adam at the start; it falls to 0 in a straight line. */
  readonly stepSize: number;
  readonly seed: number;
}

/** A batch, and how far the training is. */
export interface Batch {
  /** Numbers of its rows. */
  readonly index: Uint32Array;
  /** Share of all batches that are done, from 0 to below 1. */
  readonly progress: number;
  /** A stream for what is drawn on the way. */
  readonly random: Random;
}

/**
 * Passes over rows in mini-batches, with a step of Adam for each gradient that a batch asks for: the θ after each pass.
 *
 * @param gradients of the log-likelihood of a batch at θ, in nats: one for each step, each at the θ before it
 */
export function* batchSteps(
  start: Float64Array,
  rows: number,
  { passes, batchRows, stepSize, seed }: BatchPlan,
  gradients: (batch: Batch) => Iterable<(theta: Float64Array) => Float64Array>,
): Generator<Float64Array, void, void> {
  const batches = Math.ceil(rows / batchRows);
  const stream = random(seed, 0);
  let [theta, moments] = [start, noMoments(start.length)];
  const sizes = new Float64Array(start.length);
  for (let pass = 0; pass < passes; pass++) {
    const order = shuffled(rows, random(seed, 1 + pass));
    for (let b = 0; b < batches; b++) {
      const [from, to] = [b, b + 1].map((edge) => Math.floor((edge * rows) / batches));
      const progress = (pass * batches + b) / (passes * batches);
      sizes.fill(stepSize * (1 - progress));
      for (const gradient of gradients({ index: order.subarray(from, to), progress, random: stream })) {
        ({ theta, ...moments } = adamStep(theta, moments, gradient(theta), -1 / (to - from), sizes));
      }
    }
    yield theta;
  }
}
