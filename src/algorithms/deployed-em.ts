import { readOptions } from "../errors/options.ts";
import type { EStep } from "../models/model.ts";
import type { RestrictedModel } from "../models/restriction.ts";
import { topGate } from "../models/top-gate.ts";
import type { Observations } from "../rows/observations.ts";
import type { Algorithm } from "./algorithm.ts";
import { em } from "./em.ts";
import { type RestrictedState, restrictedFirst } from "./restricted-em.ts";
import { SPARSE_EM, type SparseEmOptions } from "./sparse-em.ts";

/**
 * EM of the mixture that is deployed with a few experts a row, those that its gate finds most probable, renormalised:
 * p_m(y|x) = Σ_T g_z p_z(y) / Σ_T g_z; an extension of ours, not the paper's.
 *
 * The objective is its own log-likelihood. An M-step may lower it, by choosing other experts for some rows: the experts'
 * part is EM's, and of the gate's as much is taken as does not, none at the worst. From the limit of EM it makes a mixture
 * that loses less when it is deployed; see `deployed`. With m = 1 the gate has no signal.
 *
 * @param options.activeExperts m, from 1 to 256, and no more than there are
 * @throws InputError for an option that there is not, or that is out of its range
 * @remarks cost of a step: of each row k logits and exponentials, m densities, and m rows of an M-step; as much again each
 *   time that the gate's part is halved
 * @example
 * ```ts
 * import { datasetPath, deployed, deployedEm, fit, run } from "mixlens";
 * const iris = fit(datasetPath("iris"), { response: "petal_width", features: ["petal_length"], k: 3, starts: 3 });
 * const { theta } = run(deployedEm({ activeExperts: 2 }), iris, { from: "theta", maxIterations: 20 });
 * const [before, after] = [iris, { ...iris, theta }].map((fit) => deployed(fit, undefined, { activeExperts: 2 }));
 * if (after.deployed < before.deployed - 1e-9) throw new Error("it never falls");
 * ```
 */
export function deployedEm(
  options: Pick<SparseEmOptions, "activeExperts">,
): Algorithm<Observations, RestrictedModel<Observations>, RestrictedState<EStep>> {
  const { activeExperts } = readOptions("use EM of what is deployed", options, {
    activeExperts: SPARSE_EM.activeExperts,
  });
  const within = topGate(activeExperts);
  // It is never gone on with.
  return restrictedFirst("deployed-em", { activeExperts }, { at: () => within, isEndless: true }, em());
}
