import { adam } from "../../algorithms/adam.ts";
import { em } from "../../algorithms/em.ts";
import { gradientDescent } from "../../algorithms/gradient-descent.ts";
import { startingResponsibilities } from "../../fit/starts/starts.ts";
import { type StepGrid, stepGrid } from "../../fit/step-grid.ts";
import type { Random } from "../../math/random.ts";
import { eStep } from "../../models/expectation.ts";
import type { Mixture } from "../../models/mixture.ts";
import type { Observations } from "../../rows/observations.ts";

/** The algorithms of the second table set, by their names in the results. */
export const COMPARED = { em: "EM", "gradient-descent": "gradient descent", adam: "Adam" } as const;
export type ComparedId = keyof typeof COMPARED;
export const COMPARED_IDS: readonly ComparedId[] = ["em", "gradient-descent", "adam"];

/** The step sizes that each is run with; EM is mirror descent with a step of 1, and has no other. */
export const STEP_SIZES: Readonly<Record<ComparedId, readonly number[]>> = {
  em: [1],
  "gradient-descent": [0.3, 1, 3, 10, 30, 100],
  adam: [0.01, 0.03, 0.1, 0.3, 1, 3],
};

/** Result of an algorithm: its run with the highest objective. */
export interface Finish {
  readonly theta: Float64Array;
  /** Step size of that run. */
  readonly stepSize: number;
  /** For each of its step sizes, how many runs diverged: they ended below their start, or nowhere. */
  readonly diverged: readonly number[];
}

/** Starts of a mixture, each by another scheme, which know nothing of what the rows were drawn from. */
export function drawStarts(model: Mixture, data: Observations, count: number, random: Random): Float64Array[] {
  const starts = Array.from({ length: count }, (_, number) => {
    const responsibilities = startingResponsibilities(undefined, number, random, model, data);
    const { theta, failure } = model.maximise(new Float64Array(model.names.length), { responsibilities }, data);
    return failure === undefined ? [theta] : [];
  });
  return starts.flat();
}

/**
 * Every algorithm from the same starts, for the same number of iterations, with each of its step sizes: what it comes to
 * is the run that has the highest objective at the end.
 */
export function compare(
  model: Mixture,
  data: Observations,
  starts: readonly Float64Array[],
  steps: number,
): Readonly<Record<ComparedId, Finish>> {
  const run = (id: ComparedId, start: Float64Array): StepGrid => {
    const options = { stepSizes: STEP_SIZES[id], steps };
    if (id === "em") return stepGrid(() => em(), model, start, data, options);
    if (id === "adam") return stepGrid((sizes) => adam(sizes), model, start, data, options);
    return stepGrid((sizes) => gradientDescent(sizes), model, start, data, options);
  };
  const before = starts.map((start) => eStep(model, start, data).objective);
  const finish = (id: ComparedId): Finish => {
    const grids = starts.map((start) => run(id, start));
    const [best] = grids.flatMap(({ best }) => best ?? []).sort((a, b) => b.objective - a.objective);
    if (best === undefined) throw new Error(`every run of ${COMPARED[id]} diverged`);
    const diverged = STEP_SIZES[id].map(
      (_, cell) => grids.filter(({ cells }, at) => !(cells[cell].objective >= before[at])).length,
    );
    return { theta: best.theta, stepSize: best.stepSize, diverged };
  };
  return { em: finish("em"), "gradient-descent": finish("gradient-descent"), adam: finish("adam") };
}
