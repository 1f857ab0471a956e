import { kernelSums } from "../compute/kernel-sums.ts";
import { EXPERTS, GATE, HESSIAN, type Kernel } from "../compute/stretch-job.ts";
import type { Assignment } from "../rows/assignment.ts";
import type { Observations } from "../rows/observations.ts";
import { coefficientsOf, type Predictor } from "../rows/predictor.ts";
import type { Terms } from "../solve/likelihood.ts";
import { isWide } from "../solve/newton.ts";
import { firstTerms } from "../solve/newton-dense.ts";
import { lengthOfTerms } from "./expansion-terms.ts";
import { isFlat } from "./gates/gate.ts";
import type { Parts } from "./law.ts";

/** Numbers at some coefficients. */
interface At {
  readonly coefficients: Float64Array;
  readonly sums: Float64Array;
}

/** Sums that an E-step found on its way, of the rows and at the coefficients where it found them. */
interface Found {
  readonly data: Observations;
  /** Σ w r of each expert. */
  readonly rows: Float64Array;
  /** What the M-steps of experts and gate begin with; the experts' one after the other. */
  readonly experts?: At;
  readonly gate?: At & { readonly terms: Terms };
}

/**
 * An M-step from a posterior begins with sums at the posterior's own θ: they are taken in the same pass. Assignments and
 * rows stand for their values: see {@link settled} and {@link own}.
 */
const foundWith = new WeakMap<Assignment, Found>();

/** Keeps what an E-step has found beside the responsibilities of `owner`. */
export function keepFound(owner: Assignment, found: Found): void {
  foundWith.set(owner, found);
}

/** What was found of expert z at its coefficients, or of all experts at all of theirs, if these terms are there. */
export function foundOfExperts(
  assignment: Assignment,
  data: Observations,
  coefficients: Float64Array,
  z = 0,
  terms: Terms = "all",
): Float64Array | undefined {
  const experts = foundIn(assignment, data)?.experts;
  if (experts === undefined || !has("all", terms)) return undefined;
  const from = z * coefficients.length;
  if (!equal(experts.coefficients.subarray(from, from + coefficients.length), coefficients)) return undefined;
  const length = (experts.sums.length * coefficients.length) / experts.coefficients.length;
  return experts.sums.subarray(z * length, (z + 1) * length);
}

/** What was found of the gate at its coefficients, if these terms are there. */
export function foundOfGate(
  assignment: Assignment,
  data: Observations,
  coefficients: Float64Array,
  terms: Terms,
): Float64Array | undefined {
  const gate = foundIn(assignment, data)?.gate;
  if (gate === undefined || !equal(gate.coefficients, coefficients)) return undefined;
  return has(gate.terms, terms) ? gate.sums : undefined;
}

/** Σ r of each expert, or less where rows weigh other than 1; nothing where no sums are known. */
export function knownRows(assignment: Assignment, data: Observations): Float64Array | undefined {
  const found = foundIn(assignment, data);
  // No row weighs more than the heaviest, so that Σ w r is at most as many times Σ r.
  const heaviest = data.weights?.reduce((most, w) => Math.max(most, w), 0) ?? 1;
  return found?.rows.map((weight) => weight / heaviest);
}

/** Whether sums begin with those that are asked for. */
function has(found: Terms, asked: Terms): boolean {
  return asked === found || asked === "gradient" || asked === "value";
}

function foundIn(assignment: Assignment, data: Observations): Found | undefined {
  const found = foundWith.get(assignment);
  return found?.data === data ? found : undefined;
}

/** Softmaxes of a row at the most, by classes, that are kept from the E-step for the sums. */
const MOST_CLASSES = 32;

/**
 * The E-step, by a kernel, of experts that are fitted by Newton's method, with the sums that an M-step begins with where the
 * columns are few: of many, Hessians cost most, and one at a time stays in the cache.
 *
 * @returns the log-likelihood, with the responsibilities left to `owner`
 */
export function posteriorBeforeNewton(
  { gate, gateLaw, experts }: Parts,
  theta: Float64Array,
  owner: Assignment,
  data: Observations,
  told: Pick<Kernel, "name" | "classes">,
): number | undefined {
  const k = experts.length;
  const [m, d, dg] = [experts[0].length, data.expert.values.length, data.gate.values.length];
  const withSums = hasFewColumns(experts[0]) && (k === 1 || hasFewColumns(gate)) && k * (m + 1) <= MOST_CLASSES;
  // Each node of a tree is fitted to responsibilities of its own.
  const withGate = withSums && isFlat(gateLaw);
  const own = withSums ? k * lengthOfTerms("all", m, d) : 0;
  const ofGate = withGate ? lengthOfTerms("all", k - 1, dg) : 0;
  const [atExperts, atGate] = [coefficientsOf(experts.flat(), theta), coefficientsOf(gate, theta)];
  const sums = kernelSums(data, {
    ...told,
    parts: (withSums ? EXPERTS | HESSIAN : 0) | (withGate ? GATE : 0),
    length: 1 + k + own + ofGate,
    k,
    theta: atExperts,
    gate: atGate,
    ...(gateLaw.branching && { branching: gateLaw.branching }),
    finds: owner,
  });
  if (sums === undefined) return undefined;
  const rest = 1 + k + own;
  keepFound(owner, {
    data,
    rows: sums.subarray(1, 1 + k),
    ...(withSums && { experts: { coefficients: atExperts, sums: sums.subarray(1 + k, rest) } }),
    ...(withGate && { gate: { coefficients: atGate, sums: sums.subarray(rest), terms: "all" } }),
  });
  return sums[0];
}

function hasFewColumns(predictors: readonly Predictor[]): boolean {
  return !isWide(predictors) && firstTerms(predictors) === "all";
}

function equal(a: Float64Array, b: Float64Array): boolean {
  return a.length === b.length && a.every((value, j) => value === b[j]);
}
