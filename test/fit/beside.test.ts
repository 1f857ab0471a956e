import { afterEach, expect, test } from "vitest";
import { setThreads } from "../../src/compute/engine.ts";
import { type StartReport, searchOf } from "../../src/fit/evidence.ts";
import { fit } from "../../src/fit/fit.ts";
import { multistart, type StartCount } from "../../src/fit/search.ts";
import { beside } from "../../src/fit/starts/beside.ts";
import { random } from "../../src/math/random.ts";
import { data, model, purity, ROWS, stuck, x, y } from "../support/crossing.ts";

// At another maximum the third line is one expert's, and each of the others has half of the first two.
const other = new Float64Array(ROWS * 3);
for (let i = 0; i < ROWS; i++) {
  if (i % 3 === 2) other[i * 3 + 1] = 1;
  else [other[i * 3], other[i * 3 + 2]] = [0.5, 0.5];
}

const made = (turn: number, seed: number, from = stuck, second: Float64Array | undefined = other, of = data) =>
  beside(turn, random(seed), model, of, from, second);
const column = (responsibilities: Float64Array, z: number): Float64Array =>
  responsibilities.filter((_, at) => at % 3 === z);

/** The place whose expert is new: the others' shares of what it leaves them are as they were, or even where they had nothing. */
function newPlace(out: Float64Array, from: Float64Array): number {
  const isKept = (place: number): boolean =>
    Array.from({ length: ROWS * 3 }, (_, at) => at).every((at) => {
      const row = at - (at % 3);
      if (at % 3 === place) return true;
      const left = 1 - from[row + place];
      const wanted = left > 0 ? from[at] / left : 0.5;
      return Math.abs(out[at] - (1 - out[row + place]) * wanted) < 1e-12;
    });
  return [0, 1, 2].find(isKept) ?? -1;
}

test("shares of each row sum to one, and the same seed makes the same start", () => {
  for (let turn = 0; turn < 3; turn++) {
    for (let seed = 0; seed < 20; seed++) {
      const out = made(turn, seed);
      for (let at = 0; at < out.length; at += 3)
        expect(Math.abs(out[at] + out[at + 1] + out[at + 2] - 1)).toBeLessThan(1e-12);
      expect(out.every((share) => share >= 0)).toBe(true);
      expect(made(turn, seed)).toEqual(out);
    }
  }
});

test("an expert of the other maximum takes a place, and the rows of the one that goes are the others'", () => {
  const places = new Set<string>();
  for (let seed = 0; seed < 200; seed++) {
    const out = made(0, seed);
    const place = newPlace(out, stuck);
    const comes = [0, 1, 2].find((z) =>
      column(out, place).every((share, i) => Math.abs(share - (0.01 + 0.97 * other[i * 3 + z])) < 1e-12),
    );
    places.add(`${comes} to ${place}`);
  }
  // Each of three can take the place of each, but the first and the third are alike.
  expect(places.size).toBe(6);
});

test("rows drawn at random, from two for each coefficient to a third of all, make an expert; groups are drawn whole", () => {
  const sizes: number[] = [];
  for (let seed = 0; seed < 60; seed++) {
    const out = made(1, seed);
    sizes.push(column(out, newPlace(out, stuck)).filter((share) => share > 0.5).length);
  }
  expect(Math.min(...sizes)).toBeGreaterThanOrEqual(4);
  expect(Math.min(...sizes)).toBeLessThan(8);
  expect(Math.max(...sizes)).toBeLessThanOrEqual(ROWS / 3);
  expect(Math.max(...sizes)).toBeGreaterThan(ROWS / 4);
  const groups = { ...data, units: Int32Array.from({ length: ROWS }, (_, i) => Math.floor(i / 3)) };
  const even = new Float64Array(ROWS * 3).fill(1 / 3);
  for (let seed = 0; seed < 20; seed++) {
    const out = made(1, seed, even, even, groups);
    for (let i = 0; i < ROWS * 3; i++) expect(out[i]).toBe(out[9 * Math.floor(i / 9) + (i % 3)]);
  }
});

test("rows nearer to one of two are as at the other maximum, with its experts in the places of those that they are most like", () => {
  // The same maximum with its experts in another order is no other.
  const turned = stuck.map((_, at) => stuck[at - (at % 3) + ((at + 1) % 3)]);
  for (let seed = 0; seed < 20; seed++) expect(made(2, seed, stuck, turned)).toEqual(stuck);
  for (let seed = 0; seed < 20; seed++) {
    const out = made(2, seed);
    const isFirst = Array.from({ length: ROWS }, (_, i) => [0, 1, 2].every((z) => out[i * 3 + z] === stuck[i * 3 + z]));
    expect(isFirst.some((is) => is) && isFirst.some((is) => !is)).toBe(true);
  }
});

test("without another maximum some rows make the new expert, whatever the turn", () => {
  for (let turn = 0; turn < 3; turn++)
    expect(beside(turn, random(3), model, data, stuck, undefined)).toEqual(
      beside(1, random(3), model, data, stuck, other),
    );
});

test("from two maxima, each right in other lines, starts lead to the lines, where both are stuck", () => {
  const led = (responsibilities: Float64Array): number => {
    let { theta } = model.maximise(new Float64Array(model.names.length), { responsibilities }, data);
    for (let step = 0; step < 40; step++) ({ theta } = model.maximise(theta, model.posterior(theta, data), data));
    return purity(model.posterior(theta, data).responsibilities);
  };
  const lined = led(Float64Array.from({ length: ROWS * 3 }, (_, at) => (at % 3 === Math.floor(at / 3) % 3 ? 1 : 0)));
  expect(Math.max(led(stuck), led(other))).toBeLessThan(lined - 0.1);
  const ends = Array.from({ length: 15 }, (_, turn) => led(made(turn, turn)));
  for (let turn = 0; turn < 3; turn++)
    expect(Math.max(...ends.filter((_, at) => at % 3 === turn))).toBeGreaterThan(lined - 1e-3);
});

test("none are made of a tree of gates and beside an expert that is always 0", () => {
  const few = { x: Array.from(x.subarray(0, 30)), y: Array.from(y.subarray(0, 30)) };
  const counts = { ...few, y: few.y.map((value) => Math.round(Math.abs(value))) };
  const short = { response: "y", maxIterations: 20 } as const;
  const tree = fit(few, { ...short, k: 4, gate: "tree:2x2" });
  const zeros = fit(counts, { ...short, k: 2, experts: "poisson", zeroInflated: true });
  for (const { starts } of [tree, zeros]) expect(starts.every(({ madeFrom }) => madeFrom === undefined)).toBe(true);
  expect(tree.starts.length).toBeGreaterThan(20);
});

afterEach(() => setThreads(2));

/** Steps of each run of these searches. */
const STEPS = 10;

/** A search among starts of which those that are drawn lead to maxima of their own, from 0 down, and made ones to `heights` in turn, and then to −50. */
function climb(
  heights: readonly number[],
  count: StartCount,
  {
    beginning = () => new Float64Array(),
    isBoundless = false,
  }: { readonly beginning?: () => Float64Array | undefined; readonly isBoundless?: boolean } = {},
) {
  const begun: string[] = [];
  const seen: number[][] = [];
  let next = 0;
  const steps = multistart(
    count,
    function* (start, _, before, begin) {
      for (let step = before === undefined ? 0 : STEPS; step < STEPS; step++) yield step;
      const objective = before?.report.objective ?? (begin === undefined ? 0 - start : (heights[next++] ?? -50));
      const report: StartReport = {
        objective,
        logLikelihood: objective,
        iterations: STEPS,
        result: "converged",
        settled: true,
        message: "",
      };
      return { report: { ...report, result: "converged" as const }, distance: 0, start, isBoundless };
    },
    { tolerance: 1e-8, maxIterations: 10_000 },
    {
      near: () => [],
      beside: (maxima, number) => {
        begun.push(`${number} from ${(maxima[0] as { start?: number }).start}`);
        seen.push(maxima.map(({ report }) => report.objective));
        return beginning();
      },
    },
  );
  let { done, value } = steps.next();
  while (!done) ({ done, value } = steps.next());
  if (typeof value !== "object") throw new Error("no search ends with a step");
  return { ...value, begun, seen };
}

test("starts are made from the highest, or from one that leads higher, until forty in a row do not", () => {
  const { best, reports, begun, seen, end } = climb([-2, 3, 2, 5, 4], { first: 2, most: 4 });
  expect(begun.slice(0, 5)).toEqual(["4 from 0", "5 from 0", "6 from 5", "7 from 5", "8 from 7"]);
  expect(best?.report.objective).toBe(5);
  // The fourth leads to 5, and forty after it nowhere higher.
  expect(reports.slice(4).map(({ madeFrom }) => madeFrom)).toEqual([0, 0, 5, 5, ...new Array<number>(40).fill(7)]);
  // Each maximum is shown once, the highest first.
  expect(seen.slice(0, 3)).toEqual([
    [0, -1, -2, -3],
    [0, -1, -2, -3],
    [3, 0, -1, -2, -3],
  ]);
  expect(end).toBeUndefined();
});

test("no more are run than the steps of all together allow, but for the first, and it is said what ended the search", () => {
  const ran = (steps: number) => {
    const { reports, end } = climb([], { first: 4, most: 6, steps });
    return `${reports.length} ${end}`;
  };
  // Six that are drawn have 60 steps, the seventh and the eighth are made.
  expect([10, 40, 45, 60, 75].map(ran)).toEqual(["4 work", "4 work", "5 work", "6 work", "8 work"]);
  expect(ran(10_000)).toBe("46 undefined");
  const few = climb([], { first: 4, most: 4, steps: 10 });
  expect([few.reports.length, few.end]).toEqual([4, undefined]);
});

test("where no expert has a finite maximum in any of the first five starts no others are run, unless they are asked for", () => {
  const { reports, begun, end } = climb([1], { first: 20, most: 80 }, { isBoundless: true });
  expect([reports.length, begun.length, end]).toEqual([5, 0, "boundless"]);
  expect(climb([1], { first: 3, most: 80 }, { isBoundless: true }).reports).toHaveLength(3);
  expect(climb([1], { first: 20, most: 20 }, { isBoundless: true }).reports).toHaveLength(20);
  expect(searchOf(reports, false, 0, end).summary).toContain("no expert has a finite maximum");
});

test("where none can be made no more are", () => {
  expect(climb([], { first: 20, most: 80 }, { beginning: () => undefined }).reports).toHaveLength(80);
});

test("none is made where the number of starts is given", () => {
  expect(climb([5], { first: 14, most: 14 }).reports).toHaveLength(14);
});

test("a search of labels that separate every expert ends with its first starts, says so, and what gives them maxima", () => {
  const draws = random(3);
  const few = Array.from({ length: 30 }, () => draws.normal());
  const table = { x: few, y: few.map(() => "abcdefghijkl"[draws.integer(12)]) };
  const found = fit(table, { response: "y", experts: "logistic", k: 2 });
  expect([found.starts.length, found.search.end]).toEqual([5, "boundless"]);
  expect(found.message).toContain("no expert has a finite maximum in any of these. Set a ridge above 0");
  const held = fit(table, { response: "y", experts: "logistic", k: 2, ridge: 0.01, starts: 3 });
  expect(held.message).not.toContain("no finite maximum");
});

test("a search with starts of two maxima goes no lower than without them, to the same bits on 1, 2 and 7 threads", () => {
  const draws = random(3);
  const few = Array.from({ length: 80 }, () => draws.normal());
  const table = { x: few, y: few.map(() => draws.normal() * (1 + draws.uniform())) };
  const [found, ...others] = [1, 2, 7].map((threads) => {
    setThreads(threads);
    return fit(table, { response: "y", k: 3 });
  });
  for (const { theta, starts } of others)
    expect({ theta, starts }).toEqual({ theta: found.theta, starts: found.starts });
  expect(found.starts.length).toBeGreaterThan(80);
  const before = found.starts.slice(0, 80).filter(({ settled }) => settled);
  // Spurious maxima are no higher ones.
  const interior = before.filter(({ message }) => !message.includes("spurious"));
  expect(found.objective).toBeGreaterThan(Math.max(...interior.map(({ objective }) => objective)) - 0.02);
});
