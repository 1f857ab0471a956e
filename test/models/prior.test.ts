import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { fit } from "../../src/fit/fit.ts";
import { load, save } from "../../src/fit/model-file.ts";
import { covariance } from "../../src/inference/covariance.ts";
import { random } from "../../src/math/random.ts";
import { mixture } from "../../src/models/mixture.ts";
import { penaltyOf } from "../../src/models/penalty.ts";

const n = 60;
const rng = random(3);
// Multiples of 1/64: columns that are far from 0 differ by the same.
const x = Array.from({ length: n }, () => Math.round(64 * rng.normal()) / 64);
const counts = x.map((v) => Math.round(Math.exp(1 + 0.5 * v + 0.3 * rng.normal())));
const parted = x.map((v, i) => (v + (i % 7) / 4 > 0.6 ? "a" : "b"));
const separated = x.map((v) => (v > 0.1 ? "a" : "b"));

const cases = [
  ["poisson", counts, { k: 1, ridge: 10, scale: true }],
  ["linear", counts, { k: 2, ridge: 10, scale: true }],
  ["logistic", parted, { k: 1, ridge: 1, scale: true }],
  ["logistic", separated, { k: 1 }],
] as const;

test.each(cases)("the standard errors of slopes of %s experts with a prior are those of columns near 0", (...given) => {
  const [experts, y, options] = given;
  const at = (far: number) => {
    const found = fit({ y: [...y], x: x.map((v) => v + far) }, { response: "y", features: ["x"], experts, ...options });
    const { standardErrors } = covariance(found);
    return found.mixture.names.flatMap((name, j) => (name.endsWith(".x") ? [standardErrors[j]] : []));
  };
  const near = at(0);
  // A column at 1e9 has its values to 1e-7 of its deviation; its square in a prior's matrix would have none of it.
  for (const far of [2000, 1e6, 1e9]) {
    at(far).forEach((error, j) => {
      expect(Math.abs(error / near[j] - 1)).toBeLessThan(1e-6);
    });
  }
});

test("a model file keeps what its priors are about", async () => {
  const far = { y: [...counts], x: x.map((v) => v + 1e8) };
  const found = fit(far, { response: "y", features: ["x"], experts: "poisson", k: 2, ridge: 10, scale: true });
  const file = join(mkdtempSync(join(tmpdir(), "mixlens-prior-")), "model.json");
  await save(found, file);
  const again = { ...load(file), observations: found.observations };
  expect(again.mixture.spec).toEqual(found.mixture.spec);
  expect(covariance({ ...found, ...again }).standardErrors).toEqual(covariance(found).standardErrors);
});

test("a prior about means is the prior that is written out", () => {
  const columns = ["(intercept)", "x", "z"];
  const precision = [5, 0, 1, 0, 6, 0, 1, 0, 7];
  const priors = { expert2: { precision, origin: { intercept: 0, means: [0, 30, -4] } } };
  const model = mixture({ experts: "poisson", k: 2, gateColumns: columns, expertColumns: columns, priors });
  const theta = Float64Array.from({ length: model.names.length }, (_, j) => Math.sin(j + 1));
  const b = theta.slice(6, 9);
  const about = [b[0] + 30 * b[1] - 4 * b[2], b[1], b[2]];
  const half = (p: readonly number[], v: ArrayLike<number>): number =>
    p.reduce((sum, entry, at) => sum + 0.5 * entry * v[Math.floor(at / 3)] * v[at % 3], 0);
  expect(penaltyOf(model, theta).value).toBeCloseTo(half(precision, about), 9);
});

test.each([
  [{ precision: [1, 0, 0, 1], origin: { intercept: 2, means: [0, 1] } }],
  [{ precision: [1, 0, 0, 1], origin: { intercept: 0, means: ["1"] } }],
  [{ precision: [1, 0, 0, 1], origin: 3 }],
  [{ precision: [1, 0, 0, "1"] }],
  [{ origin: { intercept: 0, means: [0, 1] } }],
  [[1, 0, 0, 1]],
])("a prior that is none is refused: %j", (expert1) => {
  const columns = ["(intercept)", "x"];
  const spec = { experts: "poisson", k: 1, gateColumns: columns, expertColumns: columns, priors: { expert1 } };
  expect(() => mixture(spec as never)).toThrow("priors");
});
