import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { STRETCH_ROWS } from "../../src/compute/blocks.ts";
import { fit } from "../../src/fit/fit.ts";
import type { FitOptions } from "../../src/fit/fit-options.ts";
import { source } from "../../src/fit/source/source.ts";
import { random } from "../../src/math/random.ts";
import { type Cluster, startCluster } from "./cluster.ts";

// Rows that are not summed as they are kept: those of units, whole in each block, and columns that are scaled as they are read.

// Each waits for nothing but Spark, which takes its time on a machine that is busy.
vi.setConfig({ testTimeout: 900_000 });

let cluster: Cluster;
// The first time Spark is downloaded.
beforeAll(async () => {
  cluster = await startCluster();
}, 900_000);
afterAll(() => cluster?.stop(), 120_000);

/** Visits of persons, in any order; the year is far from 0 for how much it varies. */
function visits(count: number, persons: number) {
  const rng = random(3);
  const age = Array.from({ length: persons }, () => rng.normal());
  const isFirst = age.map((value) => rng.uniform() < 1 / (1 + Math.exp(-1.5 * value)));
  const rows = Array.from({ length: count }, () => {
    const person = rng.integer(persons);
    const [x, year] = [rng.normal(), 1990 + rng.integer(30)];
    const y = (isFirst[person] ? 1 + x : -0.5 - x + 0.05 * (year - 2005)) + rng.normal();
    return {
      x,
      year,
      y,
      age: age[person],
      id: `p${person}`,
      p1: isFirst[person] ? 0.8 : 0.3,
      p2: isFirst[person] ? 0.2 : 0.7,
    };
  });
  return source(rows);
}

const rows = visits(2 * STRETCH_ROWS + 5000, 9000);

test.each<[string, FitOptions, readonly number[]]>([
  ["groups", { formula: "y ~ x | age", group: "id" }, [1, 2, 4]],
  ["scaled columns, with a ridge", { formula: "y ~ x + year | age", scale: true, ridge: 1 }, [1, 2, 4]],
  ["groups in scaled columns", { formula: "y ~ x + year | age", group: "id", scale: true }, [2]],
  ["columns that are far from 0", { formula: "y ~ x + year | age + year" }, [2]],
  ["a polynomial, from start columns", { formula: "y ~ poly(x, 2) | age", startColumns: ["p1", "p2"] }, [2]],
])("%s have the bits that they have without Spark", (_, asked, all) => {
  const options: FitOptions = { ...asked, k: 2, starts: 2, maxIterations: 3 };
  const known = fit(rows, options);
  expect(known.trace.length).toBe(4);
  for (const partitions of all) {
    const found = fit(rows, { ...options, engine: cluster.engine, partitions });
    expect(found.trace).toEqual(known.trace);
    expect(found.theta).toEqual(known.theta);
    expect(found.coefficients).toEqual(known.coefficients);
  }
});
