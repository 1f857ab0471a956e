import type { Algorithm } from "../algorithms/algorithm.ts";
import type { Iterate, Result } from "../algorithms/iterate.ts";
import type { StepSizes } from "../algorithms/step-size.ts";
import { checkArgument } from "../errors/arguments.ts";
import { callable, type Kind, positive, required, whole } from "../errors/kinds.ts";
import { type Declared, readOptions } from "../errors/options.ts";
import { checkModelAt } from "../models/checks.ts";
import type { Evaluation, Model } from "../models/model.ts";
import { run } from "./run.ts";

/** The step sizes to try, and for how long. */
export interface StepGridOptions {
  /** Step sizes γ, each above 0, such as 0.01, 0.03, 0.1, …, evenly spread in logarithms. */
  readonly stepSizes: readonly number[];
  /** Step sizes of the gate's coefficients, each tried with each of the others; default: that of the experts. */
  readonly gateStepSizes?: readonly number[];
  /** Steps of every run, from 1 on. */
  readonly steps: number;
}

const sizes: Kind<readonly number[]> = {
  wanted: "a list of numbers above 0, with one at the least",
  accepts: (value) => Array.isArray(value) && value.length > 0 && Array.from(value).every(positive.accepts),
};
const OPTIONS = {
  stepSizes: required(sizes),
  gateStepSizes: sizes,
  steps: required(whole),
} satisfies Declared<StepGridOptions>;

/** One pair of step sizes and how the run with them ended. */
export interface StepGridCell extends Required<StepSizes> {
  /** Objective after the last step, in nats; NaN for a run that did not get there. */
  readonly objective: number;
  readonly result: Result;
  readonly iterations: number;
  /** Why the run did not get there; empty where it did. */
  readonly message: string;
}

/** The run with the highest objective. */
export interface StepGridRun extends StepGridCell {
  /** Where it ended (p). */
  readonly theta: Float64Array;
  /** Its steps; the first is the start. */
  readonly trace: readonly Omit<Iterate, "theta">[];
}

/** Results of a grid of step sizes. */
export interface StepGrid {
  /** Undefined where every run diverged. */
  readonly best: StepGridRun | undefined;
  /** Every cell, the step sizes of the gate innermost. */
  readonly cells: readonly StepGridCell[];
}

/**
 * Runs a gradient method once for each cell of a grid of step sizes, all from one start and for the same number of steps,
 * and chooses by the objective at the end.
 *
 * So that a comparison with EM is fair: a gradient method is as good as its step sizes, and those of gate and experts
 * differ. A run that diverges is a cell, not an error: its objective is low, or there is none. Where the best stands at
 * the edge of the grid, the grid is too small. Several starts are several calls.
 *
 * @param make makes the method from its step sizes
 * @param start where each run starts (p); not changed
 * @throws InputError for step sizes that are none, and a number of steps below 1
 * @remarks cost: that of `steps` steps for each cell.
 * @example
 * ```ts
 * import { fit, gradientDescent } from "mixlens";
 * import { stepGrid } from "mixlens/paper";
 * const x = [-3, -2, -1, 0, 1, 2, 3, 4];
 * const { mixture, observations, objective } = fit({ x, y: x.map(Math.sin) }, { response: "y", k: 1 });
 * const grid = { stepSizes: [0.001, 0.01, 0.1, 1], steps: 200 };
 * const { best, cells } = stepGrid((sizes) => gradientDescent(sizes), mixture, new Float64Array(3), observations, grid);
 * if (best?.stepSize !== 0.1 || cells.length !== 4) throw new Error(JSON.stringify(cells));
 * if (best.objective > objective + 1e-9) throw new Error("nothing is above the maximum");
 * ```
 */
export function stepGrid<Data, M extends Model<Data>, State extends Evaluation>(
  make: (sizes: Required<StepSizes>) => Algorithm<Data, M, State>,
  model: M,
  start: Float64Array,
  data: Data,
  options: StepGridOptions,
): StepGrid {
  const act = "try a grid of step sizes";
  checkArgument(act, "make", make, callable);
  const { stepSizes, gateStepSizes, steps: budget } = readOptions(act, options, OPTIONS);
  checkModelAt(act, model, { start }, data, []);
  const pairs = stepSizes.flatMap((stepSize) =>
    (gateStepSizes ?? [stepSize]).map((gateStepSize) => ({ stepSize, gateStepSize })),
  );
  let best: StepGridRun | undefined;
  const cells = pairs.map((sizes) => {
    // To its budget, or to the end of double precision.
    const ended = run(make(sizes), model, start, data, { tolerance: 0, maxIterations: budget });
    const { theta, trace, result, iterations, message } = ended;
    const isThere = result === "converged" || result === "max-iterations";
    const objective = isThere ? ended.objective : Number.NaN;
    const cell = { ...sizes, objective, result, iterations, message: isThere ? "" : message };
    if (isThere && !(best !== undefined && best.objective >= objective)) best = { ...cell, theta, trace };
    return cell;
  });
  return { best, cells };
}
