import { byName, isObject, type Kind, LARGEST, numberIn, numbers, oneOf, size, truth, whole } from "../errors/kinds.ts";
import { type Defaulted, defaulted, type Optional, optional } from "../errors/options.ts";
import { InputError } from "../errors.ts";
import { expertsOf } from "../laws/gates/registry.ts";
import type { LawOption } from "../laws/law.ts";
import { EXPERT_KINDS, type ExpertKind, kindsThatTake } from "../laws/registry.ts";
import type { Priors } from "./prior.ts";

const degrees = numberIn(`a number above 1 and up to ${LARGEST}`, (value) => value > 1 && value <= LARGEST);

/** How a mixture is made, whatever columns it reads: options of a fit, which a model file keeps. */
export class MakeTable {
  /** Kind of the experts; default `"linear"`. */
  readonly experts: Defaulted<ExpertKind> = defaulted(oneOf(EXPERT_KINDS), "linear", "kind of the experts");

  /** Number of experts; default 2. Of a tree of gates it is the number that the tree has. */
  readonly k: Defaulted<number> = {
    ...defaulted(whole, 2, "number of experts"),
    by: ({ gate }) => expertsOf(gate),
  };

  /** One variance for all linear experts; default false. */
  readonly sharedVariance: Defaulted<boolean> = defaulted(truth, false, "one variance for all linear experts");

  /**
   * Precision of a Gaussian prior on the coefficients, intercepts included; default 0. With a precision ρ the objective is
   * ℓ − ½ρ‖·‖². Of the gate and of labels the coefficients count less their mean over all classes, the reference's 0 among
   * them, so that the fit does not depend on the reference: of two classes the log-odds' coefficients have the precision ρ/2.
   */
  readonly ridge: Defaulted<number> = defaulted(
    size,
    0,
    "precision of a Gaussian prior on the coefficients, intercepts included",
  );

  /**
   * Degrees of freedom of Student-t experts, above 1; default: 4. The fewer there are, the less rows count that are far off;
   * they are not fitted.
   */
  readonly df: Optional<number> = optional(degrees, "degrees of freedom of Student-t experts, above 1", {
    otherwise: "4",
  });

  /**
   * Least sigma of a linear or Student-t expert, in units of the response; default 0. EM and its variants keep to it, so that
   * no expert collapses onto a few rows.
   */
  readonly sigmaFloor: Defaulted<number> = defaulted(
    size,
    0,
    "least sigma of a linear or Student-t expert, in units of the response",
  );

  /**
   * A last expert that is always 0, of counts; default false. The gate says how probable it is; none of the k experts' other
   * than the gate's coefficients are fitted of it.
   */
  readonly zeroInflated: Defaulted<boolean> = defaulted(truth, false, "a last expert that is always 0, of counts");

  /** Values that parameters are held at, by names such as expert1.x; default: none. All names are in `mixture.names`. */
  readonly fixed: Optional<Readonly<Record<string, number>>> = optional(
    byName,
    "values that parameters are held at, by names such as expert1.x",
    { otherwise: "none", flag: "fix" },
  );
}

export const MAKE: MakeTable = new MakeTable();

const OF_SOME: Readonly<Record<LawOption, string>> = {
  sharedVariance: "a shared variance",
  sigmaFloor: "a sigmaFloor",
  df: "degrees of freedom",
  zeroInflated: "an expert that is always 0",
};

/** Refuses options that the law of the experts does not take. */
export function refuseOthersOptions(
  act: string,
  make: { readonly experts: ExpertKind; readonly k?: number } & { readonly [Name in LawOption]?: unknown },
): void {
  for (const [option, words] of Object.entries(OF_SOME)) {
    const kinds = kindsThatTake(option as LawOption);
    if (!make[option as LawOption] || kinds.includes(make.experts)) continue;
    const wanted = `${words} with ${kinds.join(" or ")} experts only`;
    throw new InputError(act, wanted, `${option} with ${make.experts} experts`);
  }
  if (!make.zeroInflated || make.k !== 1) return;
  const next = "set k to 2 (--k 2), one expert beside it";
  throw new InputError(act, "k of 2 or more with zeroInflated, whose last expert is always 0", "k = 1", next);
}

/** Priors on whole parts, which are made and not told. */
export const priorsByPart: Kind<Priors> = {
  wanted: "an object of a precision matrix by part, with an origin where there is one: an intercept's place and means",
  accepts: (value) => isObject(value) && !Array.isArray(value) && Object.values(value).every(isPrior),
};

function isPrior(value: unknown): boolean {
  const { precision, origin }: Partial<Record<string, unknown>> = isObject(value) ? { ...value } : {};
  return numbers.accepts(precision) && (origin === undefined || isOrigin(origin));
}

/** Whether a value has the form of a prior's origin. */
export function isOrigin(value: unknown): boolean {
  const { intercept, means }: Partial<Record<string, unknown>> = isObject(value) ? { ...value } : {};
  return numbers.accepts(means) && Number.isInteger(intercept) && Object.hasOwn(means as object, intercept as number);
}
