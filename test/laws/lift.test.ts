import fc from "fast-check";
import { expect, test } from "vitest";
import { lift } from "../../src/models/lift.ts";
import { mixture } from "../../src/models/mixture.ts";
import { deviation, jacobian } from "../support/differences.ts";
import {
  drawLifted,
  type LiftedProblem,
  liftedProblems,
  meanOver,
  posteriorLaw,
  surrogate,
  written,
} from "../support/lifted.ts";

/** E KL(p(y, z | x; φ) ‖ p(y, z | x; θ)): labels are enumerated, normal responses summed on a grid. */
function completeDivergence(problem: LiftedProblem, phi: Float64Array, theta: Float64Array): number {
  const { model, data } = problem;
  const [from, to] = [written(problem, phi), written(problem, theta)];
  // The trapezoid sum of a polynomial times a normal density is exact to rounding on a grid as fine as this.
  const grid = Array.from({ length: 241 }, (_, g) => (g - 120) / 10);
  const support = (i: number, z: number): { y: number; mass: number }[] =>
    model.spec.experts === "logistic"
      ? [0, 1, 2].map((y) => ({ y, mass: 1 }))
      : grid.map((step) => ({ y: from[i].means[z] + step, mass: 0.1 }));
  return meanOver(data, (i) =>
    from[i].gate.reduce((outer, _, z) => {
      const terms = support(i, z).map(({ y, mass }) => {
        const log = from[i].logJoint(z, y);
        return mass * Math.exp(log) * (log - to[i].logJoint(z, y));
      });
      return outer + terms.reduce((sum, term) => sum + term, 0);
    }, 0),
  );
}

/** The point and the other one, lifted; and the law's terms between them. */
function expand({ lifted, data, theta, phi }: LiftedProblem) {
  const [eta, from] = [lifted.natural(theta, data), lifted.natural(phi, data)];
  const slope = lifted.lossGradient(from, data);
  const change = eta.map((value, at) => value - from[at]);
  return { eta, from, linear: lifted.inner(slope, change, data), divergence: lifted.divergence(eta, from, data) };
}

/** Holds a law's deviation to its tolerance in many problems. */
function hold(law: (problem: LiftedProblem) => number, tolerance: number): void {
  fc.assert(
    fc.property(liftedProblems, (problem) => {
      expect(Math.abs(law(problem))).toBeLessThan(tolerance);
    }),
    { numRuns: 40 },
  );
}

test("the loss of the lift is the mixture's, written out, to 1e-12 nats per row", () => {
  hold((problem) => {
    const { model, lifted, data, theta } = problem;
    const found = lifted.loss(lifted.natural(theta, data), data);
    const byModel = -model.posterior(theta, data).logLikelihood / model.totalWeight(data);
    const rows = written(problem, theta);
    const byHand = meanOver(data, (i) => rows[i].loss);
    return Math.max(Math.abs(found - byModel), Math.abs(found - byHand));
  }, 1e-12);
});

test("mean parameters and ∂L/∂η are derivatives of A_x and L, against differences, to 1e-8", () => {
  hold(({ lifted, data, theta }) => {
    // The rows are independent: all of them move at once.
    const eta = lifted.natural(theta, data).slice(0, 20 * lifted.size);
    const few = { ...data, rows: 20, weights: new Float64Array(20).fill(1) };
    const [means, slope] = [lifted.means(eta), lifted.lossGradient(eta, few)];
    const [partition] = jacobian((at) => Float64Array.of(sum(lifted.logPartition(at))), eta);
    const [loss] = jacobian((at) => Float64Array.of(20 * lifted.loss(at, few)), eta);
    return Math.max(deviation(means, partition), deviation(slope, loss));
  }, 1e-8);
});

test("mean parameters and ∂L/∂η by their formulas, g and r written out, to 1e-12", () => {
  hold((problem) => {
    const { model, lifted, data, theta } = problem;
    const eta = lifted.natural(theta, data);
    const rows = written(problem, theta);
    const slope = rows.flatMap(({ gate, means, posterior, logJoint }, i) =>
      gate.flatMap((g, z) => {
        const y = data.response[i];
        if (model.spec.experts === "linear") return [g - posterior[z], g * means[z] - posterior[z] * y];
        return [0, 1, 2].map((c) => Math.exp(logJoint(z, c)) - (y === c ? posterior[z] : 0));
      }),
    );
    return deviation(lifted.lossGradient(eta, data), slope);
  }, 1e-12);
});

test("pulled back to θ, ∂L/∂η is the mixture's gradient, to 1e-12", () => {
  hold(({ model, lifted, data, theta }) => {
    const eta = lifted.natural(theta, data);
    const pulled = lifted.pullback(eta, lifted.lossGradient(eta, data), data);
    const { gradient } = model.gradient(theta, data);
    return deviation(
      pulled,
      gradient.map((g) => -g / model.totalWeight(data)),
    );
  }, 1e-12);
});

test("(1) Q(θ|φ) − Q(φ|φ) = ⟨∇L(φ), η − φ⟩ + D_A(η, φ), to 1e-12", () => {
  hold((problem) => {
    const { theta, phi } = problem;
    const { linear, divergence } = expand(problem);
    return surrogate(problem, theta, phi) - surrogate(problem, phi, phi) - linear - divergence;
  }, 1e-12);
});

test("(3) D_A(η, φ) is the complete-data divergence from φ to η, enumerated or summed on a grid, to 1e-11", () => {
  hold((problem) => {
    const { eta, from, divergence } = expand(problem);
    const { lifted, data, theta, phi } = problem;
    const oracle = completeDivergence(problem, phi, theta);
    return Math.max(Math.abs(divergence - oracle), Math.abs(lifted.completeDivergence(from, eta, data) - oracle));
  }, 1e-11);
});

test("(4) L(η) = L(φ) + ⟨∇L(φ), η − φ⟩ + D_A(η, φ) − E KL(post_φ ‖ post_η), to 1e-12", () => {
  hold((problem) => {
    const { lifted, data, theta, phi } = problem;
    const { eta, from, linear, divergence } = expand(problem);
    const gap = posteriorLaw(problem, phi, theta);
    expect(Math.abs(lifted.posteriorDivergence(from, eta, data) - gap)).toBeLessThan(1e-12);
    return lifted.loss(eta, data) - lifted.loss(from, data) - linear - divergence + gap;
  }, 1e-12);
});

// Not of one linear expert: D_A is then half a mean square, the same both ways round.
test.each([
  { experts: "linear", k: 2 },
  { experts: "linear", k: 3 },
  { experts: "logistic", k: 1 },
  { experts: "logistic", k: 3 },
] as const)("negative controls: with exchanged arguments of D_A (1), (3) and (4) fail by 1e-3: %o", (options) => {
  const problem = drawLifted({ ...options, rows: 300, features: 2, seed: 31 }, 1.5);
  const { lifted, data, theta, phi } = problem;
  const { eta, from, linear } = expand(problem);
  const exchanged = lifted.divergence(from, eta, data);
  const q = surrogate(problem, theta, phi) - surrogate(problem, phi, phi);
  const loss = lifted.loss(eta, data) - lifted.loss(from, data);
  const gap = posteriorLaw(problem, phi, theta);
  expect(Math.abs(q - linear - exchanged)).toBeGreaterThan(1e-3);
  expect(Math.abs(completeDivergence(problem, phi, theta) - exchanged)).toBeGreaterThan(1e-3);
  expect(Math.abs(loss - linear - exchanged + gap)).toBeGreaterThan(1e-3);
});

test.each([
  { experts: "linear", k: 1, varies: false },
  { experts: "logistic", k: 1, varies: false },
  { experts: "linear", k: 2, varies: true },
  { experts: "logistic", k: 2, varies: true },
] as const)("∇²Q(θ|φ) in θ depends on φ from two experts on, so θ has no fixed mirror map: %o", (options) => {
  const { lifted, data, theta, phi } = drawLifted({ ...options, rows: 300, features: 2, seed: 41 }, 0.8);
  const hessian = (at: Float64Array): number[] => {
    const from = lifted.natural(at, data);
    const slope = lifted.lossGradient(from, data);
    // What the posterior of φ expects of the statistics: Q's slope in η is ∇A(η) less this.
    const target = lifted.means(from).map((mean, j) => mean - slope[j]);
    const rows = jacobian((point) => {
      const eta = lifted.natural(point, data);
      return lifted.pullback(
        eta,
        lifted.means(eta).map((mean, j) => mean - target[j]),
        data,
      );
    }, theta);
    return rows.flatMap((row) => Array.from(row));
  };
  const difference = deviation(hessian(theta), hessian(phi));
  if (options.varies) expect(difference).toBeGreaterThan(1e-3);
  else expect(difference).toBeLessThan(1e-9);
});

test.each([
  [{ experts: "linear" }, "linear experts of variance 1, got free variances; make the model with unitVariance"],
  [{ experts: "poisson" }, "linear or logistic experts, got poisson experts"],
  [{ experts: "logistic", labels: ["a", "b"], ridge: 0.5 }, "no ridge, got ridge 0.5"],
  [{ experts: "logistic", labels: ["a", "b"], fixed: { "gate2.x": 0 } }, 'all parameters free, got "gate2.x" fixed'],
] as const)("what has no lift is refused in words: %o", (spec, words) => {
  const model = mixture({ k: 2, gateColumns: ["x"], expertColumns: ["x"], ...spec });
  expect(() => lift(model)).toThrow(`Cannot lift a mixture: expected ${words}`);
});

function sum(values: Float64Array): number {
  return values.reduce((total, value) => total + value, 0);
}
