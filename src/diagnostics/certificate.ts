import { em } from "../algorithms/em.ts";
import { iterate } from "../algorithms/iterate.ts";
import { mirrorDescent } from "../algorithms/mirror-descent.ts";
import { InputError } from "../errors.ts";
import type { FlatModel } from "../models/model.ts";
import type { Observations } from "../models/observations.ts";
import { bregman, posteriorDivergence } from "./divergence.ts";

/** Two steps nearer than this, in standard errors of the complete data, are one: their solvers come no nearer. */
const SAME_STEP = 1e-6;

/** One EM step θ → θ⁺ held against the theorems; L and divergences in nats per row. */
export interface CertifiedStep {
  /** L(θ). */
  readonly loss: number;
  /** Distance between the EM step and the mirror-descent step, √(δ'I_cδ): in standard errors of the complete data. */
  readonly mirrorDistance: number;
  /** D_A(θ, θ⁺): what the step is sure to gain. */
  readonly divergence: number;
  /** Deviation of L(θ) − L(θ⁺) from D_A(θ, θ⁺) + E KL(post_θ ‖ post_θ⁺). */
  readonly descentDeviation: number;
  /** 1 − α = E KL(post_θ ‖ post_θ*) / D_A(θ*, θ): the factor by which the step shrinks what is left; NaN at the limit. */
  readonly contraction: number;
  /** (1 − α) D_A(θ*, θ) − [L(θ⁺) − L* + D_A(θ*, θ⁺)]: inequality (iii) holds where this is not negative. */
  readonly contractionSlack: number;
}

/** A run of EM held against the theorems. */
export interface Certificate {
  readonly steps: readonly CertifiedStep[];
  /** Point that the run is held against: the limit, as near as double precision comes (p). */
  readonly limit: Float64Array;
  /** L at the limit. */
  readonly limitLoss: number;
  /** (i) (L₁ − L*)/T less the least D_A(θᵗ, θᵗ⁺¹): not negative where it holds. */
  readonly bestStepSlack: number;
  /** (ii) D_A(θ*, θ¹)/T less L_{T+1} − L*: not negative where it holds; it need only hold if `convex`. */
  readonly averageSlack: number;
  /** Whether 1 − α was at most 1 in every step: L is convex, relative to A, between the iterates and the limit. */
  readonly convex: boolean;
  /** Whether EM was mirror descent and every identity and inequality held, to `tolerance`. */
  readonly holds: boolean;
}

/**
 * Runs EM from θ and certifies every step: that it is the mirror-descent step, that the descent identity holds, and that
 * inequalities (i) to (iii) do.
 *
 * @param model a model with a mirror map, such as a symmetric pair
 * @param theta where to start (p)
 * @param options.steps T, 1 or more; default 20
 * @param options.tolerance largest deviation of an identity to be called rounding, in nats per row; default 1e-8
 * @throws InputError when EM does not reach a finite limit from θ
 * @remarks cost of a step: an EM step, a mirror-descent step and six E-steps. arXiv 2411.06056, Theorems 4.2 and 5.1,
 *   Corollary B.1.
 * @example
 * ```ts
 * import { certify, random, symmetricPair } from "mixlens";
 * const rng = random(1);
 * const values = [Float64Array.from({ length: 200 }, () => rng.normal())];
 * const response = values[0].map((x) => (rng.uniform() < 0.5 ? 2 : -2) * x + rng.normal());
 * const x = { columns: ["x"], values };
 * const model = symmetricPair({ experts: "linear", gateColumns: ["x"], expertColumns: ["x"] });
 * const { holds } = certify(model, Float64Array.of(0.1, 1), { rows: 200, gate: x, expert: x, response });
 * if (!holds) throw new Error("EM is mirror descent");
 * ```
 */
export function certify(
  model: FlatModel<Observations>,
  theta: Float64Array,
  data: Observations,
  options: { readonly steps?: number; readonly tolerance?: number } = {},
): Certificate {
  const { steps: count = 20, tolerance = 1e-8 } = options;
  if (!(Number.isInteger(count) && count >= 1)) throw new InputError("certify a run", "steps of 1 or more", `${count}`);
  const limit = limitFrom(model, theta, data);
  const rows = model.totalWeight(data);
  const lossAt = (point: Float64Array): number => -model.posterior(point, data).objective / rows;
  const limitLoss = lossAt(limit);
  const mirror = mirrorDescent<Observations>();

  const path = [theta];
  const steps: CertifiedStep[] = [];
  for (let t = 0; t < count; t++) {
    const here = path[t];
    const posterior = model.posterior(here, data);
    const next = model.maximise(here, posterior.responsibilities, data).theta;
    const mirrored = mirror.step(model, here, mirror.init(model, here, data), data);
    const loss = -posterior.objective / rows;
    const divergence = bregman(model, here, next, data);
    const missed = posteriorDivergence(model, here, limit, data);
    if (missed === Number.POSITIVE_INFINITY)
      throw new InputError(
        "certify a run",
        "a finite limit of EM",
        "one that is certain of a row's expert, as where the gate separates them",
      );
    const left = bregman(model, limit, here, data);
    steps.push({
      loss,
      mirrorDistance: "failure" in mirrored ? Number.POSITIVE_INFINITY : distance(model, next, mirrored.theta, data),
      divergence,
      descentDeviation: Math.abs(loss - lossAt(next) - divergence - posteriorDivergence(model, here, next, data)),
      // Rounding decides this ratio when almost nothing is left.
      contraction: left > 1e-10 ? missed / left : Number.NaN,
      contractionSlack: missed - (lossAt(next) - limitLoss + bregman(model, limit, next, data)),
    });
    path.push(next);
  }
  const bestStepSlack = (steps[0].loss - limitLoss) / count - Math.min(...steps.map(({ divergence }) => divergence));
  const averageSlack = bregman(model, limit, theta, data) / count - (lossAt(path[count]) - limitLoss);
  const convex = steps.every(({ contraction }) => !(contraction > 1));
  const holds =
    steps.every(
      (step) =>
        step.mirrorDistance <= SAME_STEP && step.descentDeviation <= tolerance && step.contractionSlack >= -tolerance,
    ) &&
    bestStepSlack >= -tolerance &&
    (!convex || averageSlack >= -tolerance);
  return { steps, limit, limitLoss, bestStepSlack, averageSlack, convex, holds };
}

function limitFrom(model: FlatModel<Observations>, theta: Float64Array, data: Observations): Float64Array {
  const run = iterate(em(), model, theta, data, { tolerance: 1e-11, maxIterations: 20_000 });
  for (;;) {
    const { done, value } = run.next();
    if (!done) continue;
    if (value.result === "converged") return value.theta;
    throw new InputError("certify a run", "EM to reach its limit", value.message.replace(/\.$/, ""));
  }
}

function distance(model: FlatModel<Observations>, a: Float64Array, b: Float64Array, data: Observations): number {
  const { complete } = model.information(a, data);
  const change = a.map((value, j) => value - b[j]);
  const square = change.reduce((sum, row, i) => {
    return sum + row * change.reduce((inner, value, j) => inner + complete[i * change.length + j] * value, 0);
  }, 0);
  return Math.sqrt(Math.max(0, square));
}
