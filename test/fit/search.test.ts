import { describe, expect, test } from "vitest";
import { fit } from "../../src/fit/fit.ts";
import type { FitStep } from "../../src/fit/fit-options.ts";
import { multistart, type StopRule } from "../../src/fit/search.ts";
import { START_SCHEMES } from "../../src/fit/starts/starts.ts";
import { draw } from "../support/problems.ts";

const long: Omit<StopRule, "isLong"> = { tolerance: 1e-8, maxIterations: 10_000 };

/** A start that leads to a height, by so many steps, and may fail at the end. */
interface Hill {
  readonly top: number;
  readonly steps: number;
  readonly fails?: boolean;
  readonly spurious?: string;
}

/** Races starts up hills: each run is noted, and stands as high as its share of the way. */
function climb(
  hills: readonly Hill[],
  stopRule: Omit<StopRule, "isLong"> = long,
  count = { first: hills.length, most: hills.length },
) {
  const legs: string[] = [];
  const steps = multistart(
    count,
    // biome-ignore lint/correctness/useYield: only the ends of these runs count.
    function* (start, { tolerance, maxIterations }) {
      const { top, steps, fails = false, spurious } = hills[start];
      const needed = tolerance < 0.1 ? steps : steps / 2;
      const done = Math.min(1, maxIterations / needed);
      legs.push(`${start}:${tolerance}:${maxIterations}`);
      const objective = top - 100 * (1 - done);
      const failed = fails && maxIterations > 100;
      const result = failed ? "failed" : done < 1 ? "max-iterations" : "converged";
      const iterations = Math.min(maxIterations, needed);
      const report = {
        logLikelihood: objective,
        objective,
        iterations,
        result,
        settled: done === 1,
        message: "",
      } as const;
      return { report, distance: done === 1 ? 0 : Number.NaN, start, spurious };
    },
    stopRule,
  );
  const { done, value } = steps.next();
  if (!done) throw new Error("no run yields a step");
  return { ...value, legs };
}

describe("a multistart search", () => {
  test("runs each start for a short while, and the highest to its end", () => {
    const { best, reports, legs } = climb([
      { top: 1, steps: 50 },
      { top: 3, steps: 80 },
      { top: 2, steps: 60 },
    ]);
    expect(best?.start).toBe(1);
    expect(legs).toEqual(["0:0.1:150", "1:0.1:150", "2:0.1:150", "1:1e-8:10000"]);
    expect(reports.map(({ result }) => result)).toEqual(["outrun", "converged", "outrun"]);
    expect(reports[0].message).toBe("Stopped within 0.1 standard errors of its limit: another start stands higher.");
  });

  test("runs each on from where it stood, and none twice", () => {
    const { data } = draw({ experts: "linear", k: 3, rows: 200, features: 1, seed: 12 });
    const table = { x: Array.from(data.expert.values[1]), y: Array.from(data.response) };
    const seen = new Map<number, number>();
    const onStep = ({ start, iteration }: FitStep): void => {
      expect(iteration).toBe((seen.get(start) ?? -1) + 1);
      seen.set(start, iteration);
    };
    const some = { startScheme: "random", starts: 6, seed: 1, algorithm: "em" } as const;
    const { trace } = fit(table, { response: "y", k: 3, ...some, onStep });
    expect(Math.max(...seen.values())).toBeGreaterThan(100);
    expect(seen.size).toBe(6);
    expect(trace.map(({ iteration }) => iteration)).toEqual(Array.from(trace.keys()));
  });

  test("runs on those that stand high and have not settled", () => {
    const { best, legs } = climb([
      { top: 5, steps: 80 },
      { top: 40, steps: 400 },
    ]);
    expect(best?.start).toBe(1);
    expect(legs).toContain("1:0.1:10000");
  });

  test("says how each ended: outrun, settled or not, unless it went as far as the best would have", () => {
    const hills = [
      { top: 5, steps: 80 },
      { top: 4, steps: 60 },
      { top: 14, steps: 1800 },
      { top: -4, steps: 900 },
    ];
    const ends = (stopRule: Omit<StopRule, "isLong">) =>
      climb(hills, stopRule).reports.map(({ result, settled }) => `${result} ${settled}`);
    expect(ends(long)).toEqual(["outrun true", "outrun true", "converged true", "outrun false"]);
    // The third, which needs 900 steps to settle, is among those that run on.
    const short = ["converged true", "outrun true", "max-iterations false", "outrun false"];
    expect(ends({ ...long, maxIterations: 800 })).toEqual(short);
    const rough = ["converged true", "converged true", "converged true", "outrun false"];
    expect(ends({ ...long, tolerance: 0.2 })).toEqual(rough);
  });

  test("takes the next where the highest fails in its long run, and none where all do", () => {
    const { best, reports } = climb([
      { top: 5, steps: 80 },
      { top: 9, steps: 80, fails: true },
    ]);
    expect(best?.start).toBe(0);
    expect(reports.map(({ result }) => result)).toEqual(["converged", "failed"]);
    expect(
      climb([
        { top: 5, steps: 80, fails: true },
        { top: 9, steps: 80, fails: true },
      ]).best,
    ).toBeUndefined();
  });

  test("takes an interior maximum before a higher spurious one, and that where there is no other", () => {
    const hills = [
      { top: 9, steps: 50, spurious: "expert 2" },
      { top: 5, steps: 50 },
    ];
    const { best, reports } = climb(hills);
    expect(best?.start).toBe(1);
    expect(reports[0].message).toMatch(/^Ended at a spurious maximum/);
    expect(climb(hills.slice(0, 1).concat({ top: 4, steps: 50, spurious: "expert 1" })).best?.start).toBe(0);
  });

  test("draws ten starts more at a time while a new maximum is likely, and no more than asked", () => {
    const many = (tops: number) => Array.from({ length: 60 }, (_, at) => ({ top: at % tops, steps: 50 }));
    const runs = (tops: number) => climb(many(tops), long, { first: 20, most: 60 }).reports.length;
    // Of 20 starts at 4 maxima another finds a new one with a chance of 0.066, at 9 of 0.20; of 40 at 9 maxima of 0.07.
    expect([runs(4), runs(9), runs(30)]).toEqual([20, 40, 60]);
    expect(climb(many(30), long, { first: 20, most: 20 }).reports.length).toBe(20);
  });

  test("is one run where there is one start, or where all runs are short", () => {
    expect(climb([{ top: 5, steps: 80 }]).legs).toEqual(["0:1e-8:10000"]);
    const { legs, reports } = climb(
      [
        { top: 5, steps: 30 },
        { top: 4, steps: 500 },
      ],
      { tolerance: 1e-8, maxIterations: 50 },
    );
    expect(legs).toEqual(["0:1e-8:50", "1:1e-8:50"]);
    expect(reports.map(({ result }) => result)).toEqual(["converged", "max-iterations"]);
  });
});

describe.each(START_SCHEMES)("starts by %s", (startScheme) => {
  test.each(["linear", "logistic", "poisson"] as const)("lead to the maximum of an easy problem: %s", (experts) => {
    const { data } = draw({ experts, k: 2, rows: 300, features: 1, seed: 64, binary: experts === "logistic" });
    const table = {
      x: Array.from(data.expert.values[1]),
      y: Array.from(data.response, (value) => (experts === "logistic" ? "ab"[value] : value)),
    };
    const options = { response: "y", experts, ridge: 0.5, starts: 6, tolerance: 1e-6 } as const;
    const found = fit(table, { ...options, startScheme });
    const best = fit(table, { ...options, starts: 10, seed: 5 });
    expect(found.result).toBe("converged");
    expect(best.objective - found.objective).toBeLessThan(1e-6);
    expect(fit(table, { ...options, startScheme }).theta).toEqual(found.theta);
  });
});

test("the experts come in the order of the rows they answer for, unless a start or a fixed parameter numbers them", () => {
  const { data } = draw({ experts: "linear", k: 3, rows: 400, features: 1, seed: 12 });
  const table = { x: Array.from(data.expert.values[1]), y: Array.from(data.response) };
  const shares = (found: ReturnType<typeof fit>): number[] =>
    [0, 1, 2].map((z) => found.responsibilities.reduce((sum, r, at) => sum + (at % 3 === z ? r : 0), 0));
  for (const seed of [1, 2, 3]) {
    const found = fit(table, { response: "y", k: 3, starts: 5, seed });
    expect(shares(found)).toEqual(shares(found).toSorted((a, b) => b - a));
    // From the start it reports the run ends where it ended, whatever the order.
    const again = fit(table, { response: "y", k: 3, start: found.start });
    expect(Math.abs(again.objective - found.objective)).toBeLessThan(1e-9);
    expect(Math.max(...again.theta.map((value, j) => Math.abs(value - found.theta[j])))).toBeLessThan(1e-6);
  }
});

test("no start of a fit says that its iterations ran out unless they did, nor that it converged unless it did", () => {
  const { data } = draw({ experts: "linear", k: 3, rows: 200, features: 1, seed: 12 });
  const table = { x: Array.from(data.expert.values[1]), y: Array.from(data.response) };
  const ends = (maxIterations: number): string[] => {
    const some = { startScheme: "random", starts: 6, seed: 1, algorithm: "em" } as const;
    const found = fit(table, { response: "y", k: 3, ...some, maxIterations });
    for (const { result, iterations, objective } of found.starts) {
      if (result === "max-iterations") expect(iterations).toBe(maxIterations);
      if (result === "converged") expect(Math.abs(objective - found.objective)).toBeLessThan(1e-9);
    }
    return found.starts.map(({ result, settled }) => `${result} ${settled}`);
  };
  expect(new Set(ends(10_000))).toEqual(new Set(["converged true", "outrun true"]));
  expect(ends(90).join()).not.toContain("outrun");
});
