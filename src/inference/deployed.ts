import { SPARSE_EM } from "../algorithms/sparse-em.ts";
import { type Needed, type OptionsOf, readOptions } from "../errors/options.ts";
import { InputError } from "../errors.ts";
import { type FitRows, fittedMixture, rowsOfFit, type Whole } from "../fit/fitted.ts";
import { topGate } from "../models/top-gate.ts";
import type { Table } from "../text/table.ts";
import { tabled } from "../text/tabled.ts";

/** A mixture with all of its experts and with the few that its gate finds most probable, on the same rows. */
export interface Deployed {
  /** Number of experts that are evaluated in each row, m. */
  readonly activeExperts: number;
  /** Number of rows. */
  readonly rows: number;
  /** Log-likelihood of the whole mixture, in nats. */
  readonly logLikelihood: number;
  /** That of p_m(y|x) = Σ_T g_z p_z(y) / Σ_T g_z, with the m experts T of the largest g_z, in nats. */
  readonly deployed: number;
}

/** Options of a deployment. */
export class DeployedTable {
  /** Experts that are evaluated in each row, from 1 to k. */
  readonly activeExperts: Needed<number> = SPARSE_EM.activeExperts;
}

const DEPLOYED: DeployedTable = new DeployedTable();

/** How many experts are deployed. */
export interface DeployedOptions extends OptionsOf<DeployedTable> {}

const ACT = "deploy few experts";

/**
 * What a mixture loses where it is deployed with a few experts a row, those that its gate finds most probable: both
 * log-likelihoods, of which the second is that of another model. An extension of ours, not the paper's.
 *
 * @param rows those of the fit (default), or others with responses
 * @param options.activeExperts m, from 1 to k
 * @throws InputError for more experts than there are, for groups, and for a gate that is a tree or an expert that is always 0
 * @remarks cost: an E-step, and of each row k logits and m densities
 * @example
 * ```ts
 * import { datasetPath, deployed, fit } from "mixlens";
 * const iris = fit(datasetPath("iris"), { response: "petal_width", features: ["petal_length"], k: 3, starts: 3 });
 * const all = deployed(iris, undefined, { activeExperts: 3 });
 * if (Math.abs(all.deployed - all.logLikelihood) > 1e-9) throw new Error("with all experts they are one");
 * ```
 */
export function deployed(fit: Whole, rows: FitRows | undefined, options: DeployedOptions): Deployed {
  const { activeExperts } = readOptions(ACT, options, DEPLOYED);
  const { mixture, theta } = fittedMixture(ACT, fit);
  const data = rowsOfFit(ACT, fit, rows, "deployed(model, rows, options)");
  const { k } = mixture.spec;
  if (activeExperts > k) throw new InputError(ACT, `activeExperts from 1 to ${k}`, String(activeExperts));
  const { logLikelihood } = mixture.posterior(theta, data);
  const found = {
    ...{ activeExperts, rows: data.rows, logLikelihood },
    deployed: mixture.eStepWithin(topGate(activeExperts), theta, data).logLikelihood,
  };
  return tabled<Deployed>(found, deployedTable, {});
}

function deployedTable({ activeExperts, rows, logLikelihood, deployed }: Deployed): Table {
  const few = `the ${activeExperts === 1 ? "one" : activeExperts} most probable of the gate`;
  return {
    columns: [
      { name: "experts of a row" },
      { name: "log-likelihood", align: "right" },
      { name: "nats per row", align: "right" },
    ],
    rows: [
      ["all", logLikelihood, logLikelihood / rows],
      [few, deployed, deployed / rows],
    ],
  };
}
