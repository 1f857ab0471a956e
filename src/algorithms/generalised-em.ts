import { type Defaulted, type OptionsOf, readOptions } from "../errors/options.ts";
import type { EStep, LatentModel } from "../models/model.ts";
import type { Observations } from "../rows/observations.ts";
import type { Algorithm } from "./algorithm.ts";
import { alternating } from "./em.ts";
import { innerStepsOf } from "./step-size.ts";

/** The options of generalised EM. */
export class GeneralisedEmTable {
  /** Steps of an M-step at the most; default 1. */
  readonly innerSteps: Defaulted<number> = innerStepsOf(1);
}

export const GENERALISED_EM: GeneralisedEmTable = new GeneralisedEmTable();

/** What generalised EM may be told. */
export interface GeneralisedEmOptions extends OptionsOf<GeneralisedEmTable> {}

/**
 * Generalised EM: an M-step that raises Q by m damped Newton steps instead of maximising it.
 *
 * The gate and experts without a closed form (logistic) take m steps; linear experts are exact. Like EM it never lowers
 * the objective, and with m large it is EM.
 *
 * @throws InputError for an option that there is not, and for one that no step can be made of
 * @remarks cost of a step: an E-step, and m + 1 values, gradients and Hessians of each part. Dempster, Laird and Rubin
 *   1977; Lange 1995, with m = 1.
 * @example
 * ```ts
 * import { datasetPath, fit, generalisedEm } from "mixlens";
 * const algorithm = generalisedEm({ innerSteps: 1 });
 * const iris = fit(datasetPath("iris"), { response: "species", experts: "logistic", ridge: 0.1, starts: 1, algorithm });
 * if (iris.result !== "converged") throw new Error(iris.message);
 * ```
 */
export function generalisedEm<Data = Observations>(
  options: GeneralisedEmOptions = {},
): Algorithm<Data, LatentModel<Data>, EStep> {
  const { innerSteps } = readOptions("use generalised EM", options, GENERALISED_EM);
  return alternating("generalised-em", { steps: innerSteps });
}
