import type { EStep, LatentModel } from "./model.ts";

/**
 * The E-step of a model as an algorithm goes on from it: the model's own form where it has one, else its posterior.
 *
 * @remarks cost: an E-step; no responsibilities are copied
 */
export function eStep<Data>(model: LatentModel<Data>, theta: Float64Array, data: Data): EStep {
  if (model.eStep !== undefined) return model.eStep(theta, data);
  const [at, rows] = [theta.slice(), model.own?.(data) ?? data];
  const { responsibilities, logLikelihood, objective } = model.posterior(at, rows);
  return {
    ...{ logLikelihood, objective },
    maximise: (effort) => model.maximise(at, { responsibilities }, rows, effort),
    gradient: (point = at) => model.completeGradient(point, responsibilities, rows),
    responsibilities: () => responsibilities.slice(),
  };
}
