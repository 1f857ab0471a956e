import { checkOptions } from "../errors/arguments.ts";
import { number } from "../errors/kinds.ts";
import type { EStep, LatentModel } from "../models/model.ts";
import type { Observations } from "../models/observations.ts";
import type { Algorithm } from "./algorithm.ts";
import { alternating } from "./em.ts";
import { checkCount } from "./step-size.ts";

/**
 * Generalised EM: an M-step that raises Q by m damped Newton steps instead of maximising it.
 *
 * The gate and experts without a closed form (logistic) take m steps; linear experts are exact. Like EM it never lowers
 * the objective, and with m large it is EM.
 *
 * @param options.innerSteps m, a whole number from 1 on; default 1
 * @throws InputError when m is none
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
  options: { readonly innerSteps?: number } = {},
): Algorithm<Data, LatentModel<Data>, EStep> {
  checkOptions("use generalised EM", options, { innerSteps: number });
  const { innerSteps = 1 } = options;
  checkCount("use generalised EM", "innerSteps", innerSteps);
  return alternating("generalised-em", innerSteps);
}
