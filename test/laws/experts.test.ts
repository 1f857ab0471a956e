import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { expect, test } from "vitest";
import { BLOCK_ROWS } from "../../src/compute/blocks.ts";
import { fit } from "../../src/fit/fit.ts";
import { load, modelText } from "../../src/fit/model-file.ts";
import { predict } from "../../src/fit/predict.ts";
import { snr } from "../../src/inference/snr.ts";
import { spectrum } from "../../src/inference/spectrum.ts";
import { type Law, predictorCount } from "../../src/laws/law.ts";
import { EXPERT_KINDS, lawOf } from "../../src/laws/registry.ts";
import { random } from "../../src/math/random.ts";
import type { Block } from "../../src/rows/observations.ts";
import { certify } from "../../src/theory/certificate.ts";
import { lift } from "../../src/theory/lift.ts";
import { minimise } from "../support/minimise.ts";
import { labels } from "../support/problems.ts";

const file = fileURLToPath(new URL("../cases/laws/gamma-counts.csv", import.meta.url));
const own = { gamma: "y", "negative-binomial": "cnt" } as const;
const kinds = Object.keys(own) as (keyof typeof own)[];
const fits = Object.fromEntries(
  kinds.map((experts) => [experts, fit(file, { response: own[experts], features: ["x"], experts, starts: 4 })]),
);

/** A block of one row. */
const row = (y: number, n: number): Block => {
  const x = { values: [Float64Array.of(1)], start: 0 };
  const [response, weights, offset, trials] = [y, 1, 0, n].map((value) => Float64Array.of(value));
  const x1 = { gate: x, expert: x, constant: x };
  return { start: 0, rows: 1, x: x1, response, weights, unitWeights: weights, offset, trials };
};
const spread = (eta: readonly number[]): Float64Array => {
  const runs = new Float64Array(eta.length * BLOCK_ROWS);
  eta.forEach((value, h) => {
    runs[h * BLOCK_ROWS] = value;
  });
  return runs;
};
const at = (runs: Float64Array): number[] => Array.from(runs).filter((_, i) => i % BLOCK_ROWS === 0);

/** log p, its scores (m) and its curvatures (m × m) at one row. */
function found(law: Law, y: number, eta: readonly number[], trials: number = 1) {
  const m = predictorCount(law);
  const out = [1, m, m * m].map((length) => new Float64Array(length * BLOCK_ROWS));
  const here = row(y, trials);
  law.logDensity(here, spread(eta), 0, out[0], 0);
  law.scores(here, spread(eta), 0, out[1], 0);
  law.curvature(here, spread(eta), 0, out[2]);
  return { density: out[0][0], scores: at(out[1]), curvature: at(out[2]) };
}

function density(law: Law, y: number, eta: readonly number[], trials: number = 1): number {
  const out = new Float64Array(BLOCK_ROWS);
  law.logDensity(row(y, trials), spread(eta), 0, out, 0);
  return out[0];
}

/** A law, a response that it can have, and predictors. */
const cases = fc
  .record({ kind: fc.constantFrom(...EXPERT_KINDS), seed: fc.integer(), wide: fc.constantFrom(0.5, 1, 2) })
  .map(({ kind, seed, wide }) => {
    const law = lawOf(kind, { labels });
    const rng = random(seed);
    const eta = Array.from({ length: predictorCount(law) }, () => wide * rng.normal());
    const near = Array.from(eta, (value) => value + 0.5 * rng.normal());
    const trials = law.response.hasTrials ? 1 + rng.integer(20) : 1;
    return { kind, law, eta, trials, y: law.draw(spread(near), 0, rng, trials) };
  })
  // Differences of ψ at counts of millions are rounding.
  .filter(
    ({ y, law, eta, trials }) =>
      law.response.accepts(y, trials) && Math.abs(y) < 1e5 && eta.every((value) => Math.abs(value) < 6),
  );

test("curvatures of a label that is all but certain keep their digits: p_h times what the others have", () => {
  const law = lawOf("logistic", { labels });
  for (const eta of [
    [40, 3],
    [-3, 60],
    [200, -5],
    [-30, -80],
  ]) {
    const { curvature } = found(law, 0, eta);
    const normaliser = Math.log(eta.reduce((sum, value) => sum + Math.exp(value), 1));
    eta.forEach((value, h) => {
      const others = eta.reduce((sum, other, j) => (j === h ? sum : sum + Math.exp(other)), 1);
      const wanted = Math.exp(value - 2 * normaliser) * others;
      expect(Math.abs(curvature[h * 2 + h] / wanted - 1)).toBeLessThan(1e-12);
    });
  }
});

test("scores are the derivatives of log p, and curvatures those of the scores negated, to 1e-6 of their scale", () => {
  fc.assert(
    fc.property(cases, ({ law, eta, y, trials }) => {
      const here = found(law, y, eta, trials);
      const m = eta.length;
      for (let h = 0; h < m; h++) {
        const step = 1e-4;
        const moved = (by: number) =>
          found(
            law,
            y,
            eta.map((value, j) => (j === h ? value + by : value)),
            trials,
          );
        const difference = (read: (of: ReturnType<typeof found>) => number): number => {
          // Richardson's extrapolation of two central differences.
          const once = (read(moved(step)) - read(moved(-step))) / (2 * step);
          const twice = (read(moved(2 * step)) - read(moved(-2 * step))) / (4 * step);
          return (4 * once - twice) / 3;
        };
        const scale =
          1 + Math.abs(here.density) + Math.max(...here.scores.map(Math.abs), ...here.curvature.map(Math.abs));
        expect(Math.abs(here.scores[h] - difference(({ density }) => density))).toBeLessThan(1e-6 * scale);
        for (let j = 0; j < m; j++) {
          const curvature = -difference(({ scores }) => scores[j]);
          expect(Math.abs(here.curvature[h * m + j] - curvature)).toBeLessThan(1e-6 * scale);
        }
      }
    }),
    { numRuns: 300 },
  );
});

test("log p of Gamma, negative binomial and binomial responses is R's dgamma, dnbinom and dbinom, to 1e-11 of itself", () => {
  const gamma = [
    [3, 1.5, 2.5, -1.896150053679686],
    [0.01, 0.3, 2, 1.557185139907824],
    [500, 2000, 100, -4784.457312200321],
    [1e5, 1e9, 1e5, -2.070231079785028],
  ];
  for (const [y, shape, mean, log] of gamma) {
    const { density } = found(lawOf("gamma"), y, [Math.log(mean), Math.log(shape)]);
    // A shape of 1e9 has 1e9 times the rounding of log μ.
    expect(Math.abs(density - log)).toBeLessThan(1e-12 * Math.abs(log) + 4e-15 * shape * 1e-3);
  }
  const counts = [
    [3, 1e-6, 2.5, -1.542888648609976],
    [7, 0.3, 2, -4.421245976713197],
    [500, 2, 100, -8.825342201643204],
    [1e5, 1e-6, 1e5, -6.72305719650104],
    [100, 1e-3, 90, -3.76033926859625],
  ];
  for (const [y, dispersion, mean, log] of counts) {
    const { density } = found(lawOf("negative-binomial"), y, [Math.log(mean), Math.log(dispersion)]);
    expect(Math.abs(density - log)).toBeLessThan(1e-11 * Math.abs(log) + 1e-15 * y);
  }
  const successes = [
    [3, 10, 0.2, -1.60282685371972],
    [0, 7, 1e-3, -0.00700350233508473],
    [499000, 1e6, 0.5, -9.13354621495967],
    [12, 12, 0.999, -0.0120060040030024],
    [5e8, 1e9, 0.5, -10.5874242713679],
  ];
  for (const [y, n, p, log] of successes) {
    const { density } = found(lawOf("binomial"), y, [Math.log(p / (1 - p))], n);
    expect(Math.abs(density - log)).toBeLessThan(1e-11 * Math.abs(log) + 1e-15 * n);
  }
});

test("log p, scores and curvatures are the law's own where offsets of ±700 make means and scales all but 0 or infinite", () => {
  // Gamma: ν log ν + ν log(y/μ) − log Γ(ν) − νy/μ − log y, where log Γ(ν) is −log ν, ν ψ(ν) is −1 and ν² ψ'(ν) is 1.
  for (const [y, logMean, logShape] of [
    [3.6, -128, -101],
    [0.8, -250, -240],
    [2, -600, -590],
    [1, -690, -695],
    [1, 600, -400],
  ]) {
    const there = Math.exp(logShape + Math.log(y) - logMean);
    const known = found(lawOf("gamma"), y, [logMean, logShape]);
    const wanted = [logShape - there - Math.log(y), there, 1 - there, there, -there, -there, there];
    [known.density, ...known.scores, ...known.curvature].forEach((value, j) => {
      expect(Math.abs(value - wanted[j])).toBeLessThan(1e-11 * (1 + Math.abs(wanted[j])));
    });
  }
  // Counts: with t = αμ, log p(0) is −log(1 + t)/α, and log p(y) that, with log(t/(1 + t)), y times, and −log α − log y.
  for (const [y, logMean, logDispersion] of [
    [0, 300, 400],
    [3, -680, 688],
    [1000, -690, 705],
    [65, -740, 735],
    [2, 500, 300],
  ]) {
    const u = logMean + logDispersion;
    const [share, rest] = [1 / (1 + Math.exp(-u)), 1 / (1 + Math.exp(u))];
    const log = y === 0 ? 0 : -y * Math.log1p(Math.exp(-u)) - logDispersion - Math.log(y);
    const known = found(lawOf("negative-binomial"), y, [logMean, logDispersion]);
    const bend = y * share * rest;
    const wanted = [log, y * rest, y === 0 ? 0 : y * rest - 1, bend, bend, bend, bend];
    [known.density, ...known.scores, ...known.curvature].forEach((value, j) => {
      expect(Math.abs(value - wanted[j])).toBeLessThan(1e-11 * (1 + Math.abs(wanted[j])));
    });
  }
});

test("probabilities sum to 1: counts over all counts, Gamma numbers over their logarithms, to 1e-10", () => {
  const counts = lawOf("negative-binomial");
  for (const eta of [
    [0, 0],
    [2, -3],
    [1, 1],
    [3, -9],
  ]) {
    let sum = 0;
    for (let y = 0; y < 1500; y++) sum += Math.exp(density(counts, y, eta));
    expect(Math.abs(sum - 1)).toBeLessThan(1e-10);
  }
  for (const eta of [
    [0, 0],
    [2, 3],
    [-3, -1],
    [1, 6],
  ]) {
    const step = 0.02;
    let sum = 0;
    for (let t = -80; t < 12; t += step) sum += step * Math.exp(density(lawOf("gamma"), Math.exp(t), eta) + t);
    expect(Math.abs(sum - 1)).toBeLessThan(1e-10);
  }
});

test("one expert is R's generalised linear model: glm with gamma.shape, and glm.nb", () => {
  const gamma = fit(file, { response: "y", features: ["x"], experts: "gamma", k: 1 });
  expect(gamma.logLikelihood).toBeCloseTo(-1475.64063368765, 9);
  expect(gamma.coefficients.experts[0].coefficients["(intercept)"]).toBeCloseTo(2.753836811, 7);
  expect(gamma.coefficients.experts[0].coefficients.x).toBeCloseTo(-0.398834846, 7);
  expect(gamma.coefficients.experts[0].shape).toBeCloseTo(1.69610979253, 9);
  const counts = fit(file, { response: "cnt", features: ["x"], experts: "negative-binomial", k: 1 });
  expect(counts.logLikelihood).toBeCloseTo(-1442.3049615452228, 9);
  expect(counts.coefficients.experts[0].coefficients["(intercept)"]).toBeCloseTo(2.57299268259301, 9);
  expect(counts.coefficients.experts[0].coefficients.x).toBeCloseTo(-0.49034064418962, 9);
  expect(counts.coefficients.experts[0].dispersion).toBeCloseTo(0.72423604562726, 9);
});

test.each(kinds)("two %s experts are what a direct maximisation of the likelihood finds", (kind) => {
  const { mixture, theta, observations, logLikelihood, result } = fits[kind];
  expect(result).toBe("converged");
  const rng = random(2);
  const start = theta.map((value) => value + 0.05 * rng.normal());
  const direct = minimise((point) => -mixture.posterior(point, observations).logLikelihood, start);
  expect(logLikelihood).toBeCloseTo(mixture.posterior(direct, observations).logLikelihood, 6);
  for (const [j, value] of theta.entries()) expect(Math.abs(direct[j] - value)).toBeLessThan(2e-3);
  expect(spectrum(mixture, theta, observations).observedInformation).toBe("positive definite");
});

test.each(kinds)("%s experts survive their model file, and predict", (kind) => {
  const folder = mkdtempSync(join(tmpdir(), "mixlens-laws-"));
  try {
    const path = join(folder, "model.json");
    writeFileSync(path, modelText(fits[kind]));
    const read = load(path);
    expect(read.theta).toEqual(fits[kind].theta);
    expect(read.formula).toEqual(fits[kind].formula);
    expect(read.mixture.names).toEqual(fits[kind].mixture.names);
    const { mean, responsibilities } = predict(read, file);
    expect(mean?.every((value) => value > 0)).toBe(true);
    expect(responsibilities).toEqual(
      fits[kind].mixture.posterior(read.theta, fits[kind].observations).responsibilities,
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("responses in another unit: Gamma experts move by its logarithm, and nothing else changes", () => {
  const { theta, observations, logLikelihood, mixture } = fits.gamma;
  const unit = 1e4;
  const scaled = { ...observations, response: observations.response.map((y) => unit * y) };
  const moved = theta.slice();
  for (const [mean] of mixture.experts) moved[mean.at[0]] += Math.log(unit);
  const { logLikelihood: there } = mixture.posterior(moved, scaled);
  expect(there).toBeCloseTo(logLikelihood - observations.rows * Math.log(unit), 7);
  const step = mixture.maximise(moved, mixture.posterior(moved, scaled), scaled);
  expect(Math.max(...step.theta.map((value, j) => Math.abs(value - moved[j])))).toBeLessThan(1e-6);
});

test("the signal-to-noise of Gamma experts is that of linear ones of log y", () => {
  const x = Array.from(fits.gamma.observations.expert.values[1]);
  const log = fit({ x, y: Array.from(fits.gamma.observations.response, Math.log) }, { response: "y", starts: 4 });
  const [[gamma], [linear]] = [snr(fits.gamma, fits.gamma.observations), snr(log, log.observations)];
  expect(gamma.snr / linear.snr).toBeCloseTo(1, 1);
  expect(gamma.angle).toBeCloseTo(linear.angle, 0);
  expect(gamma.predictedRate).toBeCloseTo(linear.predictedRate, 1);
  expect(snr(fits["negative-binomial"], fits["negative-binomial"].observations)[0].predictedRate).toBeNaN();
});

test("EM of Gamma experts is certified mirror descent; negative binomial ones have no lift, and it is said", () => {
  const { mixture, start, theta, observations } = fits.gamma;
  expect(certify(mixture, start, observations, { limit: theta, steps: 5 }).holds).toBe(true);
  expect(() => lift(fits["negative-binomial"].mixture)).toThrow(
    "Cannot lift a model: expected experts whose law is an exponential family, got negative-binomial experts",
  );
});

test("counts that vary less than Poisson counts have the least dispersion, and the fit says so", () => {
  const y = Array.from({ length: 200 }, (_, i) => 4 + (i % 3));
  const x = Array.from({ length: 200 }, (_, i) => ((i * 7) % 11) / 11);
  const options = { response: "y", features: ["x"], k: 1 } as const;
  const [found, poisson] = [
    fit({ x, y }, { ...options, experts: "negative-binomial" }),
    fit({ x, y }, { ...options, experts: "poisson" }),
  ];
  expect(found.message).toContain("The dispersion of expert 1 is held at its least, 0.000001: its counts vary no more");
  expect(Math.abs(found.logLikelihood - poisson.logLikelihood)).toBeLessThan(2e-3);
  expect(found.logLikelihood).toBeLessThan(poisson.logLikelihood);
  expect(found.mixture.free.length).toBe(poisson.mixture.free.length);
});

test("what a law cannot have is refused by column and row", () => {
  const x = [1, 2, 3, 4, 5];
  const asked = (experts: (typeof kinds)[number], y: readonly number[]) => () => {
    return fit({ x, y }, { response: "y", experts, k: 1 });
  };
  expect(asked("gamma", [1, 2, 0, 3, 4])).toThrow('numbers above 0 in column "y", got 0 at row 3');
  expect(asked("gamma", [1, 2, 3, -3, 4])).toThrow('numbers above 0 in column "y", got -3 at row 4');
  expect(asked("negative-binomial", [1, 2, 3, 1.5, 4])).toThrow("counts, whole numbers from 0 on, in column");
  expect(() => fit({ x, y: x }, { response: "y", experts: "gamma", sharedVariance: true })).toThrow(
    "a shared variance with linear experts only, got sharedVariance with gamma experts",
  );
  // Rows on a curve have no noise to fit.
  expect(
    asked(
      "gamma",
      x.map((value) => Math.exp(1 + value)),
    ),
  ).toThrow("the variance of expert 1 collapsed");
});

test("no row is likelier than its law lets it be, and no score is none, however far the parameters are", () => {
  const rng = random(3);
  const within = (widths: readonly number[]): number => (2 * rng.uniform() - 1) * widths[rng.integer(widths.length)];
  for (const kind of EXPERT_KINDS) {
    const law = lawOf(kind, { labels });
    const { hasTrials, isCount, isLabel } = law.response;
    for (let n = 0; n < 3000; n++) {
      const eta = Array.from({ length: predictorCount(law) }, () => within([1, 10, 50, 150, 400, 800]));
      const scale = eta[1];
      // A dispersion is held at its least, and above.
      if (law.scale?.least !== undefined) eta[1] = Math.max(scale, Math.log(law.scale.least.value));
      const size = Math.exp(within([1, 5, 30]));
      const trials = hasTrials ? Math.ceil(size) : 1;
      const y = isLabel
        ? rng.integer(labels.length)
        : hasTrials
          ? rng.integer(Math.min(trials, 1000) + 1)
          : isCount
            ? Math.floor(size)
            : size;
      const { density, scores } = found(law, y, eta, trials);
      // Of a number the density is at most about that of its scale; counts, successes and labels have probabilities.
      const isDiscrete = isLabel || hasTrials || isCount;
      const shape = Math.max(0.5 * scale, Math.exp(Math.min(scale, 1)));
      const most = isDiscrete ? 1e-9 * Math.max(1, y, trials) : kind === "gamma" ? shape - Math.log(y) : -scale;
      expect([kind, y, eta, density <= most + 1e-9 * Math.abs(most), scores.some(Number.isNaN)]).toEqual([
        kind,
        y,
        eta,
        true,
        false,
      ]);
    }
  }
});
