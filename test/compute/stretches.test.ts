import { afterEach, describe, expect, test } from "vitest";
import { BLOCK_ROWS, STRETCH_ROWS, StretchSums, sumOverBlocks } from "../../src/compute/blocks.ts";
import { setEngine, setThreads } from "../../src/compute/engine.ts";
import { TILE_ROWS } from "../../src/compute/generated.ts";
import { rowsOf } from "../../src/rows/observations.ts";
import { draw, nearby } from "../support/problems.ts";

afterEach(() => {
  setEngine("relaxed");
  setThreads(2);
});

test("a stretch is made of whole blocks and of whole tiles", () => {
  expect(STRETCH_ROWS % BLOCK_ROWS).toBe(0);
  expect(STRETCH_ROWS % TILE_ROWS).toBe(0);
});

test("what additions round away is carried along: of a million tenths nothing is lost, where plain sums lose digits", () => {
  const sums = new StretchSums(2);
  let plain = 1e9;
  sums.add(Float64Array.of(1e9, 1));
  for (let i = 0; i < 1_000_000; i++) {
    sums.add(Float64Array.of(0.1, -1e-20));
    plain += 0.1;
  }
  const [sum, other] = sums.total();
  expect(sum).toBe(1e9 + 0.1 * 1_000_000);
  expect(plain).not.toBe(sum);
  expect(other).toBe(1 - 1e-14);
});

test("a sum that overflows, or is none, stays what it is", () => {
  const sums = new StretchSums(2);
  for (let i = 0; i < 3; i++) sums.add(Float64Array.of(Number.MAX_VALUE, Number.NaN));
  expect(Array.from(sums.total())).toEqual([Number.POSITIVE_INFINITY, Number.NaN]);
});

test("sums are those of the stretches, each on its own, added in order", () => {
  const rows = 2 * STRETCH_ROWS + 77;
  const add = (start: number, end: number, sums: Float64Array): void => {
    for (let i = start; i < end; i++) sums[0] += Math.sin(i) / 3;
  };
  const parts = [0, STRETCH_ROWS, 2 * STRETCH_ROWS].map((first) =>
    sumOverBlocks(Math.min(STRETCH_ROWS, rows - first), 1, (start, end, sums) => add(first + start, first + end, sums)),
  );
  const total = new StretchSums(1);
  for (const part of parts) total.add(part);
  expect(sumOverBlocks(rows, 1, add)).toEqual(total.total());
});

describe.each(["linear", "logistic"] as const)("%s experts", (experts) => {
  test.each(["reference", "relaxed"] as const)(
    "the log-likelihood of %s code is that of the stretches, to the bit",
    (engine) => {
      setEngine(engine);
      const problem = draw({ experts, k: 3, rows: STRETCH_ROWS + 4321, features: 3, seed: 11, weighted: true });
      const theta = nearby(problem, 1);
      const whole = problem.model.posterior(theta, problem.data);
      const total = new StretchSums(1);
      for (const [first, end] of [
        [0, STRETCH_ROWS],
        [STRETCH_ROWS, problem.data.rows],
      ]) {
        const part = rowsOf(
          problem.data,
          Int32Array.from({ length: end - first }, (_, i) => first + i),
        );
        const found = problem.model.posterior(theta, part);
        expect(found.responsibilities).toEqual(whole.responsibilities.subarray(first * 3, end * 3));
        total.add(Float64Array.of(found.logLikelihood));
      }
      expect(whole.logLikelihood).toBe(total.total()[0]);
    },
  );
});
