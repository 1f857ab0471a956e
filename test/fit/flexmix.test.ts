import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { criteria } from "../../src/fit/criteria.ts";
import { fit } from "../../src/fit/fit.ts";

// Examples of flexmix's own papers and pages, on its own data. Its numbers: R 4.2.2, flexmix 2.3-18.

const folder = mkdtempSync(join(tmpdir(), "mixlens-flexmix-"));
const file = (name: string): string => join(folder, `${name}.csv`);

beforeAll(() => {
  const script = `
    suppressMessages(library(flexmix))
    data("betablocker"); data("NPreg")
    for (name in c("betablocker", "NPreg")) write.csv(get(name), file.path(commandArgs(TRUE), paste0(name, ".csv")))`;
  const { status, stderr } = spawnSync("Rscript", ["--vanilla", "-e", script, folder], { encoding: "utf8" });
  expect([status, stderr]).toEqual([0, ""]);
});
afterAll(() => rmSync(folder, { recursive: true }));

const betablocker = {
  formula: "Deaths ~ Treatment | 1",
  trials: "Total",
  group: "Center",
  experts: "binomial",
  k: 3,
} as const;

test("betablocker: deaths of total in 22 centres, three groups of centres", () => {
  const found = fit(file("betablocker"), betablocker);
  expect(found.logLikelihood).toBeCloseTo(-158.3095, 4);
  expect(found.mixture.free).toHaveLength(8);
  expect(found.criteria.bic).toBeCloseTo(346.8925, 4);
  expect(criteria(found)).toEqual(found.criteria);
});

test("betablocker with one treatment effect for all centres", () => {
  const found = fit(file("betablocker"), { ...betablocker, shared: "Treatment" });
  expect(found.logLikelihood).toBeCloseTo(-159.3605, 4);
  expect(found.mixture.free).toHaveLength(6);
  expect(found.criteria.bic).toBeCloseTo(341.4262, 4);
  for (const { coefficients } of found.coefficients.experts) {
    expect(coefficients.TreatmentTreated).toBeCloseTo(-0.258163, 4);
  }
});

test("NPreg: a line and a parabola of 50 groups of rows; flexmix divides by n − p, and stops below", () => {
  const found = fit(file("NPreg"), { formula: "yn ~ x + x^2 | 1", group: "id2", k: 2 });
  expect(found.mixture.free).toHaveLength(9);
  expect(found.logLikelihood).toBeGreaterThan(-561.5651);
  expect(found.logLikelihood).toBeCloseTo(-561.5537, 3);
});
