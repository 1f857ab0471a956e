import fc from "fast-check";
import { expect, test } from "vitest";
import { em } from "../../src/algorithms/em.ts";
import { iterate } from "../../src/algorithms/iterate.ts";
import { digamma, logGamma } from "../../src/math/special.ts";
import type { Observations } from "../../src/rows/observations.ts";
import { bregmanProjection } from "../../src/theory/bregman-projection.ts";
import { lift } from "../../src/theory/lift.ts";
import { projectedMirrorDescent } from "../../src/theory/projected-mirror-descent.ts";
import { deviation } from "../support/differences.ts";
import {
  drawLifted,
  type LiftedDraw,
  type LiftedProblem,
  liftedProblems,
  penaltyOf,
  posteriorLaw,
  surrogate,
} from "../support/lifted.ts";
import { minimise, slopeOf } from "../support/minimise.ts";
import { emStep, lossAt } from "../support/problems.ts";

/** Q(θ | φ) with the ridge penalty: what an EM step minimises. */
function penalised(problem: LiftedProblem, theta: Float64Array, phi: Float64Array): number {
  return surrogate(problem, theta, phi) + penaltyOf(problem, theta);
}

function mirrorStep({ model, data }: LiftedProblem, theta: Float64Array, stepSize?: number): Float64Array {
  const { init, step } = projectedMirrorDescent(stepSize === undefined ? {} : { stepSize });
  const found = step(model, theta, init(model, theta, data), data);
  if ("failure" in found) throw new Error(found.failure.reason);
  return found.theta;
}

/** The free parameters of a point, and the point of free parameters. */
function coordinates({ model, theta }: LiftedProblem) {
  const free = (point: Float64Array) => Float64Array.from(model.free, (j) => point[j]);
  const whole = (at: Float64Array) => {
    const point = theta.slice();
    model.free.forEach((j, position) => {
      point[j] = at[position];
    });
    return point;
  };
  return [free, whole] as const;
}

/** Mean parameters after a mirror step of length γ from θ, without the projection (n × q). */
function mirrored({ lifted, data }: LiftedProblem, theta: Float64Array, stepSize: number): Float64Array {
  const eta = lifted.natural(theta, data);
  const slope = lifted.lossGradient(eta, data);
  return lifted.means(eta, data).map((mean, at) => mean - stepSize * slope[at]);
}

test("one step of size 1 is one EM step, to 1e-8 in θ, for one to three experts of every kind", () => {
  fc.assert(
    fc.property(liftedProblems, (problem) => {
      expect(deviation(mirrorStep(problem, problem.theta), emStep(problem, problem.theta))).toBeLessThan(1e-8);
    }),
    { numRuns: 60 },
  );
});

test("the projection is stationary: the gradient of E[A_x] − ⟨μ̃, η⟩ + γ ridge in θ is below 1e-10 of its scale", () => {
  fc.assert(
    fc.property(liftedProblems, fc.constantFrom(0.3, 1), (problem, stepSize) => {
      const { model, lifted, data, theta } = problem;
      const target = mirrored(problem, theta, stepSize);
      const next = mirrorStep(problem, theta, stepSize);
      const eta = lifted.natural(next, data);
      const means = lifted.means(eta, data);
      const slope = means.map((mean, at) => mean - target[at]);
      const pull = slopeOf((at) => stepSize * penaltyOf(problem, at), next);
      const gradient = lifted.pullback(eta, slope, data).map((g, j) => (model.free.includes(j) ? g + pull[j] : 0));
      expect(Math.hypot(...gradient)).toBeLessThan(1e-10 * Math.max(1, ...means.map(Math.abs)));
    }),
    { numRuns: 40 },
  );
});

test("the descent identity L − L⁺ = Q(θ) − Q(θ⁺) + E KL(post ‖ post⁺), L with its ridge, holds to 1e-12 of its scale", () => {
  fc.assert(
    fc.property(liftedProblems, (problem) => {
      let theta = problem.theta;
      for (let t = 0; t < 3; t++) {
        const next = mirrorStep(problem, theta);
        const fall = lossAt(problem, theta) - lossAt(problem, next);
        const q = penalised(problem, theta, theta) - penalised(problem, next, theta);
        const gap = posteriorLaw(problem, theta, next);
        const scale = 1 + Math.abs(lossAt(problem, theta));
        expect(Math.abs(fall - q - gap)).toBeLessThan(1e-12 * scale);
        expect(Math.min(fall, q, gap)).toBeGreaterThan(-1e-12 * scale);
        theta = next;
      }
    }),
    { numRuns: 20 },
  );
});

test.each([
  { experts: "linear", k: 1, flat: true },
  { experts: "logistic", k: 1, flat: true },
  { experts: "poisson", k: 1, flat: true },
  { experts: "linear", k: 3, flat: false },
  { experts: "linear", k: 3, unitVariance: true, flat: false },
  { experts: "logistic", k: 3, flat: false },
  { experts: "poisson", k: 3, flat: false },
] as const)("Q(θ) − Q(θ⁺) is D_A(η, η⁺) where Ω is flat, and is not where it is curved: %o", (options) => {
  const problem = drawLifted({ ...options, rows: 300, features: 2, seed: 51 }, 0.8);
  const { lifted, data, theta } = problem;
  const next = mirrorStep(problem, theta);
  const divergence = lifted.divergence(lifted.natural(theta, data), lifted.natural(next, data), data);
  const q = surrogate(problem, theta, theta) - surrogate(problem, next, theta);
  if (options.flat) expect(Math.abs(q - divergence)).toBeLessThan(1e-12);
  else expect(Math.abs(q - divergence)).toBeGreaterThan(1e-3);
});

const controls: readonly Pick<LiftedDraw, "experts" | "k" | "unitVariance" | "sharedVariance" | "ridge">[] = [
  { experts: "linear", k: 2 },
  { experts: "linear", k: 3, sharedVariance: true },
  { experts: "linear", k: 3, unitVariance: true },
  { experts: "logistic", k: 2 },
  { experts: "logistic", k: 3, ridge: 0.5 },
  { experts: "poisson", k: 2 },
  { experts: "poisson", k: 3, ridge: 0.5 },
];

test.each(controls)("negative control: steps of size 0.9 and 1.1 are not EM by 1e-3: %o", (options) => {
  const problem = drawLifted({ ...options, rows: 300, features: 2, seed: 61, weighted: true }, 0.5);
  const next = emStep(problem, problem.theta);
  expect(deviation(mirrorStep(problem, problem.theta, 1), next)).toBeLessThan(1e-8);
  for (const stepSize of [0.9, 1.1]) {
    expect(deviation(mirrorStep(problem, problem.theta, stepSize), next)).toBeGreaterThan(1e-3);
  }
});

test.each(controls)(
  "the projection minimises D_A(lift θ, η̃), and neither D_A(η̃, lift θ) nor ‖lift θ − η̃‖² by 1e-3: %o",
  (options) => {
    // At size 1 a logistic row's η̃ is at infinity: half a step has one.
    const problem = drawLifted({ ...options, rows: 60, features: 1, seed: 71 }, 0.3);
    const { lifted, data, theta } = problem;
    const means = mirrored(problem, theta, 0.5);
    const point = naturalOf(problem, means);
    expect(deviation(lifted.means(point, data), means)).toBeLessThan(1e-12);
    const projected = bregmanProjection(lifted, means, theta, data, 0)!;
    const [free, whole] = coordinates(problem);
    const divergence = (at: Float64Array) => lifted.divergence(lifted.natural(whole(at), data), point, data);
    expect(Math.hypot(...slopeOf(divergence, free(projected)))).toBeLessThan(1e-9);
    expect(deviation(minimise(divergence, free(theta)), free(projected))).toBeLessThan(1e-5);

    const exchanged = (at: Float64Array) => lifted.divergence(point, lifted.natural(whole(at), data), data);
    const euclidean = (at: Float64Array) => {
      const gap = lifted.natural(whole(at), data).map((value, j) => value - point[j]);
      return lifted.inner(gap, gap, data);
    };
    for (const wrong of [exchanged, euclidean]) {
      const found = minimise(wrong, free(projected));
      expect(wrong(found)).toBeLessThan(wrong(free(projected)));
      expect(deviation(found, free(projected))).toBeGreaterThan(1e-3);
    }
  },
);

test.each(controls)("negative control: a Euclidean step and projection in η are not EM by 1e-3: %o", (options) => {
  const problem = drawLifted({ ...options, rows: 60, features: 1, seed: 81 }, 0.3);
  const { lifted, data, theta } = problem;
  const eta = lifted.natural(theta, data);
  const slope = lifted.lossGradient(eta, data);
  const [free, whole] = coordinates(problem);
  const [start, next] = [free(theta), free(emStep(problem, theta))];
  const proximal = (distance: (eta: Float64Array) => number) => (at: Float64Array) => {
    const there = lifted.natural(whole(at), data);
    return lifted.inner(slope, there, data) + distance(there) + penaltyOf(problem, whole(at));
  };
  const bregman = proximal((at) => lifted.divergence(at, eta, data));
  const euclidean = proximal((at) => {
    const change = at.map((value, j) => value - eta[j]);
    return 0.5 * lifted.inner(change, change, data);
  });
  expect(Math.hypot(...slopeOf(bregman, next))).toBeLessThan(1e-9);
  expect(deviation(minimise(bregman, start), next)).toBeLessThan(1e-5);
  expect(deviation(minimise(euclidean, start), next)).toBeGreaterThan(1e-3);
});

test("steps up to size 1 never raise L", () => {
  fc.assert(
    fc.property(liftedProblems, fc.double({ min: 0.05, max: 1, noNaN: true }), (problem, stepSize) => {
      const { lifted, data, theta } = problem;
      const next = mirrorStep(problem, theta, stepSize);
      const fall = lifted.loss(lifted.natural(theta, data), data) - lifted.loss(lifted.natural(next, data), data);
      expect(fall).toBeGreaterThan(-1e-12);
    }),
    { numRuns: 40 },
  );
});

test.each(controls)("run by the loop it takes EM's path to EM's limit: %o", (options) => {
  const { model, data, theta } = drawLifted({ ...options, rows: 400, features: 1, seed: 92 }, 0.2);
  const stop = { tolerance: 1e-8, maxIterations: 60 };
  const steps = [...iterate(em<Observations>(), model, theta, data, stop)];
  const mirror = [...iterate(projectedMirrorDescent(), model, theta, data, stop)];
  expect(mirror.length).toBe(steps.length);
  expect(steps.length).toBeGreaterThan(10);
  mirror.forEach((at, t) => {
    expect(deviation(at.theta, steps[t].theta)).toBeLessThan(1e-7);
    expect(Math.abs(at.objective - steps[t].objective)).toBeLessThan(1e-9);
    expect(Math.abs(at.gain - steps[t].gain)).toBeLessThan(1e-8 * (1 + at.gain));
  });
});

test.each(["linear", "logistic"] as const)(
  "far from the rows, with saturated gates and an expert of one row, it reaches EM's Q to 1e-11 nats per row: %s",
  (experts) => {
    const problem = drawLifted({ experts, k: 3, rows: 200, features: 2, seed: 16 }, 4);
    const { theta } = problem;
    const [mirror, next] = [mirrorStep(problem, theta), emStep(problem, theta)];
    expect(Math.abs(surrogate(problem, mirror, theta) - surrogate(problem, next, theta))).toBeLessThan(1e-11);
  },
);

test("a step that leaves the mean parameters for good is a failure, not a point", () => {
  const problem = drawLifted({ experts: "linear", k: 3, rows: 60, features: 2, seed: 93 }, 2);
  expect(() => mirrorStep(problem, problem.theta, 50)).toThrow(/step of size 50 has no Bregman projection/);
});

test.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])("a step size of %d is refused", (stepSize) => {
  expect(() => projectedMirrorDescent({ stepSize })).toThrow(
    `Cannot use projected mirror descent: expected stepSize to be a number above 0, got ${stepSize}`,
  );
});

/** η of mean parameters: (r, rμ, r(μ² + σ²)) of linear experts, (r, rμ) of Poisson ones, the logarithms of logistic ones. */
function naturalOf({ model }: LiftedProblem, means: Float64Array): Float64Array {
  if (model.spec.experts === "logistic") return means.map(Math.log);
  const { size } = lift(model).expert;
  return means.map((_, at) => {
    const first = at - (at % size);
    const logGate = Math.log(means[first]);
    const mean = means[first + 1] / means[first];
    if (model.spec.experts === "poisson") return at === first ? logGate - mean : Math.log(mean);
    if (model.spec.experts === "gamma") {
      const shape = shapeOf(Math.log(mean) - means[first + 2] / means[first]);
      return [logGate - logGamma(shape) + shape * Math.log(shape / mean), -shape / mean, shape][at - first];
    }
    const variance = means[first + 2] / means[first] - mean ** 2;
    return [logGate - mean ** 2 / (2 * variance) - 0.5 * Math.log(variance), mean / variance, -0.5 / variance][
      at - first
    ];
  });
}

/** The shape ν with log ν − ψ(ν) equal to a positive number, by bisection of its logarithm. */
function shapeOf(excess: number): number {
  let [low, high] = [-40, 40];
  while (high - low > 1e-15 * (1 + Math.abs(low))) {
    const middle = (low + high) / 2;
    if (middle === low || middle === high) break;
    if (middle - digamma(Math.exp(middle)) > excess) low = middle;
    else high = middle;
  }
  return Math.exp(low);
}
