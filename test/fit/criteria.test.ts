import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { criteria } from "../../src/fit/criteria.ts";
import { fit } from "../../src/fit/fit.ts";
import { random } from "../../src/math/random.ts";

const numbers = { logLikelihood: -50, parameters: 7 };

test("ICL is flexmix's: 2574.2356 for Poisson counts, with the frequencies as weights", () => {
  const data = fileURLToPath(new URL("../cases/models/zip-freq.csv", import.meta.url));
  const options = { response: "y", features: [], gateFeatures: [], weights: "n", experts: "poisson" } as const;
  const found = fit(data, options).criteria;
  // flexmix 2.3.18 on the counts written out: BIC, ICL and BIC − 2 Σ p log p.
  expect(found.bic).toBeCloseTo(2264.39687695, 5);
  // The rates are known to some 1e-6 standard errors only, of a likelihood that is nearly flat there.
  expect(Math.abs(found.icl - 2574.23555503)).toBeLessThan(0.02);
  expect(Math.abs(found.iclSoft - 3258.5866258)).toBeLessThan(0.02);
});

test("rows that belong to one expert each leave both ICL at BIC", () => {
  const responsibilities = Float64Array.of(1, 0, 0, 1, 1, 0);
  const { bic, icl, iclSoft } = criteria({ ...numbers, rows: 3, responsibilities });
  expect([icl, iclSoft]).toEqual([bic, bic]);
});

test.each([1, 2, 3])("BIC ≤ ICL ≤ soft ICL, both by their definitions, seed %i", (seed) => {
  const rng = random(seed);
  const [rows, k] = [20, 3];
  const raw = Array.from({ length: rows }, () => Array.from({ length: k }, () => rng.uniform() ** 3));
  const shares = raw.map((row) => row.map((value) => value / row.reduce((sum, other) => sum + other, 0)));
  const weights = Float64Array.from({ length: rows }, () => 1 + rng.integer(4));
  const { bic, icl, iclSoft } = criteria({
    ...numbers,
    rows,
    responsibilities: Float64Array.from(shares.flat()),
    weights,
  });
  const twice = (nats: (row: number[]) => number) =>
    shares.reduce((sum, row, i) => sum + 2 * weights[i] * nats(row), 0);
  expect(icl).toBeCloseTo(bic - twice((row) => Math.log(Math.max(...row))), 9);
  expect(iclSoft).toBeCloseTo(bic - twice((row) => row.reduce((sum, r) => sum + r * Math.log(r), 0)), 9);
  expect(bic).toBeLessThanOrEqual(icl);
  expect(icl).toBeLessThanOrEqual(iclSoft);
});
