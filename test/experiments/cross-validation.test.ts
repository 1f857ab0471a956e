import fc from "fast-check";
import { expect, test } from "vitest";
import { crossValidation, stratified } from "../../src/experiments/comparison/cross-validation.ts";
import { random } from "../../src/math/random.ts";
import type { Observations } from "../../src/rows/observations.ts";
import "../support/seed.ts";

const coded = fc.record({
  codes: fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 30, maxLength: 120 }),
  folds: fc.integer({ min: 2, max: 10 }),
  seed: fc.integer({ min: 1, max: 2 ** 31 - 1 }),
});

test("of every class, and of all rows, folds have as many as others, or one more", () => {
  fc.assert(
    fc.property(coded, ({ codes, folds, seed }) => {
      const foldOf = stratified(codes, folds, random(seed));
      for (const of of [undefined, ...new Set(codes)]) {
        const counts = Array.from(
          { length: folds },
          (_, fold) => codes.filter((code, i) => foldOf[i] === fold && (of === undefined || code === of)).length,
        );
        expect(counts.reduce((sum, count) => sum + count)).toBe(
          codes.filter((code) => of === undefined || code === of).length,
        );
        expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
      }
      expect(stratified(codes, folds, random(seed))).toEqual(foldOf);
    }),
  );
});

function drawn(codes: readonly number[], seed: number): Observations {
  const rng = random(seed);
  const values = [new Float64Array(codes.length).fill(1), Float64Array.from(codes, () => 5 + 3 * rng.normal())];
  const x = { columns: ["(intercept)", "x"], values };
  return { rows: codes.length, gate: x, expert: x, response: Float64Array.from(codes) };
}

test("every row is in one test set and in all other training sets, to 1e-10 in the units of those fitted to", () => {
  fc.assert(
    fc.property(coded, ({ codes, folds, seed }) => {
      const data = drawn(codes, seed);
      const foldOf = stratified(codes, folds, random(seed));
      crossValidation(data, folds, random(seed)).forEach((split, fold) => {
        const of = (isTested: boolean): number[] =>
          Array.from(codes.keys()).filter((i) => (foldOf[i] === fold) === isTested);
        const x = (rows: readonly number[]): number[] => rows.map((i) => data.expert.values[1][i]);
        const fitted = x(of(false));
        const centre = fitted.reduce((sum, value) => sum + value, 0) / fitted.length;
        const squares = fitted.reduce((sum, value) => sum + (value - centre) ** 2, 0);
        for (const [part, rows] of [
          [split.train, of(false)],
          [split.test, of(true)],
        ] as const) {
          expect(Array.from(part.response)).toEqual(rows.map((i) => codes[i]));
          const wanted = x(rows).map((value) => (value - centre) / Math.sqrt(squares / (fitted.length - 1)));
          part.expert.values[1].forEach((value, at) => {
            expect(Math.abs(value - wanted[at])).toBeLessThan(1e-10);
          });
          expect(part.expert.values[0].every((one) => one === 1)).toBe(true);
          expect(part.gate).toBe(part.expert);
        }
      });
    }),
    { numRuns: 30 },
  );
});

test("nothing of a row that is tested is known where it is: only rows fitted to decide their units", () => {
  const codes = Array.from({ length: 60 }, (_, i) => i % 3);
  const data = drawn(codes, 1);
  const before = crossValidation(data, 10, random(5));
  const foldOf = stratified(codes, 10, random(5));
  const x = data.expert.values[1].slice();
  x[7] += 1000;
  const design = { ...data.expert, values: [data.expert.values[0], x] };
  const after = crossValidation({ ...data, gate: design, expert: design }, 10, random(5));
  after.forEach(({ train }, fold) => {
    if (fold === foldOf[7]) expect(train).toEqual(before[fold].train);
    else expect(train.expert.values[1]).not.toEqual(before[fold].train.expert.values[1]);
  });
});
