import { own } from "../compute/own.ts";
import { readOptions } from "../errors/options.ts";
import { InputError, quote } from "../errors.ts";
import { gateOf, refuseOtherExperts } from "../laws/gates/registry.ts";
import type { Parts } from "../laws/law.ts";
import type { ExpertKind } from "../laws/registry.ts";
import { lawOf } from "../laws/registry.ts";
import { type Observations, unitsOf } from "../rows/observations.ts";
import { totalWeight, unitCount } from "../rows/units.ts";
import { type Centring, centring, standardising } from "./centring.ts";
import { eSteps } from "./e-steps.ts";
import { alongFree, amongFree, feasible, fixedAt, leastOf } from "./fixed.ts";
import { completeGradient, mixtureGradient } from "./gradient.ts";
import { mixtureInformation } from "./information.ts";
import { mixtureInformationProducts } from "./information-product.ts";
import { layoutOf } from "./layout.ts";
import { mixtureMaximum } from "./m-step.ts";
import { refuseOthersOptions } from "./make.ts";
import type { BatchedModel, EStep, InformedModel, MatrixFreeModel, OnePassModel } from "./model.ts";
import { penaltyOf } from "./penalty.ts";
import type { Priors } from "./prior.ts";
import type { RestrictedModel } from "./restriction.ts";
import { mixtureRounding } from "./rounding.ts";
import { type MixtureSpec, SPEC } from "./spec.ts";
import { onePass } from "./step-sums.ts";

/** A mixture of experts: where each predictor's coefficients stand, and the capabilities EM asks for. */
export interface Mixture<E extends ExpertKind = ExpertKind>
  extends InformedModel<Observations>,
    MatrixFreeModel<Observations>,
    BatchedModel<Observations>,
    OnePassModel<Observations>,
    RestrictedModel<Observations>,
    Parts {
  readonly spec: MixtureSpec<E>;
  /** Positions of the parameters that are fitted. */
  readonly free: readonly number[];
  /** The same mixture with other priors, and another ridge where one is given. */
  readonly withPriors: (priors: Priors, ridge?: number) => Mixture<E>;
  readonly eStep: (theta: Float64Array, data: Observations) => EStep;
  readonly centred: (data: Observations) => Centring<Mixture> | undefined;
  /** The mixture in standardised columns. */
  readonly standardised: (data: Observations) => Centring<Mixture>;
}

/**
 * A mixture of k experts with a softmax gate, p(y|x) = Σ_z softmax_z(x'w) p_z(y|x).
 *
 * The parameter vector holds the gate's coefficients (expert 1 is the reference, w_1 = 0; of a tree those of each gate, from
 * the root down, its first branch the reference), then each expert's: β and
 * log σ of a linear or Student-t expert, β of the labels but the first of a logistic one, β of a Poisson expert, β and log ν of a Gamma
 * one, β and log α of a negative binomial one, β of a binomial one. A coefficient that the experts share is there once.
 * An expert that is always 0 has a 0 in their place.
 *
 * @throws InputError for a fixed parameter that there is none of, or that is no finite number
 * @example
 * ```ts
 * import { mixture } from "mixlens";
 * const columns = ["(intercept)", "x"];
 * const model = mixture({ experts: "linear", k: 2, gateColumns: columns, expertColumns: columns });
 * if (model.names.join() !== "gate2.(intercept),gate2.x,expert1.(intercept),expert1.x,expert1.log(sigma),expert2.(intercept),expert2.x,expert2.log(sigma)") throw new Error(model.names.join());
 * ```
 */
export function mixture<E extends ExpertKind>(given: MixtureSpec<E>): Mixture<E> {
  readOptions("make a mixture", given, SPEC);
  // What is read again later, here and by others, nobody can write to.
  const spec = own(given);
  refuseOthersOptions("make a mixture", spec);
  refuseOtherExperts("make a mixture", spec.gate ?? "softmax", spec.k);
  checkShared(spec);
  const law = lawOf(spec.experts, spec);
  const gateLaw = gateOf(spec.gate ?? "softmax", spec.k);
  const { names, gate, experts, held } = own(layoutOf(spec, law, gateLaw));
  const fixed = fixedAt(spec.fixed ?? {}, names, held);
  const free = Object.freeze(names.map((_, j) => j).filter((j) => !fixed.has(j)));
  const p = names.length;
  const parts: Parts = { law, gateLaw, gate, experts };

  const penalised = (theta: Float64Array, logLikelihood: number) => ({
    logLikelihood,
    objective: logLikelihood - penaltyOf(parts, theta).value,
  });

  const ascent = (gradient: Float64Array, theta: Float64Array): Float64Array =>
    feasible(gradient, theta, fixed, experts.flat());

  const model: Mixture<E> = {
    spec,
    ...parts,
    names,
    free,
    ...leastOf(p, experts.flat()),

    withPriors: (priors, ridge = spec.ridge ?? 0) => mixture({ ...spec, priors, ridge }),

    own,

    unitCount,

    rowsOf: unitsOf,

    centred: (data) => centring<Mixture>(model, own(data)),

    standardised: (data) => standardising<Mixture>(model, own(data)),

    roundingError: (theta, data) => mixtureRounding(model, theta, data),

    totalWeight,

    posterior: (theta, data) => {
      const { logLikelihood, objective, responsibilities } = model.eStep(theta, data);
      return { logLikelihood, objective, responsibilities: responsibilities() };
    },

    ...eSteps(parts, fixed, penalised, ascent),

    // An assignment of this call alone: what the caller's holds may change until the next.
    maximise: (theta, { responsibilities }, data, effort) =>
      mixtureMaximum(model, fixed, theta, { responsibilities }, own(data), effort),

    ...onePass(parts, spec.expertColumns, fixed, penalised),

    gradient: (theta, data) => {
      const { gradient, logLikelihood } = mixtureGradient(model, p, theta, data);
      return { gradient: ascent(gradient, theta), ...penalised(theta, logLikelihood) };
    },

    completeGradient: (theta, responsibilities, data) =>
      ascent(completeGradient(model, theta, { responsibilities }, own(data)), theta),

    information: (theta, data) => {
      const { complete, missing } = mixtureInformation(model, p, theta, data);
      return { complete: amongFree(complete, fixed, p), missing: amongFree(missing, fixed, p) };
    },

    informationProducts: (theta, data) => {
      const { complete, missing, preconditioner } = mixtureInformationProducts(model, theta, own(data));
      return {
        complete: (v) => alongFree(complete(alongFree(v, fixed)), fixed),
        missing: (v) => alongFree(missing(alongFree(v, fixed)), fixed),
        preconditioner,
      };
    },
  };
  return model;
}

/** Refuses shared coefficients of columns that there are not. */
function checkShared({ shared = [], expertColumns }: MixtureSpec): void {
  const odd = shared.find((column) => !expertColumns.includes(column));
  if (odd === undefined) return;
  throw new InputError("make a mixture", "shared to name columns of the experts", quote(odd));
}
