import { expect, test } from "vitest";
import { fit } from "../../src/fit/fit.ts";
import { bootstrap } from "../../src/inference/bootstrap.ts";
import { covariance } from "../../src/inference/covariance.ts";
import { random } from "../../src/math/random.ts";

const rng = random(5);
const x = Array.from({ length: 50 }, () => rng.normal());
const y = x.map((value) => value + 0.5 * rng.normal());
const share = x.map(() => 0.5 + rng.uniform());
const options = { response: "y", features: ["x"], weights: "w", k: 1 } as const;
const said = (w: readonly number[], more: Record<string, unknown> = {}) => fit({ x, y, w, ...more }, options).messages;

test("weights whose sum is far from the number of rows: the fit says what BIC and standard errors make of it", () => {
  const mean = share.reduce((sum, w) => sum + w, 0) / 50;
  for (const factor of [0.01, 0.4, 3, 1000]) {
    const w = share.map((value) => (factor * value) / mean);
    const [message, ...rest] = said(w);
    expect(rest).toEqual([]);
    expect(message).toBe(
      `The weights "w" of 50 rows sum to ${50 * factor}, and BIC and standard errors are those of ${50 * factor} rows: if they are only relative, divide them by their mean, ${factor}.`,
    );
    expect(said(w.map((value) => value / factor))).toEqual([]);
  }
});

test("nothing is said of weights near the number of rows, nor of counts", () => {
  expect(said(share)).toEqual([]);
  expect(said(share.map((value) => 1.8 * value))).toEqual([]);
  expect(said(share.map((value) => Math.ceil(100 * value)))).toEqual([]);
  expect(said(share.map((_, i) => (i < 40 ? 0 : 1)))).toEqual([]);
});

test("rows without weight are none of the rows", () => {
  expect(said(share.map((value, i) => (i < 40 ? 0 : value)))).toEqual([]);
  expect(said(share.map((value, i) => (i < 25 ? 0 : 3 * value)))[0]).toContain("of 25 rows sum to");
});

test("weights that count rows are rows to a likelihood, and one draw each to a bootstrap and robust errors, which say so", () => {
  const table = { y: [0, 1, 2, 3, 4, 6], n: [30, 25, 18, 8, 4, 2] };
  const written = { y: table.y.flatMap((count, i) => new Array<number>(table.n[i]).fill(count)) };
  const options = { response: "y", features: [], experts: "poisson", k: 1 } as const;
  const [counted, long] = [fit(table, { ...options, weights: "n" }), fit(written, options)];
  const robust = (found: typeof counted) => covariance(found, { type: "robust" });
  expect(covariance(counted).standardErrors[0]).toBeCloseTo(covariance(long).standardErrors[0], 10);
  expect(robust(counted).standardErrors[0]).toBeGreaterThan(2 * robust(long).standardErrors[0]);
  const told = [expect.stringContaining("where weights count rows, as in a table of frequencies, write the rows out.")];
  expect([robust(counted).messages, robust(long).messages, covariance(counted).messages]).toEqual([told, [], []]);
  const resampled = (found: typeof counted, type: "parametric" | "nonparametric") =>
    bootstrap(found, { replicates: 5, type, workers: 1 }).messages;
  expect(resampled(counted, "nonparametric")).toEqual(told);
  expect([resampled(counted, "parametric"), resampled(long, "nonparametric")]).toEqual([[], []]);
  const relative = fit({ ...table, n: table.n.map((n) => n / 14.5) }, { ...options, weights: "n" });
  expect(robust(relative).messages).toEqual([]);
});
