import { expect, test } from "vitest";
import { splitAndMerge } from "../../src/fit/starts/moves.ts";
import { reallocated } from "../../src/fit/starts/reallocated.ts";
import { someUnits } from "../../src/fit/starts/some-units.ts";
import { random } from "../../src/math/random.ts";
import { mixture } from "../../src/models/mixture.ts";
import type { Observations } from "../../src/rows/observations.ts";
import { unitCount } from "../../src/rows/units.ts";

const columns = ["(intercept)", "x"];
const model = mixture({ experts: "linear", k: 3, gateColumns: columns, expertColumns: columns });

/** Three lines that cross, of which rows come in turn: y = 4x, −4x and 3, with a noise of 0.1. */
function crossing(rows: number): Observations {
  const rng = random(5);
  const x = Float64Array.from({ length: rows }, () => 2 * rng.uniform() - 1);
  const lines = [(at: number) => 4 * at, (at: number) => -4 * at, () => 3];
  const design = { columns, values: [new Float64Array(rows).fill(1), x] };
  return { rows, gate: design, expert: design, response: x.map((at, i) => lines[i % 3](at) + 0.1 * rng.normal()) };
}

/** The share of the rows that the expert which most rows of their line have answers for. */
function purity(responsibilities: Float64Array): number {
  const own = new Float64Array(9);
  responsibilities.forEach((share, at) => {
    own[3 * (Math.floor(at / 3) % 3) + (at % 3)] += share;
  });
  const best = [0, 1, 2].map((line) => Math.max(...own.subarray(3 * line, 3 * line + 3)));
  return (best[0] + best[1] + best[2]) / (responsibilities.length / 3);
}

test("all rows are taken up to a thousand for each expert, and a thousand each of more, each once and in their order", () => {
  const few = crossing(3000);
  expect(someUnits(random(1), model, few)).toBe(few);
  const data = crossing(3001);
  for (let i = 0; i < data.rows; i++) data.expert.values[1][i] = i;
  const some = someUnits(random(1), model, data);
  const taken = Array.from(some.expert.values[1]);
  expect(taken).toHaveLength(3000);
  expect(taken.every((row, at) => at === 0 || row > taken[at - 1])).toBe(true);
  expect(some.response).toEqual(Float64Array.from(taken, (row) => data.response[row]));
  // Of some units alone: none of the others.
  const even = Array.from({ length: 1500 }, (_, at) => 2 * at);
  expect(Array.from(someUnits(random(1), model, data, even).expert.values[1])).toEqual(even);
});

test("a group is taken whole", () => {
  const rows = 8000;
  const data = { ...crossing(rows), units: Int32Array.from({ length: rows }, (_, i) => Math.floor(i / 2)) };
  const some = someUnits(random(1), model, data);
  expect([some.rows, unitCount(some)]).toEqual([6000, 3000]);
});

test("starts that are made of some rows are starts of all, and as good", () => {
  const data = crossing(9000);
  const found = reallocated(random(1), model, data);
  expect(found.map(({ length }) => length)).toEqual(found.map(() => 27_000));
  expect(Math.max(...found.map(purity))).toBeGreaterThan(0.9);
  // One expert has the first two lines, the others half of the third each.
  const stuck = new Float64Array(27_000);
  for (let i = 0; i < 9000; i++) {
    if (i % 3 < 2) stuck[i * 3] = 1;
    else stuck.fill(0.5, i * 3 + 1, i * 3 + 3);
  }
  const [move] = splitAndMerge(random(1), model, stuck, data);
  expect(purity(stuck)).toBeLessThan(0.9);
  expect(purity(move)).toBeGreaterThan(0.97);
  expect(splitAndMerge(random(1), model, stuck, data)[0]).toEqual(move);
});
