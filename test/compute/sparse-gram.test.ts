import { expect, test } from "vitest";
import { weightedGram } from "../../src/compute/kernels.ts";
import { random } from "../../src/math/random.ts";

/** Σ w x z' of rows from `start` on, sum by sum. */
function oracle(x: Float64Array[], z: Float64Array[], start: number, rows: number, w: Float64Array): Float64Array {
  return Float64Array.from({ length: x.length * z.length }, (_, at) => {
    const [u, v] = [x[Math.floor(at / z.length)], z[at % z.length]];
    let sum = 0;
    for (let i = 0; i < rows; i++) sum += w[i] * u[start + i] * v[start + i];
    return sum;
  });
}

test("a Gram matrix of the columns of a factor beside others is the sum over all rows, to the bit", () => {
  const rng = random(7);
  const [rows, start, levels] = [200, 31, 41];
  const all = start + rows;
  const codes = Array.from({ length: all }, () => rng.integer(levels));
  const dummies = Array.from({ length: levels }, (_, level) => Float64Array.from(codes, (code) => +(code === level)));
  // No row has the last but one.
  dummies[levels - 2].fill(0);
  const numbers = [0, 1].map(() => Float64Array.from({ length: all }, () => rng.normal()));
  const w = Float64Array.from({ length: rows }, () => rng.uniform());
  for (const [x, z] of [[[...numbers, ...dummies]], [dummies], [dummies, numbers], [numbers, dummies]] as [
    Float64Array[],
    Float64Array[]?,
  ][]) {
    const right = z ?? x;
    const sums = new Float64Array(x.length * right.length);
    weightedGram({ values: x, start }, { values: right, start }, rows, w, 0, sums, 0);
    const wanted = oracle(x, right, start, rows, w);
    // Of a symmetric one, half is computed.
    if (z === undefined) {
      for (let a = 0; a < x.length; a++)
        for (let b = 0; b < a; b++) wanted[a * x.length + b] = wanted[b * x.length + a];
    }
    expect(sums).toEqual(wanted);
  }
});
