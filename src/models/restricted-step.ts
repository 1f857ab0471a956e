import type { Parts } from "../laws/law.ts";
import type { Observations } from "../rows/observations.ts";
import type { Fixed } from "./fixed.ts";
import { withSlopes } from "./gate-slopes.ts";
import { completeGradient } from "./gradient.ts";
import { mixtureMaximum } from "./m-step.ts";
import type { Choice, RestrictedEStep } from "./restriction.ts";

/** What follows from responsibilities as they were chosen at θ: the M-step, and the gradient of F less the penalties. */
export function restrictedStep(
  parts: Parts,
  fixed: Fixed,
  theta: Float64Array,
  rows: Observations,
  { assignment, slopes, failure }: Choice,
): Pick<RestrictedEStep, "maximise" | "gradient"> {
  return {
    maximise: (newtonSteps, share = 1) => {
      if (failure !== undefined) return { theta, gain: 0, failure };
      return mixtureMaximum(parts, fixed, theta, assignment, rows, newtonSteps, slopes && { ...slopes, share });
    },
    gradient: () => {
      const gradient = completeGradient(parts, theta, assignment, rows);
      return slopes ? withSlopes(parts, theta, gradient, slopes) : gradient;
    },
  };
}
