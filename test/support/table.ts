import { adam } from "../../src/algorithms/adam.ts";
import type { Algorithm } from "../../src/algorithms/algorithm.ts";
import { anderson } from "../../src/algorithms/anderson.ts";
import { em } from "../../src/algorithms/em.ts";
import { generalisedEm } from "../../src/algorithms/generalised-em.ts";
import { gradientDescent } from "../../src/algorithms/gradient-descent.ts";
import { gradientEm } from "../../src/algorithms/gradient-em.ts";
import { lineSearch } from "../../src/algorithms/line-search.ts";
import { miniBatchEm } from "../../src/algorithms/mini-batch-em.ts";
import { emWithWarmRestarts } from "../../src/algorithms/warm-restarts.ts";
import type { Mixture } from "../../src/models/mixture.ts";
import type { BatchedModel, FlatModel } from "../../src/models/model.ts";
import type { Observations } from "../../src/rows/observations.ts";
import { mirrorDescent } from "../../src/theory/mirror-descent.ts";
import { projectedMirrorDescent } from "../../src/theory/projected-mirror-descent.ts";
import { drawPair, nearPair } from "./pairs.ts";
import { type Draw, draw, nearby } from "./problems.ts";

/** A model with a mirror map. */
type FlatPair = FlatModel<Observations> & BatchedModel<Observations>;

/** An algorithm, the steps it may take on an easy problem, and how far below the maximum it may end, in nats. */
export interface Entry<M extends BatchedModel<Observations>> {
  /** @param stepSize of gradient descent on this problem */
  // biome-ignore lint/suspicious/noExplicitAny: the table holds every algorithm, whatever its state.
  readonly make: (stepSize: number) => Algorithm<Observations, M, any>;
  readonly budget: number;
  readonly short?: number;
}

/** The algorithms that run on every model with a posterior. */
export const latent: readonly Entry<BatchedModel<Observations>>[] = [
  { make: () => em(), budget: 400 },
  { make: () => generalisedEm(), budget: 400 },
  { make: () => anderson(), budget: 80 },
  { make: () => emWithWarmRestarts(), budget: 200 },
  { make: (stepSize) => gradientDescent({ stepSize, gateStepSize: 4 }), budget: 3000 },
  { make: (stepSize) => gradientEm({ stepSize, gateStepSize: 4, innerSteps: 3 }), budget: 1500 },
  { make: () => lineSearch(), budget: 3000 },
  // Its steps don't shrink with the slope: it ends in a neighbourhood.
  { make: () => adam({ stepSize: 0.02 }), budget: 3000, short: 1e-3 },
  // Nor do they: the shorter they become, the longer the rest of the way.
  { make: () => miniBatchEm({ batchRows: 60, stepSize: 0.1 }), budget: 400, short: 0.1 },
];

/** The algorithms that lift a mixture. */
export const lifted: readonly Entry<Mixture>[] = [{ make: () => projectedMirrorDescent(), budget: 400 }];

/** The algorithms that need a mirror map. */
export const flat: readonly Entry<FlatPair>[] = [{ make: () => mirrorDescent(), budget: 400 }];

/** A problem with one maximum in reach of a start nearby. */
export interface Easy<M extends BatchedModel<Observations>> {
  readonly name: string;
  readonly model: M;
  readonly data: Observations;
  readonly start: Float64Array;
  readonly stepSize: number;
}

function easy(name: string, options: Omit<Draw, "rows">): Easy<Mixture> {
  const { model, data, truth } = draw({ rows: 300, ...options });
  const near = nearby({ model, data, truth }, 1);
  return {
    name,
    model,
    data,
    stepSize: options.experts === "logistic" ? 2 : 0.2,
    start: near.map((value, j) => (model.free.includes(j) ? value : truth[j])),
  };
}

function easyPair(experts: "linear" | "logistic", seed: number): Easy<FlatPair> {
  const pair = drawPair(experts, 2, 300, seed);
  return {
    ...pair,
    stepSize: experts === "logistic" ? 2 : 0.2,
    name: `symmetric ${experts} pair`,
    start: nearPair(pair, 1, 0.2),
  };
}

const held = { "gate2.x1": 0.5, "expert1.x1": 0, "expert2.log(sigma)": -0.5 };

/** Mixtures of every law and with every option. */
export const mixtures: readonly Easy<Mixture>[] = [
  easy("linear", { experts: "linear", k: 2, features: 1, seed: 61, ridge: 0.5 }),
  easy("linear, one variance", { experts: "linear", k: 2, features: 1, seed: 63, sharedVariance: true, ridge: 0.5 }),
  easy("linear, weights, offset", { experts: "linear", k: 2, features: 1, seed: 61, weighted: true, shifted: true }),
  easy("linear, k = 1", { experts: "linear", k: 1, features: 2, seed: 64 }),
  easy("linear, k = 3", { experts: "linear", k: 3, features: 1, seed: 67, ridge: 0.5 }),
  easy("linear, narrow gate", { experts: "linear", k: 2, features: 2, seed: 62, narrowGate: true, ridge: 0.5 }),
  easy("linear, fixed parameters", { experts: "linear", k: 2, features: 1, seed: 63, fixed: held, ridge: 0.5 }),
  easy("logistic, 3 labels", { experts: "logistic", k: 2, features: 1, seed: 62, ridge: 10 }),
  easy("logistic, 2 labels", { experts: "logistic", k: 2, features: 1, seed: 64, binary: true, ridge: 10 }),
  easy("Poisson", { experts: "poisson", k: 2, features: 1, seed: 61, ridge: 5 }),
  easy("Gamma", { experts: "gamma", k: 2, features: 1, seed: 61, ridge: 5 }),
];

/** The models with a mirror map. */
export const pairs: readonly Easy<FlatPair>[] = [easyPair("linear", 62), easyPair("logistic", 84)];

/** An algorithm beside a model that it runs on. */
export interface Cell<M extends BatchedModel<Observations>> {
  readonly name: string;
  readonly entry: Entry<M>;
  readonly problem: Easy<M>;
}

/** Each algorithm beside each model. */
export function beside<M extends BatchedModel<Observations>>(
  entries: readonly Entry<M>[],
  problems: readonly Easy<M>[],
): readonly Cell<M>[] {
  return entries.flatMap((entry) =>
    problems.map((problem) => ({ name: `${entry.make(1).name}, ${problem.name}`, entry, problem })),
  );
}
