import { afterEach, describe, expect, test } from "vitest";
import { computing, setEngine, setThreads } from "../../src/compute/engine.ts";
import { type ImageMixture, type Images, imageSums, plainImageSums } from "../../src/compute/images.ts";
import { random } from "../../src/math/random.ts";
import { deviation } from "../support/differences.ts";

afterEach(() => {
  setEngine("relaxed");
  setThreads(2);
});

interface Shape {
  readonly rows: number;
  readonly d: number;
  readonly k?: number;
  readonly classes?: number;
  /** Brightness of all pixels. */
  readonly shade?: number;
  /** Standard deviation of the coefficients. */
  readonly spread?: number;
}

/** Images of random bytes, or of one shade, and a random mixture. */
function drawn({ rows, d, k = 2, classes = 10, shade, spread = 0.1 }: Shape): { data: Images; mixture: ImageMixture } {
  const rng = random(rows + 7 * d + 11 * k + 13 * classes);
  const below = (bound: number): number => Math.floor(bound * rng.uniform());
  const images = Uint8Array.from({ length: rows * d }, () => shade ?? below(256));
  const labels = Uint8Array.from({ length: rows }, () => below(classes));
  const coefficients = Float64Array.from({ length: (k - 1 + k * classes) * (1 + d) }, () => spread * rng.normal());
  return { data: { rows, images, labels }, mixture: { k, classes, coefficients } };
}

/** How far the kernel is from the plain code: relative to the log-likelihood, and to the largest entry or else to 1. */
function distances({ data, mixture }: ReturnType<typeof drawn>) {
  const found = imageSums(data, mixture);
  const plain = plainImageSums(data, mixture);
  const scale = plain.gradient.reduce((most, entry) => Math.max(most, Math.abs(entry)), 1);
  return {
    logLikelihood: Math.abs(found.logLikelihood - plain.logLikelihood) / (1 + Math.abs(plain.logLikelihood)),
    gradient: deviation(found.gradient, plain.gradient) / scale,
    responsibilities: deviation(found.responsibilities, plain.responsibilities),
  };
}

function expectClose(shape: Shape): void {
  const { logLikelihood, gradient, responsibilities } = distances(drawn(shape));
  expect(logLikelihood).toBeLessThan(2e-6);
  expect(gradient).toBeLessThan(1e-5);
  expect(responsibilities).toBeLessThan(1e-5);
}

describe.each(["simd", "relaxed"] as const)("%s: to 2e-6 in value and 1e-5 in gradient is the plain code", (engine) => {
  test.each([1, 2, 31, 33, 63, 64, 65, 1000, 1025])("on %i images", (rows) => {
    setEngine(engine);
    expect(computing().engine).not.toBe("reference");
    expectClose({ rows, d: 784 });
  });

  test.each(Array.from({ length: 11 }, (_, c) => c + 1))("with %i classes and 1 to 4 experts", (classes) => {
    setEngine(engine);
    for (const k of [1, 2, 3, 4]) expectClose({ rows: 45, d: 50, k, classes });
  });

  test.each([1, 2, 3, 5, 15, 16, 17, 783, 785, 1571])("with %i pixels", (d) => {
    setEngine(engine);
    expectClose({ rows: 67, d });
  });

  test.each([0, 255])("on images that are all %i", (shade) => {
    setEngine(engine);
    for (const rows of [1, 33, 1000]) expectClose({ rows, d: 784, shade });
  });

  test("where probabilities are below what single precision holds", () => {
    setEngine(engine);
    const { data, mixture } = drawn({ rows: 70, d: 20, spread: 40 });
    const found = imageSums(data, mixture);
    const plain = plainImageSums(data, mixture);
    expect(Math.abs(found.logLikelihood / plain.logLikelihood - 1)).toBeLessThan(2e-6);
    expect(found.gradient.every(Number.isFinite)).toBe(true);
  });
});

test("a wrong coefficient, and a wrong label, are seen", () => {
  const { data, mixture } = drawn({ rows: 1000, d: 784 });
  const { gradient, logLikelihood } = imageSums(data, mixture);
  const coefficients = mixture.coefficients.map((value, at) => (at === 800 ? value + 0.1 : value));
  const moved = imageSums(data, { ...mixture, coefficients });
  expect(deviation(moved.gradient, gradient)).toBeGreaterThan(1e-1);
  const labels = data.labels.map((label, i) => (i === 999 ? (label + 1) % 10 : label));
  expect(Math.abs(imageSums({ ...data, labels }, mixture).logLikelihood - logLikelihood)).toBeGreaterThan(1e-2);
});

test("the gradient is the slope of the plain code's log-likelihood, to 1e-7", () => {
  const { data, mixture } = drawn({ rows: 40, d: 6, k: 3, classes: 4, spread: 0.5 });
  const { gradient } = plainImageSums(data, mixture);
  const at = (h: number, step: number): number => {
    const coefficients = mixture.coefficients.map((value, j) => (j === h ? value + step : value));
    return plainImageSums(data, { ...mixture, coefficients }).logLikelihood;
  };
  const slopes = gradient.map((_, h) => (at(h, 1e-4) - at(h, -1e-4)) / 2e-4);
  expect(deviation(gradient, slopes)).toBeLessThan(1e-7);
});

test("1, 2 and 7 threads find the same bits", () => {
  const { data, mixture } = drawn({ rows: 10_001, d: 100 });
  const runs = [1, 2, 7].map((threads) => {
    setThreads(threads);
    // Workers that are still starting take part or don't: neither may matter.
    return Array.from({ length: 8 }, () => imageSums(data, mixture));
  });
  for (const run of runs.flat()) expect(run).toEqual(runs[0][0]);
});

test("adds up no images", () => {
  const { data, mixture } = drawn({ rows: 0, d: 0, classes: 2 });
  expect(imageSums(data, mixture).logLikelihood).toBe(0);
});
