import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test, vi } from "vitest";
import { STRETCH_ROWS } from "../../../src/compute/blocks.ts";
import { setEngine, setThreads } from "../../../src/compute/engine.ts";
import { fit } from "../../../src/fit/fit.ts";
import { source } from "../../../src/fit/source/source.ts";
import { bootstrap } from "../../../src/inference/bootstrap.ts";
import { covariance } from "../../../src/inference/covariance.ts";
import { confint } from "../../../src/inference/intervals.ts";
import { likelihoodRatioTest } from "../../../src/inference/likelihood-ratio.ts";
import { drawBinomial } from "../../../src/math/draw.ts";
import { random } from "../../../src/math/random.ts";
import { stretchCount } from "../../../src/rows/observations.ts";
import { withColumn } from "../../../src/rows/with-column.ts";

afterEach(() => {
  setEngine("relaxed");
  setThreads(2);
});

/** Two lines, in units of five rows that have one weight, one column of the gate and one expert; `far` is far from 0. */
function rows(count: number, seed: number) {
  const rng = random(seed);
  const [x, z, w, y, n, s, far] = Array.from({ length: 7 }, () => new Float64Array(count));
  const id: string[] = [];
  let isFirst = false;
  for (let i = 0; i < count; i++) {
    const unit = Math.floor(i / 5);
    if (i % 5 === 0) isFirst = rng.uniform() < 0.4;
    x[i] = rng.normal();
    z[i] = i % 5 === 0 ? rng.normal() : z[i - 1];
    w[i] = 1 + (unit % 3);
    n[i] = 8 + (i % 3);
    far[i] = 2e6 + x[i];
    const mean = isFirst ? 2 + 2 * x[i] : -2 - x[i];
    y[i] = mean + 0.7 * rng.normal();
    s[i] = drawBinomial(rng, n[i], 1 / (1 + Math.exp(-mean)));
    id.push(`u${unit}`);
  }
  return { x, z, w, y, n, s, far, id };
}

const few = rows(4000, 2);
const many = rows(STRETCH_ROWS + 30_000, 1);

describe("replicates of a source are memory's, to 1e-10:", () => {
  test.each([
    ["units of one row", { formula: "y ~ x | z" }],
    ["rows with weights", { formula: "y ~ x | z", weights: "w" }],
    ["groups with weights", { formula: "y ~ x | 1", group: "id", weights: "w" }],
    ["trials", { formula: "s ~ x | 1", experts: "binomial", trials: "n" }],
    ["offsets", { formula: "y ~ x + offset(z) | 1" }],
    ["columns far from 0", { formula: "y ~ far | 1" }],
  ] as const)("%s", (_, own) => {
    const options = { k: 2, starts: 3, ...own };
    const found = fit(source(few), options);
    const known = fit(few, { ...options, start: found.theta, maxIterations: 1 });
    for (const type of ["nonparametric", "parametric"] as const) {
      const asked = { replicates: 3, type, seed: 4, tolerance: 1e-10 } as const;
      const [ours, theirs] = [bootstrap(found, asked), bootstrap({ ...known, theta: found.theta }, asked)];
      expect([ours.replicates, ours.failures, ours.messages]).toEqual([3, [], theirs.messages]);
      for (const [j, value] of theirs.estimates.entries()) {
        // A column that is far from 0 takes its intercept with it.
        const size = Math.max(1, Math.abs(value));
        expect(Math.abs(ours.estimates[j] - value) / size).toBeLessThan(1e-10);
      }
      for (const [j, value] of theirs.logLikelihood.entries())
        expect(Math.abs(ours.logLikelihood[j] / value - 1)).toBeLessThan(1e-10);
    }
  });

  test("several stretches, with any number of threads to the bit, and by the plain code", () => {
    const options = { formula: "y ~ x | z", k: 2, starts: 2 } as const;
    const found = fit(source(many), options);
    const known = fit(many, { ...options, start: found.theta, maxIterations: 1 });
    // No other test has its files here.
    const folder = mkdtempSync(join(tmpdir(), "mixlens-replicates-"));
    vi.stubEnv("TMPDIR", folder);
    for (const type of ["nonparametric", "parametric"] as const) {
      const asked = { replicates: 2, type, seed: 9, tolerance: 1e-10 } as const;
      const theirs = bootstrap({ ...known, theta: found.theta }, asked).estimates;
      const ours = [1, 2, 3].map((threads) => {
        setThreads(threads);
        return bootstrap(found, asked).estimates;
      });
      expect([ours[1], ours[2]]).toEqual([ours[0], ours[0]]);
      setEngine("reference");
      for (const own of [ours[0], bootstrap(found, asked).estimates])
        for (const [j, value] of theirs.entries()) expect(Math.abs(own[j] - value)).toBeLessThan(1e-10);
      setEngine("relaxed");
    }
    expect([tmpdir(), readdirSync(folder)]).toEqual([folder, []]);
    vi.unstubAllEnvs();
    rmSync(folder, { recursive: true });
  });
});

test("robust standard errors of rows with weights say of a source what they say of memory", () => {
  const options = { formula: "y ~ x | z", k: 2, starts: 2, weights: "w" } as const;
  const [ours, theirs] = [fit(source(few), options), fit(few, options)].map((one) =>
    covariance(one, { type: "robust" }),
  );
  expect(ours.messages).toEqual(theirs.messages);
  expect(ours.messages.join()).toContain("A row is one draw, whatever its weight");
});

describe("a bootstrap of a source", () => {
  const found = fit(source(few), { formula: "y ~ x | z", k: 2, starts: 3 });

  test("has the standard errors of its information, and intervals", () => {
    const drawn = bootstrap(found, { replicates: 150, seed: 2 });
    const { standardErrors } = covariance(found, { type: "robust" });
    // A standard deviation of 150 numbers is 6 % off; four times that.
    for (const [j, error] of drawn.standardErrors.entries())
      expect(Math.abs(error / standardErrors[j] - 1)).toBeLessThan(0.24);
    const { intervals } = confint(found, { method: "bootstrap", bootstrap: drawn });
    expect(Object.keys(intervals).length).toBeGreaterThan(drawn.names.length - 1);
    expect(drawn.estimates.subarray(0, 3 * drawn.names.length)).toEqual(
      bootstrap(found, { replicates: 3, seed: 2, workers: 2 }).estimates,
    );
  });

  test("with random starts comes as high as without, and higher where the fit is of two experts that are one", () => {
    const [alone, more] = [0, 2].map((starts) => bootstrap(found, { replicates: 4, seed: 3, starts }).logLikelihood);
    for (const [at, value] of more.entries()) expect(value).toBeGreaterThan(alone[at] - 1e-6);
    const one = fit(source(few), { formula: "y ~ x | z", k: 1 });
    const twin = Float64Array.from(found.mixture.names, (name) => {
      const at = one.mixture.names.indexOf(name.replace("expert2", "expert1"));
      return at < 0 ? 0 : one.theta[at];
    });
    const same = fit(source(few), { formula: "y ~ x | z", k: 2, start: twin });
    expect(same.logLikelihood).toBeCloseTo(one.logLikelihood, 6);
    const [low, high] = [0, 2].map((starts) => bootstrap(same, { replicates: 2, seed: 3, starts }).logLikelihood);
    for (const [at, value] of high.entries()) expect(value).toBeGreaterThan(low[at] + 100);
  });

  test("leaves out the replicates that memory leaves out for a level that none of their rows has", () => {
    const n = 40;
    const rows = {
      x: Array.from({ length: n }, (_, i) => Math.sin(3 * i)),
      level: Array.from({ length: n }, (_, i) => Number(i === 7)),
      count: Array.from({ length: n }, (_, i) => (5 * i) % 4),
    };
    const options = { formula: "count ~ x + level", experts: "poisson", k: 1 } as const;
    const [memory, own] = [rows, source(rows)].map((data) =>
      bootstrap(fit(data, options), { replicates: 20, workers: 1 }),
    );
    expect([own.replicates, own.failures]).toEqual([memory.replicates, memory.failures]);
    expect(own.failures[0].count).toBeGreaterThan(2);
    expect(own.failures[0].reason).toContain("left a coefficient open");
  });

  test("refuses a test that needs rows in memory", () => {
    expect(() => likelihoodRatioTest(found, fit(source(few), { formula: "y ~ x | z", k: 3, starts: 2 }))).toThrow(
      /expected rows in memory, got a source of 4000 rows/,
    );
  });
});

test("rows with a column of their own have it in every stretch, and the others as they are", () => {
  const { observations } = fit(source(many), { formula: "y ~ x | z", k: 1 });
  const stretches = observations.stretches!;
  const own = Float64Array.from({ length: many.y.length }, (_, i) => i % 7);
  const at = (stretch: number) => own.subarray(stretch * STRETCH_ROWS, (stretch + 1) * STRETCH_ROWS);
  for (const name of ["weights", "response"] as const) {
    const made = withColumn(stretches, { name, totalWeight: 1, read: at }).stretches!;
    expect(stretchCount(made)).toBe(2);
    for (let stretch = 0; stretch < 2; stretch++) {
      const [wanted, rows] = [stretches.at(stretch), made.at(stretch)];
      expect(rows).toEqual({ ...wanted, [name]: Float64Array.from(at(stretch)) });
    }
  }
});
