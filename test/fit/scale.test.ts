import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { fit } from "../../src/fit/fit.ts";
import { load, save } from "../../src/fit/model-file.ts";
import { random } from "../../src/math/random.ts";
import { deviation } from "../support/differences.ts";
import { draw, nearby } from "../support/problems.ts";

/** Rows of two lines, the columns in units of their own. */
function rows(units: { readonly x: number; readonly u: number }, shift: number = 0) {
  const rng = random(3);
  const x = Array.from({ length: 200 }, () => rng.normal());
  const u = x.map(() => rng.normal());
  const y = x.map((value, i) => (u[i] + rng.normal() > 0 ? 1 + 2 * value : -1 - value + u[i]) + 0.4 * rng.normal());
  return { y, x: x.map((value) => value * units.x + shift), u: u.map((value) => value * units.u) };
}

const options = { response: "y", features: ["x", "u"], starts: 5 } as const;

test("standardised on the way, a fit without a ridge is the same, its coefficients in the columns' own units", () => {
  const data = rows({ x: 1000, u: 0.01 });
  const [plain, scaled] = [fit(data, options), fit(data, { ...options, scale: true })];
  expect(scaled.logLikelihood).toBeCloseTo(plain.logLikelihood, 9);
  const scale = plain.theta.map((value) => Math.max(1, Math.abs(value)));
  expect(
    deviation(
      scaled.theta.map((value, j) => value / scale[j]),
      plain.theta.map((value, j) => value / scale[j]),
    ),
  ).toBeLessThan(1e-6);
});

test("with a ridge the fit does not depend on units or origins; without scale it does", () => {
  const [one, other] = [rows({ x: 1, u: 1 }), rows({ x: 1000, u: 0.01 }, 5000)];
  const ridge = { ...options, ridge: 5 };
  const [first, second] = [one, other].map((data) => fit(data, { ...ridge, scale: true }));
  expect(second.logLikelihood).toBeCloseTo(first.logLikelihood, 8);
  expect(second.objective).toBeCloseTo(first.objective, 8);
  const slope = ({ coefficients }: typeof first): number => coefficients.experts[0].coefficients.x;
  expect(slope(second) * 1000).toBeCloseTo(slope(first), 8);
  expect(Math.abs(fit(one, ridge).logLikelihood - fit(other, ridge).logLikelihood)).toBeGreaterThan(1);
});

test.each(["expert1.x", "gate2.x"])(
  "where %s alone is fixed, the fit is the same, standardised or far from the origin",
  (name) => {
    const [near, far] = [rows({ x: 1, u: 1 }), rows({ x: 1, u: 1 }, 5000)];
    // The far column's coefficients are those of the near one; only intercepts differ.
    const held = { ...options, fixed: { [name]: 0.5 } };
    const plain = fit(near, held);
    for (const found of [fit(near, { ...held, scale: true }), fit(far, held), fit(far, { ...held, scale: true })]) {
      expect(found.logLikelihood).toBeCloseTo(plain.logLikelihood, 6);
      const { mixture, theta, observations } = found;
      expect(mixture.posterior(theta, observations).logLikelihood).toBeCloseTo(found.logLikelihood, 6);
      expect(theta[mixture.names.indexOf(name)]).toBe(0.5);
    }
  },
);

test("standardised columns with a ridge are those standardised by hand", () => {
  const data = rows({ x: 7, u: 3 }, 2);
  const standard = (values: readonly number[]): number[] => {
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
    return values.map((value) => (value - mean) / deviation);
  };
  const byHand = fit({ y: data.y, x: standard(data.x), u: standard(data.u) }, { ...options, ridge: 3 });
  const found = fit(data, { ...options, ridge: 3, scale: true });
  expect(found.objective).toBeCloseTo(byHand.objective, 8);
  expect(found.logLikelihood).toBeCloseTo(byHand.logLikelihood, 7);
  expect(deviation(byHand.responsibilities, found.responsibilities)).toBeLessThan(1e-6);
});

test("a fit in standardised columns, its prior with it, is kept in a model file", async () => {
  const data = rows({ x: 100, u: 1 });
  const found = fit(data, { ...options, ridge: 2, scale: true });
  const folder = mkdtempSync(join(tmpdir(), "mixlens-scale-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  await save(found, join(folder, "model.json"));
  const again = load(join(folder, "model.json"));
  expect(again.mixture.posterior(again.theta, found.observations).objective).toBeCloseTo(found.objective, 9);
});

test.each([{ shared: false }, { shared: true }])(
  "points, gradients and objectives are carried there and back, $shared coefficients shared",
  ({ shared }) => {
    const problem = draw({
      experts: "poisson",
      k: 3,
      rows: 300,
      features: 2,
      seed: 9,
      ridge: 0.7,
      weighted: true,
      shared,
    });
    const { model, data } = problem;
    const theta = nearby(problem, 3);
    const within = model.standardised(data);
    const phi = within.inside(theta);
    expect(deviation(within.outside(phi), theta)).toBeLessThan(1e-12);
    const here = within.model.gradient(phi, within.data);
    const outside = within.modelOutside(within.model);
    const there = outside.gradient(theta, data);
    expect(there.objective).toBeCloseTo(here.objective, 9);
    expect(there.logLikelihood).toBeCloseTo(model.posterior(theta, data).logLikelihood, 9);
    expect(deviation(within.gradient(here.gradient), there.gradient)).toBeLessThan(1e-8 * data.rows);
    const rowsOfB = theta.map((_, j) => within.row(j).reduce((sum, entry, l) => sum + entry * phi[l], 0));
    expect(deviation(rowsOfB, theta)).toBeLessThan(1e-12);
  },
);
