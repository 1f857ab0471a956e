import fc from "fast-check";
import { random } from "../../src/math/random.ts";
import { type Lift, type Liftable, lift } from "../../src/models/lift.ts";
import type { Observations } from "../../src/models/observations.ts";
import { unitVariance } from "../../src/models/unit-variance.ts";
import { type Draw, draw } from "./problems.ts";

/** A model that can be lifted, rows, and two points that are no maximum of anything. */
export interface LiftedProblem {
  readonly model: Liftable;
  readonly lifted: Lift;
  readonly data: Observations;
  readonly theta: Float64Array;
  readonly phi: Float64Array;
}

/**
 * Linear problems have their σ fixed at 1, which is not the σ that their rows were drawn at, and an offset.
 *
 * @param size how far the two points are from where the rows were drawn
 */
export function drawLifted(options: Draw, size: number = 0.3): LiftedProblem {
  const { model: drawn, data: rows, truth } = draw(options);
  const isLinear = options.experts === "linear";
  const model: Liftable = isLinear ? unitVariance(drawn.spec) : drawn;
  const at = truth.filter((_, j) => model.names.includes(drawn.names[j]));
  const rng = random(options.seed, 1);
  const [theta, phi] = [0, 1].map(() => at.map((value) => value + size * rng.normal()));
  const offset = Float64Array.from({ length: rows.rows }, () => 0.5 * rng.normal());
  return { model, lifted: lift(model), data: isLinear ? { ...rows, offset } : rows, theta, phi };
}

/** Both families, one to three experts, with and without weights and a gate with columns of its own. */
export const liftedProblems: fc.Arbitrary<LiftedProblem> = fc
  .record({
    experts: fc.constantFrom("linear", "logistic"),
    k: fc.integer({ min: 1, max: 3 }),
    rows: fc.integer({ min: 250, max: 400 }),
    features: fc.integer({ min: 1, max: 2 }),
    seed: fc.integer({ min: 1, max: 2 ** 31 - 1 }),
    weighted: fc.boolean(),
    narrowGate: fc.boolean(),
  })
  .map((options) => drawLifted(options));

/** What a row says, with its responsibilities and −log p(y | x). */
interface Row {
  readonly gate: readonly number[];
  /** Means of linear experts. */
  readonly means: readonly number[];
  /** log p(y, z | x; θ) */
  readonly logJoint: (z: number, y: number) => number;
  readonly posterior: readonly number[];
  readonly loss: number;
}

/** What each row says at θ, written out from the definition of the model. */
export function written({ model, data }: LiftedProblem, theta: Float64Array): Row[] {
  const dot = (offset: number, values: readonly Float64Array[], i: number): number =>
    values.reduce((sum, column, j) => sum + column[i] * theta[offset + j], 0);
  const softmax = (eta: number[]): number[] => {
    const total = eta.reduce((sum, value) => sum + Math.exp(value), 0);
    return eta.map((value) => Math.exp(value) / total);
  };
  return Array.from({ length: data.rows }, (_, i) => {
    const gate = softmax([0, ...model.gate.map(({ offset }) => dot(offset, data.gate.values, i))]);
    const predictors = model.experts.map((heads) => heads.map(({ offset }) => dot(offset, data.expert.values, i)));
    const means = predictors.map(([mean]) => mean + (data.offset?.[i] ?? 0));
    const labels = predictors.map((eta) => softmax([0, ...eta]));
    const logJoint = (z: number, y: number): number =>
      Math.log(gate[z]) +
      (model.spec.experts === "logistic"
        ? Math.log(labels[z][y])
        : -0.5 * (y - means[z]) ** 2 - 0.5 * Math.log(2 * Math.PI));
    const joint = gate.map((_, z) => Math.exp(logJoint(z, data.response[i])));
    const total = joint.reduce((sum, value) => sum + value, 0);
    return { gate, means, logJoint, loss: -Math.log(total), posterior: joint.map((value) => value / total) };
  });
}

/** Mean over the rows, by weight. */
export function meanOver(data: Observations, value: (row: number) => number): number {
  const weights = data.weights ?? new Float64Array(data.rows).fill(1);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.reduce((sum, weight, i) => sum + weight * value(i), 0) / total;
}

/** Q(θ | φ) as a loss, −E[Σ_z r_z(φ) log p(y, z | x; θ)], written out. */
export function surrogate(problem: LiftedProblem, theta: Float64Array, phi: Float64Array): number {
  const [at, from] = [written(problem, theta), written(problem, phi)];
  const { data } = problem;
  return meanOver(data, (i) =>
    from[i].posterior.reduce((sum, r, z) => sum - r * at[i].logJoint(z, data.response[i]), 0),
  );
}

/** E KL(P(z | x, y; φ) ‖ P(z | x, y; θ)), written out. */
export function posteriorLaw(problem: LiftedProblem, phi: Float64Array, theta: Float64Array): number {
  const [from, to] = [written(problem, phi), written(problem, theta)];
  return meanOver(problem.data, (i) =>
    from[i].posterior.reduce((sum, r, z) => sum + r * Math.log(r / to[i].posterior[z]), 0),
  );
}
