import { own } from "../compute/own.ts";
import { listOf, required, text } from "../errors/kinds.ts";
import { type Declared, type OptionsOf, readOptions } from "../errors/options.ts";
import { InputError, quote } from "../errors.ts";
import { type Centring, centring, type Priors } from "./centring.ts";
import type { Family, Parts, Predictor } from "./family.ts";
import { maximiseGate } from "./gate.ts";
import { completeGradient, mixtureGradient } from "./gradient.ts";
import { mixtureInformation } from "./information.ts";
import { mixtureInformationProducts } from "./information-product.ts";
import { linear } from "./linear.ts";
import { logistic } from "./logistic.ts";
import { MAKE, type MakeTable, priorsByPart } from "./make.ts";
import type { Assignment, BatchedModel, InformedModel, MatrixFreeModel } from "./model.ts";
import { type Observations, rowsOf } from "./observations.ts";
import { penaltyOf } from "./penalty.ts";
import { poisson } from "./poisson.ts";
import { mixturePosterior, rowsOfExperts, settled } from "./posterior.ts";
import { mixtureRounding } from "./rounding.ts";
import { fewRows } from "./shares.ts";

/** An expert whose responsibilities sum to no more is empty. */
const FEWEST_ROWS = 1e-6;

type Make = OptionsOf<MakeTable>;

/** What a mixture of experts is made of. */
export interface MixtureSpec extends Omit<Make, "experts" | "k">, Required<Pick<Make, "experts" | "k">> {
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
  gateColumns: required(listOf(text, "a list of names")),
  expertColumns: required(listOf(text, "a list of names")),
  labels: listOf(text, "a list of labels"),
  priors: priorsByPart,
} satisfies Declared<MixtureSpec>;

/** A mixture of experts: where each predictor's coefficients stand, and the capabilities EM asks for. */
export interface Mixture
  extends InformedModel<Observations>,
    MatrixFreeModel<Observations>,
    BatchedModel<Observations>,
    Parts {
  readonly spec: MixtureSpec;
  /** Positions of the parameters that are fitted. */
  readonly free: readonly number[];
  /** The same mixture with other priors. */
  readonly withPriors: (priors: Priors) => Mixture;
  readonly centred: (data: Observations) => Centring<Mixture> | undefined;
}

/**
 * A mixture of k experts with a softmax gate, p(y|x) = Σ_z softmax_z(x'w) p_z(y|x).
 *
 * The parameter vector holds the gate's coefficients (expert 1 is the reference, w_1 = 0), then each expert's: β and
 * log σ of a linear expert, β of the labels but the first of a logistic one, β of a Poisson expert.
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
export function mixture(spec: MixtureSpec): Mixture {
  readOptions("make a mixture", spec, SPEC);
  const family = familyOf(spec);
  const { names, gate, experts } = layout(spec, family);
  const fixed = fixedAt(spec, names);
  const free = names.map((_, j) => j).filter((j) => !fixed.has(j));
  const k = spec.k;
  const p = names.length;

  const penalised = (theta: Float64Array, logLikelihood: number) => ({
    logLikelihood,
    objective: logLikelihood - penaltyOf({ family, gate, experts }, theta).value,
  });

  const alongFree = (gradient: Float64Array): Float64Array => gradient.map((value, j) => (fixed.has(j) ? 0 : value));

  /** The gradient along which θ may move: not by fixed parameters, nor below the least value of one that is there. */
  const feasible = (gradient: Float64Array, theta: Float64Array): Float64Array => {
    const out = alongFree(gradient);
    for (const { offset, least = Number.NEGATIVE_INFINITY } of experts.flat()) {
      if (theta[offset] <= least) out[offset] = Math.max(0, out[offset]);
    }
    return out;
  };

  const model: Mixture = {
    spec,
    family,
    names,
    free,
    gate,
    experts,

    withPriors: (priors) => mixture({ ...spec, priors }),

    own,

    rowsOf,

    centred: (data) => centring(model, own(data)),

    roundingError: (theta, data) => mixtureRounding(model, theta, data),

    totalWeight: ({ rows, weights }) => weights?.reduce((sum, w) => sum + w, 0) ?? rows,

    posterior: (theta, data) => {
      const { logLikelihood, assignment } = mixturePosterior(model, theta, data);
      return Object.assign(assignment, penalised(theta, logLikelihood));
    },

    maximise: (theta, assignment, data, newtonSteps) => {
      const [given, rows] = [settled(assignment), own(data)];
      const empty = emptyExpert(given, rows, k);
      if (empty !== undefined) return { theta, gain: 0, failure: empty };
      const next = theta.map((value, j) => fixed.get(j) ?? value);
      const fit = family.maximise(experts, next, given, rows, newtonSteps);
      if (fit.failure !== undefined) {
        const few = fit.expert === undefined ? "" : fewRows(given.responsibilities, fit.expert - 1, k, rows);
        return { theta, gain: 0, failure: few === "" ? fit.failure : `${fit.failure} (${few})` };
      }
      const gain = fit.gain + maximiseGate(gate, next, given, rows, newtonSteps);
      return { theta: next, gain };
    },

    gradient: (theta, data) => {
      const { gradient, logLikelihood } = mixtureGradient(model, p, theta, data);
      return { gradient: feasible(gradient, theta), ...penalised(theta, logLikelihood) };
    },

    completeGradient: (theta, responsibilities, data) =>
      feasible(completeGradient(model, theta, responsibilities, data), theta),

    information: (theta, data) => {
      const { complete, missing } = mixtureInformation(model, p, theta, data);
      const among = (matrix: Float64Array): Float64Array =>
        matrix.map((entry, at) => (fixed.has(at % p) || fixed.has(Math.floor(at / p)) ? 0 : entry));
      return { complete: among(complete), missing: among(missing) };
    },

    informationProducts: (theta, data) => {
      const { complete, missing, preconditioner } = mixtureInformationProducts(model, theta, own(data));
      return {
        complete: (v) => alongFree(complete(alongFree(v))),
        missing: (v) => alongFree(missing(alongFree(v))),
        preconditioner,
      };
    },
  };
  return model;
}

function familyOf({ experts, labels = [] }: MixtureSpec): Family {
  return experts === "logistic" ? logistic(labels) : { linear, poisson }[experts];
}

/** The values of the fixed parameters, by position. */
function fixedAt({ fixed = {} }: MixtureSpec, names: readonly string[]): ReadonlyMap<number, number> {
  const entries = Object.entries(fixed).map(([name, value]): [number, number] => {
    const at = names.indexOf(name);
    if (at < 0) {
      const some = names.slice(0, 5).map(quote).join(", ");
      throw new InputError("fix a parameter", `one of the ${names.length}, such as ${some}`, quote(name));
    }
    if (Number.isFinite(value)) return [at, value];
    throw new InputError("fix a parameter", `a finite number for ${quote(name)}`, String(value));
  });
  return new Map(entries);
}

/** An expert that no row belongs to has no maximiser: names the first, where there is one. */
function emptyExpert(assignment: Assignment, data: Observations, k: number): string | undefined {
  const rows = rowsOfExperts(assignment, data, k, FEWEST_ROWS);
  const z = rows.findIndex((sum) => !(sum > FEWEST_ROWS));
  if (z < 0) return undefined;
  return `expert ${z + 1} emptied: its responsibilities sum to ${rows[z].toPrecision(2)} rows, so the fit is that of k = ${k - 1}`;
}

/** Where each predictor's coefficients stand, and what each parameter is called. */
function layout(spec: MixtureSpec, family: Family): Pick<Mixture, "names" | "gate" | "experts"> {
  const names: string[] = [];
  const { fixed = {}, ridge = 0, sigmaFloor = 0 } = spec;
  const place = (owner: string, columns: readonly string[], design: Predictor["design"]): Predictor => {
    const offset = names.length;
    for (const column of columns) names.push(`${owner}.${column}`);
    const held = columns.flatMap((column, j) => (Object.hasOwn(fixed, `${owner}.${column}`) ? [j] : []));
    return { design, offset, size: columns.length, ...(held.length > 0 && { held }) };
  };
  /** The coefficients of columns, with the priors on them. */
  const regression = (owner: string, part: string, design: "gate" | "expert"): Predictor => {
    const prior = spec.priors?.[part];
    return {
      ...place(owner, design === "gate" ? spec.gateColumns : spec.expertColumns, design),
      ...(ridge > 0 && { ridge }),
      ...(prior && { prior: Float64Array.from(prior) }),
    };
  };
  /** The logarithm of a standard deviation. */
  const deviation = (owner: string, name: string): Predictor => {
    return { ...place(owner, [name], "constant"), ...(sigmaFloor > 0 && { least: Math.log(sigmaFloor) }) };
  };
  const gate = Array.from({ length: spec.k - 1 }, (_, z) => regression(`gate${z + 2}`, "gate", "gate"));
  let shared: Predictor | undefined;
  const experts = Array.from({ length: spec.k }, (_, z) =>
    family.predictors.map(({ name, design }) => {
      const expert = `expert${z + 1}`;
      if (design === "expert") return regression(`${expert}${name && `.${name}`}`, expert, design);
      if (!spec.sharedVariance) return deviation(expert, name);
      shared ??= deviation("experts", name);
      return shared;
    }),
  );
  return { names, gate, experts };
}
