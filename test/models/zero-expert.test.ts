import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { describe, expect, onTestFinished, test } from "vitest";
import { coefficientPlot } from "../../src/charts/coefficient-plot.ts";
import { resultTable } from "../../src/display/result-table.ts";
import { fit } from "../../src/fit/fit.ts";
import { FitFailure } from "../../src/fit/fit-failure.ts";
import type { Fit } from "../../src/fit/fit-result.ts";
import { load, modelText } from "../../src/fit/model-file.ts";
import { predict } from "../../src/fit/predict.ts";
import { simulate } from "../../src/fit/simulate.ts";
import { align } from "../../src/inference/recovery.ts";
import { snr } from "../../src/inference/snr.ts";
import { spectrum } from "../../src/inference/spectrum.ts";
import { drawBinomial, drawGamma, drawPoisson } from "../../src/math/draw.ts";
import { random } from "../../src/math/random.ts";
import { logFactorial } from "../../src/math/special.ts";
import { lift } from "../../src/theory/lift.ts";
import { deviation } from "../support/differences.ts";
import { minimise } from "../support/minimise.ts";

const logistic = (t: number): number => 1 / (1 + Math.exp(-t));

/** Counts, none of some rows whatever their mean: more of them where z is large. */
function inflated(seed: number, spread = 0, rows = 500) {
  const rng = random(seed);
  const columns = Array.from({ length: rows }, () => {
    const [x, z] = [rng.normal(), rng.normal()];
    const mean = Math.exp(0.8 + 0.5 * x) * (spread > 0 ? spread * drawGamma(rng, 1 / spread) : 1);
    return { x, z, y: rng.uniform() < logistic(-0.4 + 0.9 * z) ? 0 : drawPoisson(rng, mean) };
  });
  const column = (name: "x" | "y" | "z") => columns.map((row) => row[name]);
  return { x: column("x"), z: column("z"), y: column("y") };
}

const options = { formula: "y ~ x | z", experts: "poisson", k: 2, zeroInflated: true, starts: 5 } as const;

/** −log-likelihood of counts by a formula of its own: log(π [y = 0] + (1 − π) p(y)). */
function directly(
  { x, z, y, w }: { x: number[]; z: number[]; y: number[]; w?: number[] },
  logDensity: (row: number, predictor: number) => number,
) {
  return ([a0, a1, b0, b1]: Float64Array): number =>
    -y.reduce((sum, count, i) => {
      const zero = logistic(a0 + a1 * z[i]);
      const other = (1 - zero) * Math.exp(logDensity(i, b0 + b1 * x[i]));
      return sum + (w?.[i] ?? 1) * Math.log((count === 0 ? zero : 0) + other);
    }, 0);
}

describe("the maximum is that of the likelihood maximised directly", () => {
  test("of Poisson counts", () => {
    const rows = inflated(1);
    const f = directly(rows, (i, eta) => rows.y[i] * eta - Math.exp(eta) - logFactorial(rows.y[i]));
    const best = minimise(f, Float64Array.of(0, 0, 0.5, 0));
    const found = fit(rows, options);
    expect(found.logLikelihood).toBeCloseTo(-f(best), 8);
    expect(deviation(found.theta.slice(0, 4), best)).toBeLessThan(1e-6);
    expect(found.criteria.bic).toBeCloseTo(2 * f(best) + 4 * Math.log(500), 6);
  });

  test("of successes of trials", () => {
    const { x, z } = inflated(2);
    const rng = random(3);
    const n = x.map(() => 2 + rng.integer(6));
    const y = x.map((value, i) => {
      return rng.uniform() < logistic(-0.5 + z[i]) ? 0 : drawBinomial(rng, n[i], logistic(0.2 + 0.7 * value));
    });
    const choices = (i: number) => logFactorial(n[i]) - logFactorial(y[i]) - logFactorial(n[i] - y[i]);
    const f = directly({ x, z, y }, (i, eta) => y[i] * eta - n[i] * Math.log1p(Math.exp(eta)) + choices(i));
    const best = minimise(f, Float64Array.of(0, 0, 0, 0));
    const found = fit({ x, z, y, n }, { ...options, experts: "binomial", trials: "n" });
    expect(found.logLikelihood).toBeCloseTo(-f(best), 8);
    expect(deviation(found.theta.slice(0, 4), best)).toBeLessThan(1e-6);
  });

  test("of a table of frequencies, which is that of its rows written out", () => {
    const counts = [0, 1, 2, 3, 4, 5];
    const frequencies = [90, 24, 31, 22, 11, 4];
    const f = ([a, b]: Float64Array): number =>
      -counts.reduce((sum, y, i) => {
        const zero = logistic(a);
        const other = (1 - zero) * Math.exp(y * b - Math.exp(b) - logFactorial(y));
        return sum + frequencies[i] * Math.log((y === 0 ? zero : 0) + other);
      }, 0);
    const best = minimise(f, Float64Array.of(0, 0));
    const weighted = fit({ y: counts, w: frequencies }, { ...options, formula: "y ~ 1", weights: "w" });
    const written = fit(
      { y: counts.flatMap((y, i) => Array<number>(frequencies[i]).fill(y)) },
      { ...options, formula: "y ~ 1" },
    );
    for (const { logLikelihood, theta } of [weighted, written]) {
      expect(logLikelihood).toBeCloseTo(-f(best), 8);
      expect(deviation(theta.slice(0, 2), best)).toBeLessThan(1e-6);
    }
  });
});

test.each([
  ["poisson", "poisson", 0],
  ["negative-binomial", "negbin", 0.7],
] as const)(
  "%s: log-likelihood, coefficients and standard errors are those of R's zeroinfl",
  (experts, distribution, spread) => {
    const rows = inflated(4, spread);
    const folder = mkdtempSync(join(tmpdir(), "mixlens-zeroinfl-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const lines = rows.y.map((y, i) => `${rows.x[i]},${rows.z[i]},${y}`);
    writeFileSync(join(folder, "rows.csv"), `x,z,y\n${lines.join("\n")}\n`);
    const script = join(import.meta.dirname, "../cases/laws/zeroinfl.R");
    const { status, stdout, stderr } = spawnSync(
      "Rscript",
      ["--vanilla", script, join(folder, "rows.csv"), "y ~ x | z", distribution],
      { encoding: "utf8" },
    );
    expect([status, stderr]).toEqual([0, ""]);
    const [[logLikelihood], coefficients, errors] = stdout
      .trim()
      .split("\n")
      .map((line) => line.trim().split("\t").map(Number));
    const found = fit(rows, { ...options, experts });
    expect(Math.abs(found.logLikelihood - logLikelihood)).toBeLessThan(1e-6);
    // Its theta is 1/α.
    const sign = Array.from(coefficients.keys(), (j) => (j === 4 ? -1 : 1));
    expect(
      deviation(
        found.theta.slice(0, coefficients.length),
        coefficients.map((value, j) => sign[j] * value),
      ),
    ).toBeLessThan(2e-5);
    const { standardErrors } = spectrum(found);
    // The count's first, and not that of theta.
    const own = [errors[2], errors[3], errors[0], errors[1]];
    for (const [j, error] of own.entries()) expect(standardErrors[j] / error).toBeCloseTo(1, 3);
  },
);

test("without it the likelihood of such counts is lower, and that of other counts is not", () => {
  const rows = inflated(5);
  const one = { formula: "y ~ x", experts: "poisson", k: 1 } as const;
  expect(fit(rows, options).logLikelihood).toBeGreaterThan(fit(rows, one).logLikelihood + 50);
  const rng = random(6);
  const plain = { ...rows, y: rows.x.map((x) => drawPoisson(rng, Math.exp(1.5 + 0.3 * x))) };
  // Whose zeros the others explain: there is no such maximum, or next to no such expert.
  const found = () => fit(plain, { ...options, formula: "y ~ x | 1" });
  try {
    expect(found().logLikelihood - fit(plain, one).logLikelihood).toBeLessThan(2);
  } catch (error) {
    expect(error).toBeInstanceOf(FitFailure);
    expect((error as Error).message).toContain(
      "leave zeroInflated out, and set k to 1: the other experts explain every 0",
    );
  }
});

test("no row with a count is its, and it comes last, whatever its share; the others by theirs", () => {
  const rng = random(7);
  const rows = inflated(7, 0, 900);
  const y = rows.y.map((count, i) => (count > 0 && i % 3 === 0 ? 8 + drawPoisson(rng, 4) : count));
  for (const seed of [1, 2, 3]) {
    const { responsibilities, shares, coefficients } = fit(
      { ...rows, y },
      { ...options, k: 3, formula: "y ~ 1", seed },
    );
    const zero = responsibilities.filter((_, at) => at % 3 === 2);
    expect(zero.every((r, i) => (y[i] === 0 ? r > 0 : r === 0))).toBe(true);
    expect(shares[2]).toBeGreaterThan(shares[0]);
    expect(shares[0]).toBeGreaterThan(shares[1]);
    expect(coefficients.experts.map(({ always }) => always)).toEqual([undefined, undefined, 0]);
  }
});

describe("of a fit", () => {
  const rows = inflated(8);
  const found: Fit<"poisson"> = fit(rows, options);

  test("it is shown as always 0, and as no number", () => {
    const shown = [
      inspect(found),
      JSON.stringify(resultTable(found)),
      JSON.stringify(found.coefficients),
      modelText(found),
    ];
    for (const text of shown) expect(text).not.toMatch(/[-−]1(e4|0.?000)\b/);
    expect(inspect(found)).toMatch(/^2 poisson experts, the last always 0, y ~ x \| z; 500 rows, 4 parameters/);
    expect(inspect(found)).toContain("expert 2, always 0");
    expect(resultTable(found)?.rows).toContainEqual(["expert 2", "always 0"]);
    expect(found.coefficients.experts[1]).toEqual({ coefficients: {}, always: 0 });
    expect(coefficientPlot(found).data).toHaveLength(1);
    expect(found.mixture.free).toHaveLength(4);
  });

  test("predictions, draws and standard errors know it", () => {
    const { mean, gate } = predict(found, { x: [0.3], z: [1] });
    const [a0, a1, b0, b1] = found.theta;
    expect(gate[1]).toBeCloseTo(logistic(a0 + a1), 12);
    expect(mean[0]).toBeCloseTo((1 - gate[1]) * Math.exp(b0 + 0.3 * b1), 12);
    const { response, experts } = simulate(found, { seed: 3 });
    expect(response.every((y, i) => experts[i] === 0 || y === 0)).toBe(true);
    expect(experts.filter((z) => z === 1).length / 500).toBeCloseTo(found.shares[1], 1);
    const { standardErrors, observedInformation, eigenvalues } = spectrum(found);
    expect([observedInformation, eigenvalues.length]).toEqual(["positive definite", 4]);
    expect(Array.from(standardErrors, (error) => error > 0)).toEqual([true, true, true, true, false]);
  });

  test("a file keeps it, and the lift has its likelihood", () => {
    const folder = mkdtempSync(join(tmpdir(), "mixlens-zero-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    writeFileSync(join(folder, "zero.json"), modelText(found));
    const again = load(join(folder, "zero.json"));
    expect(Array.from(again.theta)).toEqual(Array.from(found.theta));
    expect(Array.from(predict(again, rows).mean ?? [])).toEqual(Array.from(predict(found).mean));
    const lifted = lift(found.mixture);
    const loss = lifted.loss(lifted.natural(found.theta, found.observations), found.observations);
    expect(loss).toBeCloseTo(-found.logLikelihood / 500, 10);
  });

  test("the signal-to-noise beside it is that of a mean of 0, and of single trials none", () => {
    const [pair] = snr(found);
    const half = rows.x.map((x) => Math.exp(found.theta[2] + found.theta[3] * x));
    expect(pair.snr).toBeCloseTo(Math.sqrt(half.reduce((sum, mean) => sum + mean, 0) / 500), 9);
    const single = { ...rows, y: rows.y.map((y) => Math.min(y, 1)) };
    const [none] = snr(fit(single, { ...options, experts: "binomial", ridge: 0.1 }));
    expect([none.snr, none.angle, none.predictedRate]).toEqual([Number.NaN, Number.NaN, Number.NaN]);
  });

  test("in another fit's order it stays where it is", () => {
    const three = fit(rows, { ...options, k: 3 });
    const exchanged = three.theta.slice();
    const { permutation, distance } = align(three, exchanged);
    expect([permutation, distance]).toEqual([[0, 1, 2], 0]);
  });
});

test("all rows of a group are its, or none", () => {
  const rows = inflated(9);
  const id = rows.y.map((_, i) => Math.floor(i / 5));
  const some = new Set(id.filter((_, i) => rows.y[i] > 0));
  const y = rows.y.map((count, i) => (id[i] % 2 === 0 ? 0 : count));
  const { responsibilities, shares } = fit({ ...rows, y, id }, { ...options, formula: "y ~ x | 1", group: "id" });
  expect(id.every((group, i) => !(group % 2 === 1 && some.has(group)) || responsibilities[2 * i + 1] === 0)).toBe(true);
  expect(shares[1]).toBeGreaterThan(0.4);
});

test("far columns are centred, and the units of columns do not count", () => {
  const rows = inflated(10);
  const far = { ...rows, x: rows.x.map((x) => 1e6 + 1e3 * x) };
  expect(fit(far, options).logLikelihood).toBeCloseTo(fit(rows, options).logLikelihood, 6);
});

test.each([
  [{ experts: "linear" }, "an expert that is always 0 with poisson or negative-binomial or binomial experts only"],
  [{ k: 1 }, "k of 2 or more with zeroInflated, whose last expert is always 0, got k = 1; set k to 2 (--k 2)"],
  [{ formula: "positive ~ x" }, 'a count 0 in column "positive", got none; leave zeroInflated out'],
  [
    { fixed: { "expert2.zero": 1 } },
    'one of the 4, such as "expert1.x", "gate2.z", "expert1.(intercept)", got "expert2.zero"',
  ],
] as const)("%o is refused", (odd, message) => {
  const rows = inflated(11);
  expect(() => fit({ ...rows, positive: rows.y.map((y) => y + 1) }, { ...options, ...odd } as never)).toThrow(message);
});
