import { BLOCK_ROWS } from "../compute/blocks.ts";
import { checkArgument } from "../errors/arguments.ts";
import { callable, number, objectOf, required, typedAs } from "../errors/kinds.ts";
import { eachPair } from "../laws/gates/nodes.ts";
import { dot } from "../math/vector.ts";
import { checkModelAt } from "../models/checks.ts";
import { eachCoupling, penaltyOf } from "../models/penalty.ts";
import { type Observations, sumOver } from "../rows/observations.ts";
import { eliminate } from "../solve/eliminate.ts";
import { addGram } from "../solve/gram.ts";
import type { Expansion } from "../solve/likelihood.ts";
import { climb } from "../solve/newton.ts";
import { newtonDirection } from "../solve/newton-direction.ts";
import type { Lift } from "./lift.ts";
import { gateRuns } from "./lifted-probabilities.ts";
import { naturalPoint, pulledBack } from "./natural-point.ts";
import { PointOfLift, unitMeanOf } from "./point-of-lift.ts";

const MAX_STEPS = 100;
const LAST_STEPS = 5;

/**
 * Bregman projection onto Ω, the image of θ-space in a lift: `argmin_θ D_A(lift θ, η̃) + penalty(θ)/n`.
 *
 * Of the point η̃ only its mean parameters μ̃ = ∇A(η̃) are needed: what is minimised is
 * `E[A_x(lift θ)] − ⟨μ̃, lift θ⟩ + penalty(θ)/n`, by damped Newton steps on θ, with the chain rule through the lift. Mean
 * parameters on the boundary, where no η̃ exists, are as good. Parameters that the mixture has fixed are at their values.
 *
 * @param means μ̃, n × q
 * @param start θ to begin the search at (p); not changed
 * @param share of the mixture's penalty that counts; default 1, all of it
 * @returns θ (p), from where a Newton step gains less than rounding; nothing when there is no such point, or it was not
 *   found in 100 steps
 * @remarks cost of a step: n·p² multiplications at most. arXiv 2411.06056, Theorem 4.1.
 * @example
 * ```ts
 * import { mixture } from "mixlens";
 * import { bregmanProjection, lift } from "mixlens/theory";
 * const x = { columns: ["x"], values: [Float64Array.of(1, 2)] };
 * const data = { rows: 2, gate: x, expert: x, response: Float64Array.of(3, 4) };
 * const lifted = lift(mixture({ experts: "linear", k: 1, gateColumns: ["x"], expertColumns: ["x"] }));
 * // One expert, mean parameters (1, y, y²): least squares, β = Σxy/Σx².
 * const theta = bregmanProjection(lifted, Float64Array.of(1, 3, 9, 1, 4, 16), Float64Array.of(0, 0), data);
 * if (theta === undefined || Math.abs(theta[0] - 11 / 5) > 1e-12) throw new Error(String(theta));
 * ```
 */
export function bregmanProjection(
  lift: Lift,
  means: Float64Array,
  start: Float64Array,
  data: Observations,
  share: number = 1,
): Float64Array | undefined {
  checkProjection(lift, means, start, data, share);
  const { names, spec, free } = lift.model;
  const fixed = names.map((_, j) => j).filter((j) => !free.includes(j));
  const theta: Float64Array = start.map((value, j) => spec.fixed?.[names[j]] ?? value);
  const criterion = projectionCriterion(lift, means, share, data);
  const expand = (): Expansion => {
    const { point, value, gradient } = criterion(theta);
    const uphill = gradient.map((g) => -g);
    const direction = (): Float64Array => {
      const [slope, curvature] = [uphill.slice(), hessian(point, means, share)];
      eliminate(fixed, curvature, slope);
      return newtonDirection(slope, curvature);
    };
    for (const j of fixed) uphill[j] = 0;
    return { value: -value, gradient: uphill, direction, isOld: false };
  };
  if (!climb(expand, theta, { steps: MAX_STEPS }).isMaximum) return undefined;
  polish(expand, theta);
  return theta;
}

/**
 * Newton's last steps, written into θ: where the lift's numbers are large, the criterion is lost in rounding long before its
 * gradient is, and a step is right if it leaves less to gain by the next.
 */
function polish(expand: () => Expansion, theta: Float64Array): void {
  let { direction, promised } = stepAt(expand());
  for (let step = 0; step < LAST_STEPS; step++) {
    const before = theta.slice();
    for (let j = 0; j < theta.length; j++) theta[j] += direction[j];
    const next = stepAt(expand());
    if (!(next.promised < promised / 4)) {
      theta.set(before);
      return;
    }
    ({ direction, promised } = next);
  }
}

/** Newton's step from a point, and twice what it promises to gain. */
function stepAt(at: Expansion): { readonly direction: Float64Array; readonly promised: number } {
  const direction = at.direction();
  return { direction, promised: dot(at.gradient, direction) };
}

/** E[A_x(η)] − ⟨μ̃, η⟩ + penalty(θ)/n at η = lift θ, and its gradient by θ (p). */
function projectionCriterion(
  lift: Lift,
  means: Float64Array,
  share: number,
  data: Observations,
): (theta: Float64Array) => {
  readonly point: PointOfLift;
  readonly value: number;
  readonly gradient: Float64Array;
} {
  const total = lift.model.totalWeight(data);
  return (theta) => {
    const eta = naturalPoint(lift.model, lift.expert, theta, data);
    const point = new PointOfLift(lift, eta, data);
    const partition = point.gate.sums;
    const penalty = penaltyOf(lift.model, theta);
    const value =
      unitMeanOf(data, (unit) => partition[unit]) - lift.inner(means, eta, data) + (share * penalty.value) / total;
    const slope = point.means.map((mean, at) => mean - means[at]);
    const gradient = pulledBack(point, slope);
    return { point, value, gradient: gradient.map((g, j) => g + (share * penalty.gradient[j]) / total) };
  };
}

/**
 * Second derivative of the criterion by θ (p × p).
 *
 * On Ω, A_x is lse_z of the gate's logits and depends on nothing else: the gate has the curvature of −Σ_z μ̃_z log P(z) with
 * the share μ̃_z of each expert in the mean parameters. Each expert has that of its own bending, and nothing couples them but
 * parameters that they share.
 */
function hessian({ lift, eta, data, gate: { logs } }: PointOfLift, means: Float64Array, share: number): Float64Array {
  const { model, expert, size } = lift;
  const { gate, gateLaw, experts, names } = model;
  const p = names.length;
  const m = expert.size;
  const logGateOf = gateRuns(logs, experts.length, data.units);
  const targets = new Float64Array(experts.length * BLOCK_ROWS);
  const pulled = new Float64Array(m);
  const probabilities = new Float64Array(gateLaw.runs * BLOCK_ROWS);
  const bending = new Float64Array((m - 1) ** 2);
  const runs = new Float64Array((m - 1) ** 2 * BLOCK_ROWS);
  const sums = sumOver(data, p * p, (block, partial) => {
    const { start, rows, weights, unitWeights: own, trials } = block;
    gateLaw.probabilities(logGateOf(start, rows), rows, probabilities);
    experts.forEach((_, z) => {
      for (let i = 0; i < rows; i++) {
        // What goes with the expert's logit.
        expert.pullback(eta, (start + i) * size + z * m, means, pulled, trials[i]);
        targets[z * BLOCK_ROWS + i] = pulled[0];
      }
    });
    eachPair(gateLaw.nodes, (h, j) => {
      gateLaw.curvature(probabilities, targets, h, j, rows, runs);
      for (let i = 0; i < rows; i++) runs[i] *= own[i];
      addGram(block, gate[h], gate[j], runs, 0, partial, p, h !== j);
    });
    experts.forEach((heads, z) => {
      for (let i = 0; i < rows; i++) {
        expert.bending(eta, (start + i) * size + z * m, means, bending, trials[i]);
        bending.forEach((value, pair) => {
          runs[pair * BLOCK_ROWS + i] = weights[i] * value;
        });
      }
      heads.forEach((row, h) => {
        heads.forEach((column, j) => {
          addGram(block, row, column, runs, (h * (m - 1) + j) * BLOCK_ROWS, partial, p, false);
        });
      });
    });
  });
  eachCoupling(model, (row, column, weight) => {
    sums[row * p + column] += share * weight;
  });
  const total = model.totalWeight(data);
  return sums.map((sum) => sum / total);
}

function checkProjection(lift: Lift, means: unknown, start: unknown, data: Observations, share: unknown): void {
  const act = "project onto the lift";
  const aLift = objectOf(
    { model: required(objectOf({}, "a model")), means: required(callable) },
    "the lift of a model",
  );
  checkArgument(act, "lift", lift, aLift);
  checkArgument(act, "share", share, number);
  checkModelAt(act, lift.model, { start }, data, ["posterior"]);
  const size = data.rows * lift.size;
  checkArgument(act, "means", means, {
    wanted: `a Float64Array of ${size} mean parameters`,
    accepts: (value) => typedAs(value, "Float64Array") && value.length === size,
  });
}
