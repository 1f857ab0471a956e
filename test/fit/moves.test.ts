import { expect, test } from "vitest";
import { type StartReport, searchOf } from "../../src/fit/evidence.ts";
import { fit } from "../../src/fit/fit.ts";
import { multistart, type StartCount } from "../../src/fit/search.ts";
import { splitAndMerge } from "../../src/fit/starts/moves.ts";
import { reallocated } from "../../src/fit/starts/reallocated.ts";
import { random } from "../../src/math/random.ts";
import { type Mixture, mixture } from "../../src/models/mixture.ts";
import { data, model, purity, ROWS, stuck, x, y } from "../support/crossing.ts";

test("a move merges two experts that share one line and splits the one that has two", () => {
  const [move] = splitAndMerge(random(1), model, stuck, data);
  expect(purity(stuck)).toBeLessThan(0.9);
  expect(purity(move)).toBeGreaterThan(0.97);
  for (let i = 0; i < ROWS; i++)
    expect(Math.abs(move[i * 3] + move[i * 3 + 1] + move[i * 3 + 2] - 1)).toBeLessThan(1e-12);
});

test("a tree of one level, which is a flat gate, has the same starts", () => {
  const level = mixture({ ...model.spec, gate: "tree:3" });
  const starts = (of: Mixture) => [splitAndMerge(random(1), of, stuck, data), reallocated(random(1), of, data)];
  expect(starts(level)).toEqual(starts(model));
});

test("there are no moves of two experts, of a tree of gates and beside an expert that is always 0", () => {
  const two = mixture({ ...model.spec, k: 2 });
  const tree = mixture({ ...model.spec, k: 4, gate: "tree:2x2" });
  const counts = mixture({ ...model.spec, experts: "poisson", zeroInflated: true });
  const none = (of: Mixture, k: number) => splitAndMerge(random(1), of, new Float64Array(ROWS * k).fill(1 / k), data);
  expect([none(two, 2), none(tree, 4), none(counts, 3)]).toEqual([[], [], []]);
  expect([reallocated(random(1), tree, data), reallocated(random(1), counts, data)]).toEqual([[], []]);
});

test("reallocation by residuals finds lines that cross", () => {
  const found = reallocated(random(1), model, data);
  expect(found.length).toBeGreaterThan(0);
  expect(Math.max(...found.map(purity))).toBeGreaterThan(0.9);
  expect(reallocated(random(1), model, data)).toEqual(found);
});

/** A search among starts of which those that are drawn lead to 0, or as said, and made ones, three of each, to `heights` in turn. */
function climb(
  heights: readonly number[],
  count: StartCount,
  drawn = (_: number) => 0,
  beginnings = () => new Array<Float64Array>(3).fill(new Float64Array()),
) {
  const begun: string[] = [];
  let next = 0;
  const steps = multistart(
    count,
    // biome-ignore lint/correctness/useYield: only the ends of these runs count.
    function* (start, _, before, begin) {
      const objective = before?.report.objective ?? (begin === undefined ? drawn(start) : (heights[next++] ?? 0));
      const report: StartReport = {
        objective,
        logLikelihood: objective,
        iterations: 9,
        result: "converged",
        settled: true,
        message: "",
      };
      return { report: { ...report, result: "converged" as const }, distance: 0, start };
    },
    { tolerance: 1e-8, maxIterations: 10_000 },
    {
      near: function* (leader, number) {
        begun.push(`${number} from ${(leader as { start?: number }).start}`);
        yield* beginnings();
      },
      beside: () => undefined,
    },
  );
  const { done, value } = steps.next();
  if (!done) throw new Error("no run yields a step");
  return { ...value, begun };
}

test("starts are made from the highest, anew from each that leads higher, and then from no other", () => {
  // Twenty that are drawn come to two maxima: chance of another 0.031.
  const { best, reports, begun } = climb([-2, 3, 2, 5, 4, 4, 4], { first: 20, most: 80 }, (start) => -(start % 2));
  // The first is taken; from it the second that is made leads to 3, from that the fourth to 5, and nothing above it.
  expect(begun).toEqual(["20 from 0", "22 from 21", "24 from 23"]);
  expect(best?.report.objective).toBe(5);
  const made = reports.slice(20).map(({ madeFrom }) => madeFrom);
  expect(made).toEqual([0, 0, 21, 21, 23, 23, 23]);
});

test("starts are made from the next maxima, too, each once, while a new one is likely", () => {
  // All that are drawn come to maxima of their own, from 0 down: two at first, twenty more while that is so.
  const { best, reports, begun } = climb([-30, 3, 2, 5, 4, 4, 4, 1, 6], { first: 2, most: 50 }, (start) => -start);
  expect(begun.slice(0, 5)).toEqual(["22 from 0", "24 from 23", "26 from 25", "29 from 26", "31 from 30"]);
  expect(best?.report.objective).toBe(6);
  // Then from those at 2, 1, −1 and so on, as far as none was made from them or from others at their maxima; and no more than fifty.
  expect(begun.slice(5)).toEqual(["34 from 24", "37 from 29", "40 from 1", "43 from 2", "46 from 3", "49 from 4"]);
  expect(reports).toHaveLength(50);
});

test("where none can be made more are drawn while a new maximum is likely", () => {
  const none = () => [];
  expect(climb([], { first: 20, most: 80 }, (start) => -start, none).reports).toHaveLength(80);
  // Five maxima: of 20 starts 5·6/(20·19) = 0.08.
  expect(climb([], { first: 20, most: 80 }, (start) => -(start % 5), none).reports).toHaveLength(20);
});

test("no starts are made where all that are drawn come to one maximum", () => {
  expect(climb([5], { first: 20, most: 80 }).begun).toEqual([]);
  // Of fourteen the chance of another is 0.033.
  expect(climb([5], { first: 14, most: 80 }).begun).toEqual(["14 from 0", "15 from 14"]);
});

test("none is made where the number of starts is given", () => {
  const rising = Array.from({ length: 50 }, (_, at) => at + 1);
  expect(climb(rising, { first: 14, most: 14 }).reports).toHaveLength(14);
  expect(climb(rising, { first: 14, most: 40 }).reports).toHaveLength(40);
});

test("the chance of a new maximum is that of starts which are drawn, and whoever made the best is told", () => {
  const table = { x: Array.from(x), y: Array.from(y) };
  const found = fit(table, { response: "y", k: 3 });
  const drawn = found.starts.filter(({ madeFrom }) => madeFrom === undefined);
  expect(drawn.length).toBeGreaterThanOrEqual(20);
  expect(found.search.unseen).toBe(searchOf(drawn, false).unseen);
  expect(found.search.starts).toBe(found.starts.length);
  expect(found.search.reached).toBeGreaterThan(0);
  expect(fit(table, { response: "y", k: 3, starts: 5 }).starts).toHaveLength(5);
  // Made ones that all come to one maximum say nothing of what drawn ones find.
  const made = { ...drawn[0], madeFrom: 0 };
  expect(searchOf([...drawn, made, made, made], false).unseen).toBe(found.search.unseen);
});
