import fc from "fast-check";
import { expect, test } from "vitest";
import { random } from "../../src/math/random.ts";
import { balanced, type Unbalanced } from "../../src/solve/balance.ts";

interface Drawn {
  readonly rows: number;
  readonly k: number;
  readonly size: number;
  readonly least: number;
  readonly width: number;
  readonly far: number;
  readonly seed: number;
}

const cases: fc.Arbitrary<Drawn> = fc.record({
  rows: fc.integer({ min: 20, max: 120 }),
  k: fc.integer({ min: 2, max: 7 }),
  size: fc.constantFrom(0.3, 3, 30),
  least: fc.constantFrom(0, 0.1, 0.5, 0.9, 1),
  width: fc.constantFrom(1, 1.5, 4),
  // Some columns are far below the others, as those of dead experts are.
  far: fc.constantFrom(0, 20, 1000),
  seed: fc.integer({ min: 1, max: 2 ** 30 }),
});

function drawn({ rows, k, size, least, width, far, seed }: Drawn): Unbalanced {
  const rng = random(seed);
  const joint = Float64Array.from({ length: rows * k }, (_, at) => {
    return size * rng.normal() - (at % k > k / 2 ? far * (1 + rng.uniform()) : 0);
  });
  const weights = Float64Array.from({ length: rows }, () => 0.5 + rng.uniform());
  return { joint, k, weights, least, most: Math.max(1, least === 0 ? width : width / Math.max(least, 0.2)) };
}

/** Σ w Σ q (J − log q), nats. */
function primal({ joint, k, weights }: Unbalanced, q: Float64Array): number {
  let sum = 0;
  for (let at = 0; at < q.length; at++) {
    if (q[at] > 0) sum += weights[Math.floor(at / k)] * q[at] * (joint[at] - Math.log(q[at]));
  }
  return sum;
}

function means({ k, weights }: Unbalanced, q: Float64Array): number[] {
  const sums = new Array<number>(k).fill(0);
  q.forEach((value, at) => {
    sums[at % k] += weights[Math.floor(at / k)] * value;
  });
  const total = weights.reduce((sum, w) => sum + w, 0);
  return sums.map((sum) => sum / total);
}

test("columns have means within the band, and the primal is the dual: no other probabilities there are nearer", () => {
  fc.assert(
    fc.property(cases, (options) => {
      const rows = drawn(options);
      const found = balanced(rows)!;
      expect(found).toBeDefined();
      const { k, least, most, weights } = rows;
      for (const mean of means(rows, found.probabilities)) {
        expect(mean).toBeGreaterThanOrEqual(least / k - 1e-8);
        expect(mean).toBeLessThanOrEqual(most / k + 1e-8);
      }
      const total = weights.reduce((sum, w) => sum + w, 0);
      const value = primal(rows, found.probabilities);
      expect(Math.abs(value - found.dual) / total).toBeLessThan(1e-9 * Math.max(1, Math.abs(value) / total));
    }),
    { numRuns: 300 },
  );
});

test("a band that the rows keep to by themselves changes nothing", () => {
  const rows = drawn({ rows: 80, k: 4, size: 1, least: 0, width: 4, far: 0, seed: 3 });
  const { probabilities, multipliers, dual } = balanced({ ...rows, least: 0, most: 4 })!;
  expect(Array.from(multipliers)).toEqual([0, 0, 0, 0]);
  let logSums = 0;
  for (let i = 0; i < 80; i++) {
    const row = Array.from(rows.joint.subarray(4 * i, 4 * i + 4));
    const sum = row.reduce((all, value) => all + Math.exp(value), 0);
    logSums += rows.weights[i] * Math.log(sum);
    row.forEach((value, z) => {
      expect(probabilities[4 * i + z]).toBeCloseTo(Math.exp(value) / sum, 14);
    });
  }
  expect(dual).toBeCloseTo(logSums, 10);
});

test("two columns of even shares are those of a shift that bisection finds", () => {
  const rows = { ...drawn({ rows: 60, k: 2, size: 3, least: 1, width: 1, far: 20, seed: 8 }), least: 1, most: 1 };
  const { joint, weights } = rows;
  const total = weights.reduce((sum, w) => sum + w, 0);
  const share = (shift: number): number =>
    weights.reduce((sum, w, i) => sum + w / (1 + Math.exp(joint[2 * i] - joint[2 * i + 1] - shift)), 0) / total;
  let [low, high] = [-1e4, 1e4];
  for (let round = 0; round < 200; round++) {
    const middle = (low + high) / 2;
    if (share(middle) < 0.5) low = middle;
    else high = middle;
  }
  const { multipliers } = balanced(rows)!;
  expect(multipliers[1] - multipliers[0]).toBeCloseTo(low, 7);
});

test("a wider band is never further from the rows, and a start elsewhere finds the same", () => {
  fc.assert(
    fc.property(cases, fc.double({ min: 0, max: 1, noNaN: true }), (options, share) => {
      const rows = drawn(options);
      const narrow = balanced(rows)!;
      const wide = balanced(
        { ...rows, least: rows.least * share, most: rows.most / Math.max(share, 0.1) },
        narrow.multipliers,
      )!;
      expect(wide.dual).toBeGreaterThanOrEqual(narrow.dual - 1e-10 * (1 + Math.abs(narrow.dual)));
      const again = balanced(rows, wide.multipliers)!;
      expect(Math.abs(again.dual - narrow.dual)).toBeLessThan(1e-9 * (1 + Math.abs(narrow.dual)));
    }),
    { numRuns: 100 },
  );
});

test("there is no balance where a column is impossible in all rows", () => {
  const rows = drawn({ rows: 40, k: 3, size: 1, least: 0.5, width: 2, far: 0, seed: 1 });
  const joint = rows.joint.map((value, at) => (at % 3 === 1 ? Number.NEGATIVE_INFINITY : value));
  expect(balanced({ ...rows, joint })).toBeUndefined();
});
