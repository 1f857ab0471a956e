import { describe, expect, test } from "vitest";
import { imageSpectrum } from "../../src/experiments/images/image-spectrum.ts";
import { type ImageSpectrum, imageSpectrumSummary } from "../../src/experiments/images/image-spectrum-summary.ts";

test("EM on the 60,000 images ends at the rate of its missing information, to 0.005, whose residuals are below 1e-3", async () => {
  const found = (await imageSpectrum.instance(1)) as ImageSpectrum;
  expect(found.isConverged).toBe(true);
  expect(found.gradientNorm).toBeLessThan(1e-5);
  expect(found.eigenvalues.length).toBe(5);
  expect(Math.max(...found.residuals)).toBeLessThan(1e-3);
  found.eigenvalues.slice(1).forEach((value, j) => {
    expect(value).toBeLessThanOrEqual(found.eigenvalues[j]);
  });
  expect(found.eigenvalues[0]).toBeLessThan(1);
  expect(Math.abs(found.observedRate! - found.eigenvalues[0])).toBeLessThan(0.005);
  // Another eigenvalue is not what is observed.
  expect(Math.abs(found.observedRate! - found.eigenvalues[1])).toBeGreaterThan(0.05);
  expect(found.accuracy).toBeGreaterThan(0.82);
}, 900_000);

describe("what is told of a spectrum", () => {
  const instance: ImageSpectrum = {
    ...{ eigenvalues: [0.7, 0.5], residuals: [1e-6, 2e-5], products: { complete: 300, missing: 30 } },
    ...{ gradientNorm: 1e-7, gains: [3, 2, 0.98], isConverged: true, observedRate: 0.69 },
    ...{ accuracy: 0.834, crossEntropy: 0.49 },
  };

  test("every eigenvalue of every instance, with its residual", () => {
    const [values, rates] = imageSpectrumSummary(100, [instance, instance]).tables;
    expect(values.rows.map((row) => row[0])).toEqual([1, 2, 1, 2]);
    expect(rates.rows[0].slice(0, 5)).toEqual([1, "0.7", "0.69", 3, "yes"]);
    expect(rates.caption).toContain("0.01 apart");
  });

  test("a run that showed no rate has a dash, and counts for nothing", () => {
    const silent = { ...instance, observedRate: null };
    const both = imageSpectrumSummary(100, [silent, instance]).tables[1];
    expect(both.rows.map((row) => row[2])).toEqual([null, "0.69"]);
    expect(both.caption).toContain("0.01 apart");
    expect(imageSpectrumSummary(100, [silent]).tables[1].caption).toContain("no run showed its rate");
  });

  test("a predicted curve through the last gain, with the slope of λ₁²", () => {
    const { gains } = imageSpectrumSummary(100, [instance]).figures;
    const [observed, predicted] = gains.data as { x: number[]; y: number[] }[];
    expect(observed.x).toEqual([1, 2, 3]);
    expect(observed.y).toEqual([3, 2, 0.98]);
    expect(predicted.y[1]).toBeCloseTo(2, 9);
    expect(predicted.y[2]).toBeCloseTo(0.98, 9);
    // What it says of the first step, 4.08, is above what that gained, and is not drawn.
    expect(predicted.y[0]).toBeNull();
  });
});
