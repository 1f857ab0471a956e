import { expect, test } from "vitest";
import type { Images } from "../../src/compute/image-pass.ts";
import { type ImageMixtureSpec, imageMixture } from "../../src/images/image-mixture.ts";
import { conjugateGradient } from "../../src/math/conjugate-gradient.ts";
import { random } from "../../src/math/random.ts";
import { deviation } from "../support/differences.ts";

const PIXELS = 5;
const SIZE = 1 + PIXELS;
const LABELS = ["a", "b", "c"];
const RIDGE = 0.5;

function drawn(rows: number, seed: number): Images {
  const rng = random(seed);
  const images = Uint8Array.from({ length: rows * PIXELS }, () => Math.floor(256 * rng.uniform()));
  return { rows, images, labels: Uint8Array.from({ length: rows }, () => rng.integer(LABELS.length)) };
}

const spec = (k: number, ridge = RIDGE): ImageMixtureSpec => ({ k, labels: LABELS, pixels: PIXELS, ridge });

function normals(length: number, seed: number): Float64Array {
  const rng = random(seed);
  return Float64Array.from({ length }, () => rng.normal());
}

test("where all labels are alike P⁻¹ I_c v = v in the gate and C/(C − 1) times v less its mean in experts, to 1e-5", () => {
  // No more images than a factor takes; blocks on the diagonal are (1 − 1/C) of what v meets.
  const data = drawn(8 * SIZE, 1);
  const free = imageMixture(spec(2, 0));
  const products = free.informationProducts(new Float64Array(free.names.length), data);
  const v = normals(free.names.length, 2);
  const found = products.preconditioner().solve(products.complete(v));
  const at = (z: number, c: number, j: number): number => SIZE + (z * 3 + c) * SIZE + j;
  const wanted = v.map((value, index) => {
    if (index < SIZE) return value;
    const [z, j] = [Math.floor((index - SIZE) / (3 * SIZE)), index % SIZE];
    return 1.5 * (value - (v[at(z, 0, j)] + v[at(z, 1, j)] + v[at(z, 2, j)]) / 3);
  });
  expect(deviation(found, wanted)).toBeLessThan(1e-5);
  expect(deviation(found, v)).toBeGreaterThan(1e-3);
});

test("what an expert's labels have in common meets the ridge alone, wherever it is: P⁻¹ ρv = v, to 1e-9", () => {
  const data = drawn(3000, 3);
  const model = imageMixture(spec(2));
  const { complete, preconditioner } = model.informationProducts(normals(model.names.length, 4), data);
  const common = normals(2 * SIZE, 5);
  const v = new Float64Array(model.names.length);
  for (let z = 0; z < 2; z++) {
    for (let c = 0; c < 3; c++) v.set(common.subarray(z * SIZE, (z + 1) * SIZE), SIZE + (z * 3 + c) * SIZE);
  }
  expect(
    deviation(
      complete(v),
      v.map((value) => RIDGE * value),
    ),
  ).toBeLessThan(1e-2);
  expect(deviation(preconditioner().solve(v.map((value) => RIDGE * value)), v)).toBeLessThan(1e-9);
  // Without a ridge nothing at all depends on it, and it is left where it is.
  const free = imageMixture(spec(2, 0)).informationProducts(normals(model.names.length, 4), data);
  expect(Math.max(...free.preconditioner().solve(v).map(Math.abs))).toBeLessThan(1e-9);
});

test("systems at any point take fewer iterations with it than coefficients, to 1e-6: ten instead of twenty and more", () => {
  const data = drawn(20_000, 6);
  const model = imageMixture(spec(2));
  const theta = normals(model.names.length, 7);
  const { complete, preconditioner } = model.informationProducts(theta, data);
  const iterationsWith = (precondition: (r: Float64Array) => Float64Array): number => {
    const options = { precondition, tolerance: 1e-5, maxIterations: 500 };
    return conjugateGradient(complete, normals(model.names.length, 8), options).iterations;
  };
  const [factored, none] = [iterationsWith(preconditioner().solve), iterationsWith((r) => r.slice())];
  expect(factored).toBeLessThan(20);
  expect(none).toBeGreaterThan(1.5 * factored);
});

test("a mixture given a factor takes it for M-steps and spectra, and ends where it would without", () => {
  const data = drawn(2000, 9);
  const plain = imageMixture(spec(2));
  const theta = normals(plain.names.length, 10);
  const preconditioner = plain.informationProducts(theta, data).preconditioner();
  const given = imageMixture({ ...spec(2), preconditioner });
  expect(given.informationProducts(theta, data).preconditioner()).toBe(preconditioner);
  const posterior = plain.posterior(theta, data);
  const [own, with_] = [plain, given].map((model) => model.maximise(theta, posterior, data).theta);
  // A standard error is about 0.3.
  expect(deviation(own, with_)).toBeLessThan(3e-3);
});
