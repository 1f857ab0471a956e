import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { mixtureInformation } from "../../src/models/information.ts";
import { type Mixture, mixture } from "../../src/models/mixture.ts";
import { projectedMirrorDescent } from "../../src/theory/projected-mirror-descent.ts";
import { deviation } from "../support/differences.ts";
import {
  drawLifted,
  expand,
  LIFTED_KINDS,
  type LiftedProblem,
  meanOver,
  penaltyOf,
  posteriorLaw,
  surrogate,
  written,
} from "../support/lifted.ts";
import { minimise } from "../support/minimise.ts";
import { emStep, lossAt } from "../support/problems.ts";
import { TREE_SIZES, treeShapes } from "../support/trees.ts";

// Hierarchical mixtures of experts: EM of a tree of gates is projected mirror descent in its lift. All in nats per row.

const lifted: fc.Arbitrary<LiftedProblem> = fc
  .record({
    experts: fc.constantFrom(...LIFTED_KINDS),
    gate: treeShapes,
    seed: fc.integer({ min: 1, max: 2 ** 31 - 1 }),
    weighted: fc.boolean(),
    ridge: fc.constantFrom(0, 0.5),
    held: fc.constantFrom(0, 0.3),
  })
  .map((options) => drawLifted({ ...options, k: TREE_SIZES[options.gate], rows: 200, features: 1, binary: true }));

test("the likelihood is that of the model written out", () => {
  fc.assert(
    fc.property(lifted, (problem) => {
      const { model, data, theta } = problem;
      const rows = written(problem, theta);
      const { logLikelihood, responsibilities } = model.posterior(theta, data);
      const byHand = rows.reduce((sum, { loss }, i) => sum - (data.weights?.[i] ?? 1) * loss, 0);
      expect(Math.abs(logLikelihood / byHand - 1)).toBeLessThan(1e-12);
      expect(
        deviation(
          responsibilities,
          rows.flatMap(({ posterior }) => posterior),
        ),
      ).toBeLessThan(1e-11);
    }),
    { numRuns: 20 },
  );
});

test("L never rises by more than 1e-12 in a step of EM, and falls by ΔQ and the posteriors' divergence", () => {
  fc.assert(
    fc.property(lifted, (problem) => {
      let { theta } = problem;
      const plain = { ...problem, model: mixture({ ...problem.model.spec, ridge: 0 }) };
      for (let t = 0; t < 12; t++) {
        const next = emStep(plain, theta);
        const scale = 1 + Math.abs(lossAt(plain, theta));
        const fall = lossAt(plain, theta) - lossAt(plain, next);
        expect(fall).toBeGreaterThan(-1e-12 * scale);
        if (t === 0) {
          const q = surrogate(plain, theta, theta) - surrogate(plain, next, theta);
          expect(Math.abs(fall - q - posteriorLaw(plain, theta, next))).toBeLessThan(1e-12 * scale);
        }
        theta = next;
      }
    }),
    { numRuns: 10 },
  );
});

test("the lift: its loss, chain rule and identities (1) and (4) hold to 1e-12 of their terms", () => {
  fc.assert(
    fc.property(lifted, (problem) => {
      const { model, lifted, data, theta, phi } = problem;
      const { eta, from, linear, divergence, size } = expand(problem);
      const weight = model.totalWeight(data);
      const loss = lifted.loss(eta, data);
      expect(Math.abs(loss + model.posterior(theta, data).logLikelihood / weight)).toBeLessThan(1e-12 * size);
      const pulled = lifted.pullback(eta, lifted.lossGradient(eta, data), data);
      const { gradient } = mixture({ ...model.spec, ridge: 0 }).gradient(theta, data);
      const scale = Math.max(1, ...pulled.map(Math.abs));
      expect(
        deviation(
          pulled,
          gradient.map((g) => -g / weight),
        ),
      ).toBeLessThan(1e-12 * scale);
      const q = surrogate(problem, theta, phi) - surrogate(problem, phi, phi);
      expect(Math.abs(q - linear - divergence)).toBeLessThan(1e-12 * size);
      expect(Math.abs(lifted.completeDivergence(from, eta, data) - divergence)).toBeLessThan(1e-12 * size);
      const gap = posteriorLaw(problem, phi, theta);
      expect(Math.abs(loss - lifted.loss(from, data) - linear - divergence + gap)).toBeLessThan(1e-12 * size);
    }),
    { numRuns: 20 },
  );
});

function mirrorStep({ model, data }: LiftedProblem, theta: Float64Array, stepSize = 1): Float64Array {
  const { init, step } = projectedMirrorDescent({ stepSize });
  const found = step(model, theta, init(model, theta, data), data);
  if ("failure" in found) throw new Error(found.failure.reason);
  return found.theta;
}

test("one step of projected mirror descent of size 1 is one EM step, to 1e-8", () => {
  fc.assert(
    fc.property(lifted, (problem) => {
      expect(deviation(mirrorStep(problem, problem.theta), emStep(problem, problem.theta))).toBeLessThan(1e-8);
    }),
    { numRuns: 20 },
  );
});

const CASES = [
  { experts: "linear", gate: "tree:2x2", k: 4, seed: 11 },
  { experts: "linear", gate: "tree:2x3", k: 6, seed: 12 },
  { experts: "logistic", gate: "tree:2x2", k: 4, seed: 13 },
] as const;

describe.each(CASES)("$experts experts, $gate", (options) => {
  const problem = drawLifted({
    ...options,
    rows: 300,
    features: 1,
    binary: true,
    ridge: options.experts === "linear" ? 0 : 0.5,
  });
  const { model, lifted, data, theta } = problem;

  test("EM's step is the minimum of its surrogate and penalty that a search without derivatives finds, to 1e-6", () => {
    const few = drawLifted({ ...options, rows: 50, features: 1, binary: true });
    const plain = { ...few, model: mixture({ ...model.spec, ridge: 4 }) };
    const { data, theta } = plain;
    const from = written(plain, theta);
    const expected = (at: Float64Array): number => {
      const rows = written(plain, at);
      const own = meanOver(data, (i) =>
        from[i].posterior.reduce((sum, r, z) => sum - r * rows[i].logJoint(z, data.response[i]), 0),
      );
      return own + penaltyOf(plain, at);
    };
    const next = emStep(plain, theta);
    // It is a sum over the gates' nodes and the experts: each is searched for by itself.
    const found = next.slice();
    for (const places of blocksOf(plain.model)) {
      const at = (own: Float64Array): Float64Array => {
        const whole = next.slice();
        places.forEach((place, j) => {
          whole[place] = own[j];
        });
        return whole;
      };
      const elsewhere = Float64Array.from(places, (place, j) => next[place] + 0.2 * Math.sin(7 * j + 1));
      const own = minimise((values) => expected(at(values)), elsewhere, 40);
      places.forEach((place, j) => {
        found[place] = own[j];
      });
    }
    expect(expected(next) - expected(found)).toBeLessThan(1e-12);
    expect(deviation(found, next)).toBeLessThan(1e-6 * Math.max(1, ...next.map(Math.abs)));
  });

  test("negative control: with exchanged arguments of D_A the identities fail by 1e-3", () => {
    const far = drawLifted({ ...options, rows: 300, features: 1, binary: true }, 1.5);
    const { eta, from, linear } = expand(far);
    const exchanged = far.lifted.divergence(from, eta, far.data);
    const q = surrogate(far, far.theta, far.phi) - surrogate(far, far.phi, far.phi);
    expect(Math.abs(q - linear - exchanged)).toBeGreaterThan(1e-3);
  });

  test("negative control: mirror descent of step size 0.9 is not EM, by 1e-3", () => {
    expect(deviation(mirrorStep(problem, theta, 0.9), emStep(problem, theta))).toBeGreaterThan(1e-3);
  });

  test("negative control: lower gates without their row weights are no M-step, by 1e-3", () => {
    const { responsibilities } = model.posterior(theta, data);
    const next = emStep(problem, theta);
    // The gate below the first branch, fitted to the shares of its experts in each row, which all count alike.
    const [, { first, branches }] = model.gateLaw.nodes;
    const { k } = model.spec;
    const count = branches.length;
    const spec = { ...model.spec, k: count, gate: "softmax", fixed: {} } as const;
    const shares = new Float64Array(data.rows * count);
    for (let i = 0; i < data.rows; i++) {
      const own = branches.map(({ experts: [z] }) => responsibilities[i * k + z]);
      const sum = own.reduce((total, r) => total + r, 0);
      own.forEach((r, c) => {
        shares[i * count + c] = r / sum;
      });
    }
    const small = mixture(spec);
    const unweighted = small.maximise(new Float64Array(small.names.length), { responsibilities: shares }, data).theta;
    const at = small.gate.flatMap((predictor) => predictor.at);
    const own = model.gate.slice(first, first + count - 1).flatMap((predictor) => predictor.at);
    expect(
      deviation(
        at.map((j) => unweighted[j]),
        own.map((j) => next[j]),
      ),
    ).toBeGreaterThan(1e-3);
  });

  test("negative control: with the prior reach of a node for the posterior one, I_c − I_m is not the Hessian, by 1e-4", () => {
    const { gateLaw } = model;
    const wrong = {
      ...gateLaw,
      curvature: (g: Float64Array, _: Float64Array, h: number, j: number, rows: number, out: Float64Array) =>
        gateLaw.curvature(g, priorOf(model, g), h, j, rows, out),
    };
    const weight = model.totalWeight(data);
    const [right, off] = [model, { ...model, gateLaw: wrong }].map(
      (parts) => mixtureInformation(parts, theta.length, theta, data).complete,
    );
    expect(deviation(right, off) / weight).toBeGreaterThan(1e-4);
    // The lift's curvature at its own mean parameters is that of the prior reach.
    expect(lifted.size).toBeGreaterThan(0);
  });
});

/** Places of the parameters of each gate and of each expert, by their names. */
function blocksOf({ names }: Mixture): readonly (readonly number[])[] {
  const blocks = new Map<string, number[]>();
  names.forEach((name, place) => {
    // A branch's name less its own number is that of the gate above it.
    const [owner] = /^node[\d.]*(?=\d+\.)|^expert\d+/.exec(name) ?? [name];
    blocks.set(owner, [...(blocks.get(owner) ?? []), place]);
  });
  return [...blocks.values()];
}

/** Probabilities of the experts (runs), from those of the branches. */
function priorOf({ gateLaw: { nodes }, spec: { k } }: Mixture, g: Float64Array): Float64Array {
  const rows = g.length / nodes.reduce((sum, { branches }) => sum + branches.length, 0);
  const out = new Float64Array(k * rows).fill(1);
  let run = 0;
  for (const { branches } of nodes) {
    for (const { experts } of branches) {
      for (const z of experts) for (let i = 0; i < rows; i++) out[z * rows + i] *= g[run * rows + i];
      run++;
    }
  }
  return out;
}
