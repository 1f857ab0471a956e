import { InputError } from "../errors.ts";
import type { LatentModel, Posterior } from "../models/model.ts";
import type { Observations } from "../models/observations.ts";
import type { Algorithm } from "./algorithm.ts";
import { checkCount } from "./step-size.ts";

export interface Restarted extends Posterior {
  /** Steps taken since the last restart. */
  readonly position: number;
}

const ROUNDING = 1e-13;

export function emWithWarmRestarts<Data = Observations>(
  options: { readonly longest?: number; readonly period?: number } = {},
): Algorithm<Data, LatentModel<Data>, Restarted> {
  const { longest = 3, period = 8 } = options;
  checkCount("use EM with warm restarts", "period", period);
  if (!(longest >= 1 && longest < Number.POSITIVE_INFINITY)) {
    throw new InputError("use EM with warm restarts", "longest to be a number from 1 on", String(longest));
  }
  return {
    name: "warm-restarts",
    monotone: true,
    init: (model, theta, data) => ({ ...model.posterior(theta, data), position: 0 }),
    step: (model, theta, { responsibilities, objective: before, position }, data) => {
      const { theta: image, gain, failure } = model.maximise(theta, responsibilities, data);
      if (failure !== undefined) return { failure };
      let factor = 1 + ((longest - 1) / 2) * (1 + Math.cos((Math.PI * position) / period));
      // What is not fitted stays where EM puts it.
      let next = image.slice();
      for (const j of model.free ?? theta.keys()) next[j] = theta[j] + factor * (image[j] - theta[j]);
      let posterior = model.posterior(next, data);
      let evaluations = 1;
      if (!(posterior.objective >= before - ROUNDING * Math.abs(before))) {
        factor = 1; evaluations = 2;
        next = image;
        posterior = model.posterior(next, data);
      }
      const { logLikelihood, objective } = posterior;
      return {
        theta: next,
        state: { ...posterior, position: (position + 1) % period },
        info: { logLikelihood, objective, gain: factor * gain, evaluations },
      };
    },
  };
}
