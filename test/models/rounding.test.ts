import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { fit } from "../../src/fit/fit.ts";
import { FitFailure } from "../../src/fit/fit-failure.ts";
import type { FitOptions } from "../../src/fit/fit-options.ts";
import { random } from "../../src/math/random.ts";
import { mixture } from "../../src/models/mixture.ts";
import { draw, nearby } from "../support/problems.ts";
import { run } from "../support/run.ts";
import { latent } from "../support/table.ts";

type Columns = Record<string, readonly number[] | readonly string[]>;

function read(name: string): { columns: Columns; options: FitOptions } {
  return JSON.parse(readFileSync(new URL(`../cases/reliability/${name}.json`, import.meta.url), "utf8"));
}

/** How a fit ended, start by start, in its own words. */
function ends(columns: Columns, options: FitOptions): { readonly message: string; readonly fitted: boolean } {
  try {
    const { message, starts } = fit(columns, options);
    return { message: [message, ...starts.map((start) => start.message)].join(" "), fitted: true };
  } catch (error) {
    if (!(error instanceof FitFailure)) throw error;
    return { message: [error.message, ...error.starts.map((start) => start.message)].join(" "), fitted: false };
  }
}

test("a response that hardly varies for its size is said to, and less what is named it can be fitted", () => {
  const { columns, options } = read("em-lowered-10356");
  expect(() => fit(columns, options)).toThrow(
    /expected one of 3 starts to succeed, got only failures such as "Stopped in step \d+: the response hardly varies for its size \(5 ± 8\.4e-11\), so that rounding hides what a step gains; subtract 5 from it"$/,
  );
  const y = (columns.y as number[]).map((value) => value - 5);
  const { result } = fit({ ...columns, y }, { ...options, maxIterations: 5000 });
  expect(result).toBe("converged");
});

test("an all but certain label that weighs 1e10 is fitted: rounding is that of a sum of this weight", () => {
  const { columns, options } = read("em-lowered-11584");
  expect(fit(columns, options).result).toBe("converged");
  for (const weight of [1e6, 1e8, 1e12]) {
    for (const seed of [1, 2, 3]) {
      const { message } = ends({ ...columns, w: [0, weight] }, { ...options, seed });
      expect(message).not.toMatch(/lowered the objective|NaN/);
    }
  }
});

test("no fit of a response that hardly varies says that EM lowered the objective", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(5, -0.1, 1e6, 12345.678),
      fc.integer({ min: 8, max: 12 }),
      fc.integer({ min: 1, max: 1000 }),
      fc.boolean(),
      (centre, digits, seed, sharedVariance) => {
        const rng = random(seed);
        const x = Array.from({ length: 20 }, () => rng.normal());
        const y = x.map(() => centre * (1 + 10 ** -digits * rng.normal()));
        const options = { response: "y", k: 2, starts: 2, seed, maxIterations: 60, sharedVariance } as const;
        const { message } = ends({ x, y }, options);
        expect(message).not.toMatch(/lowered the objective|NaN|Infinity/);
        // What it says to subtract is what is to be subtracted.
        const named = /subtract (\S+) from it/.exec(message);
        if (named === null) return;
        const rest = ends({ x, y: y.map((value) => value - Number(named[1])) }, options);
        expect(rest.message).not.toMatch(/hardly varies/);
      },
    ),
    { numRuns: 25 },
  );
});

test("two levels of a response that hardly vary are variances that collapsed, not a lowered objective", () => {
  const rng = random(3);
  const x = Array.from({ length: 30 }, () => rng.normal());
  for (const digits of [8, 9, 10, 11, 12]) {
    const y = x.map((_, i) => (i % 2 === 0 ? 5 : 6) + 10 ** -digits * rng.normal());
    const { message } = ends({ x, y }, { response: "y", k: 2, starts: 3, maxIterations: 60 });
    expect(message).not.toMatch(/lowered the objective|hardly varies/);
  }
});

test("a variance that is the rounding of rows on a line has collapsed, wherever it is met", () => {
  const x = Array.from({ length: 12 }, (_, i) => 4.5 + 0.1 * i);
  const line = x.map((value) => (2 * value) / 3 - 1.5);
  const after = (noise: number, logSigma: number) => {
    const columns = ["(intercept)", "x"];
    const model = mixture({ experts: "linear", k: 1, ridge: 0.1, gateColumns: columns, expertColumns: columns });
    const design = { columns, values: [new Float64Array(12).fill(1), Float64Array.from(x)] };
    const response = Float64Array.from(line, (y, i) => y + noise * (-1) ** i);
    const data = { rows: 12, gate: design, expert: design, response };
    const theta = Float64Array.of(-1.5, 2 / 3, logSigma);
    return model.maximise(theta, { responsibilities: new Float64Array(12).fill(1) }, data).failure?.reason;
  };
  for (const logSigma of [-5, -20, -36.3]) expect(after(0, logSigma)).toMatch(/^the variance of expert 1 collapsed/);
  expect(after(1e-9, -20)).toBeUndefined();
});

test.each(["linear", "logistic", "poisson"] as const)(
  "rows that weigh from 1e6 to 1e12 are fitted without a lowered objective: %s",
  (experts) => {
    fc.assert(
      fc.property(
        fc.constantFrom(1e6, 1e8, 1e10, 1e12),
        fc.boolean(),
        fc.integer({ min: 1, max: 1000 }),
        (weight, isMixed, seed) => {
          const rng = random(seed);
          const x = Array.from({ length: 30 }, () => rng.normal());
          const drawn = {
            linear: () => x.map((value) => value + rng.normal()),
            logistic: () => x.map((value) => (rng.uniform() * (1 + Math.exp(-value)) < 1 ? "yes" : "no")),
            poisson: () => x.map((value) => Math.floor(Math.exp(0.5 * value) + rng.uniform())),
          };
          const w = x.map((_, i) => (isMixed && i % 3 === 0 ? 0 : isMixed && i % 3 === 1 ? 1e-3 : weight));
          const options = { response: "y", experts, k: 2, starts: 2, seed, ridge: 0.1, weights: "w" } as const;
          const { message } = ends({ x, y: drawn[experts](), w }, { ...options, maxIterations: 100 });
          expect(message).not.toMatch(/lowered the objective|NaN/);
        },
      ),
      { numRuns: 12 },
    );
  },
);

const monotone = latent.filter(({ make }) => make(1).monotone).map(({ make }) => ({ name: make(1).name, make }));

test.each(monotone)("weights in other units lead to the same place: $name", ({ make }) => {
  const problem = draw({ experts: "linear", k: 2, rows: 200, features: 1, seed: 61 });
  const start = nearby(problem, 1);
  const [plain, heavy] = [1, 1e10].map((weight) => {
    const data = { ...problem.data, weights: new Float64Array(200).fill(weight) };
    return run(make(1), { model: problem.model, data }, start, { tolerance: 1e-4, maxIterations: 3000 }).outcome;
  });
  expect([plain.result, heavy.result]).toEqual(["converged", "converged"]);
  expect(Math.max(...plain.theta.map((value, j) => Math.abs(value - heavy.theta[j])))).toBeLessThan(1e-3);
});

test("the bound of rounding is of the size of what rounding does, and small where numbers are of size 1", () => {
  const { model, data, truth } = draw({ experts: "linear", k: 2, rows: 300, features: 1, seed: 5 });
  const far = (centre: number) => {
    const response = data.response.map((y) => y + centre);
    const intercepts = new Set(model.experts.map(([mean]) => mean.at[0]));
    const theta = truth.map((value, j) => (intercepts.has(j) ? value + centre : value));
    const objective = model.posterior(theta, { ...data, response }).objective;
    return { error: model.roundingError!(theta, { ...data, response }).nats, objective };
  };
  const near = far(0);
  expect(near.error).toBeLessThan(1e-9);
  for (const centre of [2 ** 20, 2 ** 30]) {
    const { error, objective } = far(centre);
    expect(Math.abs(objective - near.objective)).toBeGreaterThan(1e-4 * error);
    expect(Math.abs(objective - near.objective)).toBeLessThan(error);
  }
});
