import type { Gate } from "../laws/gates/gate.ts";
import type { Law, Scale } from "../laws/law.ts";
import type { Predictor } from "../rows/predictor.ts";
import type { MixtureSpec } from "./spec.ts";

/** What each parameter is called, and where each predictor's coefficients stand. */
export interface Layout {
  readonly names: readonly string[];
  readonly gate: readonly Predictor[];
  readonly experts: readonly (readonly Predictor[])[];
}

/** Who all parameters that experts share belong to, by name. */
const ALL = "experts";

/** Places a mixture's parameters: the gate's, then each expert's, those that experts share at the first that has them. */
export function layoutOf(spec: MixtureSpec, law: Law, gateLaw: Gate): Layout {
  const { k, fixed = {}, ridge = 0, sigmaFloor = 0, sharedVariance = false } = spec;
  const shared = new Set(k > 1 ? spec.shared : []);
  const names: string[] = [];
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
  const gate = gateLaw.owners.map((owner): Predictor => {
    const own = spec.gateColumns.map((column) => `${owner}.${column}`);
    return { ...place(own, "gate"), ...penaltyOf(ridge, spec.priors?.gate) };
  });
  /** A scale's logarithm. */
  const scaleOf = (owner: string, { name, least }: Scale): Predictor => {
    const floor = sigmaFloor > 0 ? sigmaFloor : least?.value;
    const named = [`${sharedVariance ? ALL : owner}.log(${name})`];
    return { ...place(named, "constant"), ...(floor !== undefined && { least: Math.log(floor) }) };
  };
  const experts = Array.from({ length: k }, (_, z) => {
    const expert = `expert${z + 1}`;
    const means = law.predictors.map((label): Predictor => {
      const of = label && `.${label}`;
      const own = spec.expertColumns.map((column) => `${shared.has(column) ? ALL : expert}${of}.${column}`);
      const penalty =
        shared.size > 0 ? penaltyOfSharing(spec, shared, expert) : penaltyOf(ridge, spec.priors?.[expert]);
      return { ...place(own, "expert"), ...penalty };
    });
    return law.scale === undefined ? means : [...means, scaleOf(expert, law.scale)];
  });
  return { names, gate, experts };
}

function penaltyOf(ridge: number, prior: readonly number[] | undefined): Pick<Predictor, "ridge" | "prior"> {
  return { ...(ridge > 0 && { ridge }), ...(prior && { prior: [...prior] }) };
}

/** Of a coefficient that k experts share each has a kth of the ridge: together they have it once. */
function penaltyOfSharing(
  { k, ridge = 0, expertColumns, priors }: MixtureSpec,
  shared: ReadonlySet<string>,
  expert: string,
): Pick<Predictor, "prior"> {
  const given = priors?.[expert];
  if (ridge === 0) return given === undefined ? {} : { prior: [...given] };
  const d = expertColumns.length;
  const prior = Array.from({ length: d * d }, (_, at) => given?.[at] ?? 0);
  expertColumns.forEach((column, j) => {
    prior[j * d + j] += shared.has(column) ? ridge / k : ridge;
  });
  return { prior };
}
