import { typedAs } from "../errors/kinds.ts";
import { shown } from "../errors/shown.ts";
import { InputError } from "../errors.ts";
import type { FittedMixture } from "../fit/fitted.ts";
import { fittedParts } from "../fit/fitted.ts";
import { nearestOrder, ofNode } from "../laws/gates/nodes.ts";
import { checkModel } from "../models/checks.ts";
import type { Mixture } from "../models/mixture.ts";
import { relabelled } from "../models/relabel.ts";
import { zeroExpert } from "../models/zero-expert.ts";
import type { Predictor } from "../rows/predictor.ts";
import type { SymmetricModel } from "../theory/symmetric.ts";

/** Parameters whose experts are in the order of a reference's. */
export interface Alignment {
  /** For each place the expert that was moved there (k), both counted from 0. */
  readonly permutation: readonly number[];
  /** The parameters in that order (p): the same law of the response. */
  readonly theta: Float64Array;
  /** Distance of the two parameter vectors. */
  readonly distance: number;
}

/**
 * Puts the experts of a mixture in the order in which they are nearest to those of a reference.
 *
 * The distance is √Σ_z ‖·‖² over the experts' own coefficients and log σ, and their gate coefficients less the mean over
 * the experts; coefficients of labels less the mean over the labels. Of a tree of gates it is over the branches of each
 * node, less their mean, and the orders are those of the branches. So it depends on neither which expert nor which
 * label is the reference of its softmax. It does depend on the columns' units.
 *
 * @param reference parameters of the same mixture (p), such as those that data were drawn at
 * @throws InputError for parameters of another number and for parameters that are not finite
 * @remarks cost k²p for the distances of the experts and k³ for the best assignment
 * @example
 * ```ts
 * import { align, mixture } from "mixlens";
 * const columns = ["x"];
 * const model = mixture({ experts: "poisson", k: 2, gateColumns: columns, expertColumns: columns });
 * const { permutation, theta } = align({ mixture: model, theta: Float64Array.of(1, 2, 3) }, Float64Array.of(-1, 3, 2));
 * if (permutation.join() !== "1,0" || theta.join() !== "-1,3,2") throw new Error("the two were exchanged");
 * ```
 */
export function align(fitted: Pick<FittedMixture, "mixture" | "theta">, reference: Float64Array): Alignment {
  const { mixture, theta } = fittedParts("align", fitted);
  for (const values of [theta, reference]) checkParameters(mixture, values);
  const [found, wanted] = [views(mixture, theta), views(mixture, reference)];
  const square = (a: readonly number[], b: readonly number[]): number =>
    a.reduce((sum, value, at) => sum + (value - b[at]) ** 2, 0);
  const costs = {
    expert: (from: number, to: number) => square(found.experts[from], wanted.experts[to]),
    branch: (from: readonly [number, number], to: readonly [number, number]) =>
      square(found.gates[from[0]][from[1]], wanted.gates[to[0]][to[1]]),
  };
  // An expert that is always 0 is no other's like, and stays.
  const { order, cost } = nearestOrder(mixture.gateLaw.nodes, costs, zeroExpert(mixture.spec));
  return { permutation: order, theta: relabelled(mixture, theta, order), distance: Math.sqrt(cost) };
}

/**
 * Of the parameter vectors that are equivalent to a symmetric pair's, the one nearest to a reference.
 *
 * A pair has no order of experts to be found but symmetries of its own, its `equivalents`: signs, and for logistic experts
 * the exchange of gate and experts. The distance is ‖·‖ of the difference; it depends on the columns' units.
 *
 * @param theta parameters of the pair (p)
 * @param reference parameters of the same pair (p), such as those that data were drawn at
 * @throws InputError as {@link align}
 * @remarks arXiv 2411.06056, section 5
 * @example
 * ```ts
 * import { alignPair } from "mixlens";
 * import { symmetricPair } from "mixlens/theory";
 * const pair = symmetricPair({ experts: "logistic", gateColumns: ["x"], expertColumns: ["x"] });
 * const { theta, distance } = alignPair(pair, Float64Array.of(-2, -1), Float64Array.of(1, 2));
 * if (theta.join() !== "1,2" || distance !== 0) throw new Error("w and β were exchanged, and both negated");
 * ```
 */
export function alignPair(
  pair: SymmetricModel,
  theta: Float64Array,
  reference: Float64Array,
): Pick<Alignment, "theta" | "distance"> {
  checkModel("align", pair, ["equivalents"]);
  for (const values of [theta, reference]) checkParameters(pair, values);
  return pair
    .equivalents(theta)
    .map((point) => ({ theta: point, distance: Math.hypot(...point.map((value, j) => value - reference[j])) }))
    .reduce((nearest, other) => (other.distance < nearest.distance ? other : nearest));
}

/**
 * How far parameters are from a reference, as a share of its size, whatever the order of the experts.
 *
 * Distance and size are those of {@link align}, or for a symmetric pair those of {@link alignPair}; a reference of size 0
 * makes the error infinite, or NaN at itself.
 *
 * @param reference parameters of the same model (p)
 * @throws InputError as `align`
 * @example
 * ```ts
 * import { mixture, recoveryError } from "mixlens";
 * const columns = ["x"];
 * const model = mixture({ experts: "poisson", k: 2, gateColumns: columns, expertColumns: columns });
 * const error = recoveryError({ mixture: model, theta: Float64Array.of(1, 2, 3) }, Float64Array.of(-1, 3, 2));
 * if (error !== 0) throw new Error("only the order differs");
 * ```
 */
export function recoveryError(
  fitted: { readonly mixture: Mixture | SymmetricModel; readonly theta: Float64Array },
  reference: Float64Array,
): number {
  const { mixture, theta } = fittedParts("align", fitted);
  if ("equivalents" in mixture) return alignPair(mixture, theta, reference).distance / Math.hypot(...reference);
  const { distance } = align({ mixture, theta }, reference);
  const { experts, gates } = views(mixture, reference);
  return distance / Math.hypot(...experts.flat(), ...gates.flat(2));
}

function checkParameters({ names }: Pick<Mixture, "names">, values: Float64Array): void {
  if (!typedAs(values, "Float64Array")) throw new InputError("align", "parameters in a Float64Array", shown(values));
  if (values.length !== names.length) {
    throw new InputError("align", `${names.length} parameters`, String(values.length));
  }
  const odd = values.findIndex((value) => !Number.isFinite(value));
  if (odd < 0) return;
  throw new InputError("align", "finite parameters", `${values[odd]} for ${JSON.stringify(names[odd])}`);
}

/** Coefficients from a parameter vector, in a form that does not depend on the references of softmaxes. */
interface Views {
  readonly experts: readonly (readonly number[])[];
  /** Of the branches of each node of the gate. */
  readonly gates: readonly (readonly (readonly number[])[])[];
}

function views({ spec, gate, gateLaw, experts }: Mixture, theta: Float64Array): Views {
  const read = (predictors: readonly Predictor[]): number[][] =>
    predictors.map(({ at }) => at.map((place) => theta[place]));
  return {
    gates: gateLaw.nodes.map((node) => {
      const own = read(ofNode(node, gate));
      return centred([(own[0] ?? []).map(() => 0), ...own]);
    }),
    experts: experts.map((predictors) => {
      const own = read(predictors);
      return (spec.experts === "logistic" ? centred([own[0].map(() => 0), ...own]) : own).flat();
    }),
  };
}

/** The coefficients of the classes of a softmax, less their mean. */
function centred(all: readonly number[][]): number[][] {
  const mean = all[0].map((_, j) => all.reduce((sum, row) => sum + row[j], 0) / all.length);
  return all.map((row) => row.map((value, j) => value - mean[j]));
}
