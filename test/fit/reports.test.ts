import { describe, expect, test } from "vitest";
import { datasetPath } from "../../src/datasets/dataset-path.ts";
import { fit } from "../../src/fit/fit.ts";
import type { FitOptions } from "../../src/fit/fit-options.ts";
import type { Fit } from "../../src/fit/fit-result.ts";
import { spectrum } from "../../src/inference/spectrum.ts";
import { random } from "../../src/math/random.ts";
import { numericColumn } from "../../src/table/numeric.ts";
import { toTable } from "../../src/table/source.ts";
import { reliability, reported } from "../support/reports.ts";

const none = { features: [], gateFeatures: [] };
const spectrumOf = ({ mixture, theta, observations }: Fit) => spectrum(mixture, theta, observations);
const theta = (found: Fit, name: string): number => found.theta[found.mixture.names.indexOf(name)];

describe("a saddle is no maximum", () => {
  test("bimodal: two means without a feature", () => {
    for (const seed of [1, 2, 3]) {
      const found = fit(reported("bimodal"), { response: "y", ...none, seed });
      expect(found.logLikelihood).toBeCloseTo(-806.870869, 6);
      const means = [theta(found, "expert1.(intercept)"), theta(found, "expert2.(intercept)")].toSorted(
        (a, b) => a - b,
      );
      expect(means[0]).toBeCloseTo(7.99873, 5);
      expect(means[1]).toBeCloseTo(12.13517, 5);
      // At equal experts, −882.4370, none has settled.
      expect(found.starts.every(({ settled, objective }) => !settled || objective > -882)).toBe(true);
    }
  });

  test("zip-freq and zip-long: a table of counts and the same written out", { timeout: 240_000 }, () => {
    for (const [file, weights] of [["zip-freq", "n"], ["zip-long"]] as const) {
      const found = fit(reported(file), { response: "y", ...none, experts: "poisson", ...(weights && { weights }) });
      expect(found.result).toBe("converged");
      expect(found.logLikelihood).toBeCloseTo(-1120.345817, 6);
      const rates = ["expert1.(intercept)", "expert2.(intercept)"].map((name) => theta(found, name));
      expect(Math.min(...rates)).toBeCloseTo(-2.37128, 3);
      // The saddle is at −1137.5385.
      expect(found.starts.every(({ settled, objective }) => !settled || objective > -1137)).toBe(true);
    }
  });

  test("saddle-called-converged: three rows that two experts predict with certainty", () => {
    const { columns, options } = reliability<{ columns: Record<string, number[]>; options: FitOptions }>(
      "saddle-called-converged",
    );
    const found = fit(columns, options);
    // All equal, the experts have a log-likelihood of −1.9095.
    expect(found.logLikelihood).toBeGreaterThan(-0.01);
  });

  test("saddle-intercept-only: five experts on 18 numbers either fail and say why, or end at a maximum", () => {
    const { columns, options } = reliability<{ columns: Record<string, number[]>; options: FitOptions }>(
      "saddle-intercept-only",
    );
    expect(() => fit(columns, options)).toThrow(/variance of expert \d collapsed.*sigmaFloor, such as 0\.\d+$/);
    const found = fit(columns, { ...options, sigmaFloor: 0.05 });
    expect(found.result).toBe("converged");
    // Equal experts, a single normal law, are 7.8 nats lower.
    expect(found.logLikelihood).toBeGreaterThan(fit(columns, { ...options, k: 1 }).logLikelihood + 1);
  });

  test("iris without a feature, by every scheme, from one start", () => {
    const options = { response: "petal_length", ...none, starts: 1 } as const;
    for (const startScheme of ["cells", "k-means", "moments", "residuals", "random"] as const) {
      const found = fit(datasetPath("iris"), { ...options, startScheme });
      expect(found.logLikelihood).toBeCloseTo(-200.578759, 5);
      expect(spectrumOf(found).observedInformation).toBe("positive definite");
    }
  });

  test("a start at equal experts leaves them, and its trace never falls", () => {
    const rng = random(3);
    const y = Array.from({ length: 80 }, (_, i) => (i % 2 ? 3 : 0) + rng.normal());
    const start = Float64Array.of(0, 1.5, 0.5, 1.5, 0.5);
    const found = fit({ y }, { response: "y", ...none, start });
    expect(Math.abs(theta(found, "expert1.(intercept)") - theta(found, "expert2.(intercept)"))).toBeGreaterThan(1);
    found.trace.slice(1).forEach(({ objective, iteration }, t) => {
      expect(objective).toBeGreaterThan(found.trace[t].objective - 1e-9);
      expect(iteration).toBe(t + 1);
    });
    expect(spectrumOf(found).observedInformation).toBe("positive definite");
  });

  test("a run without a step left to leave a saddle has not converged", () => {
    const rng = random(3);
    const y = Array.from({ length: 80 }, (_, i) => (i % 2 ? 3 : 0) + rng.normal());
    const start = Float64Array.of(0, 1.5, 0.5, 1.5, 0.5);
    const all = { response: "y", ...none, start } as const;
    // The M-step puts both experts at the mean, and the next moves neither.
    const stopped = [1, 2, 3, 4, 5].map((maxIterations) => fit({ y }, { ...all, maxIterations }));
    expect(stopped.map(({ result }) => result)).not.toContain("converged");
    expect(
      stopped.some(({ message }) => /^Stopped at a saddle after \d steps: raise maxIterations\.$/.test(message)),
    ).toBe(true);
  });
});

describe("columns far from 0", () => {
  test("shift: age plus a thousand million has the slope of age, and its standard error", () => {
    const options = { response: "low", experts: "logistic", k: 1 } as const;
    for (const column of ["age", "age200", "age1e6", "age1e9"]) {
      const found = fit(reported("shift"), { ...options, features: [column] });
      expect(found.logLikelihood).toBeCloseTo(-104.5443, 4);
      const slope = found.mixture.names.findIndex((name) => name.endsWith(column));
      expect(found.theta[slope]).toBeCloseTo(-0.0641223423, 8);
      const { standardErrors, gradientNorm } = spectrumOf(found);
      expect(standardErrors[slope]).toBeCloseTo(0.01833564, 7);
      expect(gradientNorm).toBeLessThan(1e-6);
    }
  });

  test("seconds since 1970: two experts, a gate, and the spectrum are those of the hours since the first row", () => {
    const rng = random(8);
    const hours = Array.from({ length: 300 }, () => Math.round(200 * rng.uniform()));
    const seconds = hours.map((h) => 1.7e9 + 3600 * h);
    const y = hours.map(
      (h) => (rng.uniform() < 1 / (1 + Math.exp(3 - h / 30)) ? 2 - h / 50 : h / 40) + 0.3 * rng.normal(),
    );
    const [near, far] = [fit({ hours, y }, { response: "y" }), fit({ seconds, y }, { response: "y" })];
    expect(Math.abs(far.logLikelihood - near.logLikelihood)).toBeLessThan(1e-8);
    const [one, other] = [spectrumOf(near), spectrumOf(far)];
    expect(Math.abs(one.rate - other.rate)).toBeLessThan(1e-6);
    const slopes = ["gate2", "expert1", "expert2"];
    for (const part of slopes) {
      const [a, b] = [near.mixture.names.indexOf(`${part}.hours`), far.mixture.names.indexOf(`${part}.seconds`)];
      expect(far.theta[b] * 3600).toBeCloseTo(near.theta[a], 7);
      expect(other.standardErrors[b] * 3600).toBeCloseTo(one.standardErrors[a], 7);
      expect(other.missingFraction[b]).toBeCloseTo(one.missingFraction[a], 6);
    }
    // The intercept's error is that of a line carried back to 1970.
    const at = far.mixture.names.indexOf("expert1.(intercept)");
    expect(other.standardErrors[at]).toBeGreaterThan(1e3 * one.standardErrors[at]);
    // A start given in these columns is where the fit begins.
    const again = fit({ seconds, y }, { response: "y", start: far.theta });
    expect(again.iterations).toBeLessThan(5);
    expect(Math.abs(again.logLikelihood - far.logLikelihood)).toBeLessThan(1e-7);
  });

  test("a column that is the same in every row is still refused", () => {
    const y = [1, 2, 4, 3, 5, 7];
    const x = y.map(() => 1e9);
    expect(() => fit({ x, y }, { response: "y", k: 1 })).toThrow(
      /"x", which is the same in every row like the intercept/,
    );
  });
});

describe("what a fit says", () => {
  test("gravity: where every count is 0", () => {
    const options = {
      response: "y",
      features: ["x", "d1", "d2", "d3"],
      offset: "off",
      experts: "poisson",
      k: 1,
    } as const;
    const found = fit(reported("gravity"), options);
    expect(found.logLikelihood).toBeGreaterThan(-284.231226 - 1e-4);
    expect(found.logLikelihood).toBeLessThan(-284.2312259);
    expect(found.message).toMatch(
      /every count of expert 1 is 0 where d3 = 1\. .* costs less than 1e-\d+ nats per row\.$/,
    );
  });

  test("wide: what works for more columns than rows", () => {
    expect(() => fit(reported("wide"), { response: "y", k: 1 })).toThrow(
      /expected at least as many rows as the 51 columns of the experts, got 30; leave columns out or set a ridge and a sigmaFloor above 0/,
    );
    expect(() => fit(reported("wide"), { response: "y", k: 1, ridge: 1 })).toThrow(
      /30 rows, too few for 51 coefficients.*or set a ridge and a sigmaFloor, such as/,
    );
    expect(fit(reported("wide"), { response: "y", k: 1, ridge: 1, sigmaFloor: 0.1 }).result).toBe("converged");
    const fixed = fit(reported("wide"), { response: "y", k: 1, ridge: 1, fixed: { "expert1.log(sigma)": 0 } });
    expect(fixed.logLikelihood).toBeCloseTo(-27.5836, 4);
  });

  test("sep-unit1 and sep-unit1e6: one set of rows in two units, and with weights of any scale, is one fit", () => {
    const options = { response: "y", features: ["x"], experts: "logistic", k: 1 } as const;
    const [one, other] = ["sep-unit1", "sep-unit1e6"].map((name) => fit(reported(name), options));
    expect(other.message).toBe(one.message);
    expect(one.message).toContain('"x" separates the classes of expert 1');
    expect(Math.abs(other.logLikelihood - one.logLikelihood)).toBeLessThan(1e-12);
    expect((1e6 * other.theta[1]) / one.theta[1]).toBeCloseTo(1, 9);
    const x = numericColumn(toTable(reported("sep-unit1")), "x");
    const y = numericColumn(toTable(reported("sep-unit1")), "y");
    for (const weight of [1e-3, 1000]) {
      const weighted = fit({ x, y, w: x.map(() => weight) }, { ...options, weights: "w" });
      expect(weighted.message).toBe(one.message);
      expect(weighted.theta[1] / one.theta[1]).toBeCloseTo(1, 9);
      expect(Math.abs(weighted.logLikelihood / weight - one.logLikelihood)).toBeLessThan(1e-12);
    }
  });

  test("sep-small: the message names the expert that the table shows", () => {
    for (const seed of [1, 2, 3, 4, 5, 6]) {
      const options = {
        response: "y",
        experts: "logistic",
        features: ["x"],
        gateFeatures: ["g"],
        starts: 5,
        seed,
      } as const;
      const found = fit(reported("sep-small"), options);
      const named = Number(/"x" separates the classes of expert (\d)/.exec(found.message)?.[1]);
      const slopes = [1, 2].map((z) =>
        Math.abs(found.theta[found.mixture.names.findIndex((n) => n.startsWith(`expert${z}.`) && n.endsWith(".x"))]),
      );
      expect(slopes[named - 1]).toBe(Math.max(...slopes));
      expect(slopes[named - 1]).toBeGreaterThan(20);
      expect(found.shares[0]).toBeGreaterThan(found.shares[1]);
    }
  });

  test("labels50: fifty labels on 400 rows end, and say that they are separated", { timeout: 240_000 }, () => {
    const found = fit(reported("labels50"), { response: "y", experts: "logistic", starts: 2 });
    expect(found.result).toBe("converged");
    expect(found.message).toMatch(/There is no finite maximum: .*"x" separates the classes of expert [12]/);
  });

  test("how sure it is, where it is not", () => {
    const rng = random(5);
    const x = Array.from({ length: 60 }, () => rng.normal());
    const y = x.map((value) => value + rng.normal());
    const found = fit({ x, y }, { response: "y", k: 4, starts: 4, sigmaFloor: 0.2 });
    expect(found.search.unseen).toBeGreaterThan(0.1);
    expect(found.message).toContain(`${found.search.summary}. Raise starts, such as to 8, to be surer.`);
    expect(found.search.summary).toMatch(/^\d of 4 starts came to this maximum/);
  });
});

describe("spurious maxima and collapsing variances", () => {
  test("outlier: a failure names the row, and its advice works", () => {
    const options = { response: "y", gateFeatures: [] } as const;
    expect(() => fit(reported("outlier"), options)).toThrow(
      /\(row 1\)"; row 1 is far from all others: leave it out, take student-t experts or set a sigmaFloor, such as 0\.5$/,
    );
    const found = fit(reported("outlier"), { ...options, sigmaFloor: 0.5 });
    expect(found.message).toMatch(/^The standard deviation of expert 2 \(row 1\) is held at its floor, 0\.5\./);
    const rows = numericColumn(toTable(reported("outlier")), "y");
    const without = {
      x: Array.from(numericColumn(toTable(reported("outlier")), "x")).slice(1),
      y: Array.from(rows).slice(1),
    };
    expect(fit(without, options).result).toBe("converged");
    expect(fit(reported("outlier"), { ...options, experts: "student-t" }).message).toBe("");
    expect(found.logLikelihood).toBeGreaterThan(-400);
  });

  /** Two lines, and `few` rows that lie on a plane of their own but for a little noise. */
  function planted(few: number, noise: number, seed: number) {
    const rng = random(seed);
    const names = ["a", "b", "c", "d", "e", "f"];
    const columns = Object.fromEntries(names.map((name) => [name, Array.from({ length: 300 }, () => rng.normal())]));
    const y = columns.a.map((a, i) => (i < few ? 40 + 3 * a + noise * rng.normal() : a - columns.b[i] + rng.normal()));
    return { ...columns, y };
  }

  test("an expert of a few rows near a plane is said to be one", () => {
    const data = planted(12, 0.02, 3);
    const own = data.y.map((_, i) => (i < 12 ? 0.999 : 0.001));
    const options = { response: "y", features: ["a", "b", "c", "d", "e", "f"], startColumns: ["r2", "r1"] };
    const found = fit({ ...data, r1: own, r2: own.map((r) => 1 - r) }, options);
    expect(found.message).toMatch(
      /^Expert 2 rests on 12\.0 rows for its 8 parameters, and its standard deviation is 0\.0\d+, \d+ times smaller than another's: a spurious maximum/,
    );
    // The same rows with the noise of all others: no word.
    const plain = planted(12, 1, 3);
    expect(fit({ ...plain, r1: own, r2: own.map((r) => 1 - r) }, options).message).toBe("");
  });

  test("a standard deviation at its floor is fixed there, and said to be", () => {
    const data = planted(12, 0.02, 3);
    const found = fit(data, { response: "y", features: ["a"], sigmaFloor: 0.5, starts: 8 });
    const sigmas = found.coefficients.experts.map(({ sigma }) => sigma ?? 0);
    expect(Math.min(...sigmas)).toBeCloseTo(0.5, 12);
    const at = sigmas.indexOf(Math.min(...sigmas)) + 1;
    expect(found.message).toContain(`The standard deviation of expert ${at} is held at its floor, 0.5.`);
    expect(found.mixture.spec.fixed).toEqual({ [`expert${at}.log(sigma)`]: Math.log(0.5) });
    expect(spectrumOf(found).standardErrors.every(Number.isFinite)).toBe(true);
    // Where no expert comes near it the floor changes nothing.
    const [free, floored] = [{}, { sigmaFloor: 1e-3 }].map((floor) =>
      fit(data, { response: "y", features: ["a"], starts: 8, ...floor }),
    );
    expect(floored.theta).toEqual(free.theta);
  });
});

test("a run that has settled at an expert's floor is not led below it, though the likelihood rises there", () => {
  const rows = { x: [1, 2, 4, 5, 6], y: [1, 3, 5, 4, 7], gap: [2, 1, 3, 5, 1] };
  const options = { response: "y", features: ["x"], gateFeatures: ["gap", "x"], ridge: 0.1, sigmaFloor: 1 } as const;
  for (const algorithm of ["em", "anderson", "warm-restarts", "line-search"] as const) {
    const found = fit(rows, { ...options, k: 2, starts: 3, algorithm });
    expect(found.result).toBe("converged");
    for (const expert of found.coefficients.experts) expect(expert.sigma).toBeGreaterThanOrEqual(1 - 1e-12);
    expect(found.logLikelihood).toBeCloseTo(-4.99567, 4);
  }
});
