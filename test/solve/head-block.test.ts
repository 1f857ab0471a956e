import { expect, test } from "vitest";
import { blockCholesky } from "../../src/math/block-cholesky.ts";
import { random } from "../../src/math/random.ts";
import type { Observations } from "../../src/rows/observations.ts";
import { type Predictor, places } from "../../src/rows/predictor.ts";
import { scaledBlocks } from "../../src/solve/head-block.ts";
import { deviation } from "../support/differences.ts";

const rng = random(5);
const normals = (count: number): Float64Array => Float64Array.from({ length: count }, () => rng.normal());

function rowsOf(columns: readonly Float64Array[]): Observations {
  const x = { columns: columns.map((_, j) => `x${j}`), values: columns };
  return { rows: columns[0].length, gate: x, expert: x, response: new Float64Array(columns[0].length) };
}

/** Solution, and colour, of two predictors' blocks, each with its own diagonal. */
function solved(data: Observations, of: Partial<Predictor>, diagonals: Float64Array, right: Float64Array) {
  const d = data.gate.columns.length;
  const predictors = [0, 1].map((h): Predictor => ({ design: "gate", at: places(h * d, d), ...of }));
  const { solve, colour } = blockCholesky(scaledBlocks(predictors, data, diagonals, () => 1));
  return [solve(right), colour(right)];
}

test("a factor of the correlations with a block's scales solves as a factor of the block does, which a prior of 1e-300 has made", () => {
  for (const d of [1, 3, 40]) {
    const common = normals(900);
    const data = rowsOf(Array.from({ length: d }, () => normals(900).map((x, i) => x + common[i])));
    const diagonals = normals(2 * d).map((x) => Math.exp(3 * x));
    const right = normals(2 * d);
    const [free, held] = [{}, { ridge: 1e-300 }].map((of) => solved(data, of, diagonals, right));
    for (const [j, values] of free.entries()) {
      const size = Math.max(...values.map(Math.abs));
      expect(deviation(values, held[j])).toBeLessThan(1e-11 * size);
    }
  }
});

test("columns that determine each other, and curvatures of 0, leave a preconditioner that is finite and positive", () => {
  const column = normals(900);
  const twice = rowsOf([column, column]);
  const [ofTwice] = solved(twice, {}, Float64Array.of(4, 9, 1, 1), Float64Array.of(1, 1, 1, 1));
  // Each block counts as its diagonal.
  expect(Array.from(ofTwice)).toEqual([1 / 4, 1 / 9, 1, 1].map((value) => expect.closeTo(value, 14)));
  const flat = rowsOf([column, normals(900)]);
  const [ofFlat] = solved(flat, {}, Float64Array.of(0, 9, 1, 1), Float64Array.of(1, 1, 1, 1));
  expect(Array.from(ofFlat.subarray(0, 2))).toEqual([1, 1 / 9].map((value) => expect.closeTo(value, 14)));
  expect(ofFlat.every(Number.isFinite)).toBe(true);
});
