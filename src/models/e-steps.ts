import { own } from "../compute/own.ts";
import type { Parts } from "../laws/law.ts";
import type { Observations } from "../rows/observations.ts";
import type { Fixed } from "./fixed.ts";
import { withSlopes } from "./gate-slopes.ts";
import { completeGradient } from "./gradient.ts";
import { mixtureMaximum } from "./m-step.ts";
import type { EStep, Evaluation } from "./model.ts";
import { mixturePosterior } from "./posterior.ts";
import type { RestrictedModel } from "./restriction.ts";

/** The E-steps of a mixture, as an algorithm goes on from them: at the posterior, and under a restriction. */
interface ESteps extends Pick<RestrictedModel<Observations>, "eStepWithin"> {
  readonly eStep: (theta: Float64Array, data: Observations) => EStep;
}

/**
 * @param penalised a log-likelihood at θ, less the penalties
 * @param ascent a gradient at θ, without what cannot move
 */
export function eSteps(
  parts: Parts,
  fixed: Fixed,
  penalised: (theta: Float64Array, logLikelihood: number) => Evaluation,
  ascent: (gradient: Float64Array, theta: Float64Array) => Float64Array,
): ESteps {
  return {
    eStep: (theta, data) => {
      const [at, rows] = [theta.slice(), own(data)];
      const { logLikelihood, assignment } = mixturePosterior(parts, at, rows);
      return {
        ...penalised(at, logLikelihood),
        maximise: (effort) => mixtureMaximum(parts, fixed, at, assignment, rows, effort),
        gradient: (point = at) => ascent(completeGradient(parts, point, assignment, rows), point),
        responsibilities: () => assignment.responsibilities.slice(),
      };
    },

    eStepWithin: (restriction, theta, data, before, isAgain) => {
      const [at, rows] = [theta.slice(), own(data)];
      const { bound, gap, kept, slopes, assignment, failure } = restriction.choose(parts, at, rows, before, isAgain);
      return {
        ...{ ...penalised(at, bound), ...(gap !== undefined && { gap }), kept, mayFall: slopes !== undefined },
        maximise: (effort, share = 1) => {
          if (failure !== undefined) return { theta: at, gain: 0, failure };
          return mixtureMaximum(parts, fixed, at, assignment, rows, effort, slopes && { ...slopes, share });
        },
        gradient: () => {
          const gradient = completeGradient(parts, at, assignment, rows);
          return ascent(slopes ? withSlopes(parts, at, gradient, slopes) : gradient, at);
        },
        responsibilities: () => assignment.responsibilities.slice(),
      };
    },
  };
}
