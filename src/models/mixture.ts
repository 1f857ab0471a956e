import { own } from "../compute/own.ts";
import { listOf, oneOf, required, text } from "../errors/kinds.ts";
import { type Declared, type OptionsOf, readOptions } from "../errors/options.ts";
import type { Gate } from "../laws/gates/gate.ts";
import { GATE_KINDS, type GateKind, gateOf } from "../laws/gates/registry.ts";
import { type Law, type Parts, predictorCount, type Scale } from "../laws/law.ts";
import type { ExpertKind } from "../laws/registry.ts";
import { lawOf } from "../laws/registry.ts";
import { type Observations, unitsOf } from "../rows/observations.ts";
import type { Predictor } from "../rows/predictor.ts";
import { totalWeight, unitCount } from "../rows/units.ts";
import { type Centring, centring, type Priors } from "./centring.ts";
import { alongFree, amongFree, feasible, fixedAt, leastOf } from "./fixed.ts";
import { completeGradient, mixtureGradient } from "./gradient.ts";
import { mixtureInformation } from "./information.ts";
import { mixtureInformationProducts } from "./information-product.ts";
import { mixtureMaximum } from "./m-step.ts";
import { MAKE, type MakeTable, priorsByPart, refuseOthersOptions } from "./make.ts";
import type { BatchedModel, EStep, InformedModel, MatrixFreeModel } from "./model.ts";
import { penaltyOf } from "./penalty.ts";
import { mixturePosterior } from "./posterior.ts";
import { mixtureRounding } from "./rounding.ts";
import { ALWAYS_ZERO, zeroExpert } from "./zero-expert.ts";

type Make = OptionsOf<MakeTable>;

/** Specification of a mixture of experts. */
export interface MixtureSpec<E extends ExpertKind = ExpertKind>
  extends Omit<Make, "experts" | "k">,
    Required<Pick<Make, "experts" | "k">> {
  /** Kind of the experts. */
  readonly experts: E;
  /** Kind of the gate; default `"softmax"`. A constant one is that of an intercept alone. */
  readonly gate?: GateKind;
  /** Columns of the gate (d_g). */
  readonly gateColumns: readonly string[];
  /** Columns of the experts (d). */
  readonly expertColumns: readonly string[];
  /** Labels of the response in the order of their codes; logistic experts only. */
  readonly labels?: readonly string[];
  /**
   * Precision matrices of Gaussian priors on the coefficients of whole parts, beside the ridge, by part: `gate` (d_g × d_g,
   * row-major) or `expert2` (d × d). Default: none; `fit` sets them against perfect separation.
   */
  readonly priors?: Priors;
}

const SPEC = {
  ...MAKE,
  experts: required(MAKE.experts),
  k: required(MAKE.k),
  gate: oneOf(GATE_KINDS),
  gateColumns: required(listOf(text, "a list of names")),
  expertColumns: required(listOf(text, "a list of names")),
  labels: listOf(text, "a list of labels"),
  priors: priorsByPart,
} satisfies Declared<MixtureSpec>;

/** A mixture of experts: where each predictor's coefficients stand, and the capabilities EM asks for. */
export interface Mixture<E extends ExpertKind = ExpertKind>
  extends InformedModel<Observations>,
    MatrixFreeModel<Observations>,
    BatchedModel<Observations>,
    Parts {
  readonly spec: MixtureSpec<E>;
  /** Positions of the parameters that are fitted. */
  readonly free: readonly number[];
  /** The same mixture with other priors. */
  readonly withPriors: (priors: Priors) => Mixture<E>;
  readonly eStep: (theta: Float64Array, data: Observations) => EStep;
  readonly centred: (data: Observations) => Centring<Mixture> | undefined;
}

/**
 * A mixture of k experts with a softmax gate, p(y|x) = Σ_z softmax_z(x'w) p_z(y|x).
 *
 * The parameter vector holds the gate's coefficients (expert 1 is the reference, w_1 = 0), then each expert's: β and
 * log σ of a linear or Student-t expert, β of the labels but the first of a logistic one, β of a Poisson expert, β and log ν of a Gamma
 * one, β and log α of a negative binomial one, β of a binomial one. An expert that is always 0 has a 0 in their place.
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
  const law = lawOf(spec.experts, spec);
  const gateLaw = gateOf(spec.gate ?? "softmax", spec.k);
  const { names, gate, experts, held } = own(layout(spec, law, gateLaw));
  const fixed = fixedAt(spec.fixed ?? {}, names, held);
  const free = Object.freeze(names.map((_, j) => j).filter((j) => !fixed.has(j)));
  const p = names.length;

  const penalised = (theta: Float64Array, logLikelihood: number) => ({
    logLikelihood,
    objective: logLikelihood - penaltyOf({ law, gateLaw, gate, experts }, theta).value,
  });

  const ascent = (gradient: Float64Array, theta: Float64Array): Float64Array =>
    feasible(gradient, theta, fixed, experts.flat());

  const model: Mixture<E> = {
    spec,
    law,
    gateLaw,
    names,
    free,
    ...leastOf(p, experts.flat()),
    gate,
    experts,

    withPriors: (priors) => mixture({ ...spec, priors }),

    own,

    unitCount,

    rowsOf: unitsOf,

    centred: (data) => centring<Mixture>(model, own(data)),

    roundingError: (theta, data) => mixtureRounding(model, theta, data),

    totalWeight,

    posterior: (theta, data) => {
      const { logLikelihood, objective, responsibilities } = model.eStep(theta, data);
      return { logLikelihood, objective, responsibilities: responsibilities() };
    },

    eStep: (theta, data) => {
      const [at, rows] = [theta.slice(), own(data)];
      const { logLikelihood, assignment } = mixturePosterior(model, at, rows);
      return {
        ...penalised(at, logLikelihood),
        maximise: (newtonSteps) => mixtureMaximum(model, fixed, at, assignment, rows, newtonSteps),
        gradient: (point = at) => ascent(completeGradient(model, point, assignment, rows), point),
        responsibilities: () => assignment.responsibilities.slice(),
      };
    },

    // An assignment of this call alone: what the caller's holds may change until the next.
    maximise: (theta, { responsibilities }, data, newtonSteps) =>
      mixtureMaximum(model, fixed, theta, { responsibilities }, own(data), newtonSteps),

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

/** Where each predictor's coefficients stand, what each parameter is called, and which are held whatever the spec says. */
function layout(
  spec: MixtureSpec,
  law: Law,
  gateLaw: Gate,
): Pick<Mixture, "names" | "gate" | "experts"> & { readonly held: Readonly<Record<string, number>> } {
  const names: string[] = [];
  const held: Record<string, number> = {};
  const { fixed = {}, ridge = 0, sigmaFloor = 0 } = spec;
  const place = (owner: string, columns: readonly string[], design: Predictor["design"]): Predictor => {
    const offset = names.length;
    for (const column of columns) names.push(`${owner}.${column}`);
    const own = columns.flatMap((column, j) => (Object.hasOwn(fixed, `${owner}.${column}`) ? [j] : []));
    return { design, offset, size: columns.length, ...(own.length > 0 && { fixed: own }) };
  };
  /** The coefficients of columns, with the priors on them. */
  const regression = (owner: string, part: string, design: "gate" | "expert"): Predictor => {
    const prior = spec.priors?.[part];
    return {
      ...place(owner, design === "gate" ? spec.gateColumns : spec.expertColumns, design),
      ...(ridge > 0 && { ridge }),
      ...(prior && { prior: [...prior] }),
    };
  };
  /** The logarithm of a scale. */
  const scaleOf = (owner: string, { name, least }: Scale): Predictor => {
    const floor = sigmaFloor > 0 ? sigmaFloor : least?.value;
    return { ...place(owner, [`log(${name})`], "constant"), ...(floor !== undefined && { least: Math.log(floor) }) };
  };
  /** A coefficient of 0 for each predictor, which are none of the columns'. */
  const alwaysZero = (owner: string): Predictor[] =>
    Array.from({ length: predictorCount(law) }, (_, h) => {
      const column = h === 0 ? ALWAYS_ZERO.name : `${ALWAYS_ZERO.name}.${h + 1}`;
      held[`${owner}.${column}`] = 0;
      const predictor = { ...place(owner, [column], "constant"), fixed: [0] };
      return h === 0 ? { ...predictor, known: ALWAYS_ZERO.known } : predictor;
    });
  const gate = gateLaw.owners.map((owner) => regression(owner, "gate", "gate"));
  let shared: Predictor | undefined;
  const experts = Array.from({ length: spec.k }, (_, z) => {
    const expert = `expert${z + 1}`;
    if (z === zeroExpert(spec)) return alwaysZero(expert);
    const means = law.predictors.map((name) => regression(`${expert}${name && `.${name}`}`, expert, "expert"));
    if (law.scale === undefined) return means;
    if (spec.sharedVariance) shared ??= scaleOf("experts", law.scale);
    return [...means, shared ?? scaleOf(expert, law.scale)];
  });
  return { names, gate, experts, held };
}
