import { checkModelAt } from "../models/checks.ts";
import type { FlatModel, LatentModel } from "../models/model.ts";

/**
 * Bregman divergence of the mirror map, D_A(θ, φ) = A(θ) − A(φ) − ⟨∇A(φ), θ − φ⟩, in nats per row.
 *
 * It is the complete-data divergence with its arguments exchanged, E KL(p(y, z | x; φ) ‖ p(y, z | x; θ)).
 *
 * @remarks cost two mirror maps. arXiv 2411.06056, section 2.
 * @example
 * ```ts
 * import { bregman, symmetricPair } from "mixlens/theory";
 * const model = symmetricPair({ experts: "linear", gateColumns: ["x"], expertColumns: ["x"] });
 * const x = { columns: ["x"], values: [Float64Array.of(2)] };
 * const data = { rows: 1, gate: x, expert: x, response: Float64Array.of(0) };
 * // In β alone A is quadratic, (x'β)²/2.
 * if (bregman(model, Float64Array.of(0, 3), Float64Array.of(0, 0), data) !== 18) throw new Error("½(2·3)²");
 * ```
 */
export function bregman<Data>(model: FlatModel<Data>, theta: Float64Array, phi: Float64Array, data: Data): number {
  checkModelAt("find a Bregman divergence", model, { theta, phi }, data, ["mirrorMap"]);
  const { value, gradient } = model.mirrorMap(phi, data);
  const linear = gradient.reduce((sum, g, j) => sum + g * (theta[j] - phi[j]), 0);
  return (model.mirrorMap(theta, data).value - value - linear) / model.totalWeight(data);
}

/**
 * Posterior divergence E KL(P(z | x, y; φ) ‖ P(z | x, y; θ)), in nats per row: what two points disagree on about z.
 *
 * Infinite where θ is certain, to double precision, of what φ holds possible.
 *
 * @remarks cost two E-steps
 * @example
 * ```ts
 * import { posteriorDivergence, symmetricPair } from "mixlens/theory";
 * const model = symmetricPair({ experts: "linear", gateColumns: ["x"], expertColumns: ["x"] });
 * const x = { columns: ["x"], values: [Float64Array.of(2)] };
 * const data = { rows: 1, gate: x, expert: x, response: Float64Array.of(0) };
 * const theta = Float64Array.of(1, 1);
 * if (posteriorDivergence(model, theta, theta, data) !== 0) throw new Error("a point agrees with itself");
 * ```
 */
export function posteriorDivergence<Data extends { readonly rows: number; readonly weights?: Float64Array }>(
  model: LatentModel<Data>,
  phi: Float64Array,
  theta: Float64Array,
  data: Data,
): number {
  checkModelAt("find a posterior divergence", model, { phi, theta }, data, ["posterior"]);
  const [p, q] = [phi, theta].map((point) => model.posterior(point, data).responsibilities);
  const k = p.length / data.rows;
  let sum = 0;
  for (let at = 0; at < p.length; at++) {
    // p log(p/q) − p + q sums to the same as p log(p/q), and is never negative: nothing cancels. Below the smallest
    // number p adds nothing.
    const term = p[at] > Number.MIN_VALUE ? p[at] * (Math.log(p[at]) - Math.log(q[at])) - p[at] + q[at] : q[at];
    sum += (data.weights?.[Math.floor(at / k)] ?? 1) * term;
  }
  return sum / model.totalWeight(data);
}
