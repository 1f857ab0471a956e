import { own } from "../compute/own.ts";
import { listOf, oneOf, required, text } from "../errors/kinds.ts";
import { type Declared, readOptions } from "../errors/options.ts";
import type { BatchedModel, FlatModel, MatrixFreeModel } from "../models/model.ts";
import { type Observations, rowsOf } from "../rows/observations.ts";
import type { Predictor } from "../rows/predictor.ts";
import { totalWeight } from "../rows/units.ts";
import { pairInformation, pairInformationProducts } from "./symmetric-information.ts";
import { symmetricLaws } from "./symmetric-law.ts";
import { maximisePair } from "./symmetric-m-step.ts";
import { pairParts } from "./symmetric-rows.ts";
import { expectedStatistics, pairMirrorMap, pairPosterior } from "./symmetric-statistics.ts";

/** Specification of a symmetric pair. */
export interface SymmetricSpec {
  /** `"linear"`: y ~ N(z x'β, 1). `"logistic"`: P(y | x, z) = σ(yz x'β) with y = ±1, given as codes 1 and 0. */
  readonly experts: "linear" | "logistic";
  /** Columns of the gate (d_g). */
  readonly gateColumns: readonly string[];
  /** Columns of the experts (d). */
  readonly expertColumns: readonly string[];
}

const SPEC = {
  experts: required(oneOf(["linear", "logistic"])),
  gateColumns: required(listOf(text, "a list of names")),
  expertColumns: required(listOf(text, "a list of names")),
} satisfies Declared<SymmetricSpec>;

/** A symmetric pair: a model with a mirror map, the place of its gate's coefficients, and its symmetries. */
export interface SymmetricModel
  extends FlatModel<Observations>,
    MatrixFreeModel<Observations>,
    BatchedModel<Observations> {
  readonly spec: SymmetricSpec;
  readonly gate: readonly Predictor[];
  /**
   * The parameter vectors that give the response the same law as θ: θ first, then (−w, −β). Where gate and logistic
   * experts read the same columns, `p(y | x) = (1 + y tanh(x'w/2) tanh(x'β/2))/2`, and w and β may be exchanged, too. Rows
   * with an offset have none of these symmetries.
   */
  readonly equivalents: (theta: Float64Array) => readonly Float64Array[];
}

/**
 * A symmetric pair of experts: z = ±1 with P(z | x) = σ(z x'w), and experts β and −β.
 *
 * SymMoLinE: `A_x = log 2cosh(x'w/2) + (x'β)²/2`. SymMoLogE: `A_x = log 2cosh(x'w/2) + log 2cosh(x'β/2)`. The complete
 * data are an exponential family in θ = (w, β) itself, so that EM on these models is mirror descent with the mirror map
 * A = Σ A_x and no projection. An offset of the rows is added to x'β. Responsibilities are n × 2, of z = +1 and z = −1.
 *
 * @remarks cost of an EM step: two Gram matrices, and more for each further Newton step of a logistic part. arXiv
 *   2411.06056, section 5, Theorem 5.1.
 * @example
 * ```ts
 * import { symmetricPair } from "mixlens/theory";
 * const model = symmetricPair({ experts: "linear", gateColumns: ["x"], expertColumns: ["x", "v"] });
 * if (model.names.join() !== "gate.x,expert.x,expert.v") throw new Error(model.names.join());
 * ```
 */
export function symmetricPair(spec: SymmetricSpec): SymmetricModel {
  const { gateColumns, expertColumns } = readOptions("make a symmetric pair", spec, SPEC);
  const { experts } = spec;
  const pair = pairParts(symmetricLaws[experts], gateColumns.length, expertColumns.length);
  const exchange = experts === "logistic" ? exchanging(gateColumns, expertColumns) : undefined;

  // The gradient in θ of an exponential family: expected statistics less those that θ itself expects.
  const completeGradient = (theta: Float64Array, responsibilities: Float64Array, data: Observations): Float64Array => {
    const expected = expectedStatistics(pair, responsibilities, data);
    return pairMirrorMap(pair, theta, data).gradient.map((mean, j) => expected[j] - mean);
  };

  return {
    spec,
    gate: [pair.gate],
    names: [...gateColumns.map((name) => `gate.${name}`), ...expertColumns.map((name) => `expert.${name}`)],
    own,

    rowsOf,

    totalWeight,

    equivalents: (theta) => {
      const exchanged = exchange === undefined ? [] : [Float64Array.from(exchange, (from) => theta[from])];
      return [theta, ...exchanged].flatMap((point) => [point, point.map((value) => -value)]);
    },

    posterior: (theta, data) => pairPosterior(pair, theta, data),

    gradient: (theta, data) => {
      const { responsibilities, ...value } = pairPosterior(pair, theta, data);
      return { gradient: completeGradient(theta, responsibilities, data), ...value };
    },

    completeGradient,

    maximise: (theta, { responsibilities }, data, effort) => {
      const next = theta.slice();
      const { gain, dependent } = maximisePair(experts, pair, next, responsibilities, data, effort);
      if (dependent === undefined) return { theta: next, gain };
      const reason = `the column ${JSON.stringify(expertColumns[dependent])} depends on those before it`;
      return { theta, gain: 0, failure: { kind: "collinear", reason } };
    },

    information: (theta, data) => pairInformation(pair, theta, data),

    informationProducts: (theta, data) => pairInformationProducts(pair, theta, own(data)),

    mirrorMap: (theta, data) => pairMirrorMap(pair, theta, data),
  };
}

/** For each place of (w, β) the one whose number it gets when the two are exchanged; nothing when their columns differ. */
function exchanging(gate: readonly string[], expert: readonly string[]): readonly number[] | undefined {
  if (gate.length !== expert.length || gate.some((name) => !expert.includes(name))) return undefined;
  return [...gate.map((name) => gate.length + expert.indexOf(name)), ...expert.map((name) => gate.indexOf(name))];
}
