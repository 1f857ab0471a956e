import { checkArgument } from "../errors/arguments.ts";
import { numberIn, whole } from "../errors/kinds.ts";
import { type Defaulted, defaulted, type OptionsOf, readOptions } from "../errors/options.ts";
import { balance } from "../models/balance.ts";
import type { Evaluation } from "../models/model.ts";
import type { RestrictedModel } from "../models/restriction.ts";
import type { Observations } from "../rows/observations.ts";
import { type Algorithm, anAlgorithm } from "./algorithm.ts";
import { em } from "./em.ts";
import { type RestrictedState, restrictedFirst } from "./restricted-em.ts";

/** How E-steps are balanced. */
export class BalanceTable {
  /** Least share of an expert in the first E-step, as a part of the even share 1/k, above 0 up to 1; default 0.5. */
  readonly floor: Defaulted<number> = defaulted(
    numberIn("a number above 0 up to 1", (value) => value > 0 && value <= 1),
    0.5,
    "least share of an expert in the first E-step, as a part of 1/k",
  );

  /** Steps until nothing is balanced any longer; default 20. */
  readonly until: Defaulted<number> = defaulted(whole, 20, "steps until nothing is balanced any longer");
}

export const BALANCE: BalanceTable = new BalanceTable();

/** How E-steps are balanced. */
export interface Balance extends OptionsOf<BalanceTable> {}

/**
 * EM with balanced E-steps at first, which keep every expert at work; an extension of ours, not the paper's.
 *
 * In step t of the first `until` the responsibilities are those nearest to the posterior, in Kullback and Leibler's sense,
 * that give each expert a share of the rows between l_t/k and 1/(l_t k), where l_t = floor·(1 − t/until): q_iz ∝ r_iz exp λ_z.
 * The band only widens, so that F = ℓ − KL(q‖posterior), which is the objective of these steps, never falls, and at the
 * band's end it is ℓ itself. A repair where experts have no rows: from an ordinary start it buys nothing as a rule.
 *
 * @param options.floor least share in the first E-step, as a part of 1/k; default 0.5
 * @param options.until steps until EM is plain; default 20
 * @param then the algorithm that goes on from there; default: EM
 * @throws InputError for an option that there is not, or that is out of its range
 * @remarks cost of a step: that of EM, n k numbers, and for the λ some steps of Newton's method on k numbers
 * @example
 * ```ts
 * import { balancedEm, datasetPath, fit, run } from "mixlens";
 * const iris = fit(datasetPath("iris"), { response: "petal_width", features: ["petal_length"], starts: 3 });
 * const balanced = run(balancedEm({ floor: 0.5, until: 10 }), iris);
 * if (balanced.trace.some(({ objective }, t, all) => t > 0 && objective < all[t - 1].objective - 1e-9)) throw new Error("it never falls");
 * if (balanced.trace[11].isBound) throw new Error("plain EM from step 10 on");
 * ```
 */
export function balancedEm<Then extends Evaluation = Evaluation>(
  options: Balance = {},
  then: Algorithm<Observations, RestrictedModel<Observations>, Then> = em() as never,
): Algorithm<Observations, RestrictedModel<Observations>, RestrictedState<Then>> {
  checkArgument("balance EM", "then", then, anAlgorithm);
  const { floor, until } = readOptions("balance EM", options, BALANCE);
  const at = (step: number) => {
    const least = floor * (1 - step / until);
    return step < until ? balance(least, 1 / least) : undefined;
  };
  return restrictedFirst("balanced-em", { floor, until }, { at }, then);
}
