import { expect, test } from "vitest";
import { random } from "../../src/math/random.ts";
import { mixture } from "../../src/models/mixture.ts";
import { draw } from "../support/problems.ts";

const square = (values: Iterable<number>): number => [...values].reduce((sum, value) => sum + value * value, 0);

test("a ridge is ½ρ‖·‖² of linear and Poisson coefficients, intercepts included, and half of it on the log-odds of two", () => {
  for (const experts of ["linear", "poisson", "logistic"] as const) {
    const { model, data, truth } = draw({
      experts,
      k: 2,
      rows: 60,
      features: 2,
      seed: 4,
      binary: experts === "logistic",
    });
    const ridge = 0.7;
    const { objective, logLikelihood } = mixture({ ...model.spec, ridge }).posterior(truth, data);
    const own = (offset: number, size: number): number => square(truth.subarray(offset, offset + size));
    const gate = own(model.gate[0].at[0], model.gate[0].at.length);
    const coefficients = model.experts.reduce((sum, [{ at }]) => sum + own(at[0], at.length), 0);
    // Two experts and two labels: less the mean over both classes, (0 − w/2)² + (w/2)² = w²/2.
    const penalty = 0.5 * ridge * (gate / 2 + (experts === "logistic" ? coefficients / 2 : coefficients));
    expect(Math.abs(logLikelihood - objective - penalty)).toBeLessThan(1e-10 * (1 + penalty));
    // Without the intercepts, or with the whole of it on log-odds, it would be another.
    expect(Math.abs(penalty - 0.5 * ridge * (gate + coefficients))).toBeGreaterThan(1e-3);
  }
});

test("a prior with the precision ρI is the ridge ρ on that part: objective, gradient, M-step and informations to 1e-10", () => {
  const rng = random(5);
  for (const experts of ["poisson", "logistic"] as const) {
    const { model, data, truth } = draw({ experts, k: 3, rows: 120, features: 2, seed: 6 });
    const theta = truth.map((value) => value + 0.1 * rng.normal());
    const d = data.expert.columns.length;
    const identity = Array.from({ length: d * d }, (_, at) => (at % (d + 1) === 0 ? 0.6 : 0));
    const parts = ["gate", "expert1", "expert2", "expert3"];
    const ridge = mixture({ ...model.spec, ridge: 0.6 });
    const prior = mixture({
      ...model.spec,
      ridge: 0,
      priors: Object.fromEntries(parts.map((part) => [part, { precision: identity }])),
    });
    const [a, b] = [ridge, prior].map((each) => {
      const posterior = each.posterior(theta, data);
      const { complete } = each.information(theta, data);
      const products = each.informationProducts(theta, data);
      return [
        posterior.objective,
        ...each.gradient(theta, data).gradient,
        ...each.maximise(theta, posterior, data).theta,
        ...complete,
        ...products.complete(theta),
        ...products.preconditioner().solve(theta),
      ];
    });
    a.forEach((value, at) => {
      expect(Math.abs(value - b[at])).toBeLessThan(1e-10 * (1 + Math.abs(value)));
    });
  }
});
