import { BLOCK_ROWS } from "../compute/blocks.ts";
import { cholesky, solveCholesky } from "../math/cholesky.ts";
import { dot } from "../math/vector.ts";
import { addGram } from "./gram.ts";
import { type Lift, meanOf } from "./lift.ts";
import { type Observations, sumOver } from "./observations.ts";

/** Newton decrement, in nats per row, at which a projection has been found. */
const FOUND = 1e-24;
/** Below this one, a decrement that no longer falls is all there is: what is left is flat, or rounding. */
const STALLED = 1e-12;
const MAX_STEPS = 100;

/**
 * Bregman projection onto Ω, the image of θ-space in a lift: `argmin_θ D_A(lift θ, η̃)`.
 *
 * Of the point η̃ only its mean parameters μ̃ = ∇A(η̃) are needed: what is minimised is `E[A_x(lift θ)] − ⟨μ̃, lift θ⟩`, by
 * damped Newton steps on θ, with the chain rule through the lift. Mean parameters on the boundary, where no η̃ exists,
 * are as good. The search begins at θ = 0, where no softmax is saturated, and so depends on μ̃ alone.
 *
 * @param means μ̃, n × q
 * @returns θ (p), stationary to a Newton decrement of 1e-24 nats per row, or to rounding; nothing when there is no such
 *   point, or it was not found in 100 steps
 * @remarks cost of a step: n·p² multiplications at most. arXiv 2411.06056, Theorem 4.1.
 * @example
 * ```ts
 * import { bregmanProjection, lift, unitVariance } from "mixlens";
 * const x = { columns: ["x"], values: [Float64Array.of(1, 2)] };
 * const data = { rows: 2, gate: x, expert: x, response: Float64Array.of(3, 4) };
 * const lifted = lift(unitVariance({ k: 1, gateColumns: ["x"], expertColumns: ["x"] }));
 * // One expert, mean parameters (1, y): least squares, β = Σxy/Σx².
 * const beta = bregmanProjection(lifted, Float64Array.of(1, 3, 1, 4), data);
 * if (beta === undefined || Math.abs(beta[0] - 11 / 5) > 1e-12) throw new Error(String(beta));
 * ```
 */
export function bregmanProjection(lift: Lift, means: Float64Array, data: Observations): Float64Array | undefined {
  let theta: Float64Array = new Float64Array(lift.model.names.length);
  let here = criterion(lift, means, theta, data);
  let last = Number.POSITIVE_INFINITY;
  for (let step = 0; step < MAX_STEPS && Number.isFinite(here.value); step++) {
    const direction = newtonDirection(here.gradient, hessian(lift, here.eta, means, data));
    const decrement = -dot(here.gradient, direction);
    if (decrement <= FOUND || (decrement <= STALLED && decrement > 0.9 * last)) return theta;
    // Rounding of the value's n terms must not reject a step that is right.
    const slack = 1e-14 * (1 + Math.abs(here.value));
    let length = 1;
    let [next, there] = [theta, here];
    for (; length > 1e-9; length /= 2) {
      next = theta.map((value, j) => value + length * direction[j]);
      there = criterion(lift, means, next, data);
      if (there.value <= here.value - 1e-4 * length * decrement + slack) break;
    }
    if (length <= 1e-9) return undefined;
    [theta, here, last] = [next, there, decrement];
  }
  return undefined;
}

/** E[A_x(η)] − ⟨μ̃, η⟩ at η = lift θ, and its gradient by θ (p). */
function criterion(
  lift: Lift,
  means: Float64Array,
  theta: Float64Array,
  data: Observations,
): { readonly eta: Float64Array; readonly value: number; readonly gradient: Float64Array } {
  const eta = lift.natural(theta, data);
  const partition = lift.logPartition(eta);
  const value = meanOf(data, (row) => partition[row]) - lift.inner(means, eta, data);
  const slope = lift.means(eta).map((mean, at) => mean - means[at]);
  return { eta, value, gradient: lift.pullback(eta, slope, data) };
}

/**
 * Second derivative of the criterion by θ (p × p).
 *
 * On Ω, A_x is lse_z of the gate's logits and depends on nothing else; and η is linear in the logits. So the gate has the
 * curvature of A_x alone, each expert that of its own bending, and nothing couples them.
 */
function hessian(
  { model, expert, size, logPartition }: Lift,
  eta: Float64Array,
  means: Float64Array,
  data: Observations,
) {
  const { gate, experts, names } = model;
  const p = names.length;
  const m = expert.size;
  const partition = logPartition(eta);
  const probability = (row: number, z: number): number =>
    Math.exp(expert.logPartition(eta, row * size + z * m) - partition[row]);
  const bending = new Float64Array((m - 1) ** 2);
  const runs = new Float64Array((m - 1) ** 2 * BLOCK_ROWS);
  const sums = sumOver(data, p * p, (block, partial) => {
    const { start, rows, weights } = block;
    gate.forEach((row, h) => {
      gate.forEach((column, j) => {
        for (let i = 0; i < rows; i++) {
          const g = probability(start + i, h + 1);
          runs[i] = weights[i] * g * ((h === j ? 1 : 0) - probability(start + i, j + 1));
        }
        addGram(block, row, column, runs, 0, partial, p, false);
      });
    });
    experts.forEach((heads, z) => {
      for (let i = 0; i < rows; i++) {
        expert.bending(eta, (start + i) * size + z * m, means, bending);
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
  const total = model.totalWeight(data);
  return sums.map((sum) => sum / total);
}

/** −H⁻¹g, with H raised by a multiple of the identity where it is not positive definite. */
function newtonDirection(gradient: Float64Array, matrix: Float64Array): Float64Array {
  const p = gradient.length;
  const downhill = gradient.map((g) => -g);
  for (let raise = 0; raise < 1e20; raise = raise === 0 ? 1e-12 : raise * 100) {
    const raised = matrix.map((entry, at) => entry + (at % (p + 1) === 0 ? raise : 0));
    const factor = cholesky(raised, p);
    if (typeof factor !== "number") return solveCholesky(factor, p, downhill);
  }
  return downhill;
}
