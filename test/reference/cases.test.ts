import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { caseCsv, cases, oracleOf } from "../support/cases.ts";

// The built command, as users run it, on cases whose estimates other programs found.
const folder = mkdtempSync(join(tmpdir(), "mixlens-reference-"));
afterAll(() => rmSync(folder, { recursive: true }));

function mixlens(...args: string[]) {
  const out = execFileSync(process.execPath, ["dist/cli.mjs", ...args, "--json"], { maxBuffer: 1e9, stdio: "pipe" });
  return JSON.parse(out.toString());
}

/** Largest relative deviation of numbers from the oracle's; zeros must be zeros. */
function relative(found: number[], wanted: number[]): number {
  expect(found.length).toBe(wanted.length);
  return Math.max(...found.map((value, j) => (wanted[j] === 0 ? Math.abs(value) : Math.abs(value / wanted[j] - 1))));
}

describe.each(cases)("case $name: $rows rows, $d columns, k = $k", (reference) => {
  const oracle = oracleOf(reference);
  const data = join(folder, `${reference.name}.csv`);
  const model = join(folder, `${reference.name}.json`);
  const csv = caseCsv(reference);
  writeFileSync(data, csv);
  const numbered = (name: string, count: number) =>
    Array.from({ length: count }, (_, j) => `${name}${j + 1}`).join(",");
  const features = ["--features", numbered("x", reference.d - 1)];
  const start = ["--start-columns", numbered("r", reference.k)];
  const fit = mixlens(
    "fit",
    data,
    "--response",
    "y",
    "--k",
    `${reference.k}`,
    ...features,
    ...start,
    "--model-out",
    model,
  );

  test("the data are the reference's, byte for byte", () => {
    expect(createHash("sha256").update(csv).digest("hex")).toBe(reference.sha256);
  });

  test("the log-likelihood is the maximum to 1e-6 nats", () => {
    expect(fit.result).toBe("converged");
    expect(Math.abs(fit.logLikelihood - oracle.ll)).toBeLessThan(1e-6);
  });

  test("estimates and standard errors agree to 1e-6 of themselves", () => {
    const numbers = (entries: { coefficients: object }[]) =>
      entries.flatMap(({ coefficients }) => Object.values(coefficients));
    expect(relative(numbers(fit.experts), oracle.beta.flat())).toBeLessThan(1e-6);
    expect(relative(fit.gate.flatMap(Object.values), oracle.gate.flat())).toBeLessThan(1e-6);
    const sigma = fit.experts.map((expert: { sigma: number }) => expert.sigma);
    expect(relative(sigma, oracle.sigma)).toBeLessThan(1e-6);
    const errors = fit.standardErrors;
    expect(relative(numbers(errors.experts), oracle.se_beta.flat())).toBeLessThan(1e-6);
    expect(relative(errors.gate.slice(1).flatMap(Object.values), oracle.se_gate.flat())).toBeLessThan(1e-6);
    const logSigma = errors.experts.map((expert: { sigma: number }, z: number) => expert.sigma / sigma[z]);
    expect(relative(logSigma, oracle.se_log_sigma)).toBeLessThan(1e-6);
  });

  test("the missing-information eigenvalues agree to 1e-6 of themselves, and the rate is the one observed", () => {
    const spectrum = mixlens("spectrum", model, data);
    const wanted = oracle.missing_information_eigenvalues;
    // Below 1e-6 an eigenvalue is a zero and what stands there is rounding, theirs and ours.
    const real = wanted.filter((value) => value > 1e-6).length;
    expect(relative(spectrum.eigenvalues.slice(0, real), wanted.slice(0, real))).toBeLessThan(1e-6);
    for (const value of spectrum.eigenvalues.slice(real)) expect(Math.abs(value)).toBeLessThan(1e-9);
    expect(Math.abs(spectrum.rate - oracle.em_rate)).toBeLessThan(1e-6);
    expect(spectrum.observedInformation).toBe("positive definite");
    const [before, then, last] = fit.trace.slice(8, 11);
    const observed = Math.sqrt((fit.logLikelihood - last) / (fit.logLikelihood - then));
    expect(last).toBeGreaterThan(before);
    expect(Math.abs(observed - spectrum.rate)).toBeLessThan(0.05);
  });
});
