import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { fit } from "../../src/fit/fit.ts";
import type { Whole } from "../../src/fit/fitted.ts";
import { covariance } from "../../src/inference/covariance.ts";
import { spectrum } from "../../src/inference/spectrum.ts";
import { random } from "../../src/math/random.ts";
import { relabelled } from "../../src/models/relabel.ts";
import { jacobian } from "../support/differences.ts";
import { eStepRows, hessian, inverse, linearRows } from "../support/likelihood.ts";

/** Rows of two lines that cross, with a count, a sign, weights and clusters whose rows have something in common. */
function drawn(rows: number, seed: number) {
  const rng = random(seed);
  const g = Array.from({ length: rows }, (_, i) => `g${i % 11}`);
  const shift = Array.from({ length: 11 }, () => 0.4 * rng.normal());
  const x = g.map(() => rng.normal());
  const u = g.map(() => rng.uniform());
  const w = g.map((_, i) => 1 + (i % 3));
  const y = x.map((value, i) => {
    const isFirst = rng.uniform() * (1 + Math.exp(-1 - value)) < 1;
    return (isFirst ? 1 + 2 * value : -1 - value) + shift[i % 11] + (0.4 + 0.4 * u[i]) * rng.normal();
  });
  const n = x.map((value, i) =>
    Math.floor(Math.exp(0.5 + 0.4 * value + shift[i % 11] + 0.5 * rng.normal()) + rng.uniform()),
  );
  const s = x.map((value, i) => Number(value + shift[i % 11] + rng.normal() > 0));
  return { x, u, w, y, n, s, g };
}

const rows = drawn(300, 3);
const two = fit(rows, { response: "y", features: "x", starts: 5 });
const weighted = fit(rows, { response: "y", features: ["x"], weights: "w", starts: 5, sharedVariance: true });

/** The largest difference of two matrices, beside the entries' sizes by their diagonals. */
function difference(found: ArrayLike<number>, wanted: readonly (readonly number[])[]): number {
  const q = wanted.length;
  expect(found.length).toBe(q * q);
  const worst = wanted.flatMap((row, j) =>
    row.map((value, i) => Math.abs(value - found[j * q + i]) / Math.sqrt(wanted[j][j] * wanted[i][i])),
  );
  return Math.max(...worst);
}

/** Σ_c s_c s_c' between two inverses, of the derivatives of sums of rows. */
function sandwichOf(fitted: Whole, rowsOf: typeof linearRows, group: (row: number) => number | string): number[][] {
  const { mixture, theta, observations: data } = fitted;
  const { weights } = data!;
  const w = (i: number): number => weights?.[i] ?? 1;
  const total = (at: Float64Array): number =>
    rowsOf(mixture, at, data!).reduce((sum, value, i) => sum + w(i) * value, 0);
  const bread = inverse(hessian(total, theta));
  const slopes = jacobian((at) => rowsOf(mixture, at, data!), theta, 1e-3);
  const scores = new Map<number | string, number[]>();
  slopes.forEach((own, i) => {
    const before = scores.get(group(i)) ?? Array.from(own, () => 0);
    scores.set(
      group(i),
      before.map((value, j) => value + w(i) * own[j]),
    );
  });
  const influences = [...scores.values()].map((score) =>
    bread.map((row) => row.reduce((sum, b, j) => sum + b * score[j], 0)),
  );
  return bread.map((_, j) => bread.map((__, i) => influences.reduce((sum, t) => sum + t[j] * t[i], 0)));
}

describe("the covariance matrix", () => {
  test.each([
    ["two variances", two],
    ["one variance, weights", weighted],
  ])("is the inverse of the numerical Hessian of a likelihood written out: %s", (_, fitted) => {
    const { mixture, theta, observations: data } = fitted;
    const total = (at: Float64Array): number =>
      linearRows(mixture, at, data).reduce((sum, value, i) => sum - (data.weights?.[i] ?? 1) * value, 0);
    expect(total(theta)).toBeCloseTo(-fitted.logLikelihood, 9);
    const found = covariance(fitted);
    expect(found.names).toEqual(mixture.names);
    expect(difference(found.matrix, inverse(hessian(total, theta)))).toBeLessThan(1e-6);
    expect(Array.from(found.standardErrors)).toEqual(
      Array.from(spectrum(fitted).standardErrors, (error) => expect.closeTo(error, 12)),
    );
  });

  test.each([
    ["two variances", two],
    ["one variance, weights", weighted],
  ])("robust is the sandwich of numerical scores, %s; clustered that of their sums times G/(G − 1)", (_, fitted) => {
    const robust = covariance(fitted, { type: "robust" });
    expect(
      difference(
        robust.matrix,
        sandwichOf(fitted, linearRows, (row) => row),
      ),
    ).toBeLessThan(1e-6);
    const clustered = covariance(fitted, { cluster: "g" });
    const wanted = sandwichOf(fitted, linearRows, (row) => rows.g[row]).map((row) =>
      row.map((value) => (value * 11) / 10),
    );
    expect(clustered.type).toBe("cluster");
    expect(difference(clustered.matrix, wanted)).toBeLessThan(1e-6);
    expect(difference(robust.matrix, wanted)).toBeGreaterThan(0.05);
  });

  test("of a grouped fit takes groups for units: the scores of their log-likelihoods", () => {
    const ids = rows.x.map((_, i) => i % 60);
    const z = ids.map((id) => Math.sin(id));
    const grouped = fit(
      { ...rows, id: ids, z, part: ids.map((id) => `p${id % 7}`) },
      { formula: "y ~ x | z", group: "id", starts: 5 },
    );
    // Every row has its unit's log-likelihood: the rows of a unit share it.
    const perRow: typeof linearRows = (model, theta, data) => {
      const sizes = new Map<number, number>();
      for (const unit of data.units!) sizes.set(unit, (sizes.get(unit) ?? 0) + 1);
      return eStepRows(model, theta, data).map((value, i) => value / sizes.get(data.units![i])!);
    };
    const robust = covariance(grouped, { type: "robust" });
    expect(
      difference(
        robust.matrix,
        sandwichOf(grouped, perRow, (row) => ids[row]),
      ),
    ).toBeLessThan(1e-6);
    const parts = covariance(grouped, { cluster: "part" });
    const wanted = sandwichOf(grouped, perRow, (row) => ids[row] % 7).map((row) => row.map((value) => (value * 7) / 6));
    expect(difference(parts.matrix, wanted)).toBeLessThan(1e-6);
    expect(() => covariance(grouped, { cluster: "g" })).toThrow(
      /^Cannot find a covariance matrix: expected clusters of whole groups of "id", got "g" with two values within one, at row \d+$/,
    );
  });

  test("of one expert is R's: vcov, sandwich and vcovCL of lm and glm", () => {
    const folder = mkdtempSync(join(tmpdir(), "mixlens-sandwich-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const names = Object.keys(rows) as (keyof typeof rows)[];
    const lines = rows.x.map((_, i) => names.map((name) => rows[name][i]).join(","));
    writeFileSync(join(folder, "rows.csv"), `${[names.join(","), ...lines].join("\n")}\n`);
    const script = join(import.meta.dirname, "../cases/inference/sandwich.R");
    const { status, stdout, stderr } = spawnSync("Rscript", ["--vanilla", script, join(folder, "rows.csv")], {
      encoding: "utf8",
    });
    expect([status, stderr]).toEqual([0, ""]);
    const wanted = new Map(
      stdout
        .trim()
        .split("\n")
        .map((line) => line.trim().split("\t"))
        .map(([name, ...entries]) => [name, entries.map(Number)]),
    );
    const one = { k: 1, features: ["x", "u"] } as const;
    const line = fit(rows, { ...one, response: "y", weights: "w" });
    const counts = fit(rows, { ...one, response: "n", experts: "poisson" });
    const signs = fit(rows, { k: 1, features: "x", response: "s", experts: "logistic" });
    const found = {
      "lm robust": covariance(line, { type: "robust" }),
      "lm cluster": covariance(line, { cluster: "g" }),
      "poisson observed": covariance(counts),
      "poisson robust": covariance(counts, { type: "robust" }),
      "poisson cluster": covariance(counts, { type: "cluster", cluster: "g" }),
      "logistic robust": covariance(signs, { type: "robust" }),
      "logistic cluster": covariance(signs, { cluster: "g" }),
    };
    for (const [name, { matrix, names: parameters }] of Object.entries(found)) {
      const q = parameters.length;
      // R has no variance of the residuals' logarithm.
      const d = parameters.filter((own) => !own.includes("log(")).length;
      const part = Array.from({ length: d }, (_, j) => Array.from(matrix.subarray(j * q, j * q + d)));
      const entries = wanted.get(name)!;
      expect([name, entries.length]).toEqual([name, d * d]);
      expect(difference(entries, part)).toBeLessThan(1e-6);
    }
  });

  test("of rows given twice is that of weights of two; of scores it is half of one row's", () => {
    const twice = Object.fromEntries(
      Object.entries(rows).map(([name, own]) => [name, [...own, ...own]]),
    ) as typeof rows;
    const double = rows.x.map(() => 2);
    const options = { response: "y", features: "x", start: two.theta } as const;
    const [doubled, weighed] = [fit(twice, options), fit({ ...rows, double }, { ...options, weights: "double" })];
    const wanted = Array.from(covariance(weighed).matrix);
    expect(Array.from(covariance(doubled).matrix)).toEqual(wanted.map((value) => expect.closeTo(value, 10)));
    const [once, robust] = [covariance(two, { type: "robust" }), covariance(doubled, { type: "robust" })];
    expect(Array.from(robust.matrix)).toEqual(Array.from(once.matrix, (value) => expect.closeTo(value / 2, 8)));
  });

  test("of experts in another order is permuted with them", () => {
    const { mixture, theta } = two;
    const swapped = fit(rows, { response: "y", features: "x", start: relabelled(mixture, theta, [1, 0]) });
    for (const options of [{}, { type: "robust" }, { cluster: "g" }] as const) {
      const [before, after] = [covariance(two, options), covariance(swapped, options)];
      const moved = before.names.map((name) => name.replace(/^expert([12])/, (_, z) => `expert${3 - Number(z)}`));
      const q = moved.length;
      moved.forEach((row, j) => {
        moved.forEach((column, i) => {
          // The gate's coefficients are those of the other expert against this one.
          const sign = row.startsWith("gate") === column.startsWith("gate") ? 1 : -1;
          const at = after.names.indexOf(row) * q + after.names.indexOf(column);
          expect(after.matrix[at]).toBeCloseTo(sign * before.matrix[j * q + i], 7);
        });
      });
    }
  });

  test("does not depend on where columns have their origin", () => {
    const far = { ...rows, x: rows.x.map((value) => value + 1e5) };
    const start = two.theta.slice();
    for (const owner of ["gate2", "expert1", "expert2"]) {
      const at = two.mixture.names.indexOf(`${owner}.(intercept)`);
      start[at] -= 1e5 * start[at + 1];
    }
    const moved = fit(far, { response: "y", features: "x", start });
    for (const type of ["observed", "robust"] as const) {
      const [near, away] = [covariance(two, { type }), covariance(moved, { type })];
      near.names.forEach((name, j) => {
        if (!name.includes("(intercept)")) expect(away.standardErrors[j] / near.standardErrors[j]).toBeCloseTo(1, 5);
      });
    }
  });
});

describe("there is none, and why is said:", () => {
  test("of fixed parameters, and of a sigma at its floor", () => {
    const held = fit(rows, { response: "y", features: "x", fixed: { "expert1.x": 2 }, starts: 3 });
    expect(covariance(held).names).toEqual(held.mixture.names.filter((name) => name !== "expert1.x"));
    const exact = { x: rows.x, y: rows.x.map((value, i) => (i % 2 === 0 ? 3 * value : rows.y[i])) };
    const floored = fit(exact, { response: "y", sigmaFloor: 0.05, starts: 5 });
    const names = floored.mixture.names.filter((name) => name in (floored.mixture.spec.fixed ?? {}));
    expect(names.length).toBe(1);
    expect(covariance(floored).names).not.toContain(names[0]);
  });

  test("at what is no maximum", () => {
    const theta = two.theta.map((value, j) => (j === 2 ? value + 0.1 : value));
    expect(() => covariance({ ...two, theta })).toThrow(
      /^Cannot find a covariance matrix: expected parameters at the maximum of these rows, got one that is about \d\.\d standard errors from it; fit these rows until it converges$/,
    );
    const stopped = fit(rows, { response: "y", features: "x", maxIterations: 2, starts: 1 });
    expect(() => covariance(stopped)).toThrow(/; fit (these rows )?until it converges/);
  });

  test("at a saddle of equal experts, with the combination of parameters along which it is none", () => {
    const line = fit(rows, { response: "y", features: "x", k: 1 });
    const [a, b, c] = line.theta;
    const equal = Float64Array.of(0, 0, a, b, c, a, b, c);
    expect(() => covariance({ ...two, theta: equal })).toThrow(
      /^Cannot find a covariance matrix: expected a maximum, where the likelihood falls in every direction, got a point where it does not fall along .*"expert[12]\..* − .*"expert[12]\..*; fit until it converges, with more starts/,
    );
    expect(() => covariance({ ...two, theta: equal }, { type: "robust" })).toThrow(/does not fall along/);
  });

  test.each([
    [{ type: "cluster" }, 'expected a column of clusters with the type "cluster", and only there, got none'],
    [{ type: "robust", cluster: "g" }, 'only there, got "g" with type "robust"'],
    [{ cluster: "h" }, 'expected a column such as "x", "u" or "w", got "h"'],
    [{ cluster: "one" }, 'expected two clusters or more in column "one", got one'],
    [{ type: "sandwich" }, 'expected type to be "observed", "robust" or "cluster", got "sandwich"'],
    [{ cluster: "gap" }, 'expected a group in every row of column "gap", got a blank at row 2'],
  ])("for %o", (options, message) => {
    const gap = rows.g.map((name, i) => (i === 1 ? null : name));
    const found = fit({ ...rows, one: rows.x.map(() => "a"), gap }, { response: "y", features: "x", start: two.theta });
    expect(() => covariance(found, options as never)).toThrow(message);
  });

  test("of a loaded model without rows; with them it is the fit's", () => {
    const { formula, mixture, theta } = two;
    const loaded = { formula, mixture, theta };
    expect(() => covariance(loaded)).toThrow(/give the data, too: covariance\(model, \{ rows \}\)/);
    expect(covariance(loaded, { rows, cluster: "g" })).toEqual(covariance(two, { cluster: "g" }));
    expect(() => covariance(loaded, { rows: two.observations, cluster: "g" })).toThrow(
      /expected rows with all their columns/,
    );
    expect(() => covariance(loaded, { rows: drawn(200, 9) })).toThrow(/standard errors from it|does not fall along/);
  });
});
