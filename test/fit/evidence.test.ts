import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { newMaximum, type StartReport, searchOf } from "../../src/fit/evidence.ts";
import { random } from "../../src/math/random.ts";

const reports = (objectives: readonly number[]): StartReport[] =>
  objectives.map((objective) => {
    return { objective, logLikelihood: objective, iterations: 9, result: "max-iterations", settled: true, message: "" };
  });

describe("how sure a search is", () => {
  test("counts the starts at the best maximum and the different maxima", () => {
    const found = searchOf(reports([-10, -12.5, -10.004, -12.5, -10]), false);
    expect(found.unseen).toBeCloseTo(0.16134, 4);
    expect(found).toEqual({
      ...{ starts: 5, settled: 5, reached: 3, maxima: 2, unseen: newMaximum([3, 2]) },
      summary:
        "3 of 5 starts came to this maximum, others at 1 other; chance that another start finds a new one: about 16 %",
    });
    expect(searchOf(reports([-1]), true).unseen).toBe(0);
    expect(searchOf([{ ...reports([-1])[0], settled: false }], false)).toMatchObject({
      settled: 0,
      reached: 0,
      maxima: 0,
      unseen: 1,
    });
  });

  test("is told by starts that are drawn, not by those that are made or begin where another fit leads to", () => {
    const drawn = reports([-10, -10, -10, -12]);
    const others = reports([-8, -9, -11]).map((report, at) => ({ ...report, ...(at > 0 ? { madeFrom: 0 } : WARM) }));
    const found = searchOf([...drawn, ...others], false);
    expect(found).toMatchObject({ starts: 7, maxima: 5, unseen: newMaximum([3, 1]) });
    expect(searchOf(others, false).unseen).toBe(1);
  });
});

const WARM = { isWarm: true } as const;

describe("the chance of a new maximum", () => {
  const someCounts = fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 30 });

  // With σ uniform and θ = ¼, (θ + w E[σ])/(θ + n), E[σ] by beta integrals of ∏_{i<w} (θ + iσ) ∏ (1 − σ)…(m − 1 − σ).
  test.each([
    [[2], (1 / 4 + 1 / 3) / 2.25],
    [[3], (1 / 4 + 3 / 10) / 3.25],
    [[2, 1], (1 / 4 + 2 * ((1 / 24 + 1 / 12) / (1 / 8 + 1 / 6))) / 3.25],
    [[2, 2], (1 / 4 + 2 * ((1 / 48 + 1 / 30) / (1 / 12 + 1 / 12))) / 4.25],
    [[3, 2], (1 / 4 + 2 * ((1 / 30 + 1 / 20) / (7 / 48 + 2 / 15))) / 5.25],
  ])("of counts %j is the ratio of their integrals", (counts, exact) => {
    expect(newMaximum(counts)).toBeCloseTo(exact, 3);
  });

  test("is 1 where each start has a maximum of its own, and between 0 and 1 elsewhere", () => {
    expect([newMaximum([]), newMaximum([1]), newMaximum(new Array(20).fill(1))]).toEqual([1, 1, 1]);
    fc.assert(
      fc.property(someCounts, (counts) => {
        const chance = newMaximum(counts);
        expect(chance > 0 && chance <= 1).toBe(true);
        expect(chance === 1).toBe(counts.every((count) => count === 1));
      }),
    );
  });

  test("does not depend on the order of the maxima", () => {
    fc.assert(
      fc.property(someCounts, (counts) => {
        expect(newMaximum(counts.toReversed())).toBeCloseTo(newMaximum(counts), 12);
      }),
    );
  });

  test("falls with every start at a maximum that was seen, and rises with one at a new one", () => {
    fc.assert(
      fc.property(someCounts, fc.nat(), (counts, at) => {
        const again = counts.map((count, place) => (place === at % counts.length ? count + 1 : count));
        expect(newMaximum(again)).toBeLessThan(newMaximum(counts));
        expect(newMaximum([...counts, 1])).toBeGreaterThanOrEqual(newMaximum(counts));
      }),
    );
  });

  test("does not lose its digits where there are thousands of starts", () => {
    expect(newMaximum([5000])).toBeLessThan(1e-4);
    const pairs = newMaximum(new Array(2000).fill(2));
    expect(pairs > 0.2 && pairs < 0.3).toBe(true);
  });

  test("is the share of starts that lead to a new one, where it is low and where it is high: to 0.02", () => {
    const rng = random(11);
    const edges = [0, 0.05, 0.15, 0.4, 0.7, 1];
    const bins = edges.map(() => ({ seen: 0, stated: 0, real: 0, byNumber: 0 }));
    for (let round = 0; round < 12_000; round++) {
      const discount = rng.uniform();
      const counts: number[] = [];
      for (let n = 0; n < 20; n++) add(counts, rng.uniform() * (n + 0.25), discount);
      const stated = newMaximum(counts);
      const bin = bins[edges.findLastIndex((edge) => stated > edge)];
      bin.seen++;
      bin.stated += stated;
      bin.real += counts.length === 20 ? 1 : (0.25 + discount * counts.length) / 20.25;
      bin.byNumber += Math.min(1, (counts.length * (counts.length + 1)) / (20 * 19));
    }
    for (const { seen, stated, real } of bins.slice(0, -1)) {
      expect(seen).toBeGreaterThan(300);
      expect(Math.abs(stated - real) / seen).toBeLessThan(0.02);
    }
    // What the number of maxima alone says (Boender and Rinnooy Kan) is too little where there are few.
    const [{ seen, real, byNumber }] = bins;
    expect(byNumber / real).toBeLessThan(0.7);
    expect(seen).toBeGreaterThan(1000);
  });
});

/** One more start: at a maximum that m came to with the chance (m − σ)/(θ + n), at a new one otherwise. */
function add(counts: number[], at: number, discount: number): void {
  let left = at;
  for (let place = 0; place < counts.length; place++) {
    left -= counts[place] - discount;
    if (left < 0) {
      counts[place]++;
      return;
    }
  }
  counts.push(1);
}
