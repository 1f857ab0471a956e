import fc from "fast-check";
import { expect, test } from "vitest";
import { BLOCK_ROWS } from "../../src/compute/blocks.ts";
import type { Gate } from "../../src/laws/gates/gate.ts";
import { alikeOrder, expertsBelow, movesOf, nearestOrder, sortedOrder } from "../../src/laws/gates/nodes.ts";
import { expertsOf, GATE_KINDS, type GateKind, gateOf } from "../../src/laws/gates/registry.ts";
import { normaliseLogits } from "../../src/laws/softmax.ts";
import { random } from "../../src/math/random.ts";
import { relabelled } from "../../src/models/relabel.ts";
import { type Predictor, places } from "../../src/rows/predictor.ts";
import { deviation, jacobian } from "../support/differences.ts";

// A gate is held to its own definition, P(z) ∝ exp a_z(η), one row at a time.

const draws = fc.record({
  kind: fc.constantFrom(...GATE_KINDS, "tree:4", "tree:2x2", "tree:2x3", "tree:3x2", "tree:2x2x2"),
  flat: fc.integer({ min: 1, max: 5 }),
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

/** The gate's own probabilities of a row. */
function ownProbabilities(gate: Gate, eta: Float64Array, k: number): Float64Array {
  const g = new Float64Array(gate.runs * BLOCK_ROWS);
  gate.probabilities(runsOf(logProbabilities(gate, eta, k)), 1, g);
  return g;
}

/** A gate at a point: its predictors, probabilities and responsibilities of a row, which need not sum to 1. */
function pointOf({ kind, flat, seed }: { kind: GateKind; flat: number; seed: number }) {
  const rng = random(seed);
  const k = expertsOf(kind) ?? flat;
  const gate = gateOf(kind, k);
  const m = gate.nodes.reduce((sum, { branches }) => sum + branches.length - 1, 0);
  const eta = Float64Array.from({ length: m }, () => 2 * rng.normal());
  const g = ownProbabilities(gate, eta, k);
  // Whatever they sum to: responsibilities may be given.
  const r = runsOf(Float64Array.from({ length: k }, () => 2 * rng.uniform()));
  const expected = (at: Float64Array): number =>
    logProbabilities(gate, at, k).reduce((sum, log, z) => sum + r[z * BLOCK_ROWS] * log, 0);
  return { gate, k, m, eta, g, r, rng, expected };
}

test("probabilities sum to one, and are those of the logits", () => {
  fc.assert(
    fc.property(draws, (draw) => {
      const { gate, k, eta, g } = pointOf(draw);
      // Written out: the product of the choices on the way to each expert.
      const own = first(g, gate.runs);
      let run = 0;
      const found = new Float64Array(k).fill(1);
      for (const { first: from, branches } of gate.nodes) {
        const weights = branches.map((_, c) => (c === 0 ? 1 : Math.exp(eta[from + c - 1])));
        const total = weights.reduce((sum, weight) => sum + weight, 0);
        branches.forEach(({ experts }, c) => {
          expect(own[run++]).toBeCloseTo(weights[c] / total, 12);
          for (const z of experts) found[z] *= weights[c] / total;
        });
      }
      expect(found.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 12);
      expect(deviation(logProbabilities(gate, eta, k), found.map(Math.log))).toBeLessThan(1e-12);
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
      const { gate, k, m, eta, g, r, rng, expected } = pointOf(draw);
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
        gate.scores(ownProbabilities(gate, at, k), r, 1, there);
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
      const predictors = Array.from({ length: m }, (_, h): Predictor => ({ design: "gate", at: places(1 + h * d, d) }));
      const theta = Float64Array.from({ length: 1 + m * d }, () => rng.normal());
      const row = Float64Array.from({ length: d }, () => rng.normal());
      const at = (point: Float64Array): Float64Array => {
        const eta = predictors.map(({ at }) => row.reduce((sum, x, j) => sum + x * point[at[j]], 0));
        return logProbabilities(gate, Float64Array.from(eta), k);
      };
      const shares = Float64Array.from({ length: k }, () => rng.uniform());
      const share = (experts: readonly number[]): number => experts.reduce((sum, z) => sum + shares[z], 0);
      const order = sortedOrder(gate.nodes, (one, other) => share(other) - share(one));
      const moved = relabelled({ gateLaw: gate, gate: predictors, experts: [] }, theta, order);
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

test("a tree of one level is the flat gate, to the bit", () => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 6 }), fc.integer(), (k, seed) => {
      const rng = random(seed);
      const [flat, tree] = [gateOf("softmax", k), gateOf(`tree:${k}`, k)];
      const rows = 7;
      const runs = (count: number): Float64Array =>
        Float64Array.from({ length: count * BLOCK_ROWS }, () => rng.normal());
      const [eta, u, r] = [runs(k - 1), runs(k - 1), runs(k)];
      const all = [flat, tree].map((gate) => {
        const at = (length: number, fill: (out: Float64Array) => void): number[] => {
          const out = new Float64Array(length * BLOCK_ROWS);
          fill(out);
          return Array.from({ length }, (_, run) => [
            ...out.subarray(run * BLOCK_ROWS, run * BLOCK_ROWS + rows),
          ]).flat();
        };
        const logs = new Float64Array(k * BLOCK_ROWS);
        gate.logits(eta, rows, logs);
        normaliseLogits(logs, k, rows);
        const g = new Float64Array(gate.runs * BLOCK_ROWS);
        gate.probabilities(logs, rows, g);
        return [
          ...at(k, (out) => void out.set(logs)),
          ...at(k - 1, (out) => gate.scores(g, r, rows, out)),
          ...at(k - 1, (out) => gate.curved(g, r, u, rows, out)),
          ...at(1, (out) => gate.curvature(g, r, k - 2, 0, rows, out)),
          ...at(1, (out) => gate.slopes(k - 1, g, rows, out)),
          ...gate.read(k - 1),
          ...gate.penalty,
        ];
      });
      expect(all[1]).toEqual(all[0]);
    }),
  );
});

test("a node that is all but impossible has its own probabilities all the same", () => {
  const gate = gateOf("tree:2x2", 4);
  const g = ownProbabilities(gate, Float64Array.of(-2000, 0, 1), 4);
  expect(deviation(first(g, 6), [1, 0, 0.5, 0.5, 1 / (1 + Math.E), Math.E / (1 + Math.E)])).toBeLessThan(1e-12);
});

test("the nearest order is the least of all that keep siblings together, and one that parts them is refused", () => {
  fc.assert(
    fc.property(
      fc.constantFrom("tree:2x2", "tree:2x3", "tree:3x2", "tree:2x2x2", "tree:4"),
      fc.integer(),
      (kind, seed) => {
        const rng = random(seed);
        const k = expertsOf(kind) ?? 0;
        const { nodes } = gateOf(kind as GateKind, k);
        const costs = Float64Array.from({ length: k * k }, () => rng.uniform());
        const ofBranches = Float64Array.from({ length: 10000 }, () => rng.uniform());
        const expert = (from: number, to: number): number => costs[from * k + to];
        const branch = ([a, b]: readonly [number, number], [c, d]: readonly [number, number]): number =>
          ofBranches[a * 1000 + b * 100 + c * 10 + d];
        const costOf = (order: readonly number[]): number =>
          order.reduce((sum, from, to) => sum + expert(from, to), 0) +
          movesOf(nodes, order).reduce(
            (sum, { from, branches }, to) => branches.reduce((own, b, c) => own + branch([from, b], [to, c]), sum),
            0,
          );
        const found = nearestOrder(nodes, { expert, branch });
        expect(found.cost).toBeCloseTo(costOf(found.order), 12);
        for (let draw = 0; draw < 200; draw++) {
          const keys = Float64Array.from({ length: k }, () => rng.uniform());
          const key = (experts: readonly number[]): number => Math.min(...experts.map((z) => keys[z]));
          const other = sortedOrder(nodes, (a, b) => key(a) - key(b));
          expect(costOf(other)).toBeGreaterThan(found.cost - 1e-12);
        }
      },
    ),
    { numRuns: 20 },
  );
  const { nodes } = gateOf("tree:2x2", 4);
  expect(nodes.map(expertsBelow)).toEqual([
    [0, 1, 2, 3],
    [0, 1],
    [2, 3],
  ]);
  expect(() => movesOf(nodes, [0, 2, 1, 3])).toThrow(
    "Cannot reorder the experts: expected an order that keeps the branches of each node together, got 1, 3, 2, 4",
  );
});

test("experts that are alike are split among the nodes together, and one that stays comes last", () => {
  const { nodes } = gateOf("tree:3x2", 6);
  const group = [0, 1, 2, 2, 1, 0];
  const likeness = (a: number, b: number): number => Number(group[a] === group[b]);
  for (const last of [undefined, 1]) {
    const order = alikeOrder(nodes, likeness, last);
    expect([...order].sort()).toEqual([0, 1, 2, 3, 4, 5]);
    for (const at of [0, 2, 4]) expect(group[order[at]]).toBe(group[order[at + 1]]);
    if (last !== undefined) expect(order.at(-1)).toBe(last);
  }
});
