import fc from "fast-check";
import { expect, test } from "vitest";
import { digamma } from "../../src/math/special.ts";
import { mixture } from "../../src/models/mixture.ts";
import { lift } from "../../src/theory/lift.ts";
import { deviation, jacobian } from "../support/differences.ts";
import {
  drawLifted,
  expand,
  type LiftedProblem,
  liftedProblems,
  meanOver,
  posteriorLaw,
  surrogate,
  written,
} from "../support/lifted.ts";

/** E KL(p(y, z | x; φ) ‖ p(y, z | x; θ)): labels and counts are enumerated, other responses summed on a grid. */
function completeDivergence(problem: LiftedProblem, phi: Float64Array, theta: Float64Array): number {
  const { model, data } = problem;
  const [from, to] = [written(problem, phi), written(problem, theta)];
  const upTo = (last: number) => Array.from({ length: last + 1 }, (_, y) => ({ y, mass: 1 }));
  const support = (i: number, z: number): { y: number; mass: number }[] => {
    const { means, scales } = from[i];
    if (model.spec.experts === "logistic") return upTo(model.experts[0].length);
    if (model.spec.experts === "poisson") return upTo(Math.ceil(means[z] + 12 * Math.sqrt(means[z]) + 40));
    if (model.spec.experts === "binomial") return upTo(data.trials![i]);
    if (model.spec.experts === "gamma") {
      // In log y, where the density falls off as exp(ν log y) and faster.
      const [low, high] = [Math.log(means[z]) - 4 - 45 / scales[z], Math.log(means[z]) + 5];
      const step = (high - low) / 1200;
      return Array.from({ length: 1201 }, (_, g) => Math.exp(low + g * step)).map((y) => ({ y, mass: y * step }));
    }
    // The trapezoid sum of a polynomial times a normal density is exact to rounding on a grid as fine as this.
    return Array.from({ length: 241 }, (_, g) => ({ y: means[z] + scales[z] * (g / 10 - 12), mass: scales[z] / 10 }));
  };
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

/** Holds a law's deviation to its tolerance in many problems. */
function hold(law: (problem: LiftedProblem) => number, tolerance: number): void {
  fc.assert(
    fc.property(liftedProblems, (problem) => {
      expect(Math.abs(law(problem))).toBeLessThan(tolerance);
    }),
    { numRuns: 40 },
  );
}

test("the loss of the lift is the mixture's, written out, to 1e-12 of itself", () => {
  hold((problem) => {
    const { model, lifted, data, theta } = problem;
    const found = lifted.loss(lifted.natural(theta, data), data);
    const byModel = -model.posterior(theta, data).logLikelihood / model.totalWeight(data);
    const rows = written(problem, theta);
    const byHand = meanOver(data, (i) => rows[i].loss);
    return Math.max(Math.abs(found - byModel), Math.abs(found - byHand)) / (1 + Math.abs(byHand));
  }, 1e-12);
});

test("mean parameters and ∂L/∂η are derivatives of A_x and L, against differences, to 1e-7 of their scale", () => {
  hold(({ lifted, data, theta }) => {
    // The rows are independent: all of them move at once, each number by a share of its size, or of 1 if that is less.
    const eta = lifted.natural(theta, data).slice(0, 20 * lifted.size);
    const few = { ...data, rows: 20, weights: new Float64Array(20).fill(1) };
    const unit = eta.map((value) => Math.min(1, Math.abs(value)));
    const by = (share: Float64Array) => eta.map((value, at) => value + unit[at] * share[at]);
    const bySize = (slope: Float64Array) => slope.map((value, at) => value * unit[at]);
    const still = new Float64Array(eta.length);
    const [means, slope] = [bySize(lifted.means(eta, few)), bySize(lifted.lossGradient(eta, few))];
    const [partition] = jacobian((at) => Float64Array.of(sum(lifted.logPartition(by(at), few))), still, 3e-4);
    const [loss] = jacobian((at) => Float64Array.of(20 * lifted.loss(by(at), few)), still, 3e-4);
    const scale = Math.max(1, ...means.map(Math.abs));
    return Math.max(deviation(means, partition), deviation(slope, loss)) / scale;
  }, 1e-7);
});

test("mean parameters and ∂L/∂η by their formulas, g and r written out, to 1e-11 of their scale", () => {
  hold((problem) => {
    const { model, lifted, data, theta } = problem;
    const eta = lifted.natural(theta, data);
    const rows = written(problem, theta);
    const slope = rows.flatMap(({ gate, means, scales, posterior, logJoint }, i) =>
      gate.flatMap((g, z) => {
        const y = data.response[i];
        const [r, mean] = [posterior[z], means[z]];
        if (model.spec.experts === "logistic") {
          return model.spec.labels!.map((_, c) => Math.exp(logJoint(z, c)) - (y === c ? r : 0));
        }
        const first = [g - r, g * mean - r * y];
        if (model.spec.experts === "poisson" || model.spec.experts === "binomial") return first;
        if (model.spec.experts === "gamma") {
          const logMean = digamma(scales[z]) - Math.log(scales[z] / mean);
          return [...first, g * logMean - r * Math.log(y)];
        }
        return [...first, g * (mean ** 2 + scales[z] ** 2) - r * y * y];
      }),
    );
    return deviation(lifted.lossGradient(eta, data), slope) / Math.max(1, ...slope.map(Math.abs));
  }, 1e-11);
});

test("pulled back to θ, ∂L/∂η is the mixture's gradient without its ridge, to 1e-12 of its scale", () => {
  hold(({ model, lifted, data, theta }) => {
    const eta = lifted.natural(theta, data);
    const pulled = lifted.pullback(eta, lifted.lossGradient(eta, data), data);
    const { gradient } = mixture({ ...model.spec, ridge: 0 }).gradient(theta, data);
    const wanted = gradient.map((g) => -g / model.totalWeight(data));
    return deviation(pulled, wanted) / Math.max(1, ...wanted.map(Math.abs));
  }, 1e-12);
});

test("of two labels the second one's log-odds have the offset", () => {
  const model = mixture({ experts: "logistic", labels: ["a", "b"], k: 1, gateColumns: ["x"], expertColumns: ["x"] });
  const x = { columns: ["x"], values: [Float64Array.of(2)] };
  const data = { rows: 1, gate: x, expert: x, response: Float64Array.of(1), offset: Float64Array.of(0.7) };
  const [first, second] = lift(model).natural(Float64Array.of(-0.4), data);
  expect(second - first).toBeCloseTo(-0.1, 14);
  expect(Math.exp(first) + Math.exp(second)).toBeCloseTo(1, 14);
});

test("log means above 100 are continued along the tangent: the lift's loss stays the mixture's, to 1e-12 of itself", () => {
  const model = mixture({ experts: "poisson", k: 2, gateColumns: ["x"], expertColumns: ["x"] });
  const x = { columns: ["x"], values: [Float64Array.of(1, 0.01)] };
  const data = { rows: 2, gate: x, expert: x, response: Float64Array.of(3, 4) };
  const theta = Float64Array.of(0.5, 130, 1);
  const lifted = lift(model);
  const found = lifted.loss(lifted.natural(theta, data), data);
  expect(found / (-model.posterior(theta, data).logLikelihood / 2)).toBeCloseTo(1, 12);
});

test("(1) Q(θ|φ) − Q(φ|φ) = ⟨∇L(φ), η − φ⟩ + D_A(η, φ), to 1e-12 of its terms", () => {
  hold((problem) => {
    const { theta, phi } = problem;
    const { linear, divergence, size } = expand(problem);
    return (surrogate(problem, theta, phi) - surrogate(problem, phi, phi) - linear - divergence) / size;
  }, 1e-12);
});

test("(3) D_A(η, φ) is the complete-data divergence from φ to η, enumerated or summed on a grid, to 1e-10 of itself", () => {
  hold((problem) => {
    const { eta, from, divergence } = expand(problem);
    const { lifted, data, theta, phi } = problem;
    const oracle = completeDivergence(problem, phi, theta);
    const deviations = [divergence - oracle, lifted.completeDivergence(from, eta, data) - oracle];
    return Math.max(...deviations.map(Math.abs)) / (1 + oracle);
  }, 1e-10);
});

test("(4) L(η) = L(φ) + ⟨∇L(φ), η − φ⟩ + D_A(η, φ) − E KL(post_φ ‖ post_η), to 1e-12 of its terms", () => {
  hold((problem) => {
    const { lifted, data, theta, phi } = problem;
    const { eta, from, linear, divergence, size } = expand(problem);
    const gap = posteriorLaw(problem, phi, theta);
    expect(Math.abs(lifted.posteriorDivergence(from, eta, data) - gap)).toBeLessThan(1e-12 * size);
    return (lifted.loss(eta, data) - lifted.loss(from, data) - linear - divergence + gap) / size;
  }, 1e-12);
});

// Not of one linear expert of known variance: D_A is then half a mean square, the same both ways round.
test.each([
  { experts: "linear", k: 1 },
  { experts: "linear", k: 2, unitVariance: true },
  { experts: "linear", k: 3 },
  { experts: "logistic", k: 1 },
  { experts: "logistic", k: 3 },
  { experts: "poisson", k: 1 },
  { experts: "poisson", k: 3 },
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
  { experts: "poisson", k: 1, varies: false },
  { experts: "linear", k: 2, varies: true },
  { experts: "linear", k: 2, unitVariance: true, varies: true },
  { experts: "logistic", k: 2, varies: true },
  { experts: "poisson", k: 2, varies: true },
] as const)("∇²Q(θ|φ) in θ depends on φ from two experts on, so θ has no fixed mirror map: %o", (options) => {
  const { lifted, data, theta, phi } = drawLifted({ ...options, rows: 300, features: 2, seed: 41 }, 0.8);
  const hessian = (at: Float64Array): number[] => {
    const from = lifted.natural(at, data);
    const slope = lifted.lossGradient(from, data);
    // What the posterior of φ expects of the statistics: Q's slope in η is ∇A(η) less this.
    const target = lifted.means(from, data).map((mean, j) => mean - slope[j]);
    const rows = jacobian((point) => {
      const eta = lifted.natural(point, data);
      return lifted.pullback(
        eta,
        lifted.means(eta, data).map((mean, j) => mean - target[j]),
        data,
      );
    }, theta);
    return rows.flatMap((row) => Array.from(row));
  };
  const difference = deviation(hessian(theta), hessian(phi));
  if (options.varies) expect(difference).toBeGreaterThan(1e-3);
  else expect(difference).toBeLessThan(1e-9);
});

function sum(values: Float64Array): number {
  return values.reduce((total, value) => total + value, 0);
}
