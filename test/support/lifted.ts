import fc from "fast-check";
import { EXPERT_KINDS, type ExpertKind, lawOf } from "../../src/laws/registry.ts";
import { random } from "../../src/math/random.ts";
import { logFactorial, logGamma } from "../../src/math/special.ts";
import { type Mixture, mixture } from "../../src/models/mixture.ts";
import type { Observations } from "../../src/rows/observations.ts";
import { type Lift, lift } from "../../src/theory/lift.ts";
import { type Draw, draw, labels } from "./problems.ts";

/** The kinds of experts whose law is an exponential family. */
export const LIFTED_KINDS: readonly ExpertKind[] = EXPERT_KINDS.filter((kind) => lawOf(kind, { labels }).natural);

/** A mixture with its lift, rows, and two points that are no maximum of anything. */
export interface LiftedProblem {
  readonly model: Mixture;
  readonly lifted: Lift;
  readonly data: Observations;
  readonly theta: Float64Array;
  readonly phi: Float64Array;
}

/** What to draw, and which parameters to hold. */
export interface LiftedDraw extends Draw {
  /** Variances of 1, of which the rows know nothing. */
  readonly unitVariance?: boolean;
  /** A share of all parameters, at the values that the rows were drawn at. */
  readonly held?: number;
}

/**
 * Problems of all kinds have an offset but for those of three labels.
 *
 * @param size how far the two points are from where the rows were drawn
 */
export function drawLifted(options: LiftedDraw, size: number = 0.3): LiftedProblem {
  const { experts, seed, binary = false, unitVariance = false, held = 0 } = options;
  const { model: drawn, data, truth } = draw({ shifted: experts !== "logistic" || binary, ...options });
  const rng = random(seed, 1);
  const fixed = Object.fromEntries(
    drawn.names.flatMap((name, j) => {
      if (unitVariance && name.endsWith("log(sigma)")) return [[name, 0]];
      return rng.uniform() < held ? [[name, truth[j]]] : [];
    }),
  );
  const model = mixture({ ...drawn.spec, fixed });
  const near = (): Float64Array =>
    truth.map((value, j) => fixed[model.names[j]] ?? value + size * rng.normal() * scaleOf(model.names[j]));
  return { model, lifted: lift(model), data, theta: near(), phi: near() };
}

/** The logarithm of a scale stays within sight of its truth. */
function scaleOf(name: string): number {
  return name.includes(".log(") ? 0.5 : 1;
}

/** All laws that have a lift, one to three experts; with and without each option of a mixture. */
export const liftedProblems: fc.Arbitrary<LiftedProblem> = fc
  .record({
    experts: fc.constantFrom(...LIFTED_KINDS),
    k: fc.integer({ min: 1, max: 3 }),
    rows: fc.integer({ min: 250, max: 400 }),
    features: fc.integer({ min: 1, max: 2 }),
    seed: fc.integer({ min: 1, max: 2 ** 31 - 1 }),
    binary: fc.boolean(),
    ridge: fc.constantFrom(0, 0.5),
    weighted: fc.boolean(),
    narrowGate: fc.boolean(),
    variance: fc.constantFrom("own", "shared", "unit"),
    held: fc.constantFrom(0, 0, 0.3),
  })
  .map(({ variance, ...options }) => {
    const isLinear = options.experts === "linear";
    return drawLifted({
      ...options,
      sharedVariance: isLinear && variance === "shared",
      unitVariance: isLinear && variance === "unit",
    });
  });

/** What a row says, with its responsibilities and −log p(y | x). */
interface Row {
  readonly gate: readonly number[];
  /** Means of numbers and counts, and the scales σ or ν. */
  readonly means: readonly number[];
  readonly scales: readonly number[];
  /** log p(y, z | x; θ) */
  readonly logJoint: (z: number, y: number) => number;
  /** Logarithms of the responsibilities. */
  readonly logPosterior: readonly number[];
  readonly posterior: readonly number[];
  readonly loss: number;
}

/** What each row says at θ, written out from the definition of the model. */
export function written({ model, data }: LiftedProblem, theta: Float64Array): Row[] {
  const dot = (at: readonly number[], values: readonly Float64Array[], i: number): number =>
    values.reduce((sum, column, j) => sum + column[i] * theta[at[j]], 0);
  const logSoftmax = (eta: number[]): number[] => {
    const total = Math.log(eta.reduce((sum, value) => sum + Math.exp(value), 0));
    return eta.map((value) => value - total);
  };
  const { experts: kind, gate: kindOfGate = "softmax" } = model.spec;
  const branching = kindOfGate.startsWith("tree:") ? kindOfGate.slice("tree:".length).split("x").map(Number) : [];
  /** Places of the coefficients of a branch of a tree, by their names. */
  const places = new Map(model.names.map((name, j) => [name, j]));
  const placesOf = (path: string): number[] =>
    model.spec.gateColumns.map((column) => places.get(`node${path}.${column}`)!);
  /** log P of the experts below a branch, all relative to it. */
  const below = (path: string, [count, ...rest]: number[], etaOf: (at: number[]) => number): number[] => {
    if (count === undefined) return [0];
    const paths = Array.from({ length: count }, (_, c) => (path === "" ? `${c + 1}` : `${path}.${c + 1}`));
    const own = logSoftmax(paths.map((each, c) => (c === 0 ? 0 : etaOf(placesOf(each)))));
    return paths.flatMap((each, c) => below(each, rest, etaOf).map((log) => own[c] + log));
  };
  const gateOf = (etaOf: (at: readonly number[]) => number): number[] =>
    branching.length > 0 ? below("", branching, etaOf) : logSoftmax([0, ...model.gate.map(({ at }) => etaOf(at))]);
  return Array.from({ length: data.rows }, (_, i) => {
    const logGate = gateOf((at) => dot(at, data.gate.values, i));
    const predictors = model.experts.map((heads) =>
      heads
        .filter(({ design }) => design === "expert")
        .map(({ at }, h) => dot(at, data.expert.values, i) + (h === 0 ? (data.offset?.[i] ?? 0) : 0)),
    );
    const shifted = predictors.map(([first]) => first);
    const trials = data.trials?.[i] ?? 1;
    const means =
      kind === "linear"
        ? shifted
        : shifted.map((eta) => (kind === "binomial" ? trials / (1 + Math.exp(-eta)) : Math.exp(eta)));
    const scales = model.experts.map((heads) => {
      const scale = heads.find(({ design }) => design === "constant");
      return scale === undefined ? 1 : Math.exp(theta[scale.at[0]]);
    });
    const logLabels = predictors.map((eta) => logSoftmax([0, ...eta]));
    const logDensity = (z: number, y: number): number => {
      if (kind === "logistic") return logLabels[z][y];
      if (kind === "poisson") return y * shifted[z] - means[z] - logFactorial(y);
      if (kind === "binomial") {
        const choices = logFactorial(trials) - logFactorial(y) - logFactorial(trials - y);
        return choices + y * Math.log(means[z] / trials) + (trials - y) * Math.log(1 - means[z] / trials);
      }
      const scale = scales[z];
      if (kind === "gamma") {
        const rate = scale / means[z];
        return scale * Math.log(rate) - logGamma(scale) + (scale - 1) * Math.log(y) - rate * y;
      }
      return -0.5 * ((y - means[z]) / scale) ** 2 - Math.log(scale) - 0.5 * Math.log(2 * Math.PI);
    };
    const logJoint = (z: number, y: number): number => logGate[z] + logDensity(z, y);
    const joint = logGate.map((_, z) => logJoint(z, data.response[i]));
    const top = Math.max(...joint);
    const loss = -top - Math.log(joint.reduce((sum, log) => sum + Math.exp(log - top), 0));
    const logPosterior = joint.map((log) => log + loss);
    return {
      gate: logGate.map(Math.exp),
      means,
      scales,
      logJoint,
      logPosterior,
      posterior: logPosterior.map(Math.exp),
      loss,
    };
  });
}

/** Mean over the rows, by weight. */
export function meanOver(data: Observations, value: (row: number) => number): number {
  const weights = data.weights ?? new Float64Array(data.rows).fill(1);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.reduce((sum, weight, i) => sum + weight * value(i), 0) / total;
}

/** Q(θ | φ) as a loss, −E[Σ_z r_z(φ) log p(y, z | x; θ)], written out; without the ridge. */
export function surrogate(problem: LiftedProblem, theta: Float64Array, phi: Float64Array): number {
  const [at, from] = [written(problem, theta), written(problem, phi)];
  const { data } = problem;
  return meanOver(data, (i) =>
    from[i].posterior.reduce((sum, r, z) => sum - r * at[i].logJoint(z, data.response[i]), 0),
  );
}

/** The ridge penalty by its definition, per row: ½ρ‖·‖² of coefficients less the mean over a softmax's classes. */
export function penaltyOf({ model, data }: LiftedProblem, theta: Float64Array): number {
  const { ridge = 0, experts: kind } = model.spec;
  const read = ({ at }: { readonly at: readonly number[] }): number[] => at.map((place) => theta[place]);
  const spread = (classes: number[][]): number => {
    const all = [classes[0].map(() => 0), ...classes];
    const mean = all[0].map((_, j) => all.reduce((sum, row) => sum + row[j], 0) / all.length);
    return all.flat().reduce((sum, value, at) => sum + (value - mean[at % mean.length]) ** 2, 0);
  };
  const isTree = model.spec.gate?.startsWith("tree:");
  /** The branches of one gate of a tree, by what stands before the last point of their names. */
  const nodes = new Map<string, number[][]>();
  for (const head of model.gate) {
    const branch = model.names[head.at[0]].slice("node".length, -`.${model.spec.gateColumns[0]}`.length);
    const node = isTree ? branch.split(".").slice(0, -1).join(".") : "";
    nodes.set(node, [...(nodes.get(node) ?? []), read(head)]);
  }
  const gate = [...nodes.values()].reduce((sum, branches) => sum + spread(branches), 0);
  const own = model.experts.map((heads) =>
    kind === "logistic" ? spread(heads.map(read)) : read(heads[0]).reduce((sum, value) => sum + value ** 2, 0),
  );
  return (0.5 * ridge * own.reduce((sum, value) => sum + value, gate)) / model.totalWeight(data);
}

/** E KL(P(z | x, y; φ) ‖ P(z | x, y; θ)), written out. */
export function posteriorLaw(problem: LiftedProblem, phi: Float64Array, theta: Float64Array): number {
  const [from, to] = [written(problem, phi), written(problem, theta)];
  return meanOver(problem.data, (i) =>
    from[i].posterior.reduce((sum, r, z) => sum + r * (from[i].logPosterior[z] - to[i].logPosterior[z]), 0),
  );
}

/** The point and the other one, lifted; the laws' terms between them, and their size. */
export function expand({ lifted, data, theta, phi }: LiftedProblem): {
  readonly eta: Float64Array;
  readonly from: Float64Array;
  readonly linear: number;
  readonly divergence: number;
  readonly size: number;
} {
  const [eta, from] = [lifted.natural(theta, data), lifted.natural(phi, data)];
  const change = eta.map((value, at) => value - from[at]);
  const linear = lifted.inner(lifted.lossGradient(from, data), change, data);
  const divergence = lifted.divergence(eta, from, data);
  return { eta, from, linear, divergence, size: 1 + Math.abs(linear) + divergence + Math.abs(lifted.loss(from, data)) };
}
