import fc from "fast-check";
import { expect, test } from "vitest";
import { BLOCK_ROWS } from "../../src/compute/blocks.ts";
import { exponentials, type Gate } from "../../src/laws/gates/gate.ts";
import { GATE_KINDS, gateOf } from "../../src/laws/gates/registry.ts";
import { normaliseLogits } from "../../src/laws/softmax.ts";
import { random } from "../../src/math/random.ts";
import { type Predictor, places } from "../../src/rows/predictor.ts";
import { deviation, jacobian } from "../support/differences.ts";

// A gate is held to its own definition, P(z) ∝ exp a_z(η), one row at a time.

const draws = fc.record({
  kind: fc.constantFrom(...GATE_KINDS),
  k: fc.integer({ min: 1, max: 5 }),
  seed: fc.integer({ min: 1, max: 2 ** 31 - 1 }),
});

/** The first number of each run. */
const first = (runs: Float64Array, count: number): Float64Array =>
  Float64Array.from({ length: count }, (_, run) => runs[run * BLOCK_ROWS]);

/** Runs that begin with these numbers. */
function runsOf(values: ArrayLike<number>): Float64Array {
  const runs = new Float64Array(values.length * BLOCK_ROWS);
  for (let at = 0; at < values.length; at++) runs[at * BLOCK_ROWS] = values[at];
  return runs;
}

function logitsOf(gate: Gate, eta: Float64Array, k: number): Float64Array {
  const logits = new Float64Array(k * BLOCK_ROWS);
  gate.logits(runsOf(eta), 1, logits);
  return logits;
}

/** log P(z), k numbers. */
function logProbabilities(gate: Gate, eta: Float64Array, k: number): Float64Array {
  const logits = logitsOf(gate, eta, k);
  normaliseLogits(logits, k, 1);
  return first(logits, k);
}

/** A gate at a point: its predictors, probabilities and responsibilities of a row. */
function pointOf({ kind, k, seed }: { kind: (typeof GATE_KINDS)[number]; k: number; seed: number }) {
  const rng = random(seed);
  const gate = gateOf(kind, k);
  const m = gate.owners.length;
  const eta = Float64Array.from({ length: m }, () => 2 * rng.normal());
  const logs = runsOf(logProbabilities(gate, eta, k));
  const g = new Float64Array(k * BLOCK_ROWS);
  exponentials(logs, k, 1, g);
  const shares = Float64Array.from({ length: k }, () => rng.uniform());
  const total = shares.reduce((sum, share) => sum + share, 0);
  const r = runsOf(shares.map((share) => share / total));
  const expected = (at: Float64Array): number =>
    logProbabilities(gate, at, k).reduce((sum, log, z) => sum + r[z * BLOCK_ROWS] * log, 0);
  return { gate, k, m, eta, g, r, rng, expected };
}

test("probabilities sum to one, and are those of the logits", () => {
  fc.assert(
    fc.property(draws, (draw) => {
      const { gate, k, eta, g } = pointOf(draw);
      const weights = first(logitsOf(gate, eta, k), k).map(Math.exp);
      const total = weights.reduce((sum, weight) => sum + weight, 0);
      expect(first(g, k).reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 12);
      expect(
        deviation(
          first(g, k),
          weights.map((weight) => weight / total),
        ),
      ).toBeLessThan(1e-13);
    }),
  );
});

test("slopes are the logits' derivatives, of the predictors that each reads and of no other", () => {
  fc.assert(
    fc.property(draws, (draw) => {
      const { gate, k, m, eta, g } = pointOf(draw);
      fc.pre(m > 0);
      const difference = jacobian((at) => first(logitsOf(gate, at, k), k), eta);
      for (let z = 0; z < k; z++) {
        const read = gate.read(z);
        const slopes = new Float64Array(Math.max(1, read.length) * BLOCK_ROWS);
        gate.slopes(z, g, 1, slopes);
        const found = new Float64Array(m);
        read.forEach((h, at) => {
          found[h] = slopes[at * BLOCK_ROWS];
        });
        expect(deviation(found, difference[z])).toBeLessThan(1e-8);
      }
    }),
  );
});

test("scores and curvatures are the derivatives of Σ r log P, and a curved vector is their product", () => {
  fc.assert(
    fc.property(draws, (draw) => {
      const { gate, m, eta, g, r, rng, expected } = pointOf(draw);
      fc.pre(m > 0);
      const scores = new Float64Array(m * BLOCK_ROWS);
      gate.scores(g, r, 1, scores);
      const [slope] = jacobian((at) => Float64Array.of(expected(at)), eta);
      expect(deviation(first(scores, m), slope)).toBeLessThan(1e-8);

      const curvature = Float64Array.from({ length: m * m }, (_, at) => {
        const run = new Float64Array(BLOCK_ROWS);
        gate.curvature(g, r, Math.floor(at / m), at % m, 1, run);
        return run[0];
      });
      const gradient = (at: Float64Array): Float64Array => {
        const there = new Float64Array(m * BLOCK_ROWS);
        const logs = runsOf(logProbabilities(gate, at, draw.k));
        exponentials(logs, draw.k, 1, logs);
        gate.scores(logs, r, 1, there);
        return first(there, m).map((value) => -value);
      };
      expect(
        deviation(
          curvature,
          jacobian(gradient, eta).flatMap((row) => Array.from(row)),
        ),
      ).toBeLessThan(1e-7);

      const u = Float64Array.from({ length: m }, () => rng.normal());
      const curved = new Float64Array(m * BLOCK_ROWS);
      gate.curved(g, r, runsOf(u), 1, curved);
      const product = u.map((_, h) => u.reduce((sum, value, j) => sum + curvature[h * m + j] * value, 0));
      expect(deviation(first(curved, m), product)).toBeLessThan(1e-12);
    }),
  );
});

test("experts in another order have each other's probabilities", () => {
  fc.assert(
    fc.property(draws, (draw) => {
      const { gate, k, m, rng } = pointOf(draw);
      fc.pre(m > 0);
      const d = 3;
      const predictors = gate.owners.map((_, h): Predictor => ({ design: "gate", at: places(1 + h * d, d) }));
      const theta = Float64Array.from({ length: 1 + m * d }, () => rng.normal());
      const row = Float64Array.from({ length: d }, () => rng.normal());
      const at = (point: Float64Array): Float64Array => {
        const eta = predictors.map(({ at }) => row.reduce((sum, x, j) => sum + x * point[at[j]], 0));
        return logProbabilities(gate, Float64Array.from(eta), k);
      };
      const own = gate.ofExperts(predictors, theta);
      const order = Array.from(own.keys()).reverse();
      const moved = theta.slice();
      gate.setOfExperts(
        predictors,
        moved,
        order.map((z) => own[z]),
      );
      const before = at(theta);
      expect(
        deviation(
          at(moved),
          Float64Array.from(order, (z) => before[z]),
        ),
      ).toBeLessThan(1e-12);
      expect(moved[0]).toBe(theta[0]);
    }),
  );
});
