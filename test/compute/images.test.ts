import { afterEach, describe, expect, test } from "vitest";
import { computing, setEngine, setThreads } from "../../src/compute/engine.ts";
import {
  type ImageMixture,
  type ImagePass,
  type ImageSums,
  type Images,
  statisticsIndex,
} from "../../src/compute/image-pass.ts";
import { imageGram, imageProduct, imageSums } from "../../src/compute/images.ts";
import { plainImageGram, plainImageProduct, plainImageSums } from "../../src/compute/plain-images.ts";
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
  const found = imageSums(data, mixture, { gradient: true });
  const plain = plainImageSums(data, mixture, { gradient: true });
  const scale = plain.gradient.reduce((most, entry) => Math.max(most, Math.abs(entry)), 1);
  return {
    logLikelihood: Math.abs(found.value - plain.value) / (1 + Math.abs(plain.value)),
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
    const found = imageSums(data, mixture, { gradient: true });
    const plain = plainImageSums(data, mixture, { gradient: true });
    expect(Math.abs(found.value / plain.value - 1)).toBeLessThan(2e-6);
    expect(found.gradient.every(Number.isFinite)).toBe(true);
  });
});

describe.each(["simd", "relaxed"] as const)("%s: to 1e-5 is the plain code, with", (engine) => {
  const shapes: readonly Shape[] = [
    { rows: 1, d: 784 },
    { rows: 65, d: 17, k: 3, classes: 4 },
    { rows: 1000, d: 100 },
    { rows: 130, d: 33, k: 1, classes: 3 },
  ];

  test.each(shapes)("assigned responsibilities and statistics, $rows images of $d pixels", (shape) => {
    setEngine(engine);
    const { data, mixture } = drawn(shape);
    const pass: ImagePass = { gradient: true, statistics: true, assigned: assignment(shape) };
    const found = imageSums(data, mixture, pass);
    const plain = plainImageSums(data, mixture, pass);
    expect(Math.abs(found.value / plain.value - 1)).toBeLessThan(2e-6);
    expect(relative(found.gradient, plain.gradient)).toBeLessThan(1e-5);
    // Of what fills up the last tile statistics say nothing.
    const ofImages = ({ statistics }: ImageSums): Float32Array => {
      const each = 2 * mixture.k + mixture.k * mixture.classes;
      return Float32Array.from({ length: data.rows * each }, (_, at) => {
        return statistics[statisticsIndex(mixture, Math.floor(at / each), at % each)];
      });
    };
    expect(deviation(ofImages(found), ofImages(plain))).toBeLessThan(1e-5);
  });

  test.each(shapes)(
    "the responsibilities that statistics hold, and no gradient, $rows images of $d pixels",
    (shape) => {
      setEngine(engine);
      const { data, mixture } = drawn(shape);
      const whole = imageSums(data, mixture, { statistics: true });
      const alone = imageSums(data, mixture);
      expect(whole.responsibilities).toEqual(alone.responsibilities);
      expect(whole.value).toBe(imageSums(data, mixture, { gradient: true }).value);
      expect(alone.gradient.length + alone.statistics.length).toBe(0);
      const assigned = alone.responsibilities.slice();
      const valued = imageSums(data, mixture, { assigned });
      expect(valued.value).toBe(imageSums(data, mixture, { assigned, gradient: true }).value);
      expect(assigned).toEqual(alone.responsibilities);
    },
  );

  test.each(shapes)("products of both informations, $rows images of $d pixels", (shape) => {
    setEngine(engine);
    const { data, mixture } = drawn(shape);
    const { statistics } = plainImageSums(data, mixture, { statistics: true });
    const rng = random(9);
    const direction = { ...mixture, coefficients: mixture.coefficients.map(() => rng.normal()) };
    for (const information of ["complete", "missing"] as const) {
      const found = imageProduct(data, direction, statistics, information);
      expect(relative(found, plainImageProduct(data, direction, statistics, information))).toBeLessThan(1e-5);
    }
  });
});

test.each(["simd", "relaxed"] as const)(
  "%s: weighted Gram matrices are the plain code's, to 1e-6 of their largest entry",
  (engine) => {
    setEngine(engine);
    const rng = random(6);
    for (const [rows, d] of [
      [64, 5],
      [640, 33],
      [192, 785],
    ]) {
      const { data } = drawn({ rows, d });
      const weights = Float32Array.from({ length: rows }, () => rng.uniform());
      for (const given of [undefined, weights]) {
        const { gram } = imageGram(data, 1, given);
        expect(relative(gram, plainImageGram(data, given).gram)).toBeLessThan(1e-6);
      }
    }
  },
);

test("a Gram matrix of every third tile is that of those images", () => {
  const { data } = drawn({ rows: 7 * 64 + 5, d: 9 });
  const index = [0, 3, 6].flatMap((tile) => Array.from({ length: 64 }, (_, i) => 64 * tile + i));
  const images = Uint8Array.from(
    { length: index.length * 9 },
    (_, at) => data.images[9 * index[Math.floor(at / 9)] + (at % 9)],
  );
  const some = { rows: index.length, images, labels: new Uint8Array(index.length) };
  const { rows, gram } = imageGram(data, 3);
  expect(rows).toBe(index.length);
  expect(relative(gram, plainImageGram(some).gram)).toBeLessThan(1e-6);
});

/** Responsibilities that have nothing to do with the images. */
function assignment({ rows, k = 2 }: Shape): Float32Array {
  const rng = random(5);
  return Float32Array.from({ length: rows * k }).map((_, at, all) => {
    const left = 1 - all.subarray(at - (at % k), at).reduce((sum, r) => sum + r, 0);
    const own = at % k === k - 1 ? left : left * rng.uniform();
    all[at] = own;
    return own;
  });
}

function relative(found: Float64Array, plain: Float64Array): number {
  return deviation(found, plain) / plain.reduce((most, entry) => Math.max(most, Math.abs(entry)), 1);
}

test("products with the complete information are the slopes of the gradient, to 1e-6", () => {
  const shape = { rows: 40, d: 6, k: 3, classes: 4, spread: 0.5 };
  const { data, mixture } = drawn(shape);
  const assigned = assignment(shape);
  const { statistics } = plainImageSums(data, mixture, { statistics: true, assigned });
  const rng = random(3);
  const v = mixture.coefficients.map(() => rng.normal());
  const at = (step: number): Float64Array => {
    const coefficients = mixture.coefficients.map((value, j) => value + step * v[j]);
    return plainImageSums(data, { ...mixture, coefficients }, { gradient: true, assigned }).gradient;
  };
  const [ahead, behind] = [at(1e-4), at(-1e-4)];
  const slopes = ahead.map((value, j) => (behind[j] - value) / 2e-4);
  const found = plainImageProduct(data, { ...mixture, coefficients: v }, statistics, "complete");
  expect(relative(found, slopes)).toBeLessThan(1e-6);
  const wrong = plainImageProduct(data, { ...mixture, coefficients: v }, statistics, "missing");
  expect(relative(wrong, slopes)).toBeGreaterThan(1e-2);
});

test("complete less missing information is the log-likelihood's curvature, to 1e-6", () => {
  const { data, mixture } = drawn({ rows: 40, d: 6, k: 3, classes: 4, spread: 0.5 });
  const { statistics } = plainImageSums(data, mixture, { statistics: true });
  const rng = random(4);
  const v = mixture.coefficients.map(() => rng.normal());
  const at = (step: number): Float64Array => {
    const coefficients = mixture.coefficients.map((value, j) => value + step * v[j]);
    return plainImageSums(data, { ...mixture, coefficients }, { gradient: true }).gradient;
  };
  const [ahead, behind] = [at(1e-4), at(-1e-4)];
  const direction = { ...mixture, coefficients: v };
  const complete = plainImageProduct(data, direction, statistics, "complete");
  const missing = plainImageProduct(data, direction, statistics, "missing");
  const curvature = ahead.map((value, j) => (behind[j] - value) / 2e-4);
  expect(
    relative(
      complete.map((c, j) => c - missing[j]),
      curvature,
    ),
  ).toBeLessThan(1e-6);
});

test("a wrong coefficient, and a wrong label, are seen", () => {
  const { data, mixture } = drawn({ rows: 1000, d: 784 });
  const { gradient, value } = imageSums(data, mixture, { gradient: true });
  const coefficients = mixture.coefficients.map((value, at) => (at === 800 ? value + 0.1 : value));
  const moved = imageSums(data, { ...mixture, coefficients }, { gradient: true });
  expect(deviation(moved.gradient, gradient)).toBeGreaterThan(1e-1);
  const labels = data.labels.map((label, i) => (i === 999 ? (label + 1) % 10 : label));
  expect(Math.abs(imageSums({ ...data, labels }, mixture).value - value)).toBeGreaterThan(1e-2);
});

test("the gradient is the slope of the plain code's log-likelihood, to 1e-7", () => {
  const { data, mixture } = drawn({ rows: 40, d: 6, k: 3, classes: 4, spread: 0.5 });
  const { gradient } = plainImageSums(data, mixture, { gradient: true });
  const at = (h: number, step: number): number => {
    const coefficients = mixture.coefficients.map((value, j) => (j === h ? value + step : value));
    return plainImageSums(data, { ...mixture, coefficients }).value;
  };
  const slopes = gradient.map((_, h) => (at(h, 1e-4) - at(h, -1e-4)) / 2e-4);
  expect(deviation(gradient, slopes)).toBeLessThan(1e-7);
});

test("1, 2 and 7 threads find the same bits", () => {
  const { data, mixture } = drawn({ rows: 10_001, d: 100 });
  const runs = [1, 2, 7].map((threads) => {
    setThreads(threads);
    // Workers that are still starting take part or don't: neither may matter.
    return Array.from({ length: 8 }, () => imageSums(data, mixture, { gradient: true }));
  });
  for (const run of runs.flat()) expect(run).toEqual(runs[0][0]);
});

test("adds up no images", () => {
  const { data, mixture } = drawn({ rows: 0, d: 0, classes: 2 });
  expect(imageSums(data, mixture, { gradient: true }).value).toBe(0);
});
