import { describe, expect, test } from "vitest";
import { fit } from "../../src/fit/fit.ts";
import { bootstrap } from "../../src/inference/bootstrap.ts";
import { covariance } from "../../src/inference/covariance.ts";
import { confint } from "../../src/inference/intervals.ts";
import { drawn } from "../../src/inference/replicates.ts";
import { random } from "../../src/math/random.ts";
import { mean, quantile, sd } from "../../src/math/statistics.ts";

/** Two lines that are well apart. */
function lines(rows: number, seed: number) {
  const rng = random(seed);
  const x = Array.from({ length: rows }, () => rng.normal());
  const y = x.map((value) => {
    const isFirst = rng.uniform() * (1 + Math.exp(-0.5 - value)) < 1;
    return (isFirst ? 3 + value : -3 - value) + 0.7 * rng.normal();
  });
  return { x, y, id: x.map((_, i) => i % 40) };
}

const rows = lines(400, 2);
const two = fit(rows, { response: "y", features: "x", starts: 5 });

describe("a bootstrap", () => {
  test.each(["parametric", "nonparametric"] as const)(
    "has the standard errors of the observed information where experts are well apart: %s",
    (type) => {
      const replicates = 300;
      const found = bootstrap(two, { replicates, type, seed: 4 });
      const { names, standardErrors } = covariance(two);
      expect([found.names, found.replicates, found.failures, found.messages]).toEqual([names, replicates, [], []]);
      names.forEach((_, j) => {
        // A standard deviation of 300 numbers is 4 % off; four times that, and what is not normal.
        expect(Math.abs(found.standardErrors[j] / standardErrors[j] - 1)).toBeLessThan(0.2);
        expect(Math.abs(found.bias[j])).toBeLessThan(0.5 * standardErrors[j]);
      });
    },
  );

  test("is the same to the bit for any number of threads, and its first replicates are those of fewer", () => {
    const [one, ...others] = [1, 2, 3].map((workers) =>
      bootstrap(two, { replicates: 12, workers, seed: 7, starts: 1 }),
    );
    for (const other of others) expect(other).toEqual(one);
    const fewer = bootstrap(two, { replicates: 5, workers: 2, seed: 7, starts: 1 });
    expect(fewer.estimates).toEqual(one.estimates.subarray(0, fewer.estimates.length));
    expect(bootstrap(two, { replicates: 5, workers: 1, seed: 8, starts: 1 }).estimates).not.toEqual(fewer.estimates);
  });

  test("has matrix and errors of its estimates, and the intervals their quantiles, plain or mirrored", () => {
    const found = bootstrap(two, { replicates: 50, workers: 1 });
    const q = found.names.length;
    const of = (j: number): number[] => Array.from({ length: 50 }, (_, r) => found.estimates[r * q + j]);
    const j = found.names.indexOf("expert2.log(sigma)");
    expect(found.standardErrors[j]).toBeCloseTo(sd(of(j)), 12);
    expect(found.bias[j]).toBeCloseTo(mean(of(j)) - two.theta[j], 12);
    const product = of(j).reduce((sum, a, r) => sum + (a - mean(of(j))) * (of(1)[r] - mean(of(1))), 0);
    expect(found.matrix[j * q + 1]).toBeCloseTo(product / 49, 12);
    const [low, high] = [quantile(of(j), 0.05), quantile(of(j), 0.95)];
    const options = { method: "bootstrap", level: 0.9, bootstrap: found } as const;
    const percentile = confint(two, options).intervals;
    expect([percentile["expert2.log(sigma)"].lower, percentile["expert2.log(sigma)"].upper]).toEqual([low, high]);
    expect(percentile["expert2.sigma"].upper).toBe(Math.exp(high));
    const basic = confint(two, { ...options, interval: "basic" }).intervals["expert2.log(sigma)"];
    expect([basic.lower, basic.upper]).toEqual([2 * two.theta[j] - high, 2 * two.theta[j] - low]);
    const own = confint(two, { method: "bootstrap", level: 0.9, bootstrap: { replicates: 50 } });
    expect(own.intervals).toEqual(percentile);
  });

  test("keeps the experts' order with random starts as well, which settle in any", () => {
    const found = bootstrap(two, { replicates: 20, starts: 3, seed: 3 });
    const q = found.names.length;
    for (const name of ["expert1.(intercept)", "expert2.(intercept)"]) {
      const j = found.names.indexOf(name);
      for (let r = 0; r < 20; r++) expect(Math.sign(found.estimates[r * q + j])).toBe(Math.sign(two.theta[j]));
    }
  });

  test("draws groups whole, and each with its weight", () => {
    const weights = rows.id.map((id) => 1 + (id % 4));
    const grouped = fit({ ...rows, weights }, { formula: "y ~ x | 1", group: "id", weights: "weights", starts: 5 });
    const { mixture, theta, observations } = grouped;
    const again = drawn("nonparametric", mixture, theta, observations, random(5));
    const sizes = new Map<number, number>();
    for (const unit of again.units!) sizes.set(unit, (sizes.get(unit) ?? 0) + 1);
    expect([sizes.size, [...sizes.values()].every((size) => size === 10)]).toEqual([40, true]);
    const ofY = new Map(rows.y.map((y, i) => [y, i]));
    again.units!.forEach((unit, i) => {
      const [row, first] = [ofY.get(again.response[i])!, ofY.get(again.response[again.units!.indexOf(unit)])!];
      expect([rows.id[row], again.weights![i]]).toEqual([rows.id[first], weights[row]]);
    });
    const { replicates } = bootstrap(grouped, { replicates: 4, type: "parametric", workers: 1 });
    expect(replicates).toBe(4);
  });

  test("counts what comes to nothing, and says why", () => {
    // Three of 30 rows have a 1: often none is drawn, and what they are worth is not known then.
    const f = Array.from({ length: 30 }, (_, i) => Number(i < 3));
    const y = f.map((_, i) => Math.sin(3 * i) + 0.5 * f[i]);
    const line = fit({ f, y }, { response: "y", k: 1 });
    const found = bootstrap(line, { replicates: 200, seed: 1, workers: 1 });
    const lost = 200 - found.replicates;
    // (27/30)³⁰ = 0.042 of 200, with a standard deviation of 2.8.
    expect(lost).toBeGreaterThan(0);
    expect(lost).toBeLessThan(24);
    expect(found.failures.reduce((sum, { count }) => sum + count, 0)).toBe(lost);
    expect(found.messages[0]).toMatch(/^Left out \d+ of 200 replicates: \S.*\.$/);
    expect(found.estimates.every(Number.isFinite)).toBe(true);
    expect(() =>
      bootstrap(fit({ f: [0, 0, 1], y: [0, 1, 3] }, { response: "y", k: 1 }), { replicates: 2, workers: 1 }),
    ).toThrow(
      /^Cannot bootstrap: expected two replicates or more that can be fitted, got [01]: of most .+; leave columns out, or fit with a ridge$/,
    );
  });

  test.each(["poisson", "negative-binomial", "gamma", "student-t", "linear"] as const)(
    "leaves out the replicates that have no row of a level, which tell nothing of it: %s",
    (experts) => {
      const f = Array.from({ length: 30 }, (_, i) => Number(i < 3));
      const y = f.map((own, i) => 1 + own + ((3 * i) % 4));
      const found = fit({ f, y }, { response: "y", experts, k: 1 });
      const { mixture, theta, observations } = found;
      const isThere = (number: number): boolean =>
        drawn("nonparametric", mixture, theta, observations, random(1, number)).expert.values[1].includes(1);
      const there = Array.from({ length: 60 }, (_, number) => number).filter(isThere).length;
      const { replicates, failures } = bootstrap(found, { replicates: 60, seed: 1, workers: 1 });
      expect([replicates, failures]).toEqual([
        there,
        [{ reason: "its rows left a coefficient open, as of a level that none of them has", count: 60 - there }],
      ]);
    },
  );

  test("of a part without a finite maximum is refused, and with a ridge it is there", () => {
    const counts = { y: [0, 0, 0, 0, 1, 3, 2, 4, 1, 2], d: [1, 1, 1, 1, 0, 0, 0, 0, 0, 0] };
    const options = { response: "y", experts: "poisson", k: 1 } as const;
    const few = { replicates: 6, workers: 1 } as const;
    expect(() => bootstrap(fit(counts, options), few)).toThrow(
      "of most a part had no finite maximum; leave columns out, or fit with a ridge",
    );
    expect(bootstrap(fit(counts, { ...options, ridge: 0.1 }), few).replicates).toBe(6);
  });
});

test.each([
  [{ replicates: 1 }, "expected replicates to be a whole number from 2 to 1000000, got 1"],
  [{ type: "parameteric" }, 'got "parameteric"; did you mean "parametric"?'],
  [{ worker: 2 }, 'got "worker"; did you mean "workers"?'],
])("a bootstrap with %o is refused", (options, message) => {
  expect(() => bootstrap(two, options as never)).toThrow(message);
});

test("a model without rows is asked for them, and replicates of another fit are refused", () => {
  const { formula, mixture, theta } = two;
  expect(() => bootstrap({ formula, mixture, theta })).toThrow(/give the data, too: bootstrap\(model, \{ rows \}\)/);
  const options = { replicates: 3, workers: 1 } as const;
  expect(bootstrap({ formula, mixture, theta }, { ...options, rows }).estimates).toEqual(
    bootstrap(two, options).estimates,
  );
  const one = fit(rows, { response: "y", features: "x", k: 1 });
  const found = bootstrap(one, options);
  expect(() => confint(two, { method: "bootstrap", bootstrap: found })).toThrow(
    /^Cannot find intervals: expected replicates of this fit, got others, without "gate2\.\(intercept\)"$/,
  );
  expect(() => confint(two, { bootstrap: found })).toThrow(
    /expected bootstrap with the method "bootstrap" only, got bootstrap with "wald"/,
  );
});
