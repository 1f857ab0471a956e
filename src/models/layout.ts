import type { Gate } from "../laws/gates/gate.ts";
import { type Law, predictorCount, type Scale } from "../laws/law.ts";
import type { Predictor } from "../rows/predictor.ts";
import { aboutZero } from "./prior.ts";
import type { MixtureSpec } from "./spec.ts";
import { ALWAYS_ZERO, fittedExperts, zeroExpert } from "./zero-expert.ts";

/** What each parameter is called, and where each predictor's coefficients stand. */
export interface Layout {
  readonly names: readonly string[];
  readonly gate: readonly Predictor[];
  readonly experts: readonly (readonly Predictor[])[];
  /** Values that parameters are held at whatever is asked for: those of an expert that is always 0. */
  readonly held: Readonly<Record<string, number>>;
}

/** Who all parameters that experts share belong to, by name. */
const ALL = "experts";

/** Places a mixture's parameters: the gate's, then each expert's, those that experts share at the first that has them. */
export function layoutOf(spec: MixtureSpec, law: Law, gateLaw: Gate): Layout {
  const { k, fixed = {}, ridge = 0, sigmaFloor = 0, sharedVariance = false } = spec;
  const shared = new Set(fittedExperts(spec) > 1 ? spec.shared : []);
  const names: string[] = [];
  const held: Record<string, number> = {};
  const ofAll = new Map<string, number>();
  const placeOf = (name: string): number => {
    const at = ofAll.get(name) ?? names.push(name) - 1;
    if (name.startsWith(`${ALL}.`)) ofAll.set(name, at);
    return at;
  };
  const place = (own: readonly string[], design: Predictor["design"]): Predictor => {
    const held = own.flatMap((name, j) => (Object.hasOwn(fixed, name) ? [j] : []));
    return { design, at: own.map(placeOf), ...(held.length > 0 && { fixed: held }) };
  };
  const gate = gateLaw.nodes.flatMap(({ part, branches }) =>
    branches.slice(1).map(({ name }): Predictor => {
      const own = spec.gateColumns.map((column) => `${name.replace(" ", "")}.${column}`);
      return { ...place(own, "gate"), ...penaltyOf(ridge, priorOf(spec, part)) };
    }),
  );
  /** A scale's logarithm. */
  const scaleOf = (owner: string, { name, least }: Scale): Predictor => {
    const floor = sigmaFloor > 0 ? sigmaFloor : least?.value;
    const named = [`${sharedVariance ? ALL : owner}.log(${name})`];
    return { ...place(named, "constant"), ...(floor !== undefined && { least: Math.log(floor) }) };
  };
  /** A coefficient of 0 for each predictor, which are none of the columns'. */
  const alwaysZero = (owner: string): Predictor[] =>
    Array.from({ length: predictorCount(law) }, (_, h) => {
      const name = `${owner}.${ALWAYS_ZERO.name}${h === 0 ? "" : `.${h + 1}`}`;
      held[name] = 0;
      return { ...place([name], "constant"), fixed: [0], ...(h === 0 && { known: ALWAYS_ZERO.known }) };
    });
  const experts = Array.from({ length: k }, (_, z) => {
    const expert = `expert${z + 1}`;
    if (z === zeroExpert(spec)) return alwaysZero(expert);
    const means = law.predictors.map((label): Predictor => {
      const of = label && `.${label}`;
      const own = spec.expertColumns.map((column) => `${shared.has(column) ? ALL : expert}${of}.${column}`);
      const penalty =
        shared.size > 0 ? penaltyOfSharing(spec, shared, expert) : penaltyOf(ridge, priorOf(spec, expert));
      return { ...place(own, "expert"), ...penalty };
    });
    return law.scale === undefined ? means : [...means, scaleOf(expert, law.scale)];
  });
  return { names, gate, experts, held };
}

/** The prior of a part on its coefficients as they are. */
function priorOf({ priors }: MixtureSpec, part: string): readonly number[] | undefined {
  const prior = priors?.[part];
  return prior && aboutZero(prior);
}

function penaltyOf(ridge: number, prior: readonly number[] | undefined): Pick<Predictor, "ridge" | "prior"> {
  return { ...(ridge > 0 && { ridge }), ...(prior && { prior: [...prior] }) };
}

/** Of a coefficient that k experts share each has a kth of the ridge: together they have it once. */
function penaltyOfSharing(spec: MixtureSpec, shared: ReadonlySet<string>, expert: string): Pick<Predictor, "prior"> {
  const { ridge = 0, expertColumns, ...experts } = spec;
  const given = priorOf(spec, expert);
  if (ridge === 0) return given === undefined ? {} : { prior: [...given] };
  const d = expertColumns.length;
  const prior = Array.from({ length: d * d }, (_, at) => given?.[at] ?? 0);
  expertColumns.forEach((column, j) => {
    prior[j * d + j] += shared.has(column) ? ridge / fittedExperts(experts) : ridge;
  });
  return { prior };
}
