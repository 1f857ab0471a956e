import fc from "fast-check";
import { expect, test } from "vitest";
import { assignment } from "../../src/math/assignment.ts";

/** Every order of the numbers below k. */
function orders(k: number): number[][] {
  if (k === 0) return [[]];
  return orders(k - 1).flatMap((order) => Array.from({ length: k }, (_, at) => order.toSpliced(at, 0, k - 1)));
}

test("the assignment is the cheapest of all, ties and negative costs included", () => {
  const costs = fc.integer({ min: 1, max: 6 }).chain((k) =>
    fc.array(fc.oneof(fc.integer({ min: -3, max: 3 }), fc.double({ min: -1e3, max: 1e3, noNaN: true })), {
      minLength: k * k,
      maxLength: k * k,
    }),
  );
  fc.assert(
    fc.property(costs, (cost) => {
      const k = Math.sqrt(cost.length);
      const total = (rows: ArrayLike<number>) => Array.from(rows, (i, j) => cost[i * k + j]).reduce((a, b) => a + b, 0);
      const found = assignment(Float64Array.from(cost), k);
      expect(new Set(found).size).toBe(k);
      expect(total(found)).toBeLessThanOrEqual(Math.min(...orders(k).map(total)) + 1e-9);
    }),
    { numRuns: 300 },
  );
});
