import { expect, test } from "vitest";
import { fit } from "../../src/fit/fit.ts";
import { source } from "../../src/fit/source/source.ts";
import { deployed } from "../../src/inference/deployed.ts";
import { manyExperts } from "../support/many-experts.ts";

const { data, truth } = manyExperts(4, 2, 800, 2);
const [, x1, x2] = data.expert.values;
const rows = { x1, x2, y: data.response, group: Array.from(data.response, (_, row) => String(row % 200)) };
const options = { response: "y", features: ["x1", "x2"], k: 4, start: truth } as const;
const plain = fit(rows, options);

test("balanced and truncated fits end at a maximum of the likelihood, and all say how their experts are loaded", () => {
  for (const first of [{ balance: { floor: 0.6, until: 8 } }, { activeExperts: 2 }, { balance: [0.6, 8] }]) {
    const found = fit(rows, { ...options, ...first });
    expect(found.result).toBe("converged");
    expect(found.logLikelihood).toBeCloseTo(plain.logLikelihood, 6);
    expect(found.loadEntropy).toBeCloseTo(plain.loadEntropy, 5);
  }
  const { loadEntropy, shares, deadExperts } = plain;
  expect(loadEntropy).toBeCloseTo(-shares.reduce((sum, share) => sum + share * Math.log(share), 0), 12);
  expect(deadExperts).toBe(shares.filter((share) => share < 0.0025).length);
});

test("with as many active experts as there are a fit is the plain one: that by EM to the bit", () => {
  const byEm = { ...options, algorithm: "em" } as const;
  expect(fit(rows, { ...byEm, activeExperts: 4 }).theta).toEqual(fit(rows, byEm).theta);
  // By default M-steps end earlier, and those of a row's few experts do not.
  const { theta } = fit(rows, { ...options, activeExperts: 4 });
  theta.forEach((value, j) => void expect(value).toBeCloseTo(plain.theta[j], 8));
});

test("a fit that is cut short says its likelihood, and not the bound", () => {
  const cut = fit(rows, { ...options, activeExperts: 1, maxIterations: 3 });
  expect(cut.logLikelihood).toBe(cut.mixture.posterior(cut.theta, cut.observations).logLikelihood);
  expect(cut.trace.at(-1)?.logLikelihood).toBeLessThan(cut.logLikelihood);
});

test.each([
  [{ balance: { floor: 0.5, until: 3 }, activeExperts: 2 }, "balance or activeExperts, got both"],
  [{ activeExperts: 5 }, "activeExperts from 1 to 4"],
  [{ activeExperts: 2, group: "group", gateFeatures: [] }, "units of their own"],
  [{ balance: { floor: 2 } }, "expected balance to be { floor, until }"],
] as const)("what does not go together is refused: %o", (odd, words) => {
  expect(() => fit(rows, { ...options, start: undefined, starts: 1, ...(odd as object) } as never)).toThrow(words);
});

test("a source has no restricted steps, and says so", () => {
  const { group: _, ...own } = rows;
  for (const odd of [{ balance: {} }, { activeExperts: 2 }]) {
    expect(() => fit(source(own as never), { ...options, ...odd })).toThrow(
      /^Cannot fit a source: expected steps from sums/,
    );
  }
});

test("what is deployed with few experts has the likelihood of the gate's largest, renormalised", () => {
  const { mixture, theta, observations } = plain;
  const { rows: n } = observations;
  const { responsibilities: r, logLikelihood } = mixture.posterior(theta, observations);
  for (const activeExperts of [1, 2, 3, 4]) {
    const found = deployed(plain, undefined, { activeExperts });
    // log g_z of each row from the gate's coefficients, and log p_z(y) from the posterior.
    let expected = 0;
    for (let i = 0; i < n; i++) {
      const logits = [0, 1, 2, 3].map((z) => {
        const at = z === 0 ? [] : mixture.gate[z - 1].at;
        return at.reduce((sum, place, j) => sum + theta[place] * observations.gate.values[j][i], 0);
      });
      const chosen = [0, 1, 2, 3].sort((a, b) => logits[b] - logits[a]).slice(0, activeExperts);
      const densities = mixture.experts.map(([mean, scale]) => {
        const at = mean.at.reduce((sum, place, j) => sum + theta[place] * observations.expert.values[j][i], 0);
        const sigma = Math.exp(theta[scale.at[0]]);
        return -0.5 * ((observations.response[i] - at) / sigma) ** 2 - Math.log(sigma * Math.sqrt(2 * Math.PI));
      });
      const mass = chosen.reduce((sum, z) => sum + Math.exp(logits[z]), 0);
      const top = Math.max(...chosen.map((z) => logits[z] + densities[z]));
      expected += top + Math.log(chosen.reduce((sum, z) => sum + Math.exp(logits[z] + densities[z] - top), 0) / mass);
    }
    expect(r.length).toBe(4 * n);
    expect(found.logLikelihood).toBe(logLikelihood);
    expect(Math.abs(found.deployed - expected)).toBeLessThan(1e-8 * n);
  }
});
