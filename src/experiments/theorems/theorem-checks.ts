import { em } from "../../algorithms/em.ts";
import { type Run, run } from "../../fit/run.ts";
import { simulate } from "../../fit/simulate.ts";
import { observedRate } from "../../inference/rates.ts";
import { spectrum } from "../../inference/spectrum.ts";
import type { Random } from "../../math/random.ts";
import { dot } from "../../math/vector.ts";
import { eStep } from "../../models/expectation.ts";
import { type Mixture, mixture } from "../../models/mixture.ts";
import type { InformedModel, LatentModel } from "../../models/model.ts";
import type { Observations } from "../../rows/observations.ts";
import { certify } from "../../theory/certificate.ts";
import { bregman, posteriorDivergence } from "../../theory/divergence.ts";
import type { Certifiable } from "../../theory/geometry.ts";
import { lift } from "../../theory/lift.ts";
import { mirrorDescent } from "../../theory/mirror-descent.ts";
import { projectedMirrorDescent } from "../../theory/projected-mirror-descent.ts";
import { symmetricRate } from "../../theory/symmetric-rate.ts";
import { pairJoint } from "../figures/joint.ts";
import { drawStart, type PairSettings, pairOf } from "../figures/symmetric-data.ts";

/** Numbers found by the name of the check: deviations of identities, and slacks of inequalities. */
export type Found = Record<string, number>;

const minus = (a: Float64Array, b: Float64Array): Float64Array => a.map((value, j) => value - b[j]);
const largest = (values: Iterable<number>): number => Math.max(...Array.from(values, Math.abs));

/** Theorem 5.1 on a symmetric pair, and what fails without one of its conditions. */
export function symmetricChecks(settings: PairSettings, random: Random): Found {
  const { model, data, truth } = pairOf(settings, random);
  const [theta, phi] = [drawStart(truth, 1, random), drawStart(truth, 1, random)];
  const joint = pairJoint(settings.experts, data);
  const loss = (at: Float64Array): number => -eStep(model, at, data).objective / data.rows;
  const slope = model.gradient(phi, data).gradient.map((value) => -value / data.rows);
  const change = minus(theta, phi);
  const divergence = bregman(model, theta, phi, data);
  const linear = dot(slope, change);
  const q = joint.surrogate(theta, phi) - joint.surrogate(phi, phi);
  const next = eStep(model, phi, data).maximise().theta;
  const mirrored = (stepSize: number): number => {
    const mirror = mirrorDescent<Observations>({ stepSize });
    const step = mirror.step(model, phi, mirror.init(model, phi, data), data);
    return "failure" in step ? Number.POSITIVE_INFINITY : largest(minus(step.theta, next));
  };
  const dual = minus(model.mirrorMap(next, data).gradient, model.mirrorMap(phi, data).gradient);
  return {
    surrogate: Math.abs(q - linear - divergence),
    step: mirrored(1),
    dual: largest(dual.map((value, j) => value / data.rows + slope[j])),
    divergence: Math.abs(divergence - joint.divergence(phi, theta)),
    gap: Math.abs(loss(theta) - loss(phi) - linear - divergence + posteriorDivergence(model, phi, theta, data)),
    swapped: Math.abs(q - linear - bregman(model, phi, theta, data)),
    euclidean: Math.abs(q - linear - 0.5 * dot(change, change)),
    shorter: mirrored(0.9),
    longer: mirrored(1.1),
  };
}

/** A mixture, with rows drawn from it. */
export interface DrawnMixture {
  readonly model: Mixture;
  readonly data: Observations;
  readonly truth: Float64Array;
}

/**
 * Three linear experts with variances of their own, at y ≈ −4, 0 and 4 where x is 0, or two logistic experts of three
 * labels that say the opposite of each other; each coefficient off by a normal draw.
 */
export function drawMixture(experts: "linear" | "logistic", rows: number, random: Random): DrawnMixture {
  const columns = ["(intercept)", "x"];
  const values = [new Float64Array(rows).fill(1), Float64Array.from({ length: rows }, () => random.normal())];
  const x = { columns, values };
  const [k, labels] = experts === "linear" ? [3, {}] : [2, { labels: ["a", "b", "c"] }];
  const model = mixture({ experts, k, gateColumns: columns, expertColumns: columns, ...labels });
  const truth = Float64Array.from(model.names, (name) => (CENTRES[experts][name] ?? 0) + 0.3 * random.normal());
  const { response } = simulate(model, truth, { rows, gate: x, expert: x }, random);
  return { model, data: { rows, gate: x, expert: x, response }, truth };
}

/** Where the coefficients are drawn about; 0 for those that aren't here. */
const CENTRES: Readonly<Record<"linear" | "logistic", Readonly<Record<string, number>>>> = {
  linear: { "gate2.x": 1, "gate3.x": -1, "expert1.(intercept)": -4, "expert3.(intercept)": 4 },
  logistic: { "gate2.(intercept)": 1, "expert1.b.x": 3, "expert1.c.x": -3, "expert2.b.x": -3, "expert2.c.x": 3 },
};

/** Theorem 4.1 on a mixture of three experts: the same laws in the lift. */
export function liftedChecks({ model, data, truth }: DrawnMixture, random: Random): Found {
  const near = (): Float64Array => truth.map((value) => value + random.normal());
  const lifted = lift(model);
  const [theta, phi] = [near(), near()];
  const [eta, from] = [lifted.natural(theta, data), lifted.natural(phi, data)];
  const loss = (at: Float64Array): number => -eStep(model, at, data).objective / data.rows;
  const linear = lifted.inner(lifted.lossGradient(from, data), minus(eta, from), data);
  const divergence = lifted.divergence(eta, from, data);
  const gap = lifted.posteriorDivergence(from, eta, data);
  const right = loss(phi) + linear + divergence;
  const next = eStep(model, phi, data).maximise().theta;
  const mirror = projectedMirrorDescent();
  const step = mirror.step(model, phi, mirror.init(model, phi, data), data);
  return {
    step: "failure" in step ? Number.POSITIVE_INFINITY : largest(minus(step.theta, next)),
    divergence: Math.abs(divergence - lifted.completeDivergence(from, eta, data)),
    gap: Math.abs(loss(theta) - right + gap),
    swapped: Math.abs(loss(theta) - right + divergence - lifted.divergence(from, eta, data) + gap),
  };
}

/** Theorem 4.2 and Corollary B.1: a run of EM to its limit, held against the inequalities. */
export function convergenceChecks(
  model: Certifiable,
  data: Observations,
  start: Float64Array,
  limit: Float64Array,
): Found {
  const { steps, bestStepSlack, averageSlack, convex } = certify(model, start, data, { steps: 10, limit });
  return {
    identity: largest(steps.map(({ descentDeviation }) => descentDeviation)),
    mirror: largest(steps.map(({ mirrorDistance }) => mirrorDistance)),
    bestStep: bestStepSlack,
    ...("mirrorMap" in model && convex && { average: averageSlack }),
    contraction: Math.min(...steps.map(({ contractionSlack }) => contractionSlack)),
  };
}

/** Theorem B.2 at the limit of EM: the missing information is the map's Jacobian, and its λₘₐₓ the rate. */
export function informationChecks(
  model: InformedModel<Observations>,
  data: Observations,
  start: Float64Array,
  limit: Float64Array,
): Found {
  const { eigenvalues, eigenvectors, rate } = spectrum(model, limit, data);
  const p = limit.length;
  const map = (theta: Float64Array): Float64Array => eStep(model, theta, data).maximise().theta;
  const hessian = (v: Float64Array): Float64Array => {
    const slope = (sign: number): Float64Array => model.gradient(along(limit, v, sign * STRIDE), data).gradient;
    return minus(slope(1), slope(-1)).map((value) => value / (2 * STRIDE));
  };
  const { complete, missing } = model.information(limit, data);
  const observed = observedRate(gains(model, data, start));
  const off = Array.from(eigenvalues, (lambda, j) => {
    const vector = eigenvectors.subarray(j * p, (j + 1) * p);
    const v = vector.map((value) => value / Math.hypot(...vector));
    const moved = minus(map(along(limit, v, STRIDE)), map(along(limit, v, -STRIDE)));
    const curved = v.map((_, i) => dot(minus(complete, missing).subarray(i * p, (i + 1) * p), v));
    return {
      jacobian: largest(moved.map((value, i) => value / (2 * STRIDE) - lambda * v[i])),
      hessian: largest(hessian(v).map((value, i) => (value + curved[i]) / data.rows)),
    };
  });
  return {
    jacobian: largest(off.map(({ jacobian }) => jacobian)),
    hessian: largest(off.map(({ hessian }) => hessian)),
    lowest: eigenvalues[eigenvalues.length - 1],
    // Some runs are over before their rate shows.
    ...(!Number.isNaN(observed) && { rate: Math.abs(observed - rate) }),
  };
}

/** Length of the differences that derivatives are held against. */
const STRIDE = 1e-4;

function along(theta: Float64Array, v: Float64Array, length: number): Float64Array {
  return theta.map((value, j) => value + length * v[j]);
}

/** The steps of EM from a start, to its limit. */
function gains(model: LatentModel<Observations>, data: Observations, start: Float64Array): Run["trace"] {
  return run(em<Observations>(), model, start, data, { tolerance: 1e-11, maxIterations: 3000 }).trace;
}

/** Theorem B.4: λₘₐₓ at the truth of many rows against the population's. */
export function populationCheck(settings: PairSettings, random: Random): Found {
  const { model, data, truth } = pairOf(settings, random);
  const d = settings.features;
  const [w, beta] = [truth.subarray(0, d), truth.subarray(d)];
  const angle = (Math.acos(dot(w, beta) / (Math.hypot(...w) * Math.hypot(...beta))) * 180) / Math.PI;
  return { population: Math.abs(spectrum(model, truth, data).rate - symmetricRate({ ...settings, angle })) };
}
