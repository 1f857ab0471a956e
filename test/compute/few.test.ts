import fc from "fast-check";
import { afterEach, describe, expect, test } from "vitest";
import { setEngine, setThreads } from "../../src/compute/engine.ts";
import { own } from "../../src/compute/own.ts";
import type { RestrictedEStep } from "../../src/models/restriction.ts";
import { truncation } from "../../src/models/truncation.ts";
import { deviation } from "../support/differences.ts";
import { type Draw, draw, nearby, type Problem } from "../support/problems.ts";

afterEach(() => {
  setEngine("relaxed");
  setThreads(2);
});

/** Both E-steps of m experts a row: among all at θ, and among the lists of that at another point. */
function steps(engine: "reference" | "simd" | "relaxed", problem: Problem, theta: Float64Array, m: number) {
  const { model, data } = problem;
  setEngine(engine);
  const all = model.eStepWithin(truncation(m), theta, data);
  const near = theta.map((value, j) => value + 0.05 * Math.sin(j));
  const listed = model.eStepWithin(truncation(m), near, data, all.kept);
  return { all: summary(all), listed: summary(listed) };
}

function summary(step: RestrictedEStep) {
  return {
    bound: step.logLikelihood,
    gap: step.gap,
    lists: step.kept.lists,
    responsibilities: step.responsibilities(),
    gradient: step.gradient(),
    next: step.maximise({ steps: 1 }),
  };
}

/** Holds the kernel to the plain code. */
function compare(engine: "simd" | "relaxed", problem: Problem, theta: Float64Array, m: number): void {
  const [plain, found] = (["reference", engine] as const).map((name) => steps(name, problem, theta, m));
  for (const way of ["all", "listed"] as const) {
    const [a, b] = [plain[way], found[way]];
    const scale = 1 + Math.abs(a.bound);
    expect(b.lists).toEqual(a.lists);
    expect(Math.abs(b.bound - a.bound) / scale).toBeLessThan(1e-12);
    expect(b.gap === undefined).toBe(way === "listed");
    if (way === "all") expect(Math.abs(b.gap! - a.gap!) / scale).toBeLessThan(1e-12);
    expect(deviation(b.responsibilities, a.responsibilities)).toBeLessThan(1e-12);
    expect(deviation(b.gradient, a.gradient) / scale).toBeLessThan(1e-12);
    const [next, other] = [a, b].map(({ next }) => determined(problem, a.responsibilities, next.theta));
    expect(next.length).toBeGreaterThan(0);
    expect(deviation(other, next) / (1 + Math.max(...next.map(Math.abs)))).toBeLessThan(1e-7);
  }
}

/** The parameters of the gate, and of the experts that have several rows for each coefficient: of few rows rounding decides. */
function determined({ model }: Problem, responsibilities: Float64Array, theta: Float64Array): Float64Array {
  const { k } = model.spec;
  const rows = new Float64Array(k);
  responsibilities.forEach((r, at) => {
    rows[at % k] += r;
  });
  const enough = 4 * model.experts[0].reduce((sum, { at }) => sum + at.length, 0);
  return theta.filter((_, j) => {
    const expert = /^expert(\d+)\./.exec(model.names[j])?.[1];
    return expert === undefined || rows[Number(expert) - 1] > enough;
  });
}

const laws = ["linear", "logistic", "poisson"] as const;
/** Problems with a gate of more than 400 coefficients, of which the kernel sums the slopes, too. */
const wide = { k: 41, features: 10, ridge: 0.3 } as const;

describe.each(["simd", "relaxed"] as const)("few experts a row: %s", (engine) => {
  test("is the plain code to 1e-12 of the scale, among all experts and among those on lists", () => {
    const cases = fc.record({
      experts: fc.constantFrom(...laws),
      k: fc.integer({ min: 2, max: 9 }),
      rows: fc.integer({ min: 100, max: 400 }),
      features: fc.integer({ min: 1, max: 4 }),
      seed: fc.integer({ min: 1, max: 2 ** 31 - 1 }),
      weighted: fc.boolean(),
      narrowGate: fc.boolean(),
      m: fc.integer({ min: 1, max: 6 }),
    });
    fc.assert(
      fc.property(cases, ({ m, ...of }) => {
        fc.pre(m < of.k);
        const problem = draw({ ...of, ridge: 0.3, shifted: of.experts !== "logistic" });
        compare(engine, problem, nearby(problem, of.seed), m);
      }),
      { numRuns: 30 },
    );
  });

  test.each([2, 79, 80, 81, 163])("is the plain code on %i rows, with a wide gate and without", (rows) => {
    for (const experts of laws) {
      for (const of of [wide, { k: 5, features: 2, ridge: 1 }] as const) {
        const problem = draw({ ...of, experts, rows, seed: rows, weighted: rows % 2 === 0 });
        compare(engine, problem, nearby(problem, rows), 2);
      }
    }
  });

  test("tells 256 experts apart, and twelve labels", () => {
    const many = draw({ experts: "linear", k: 256, rows: 2000, features: 2, seed: 3 });
    compare(engine, many, nearby(many, 1), 3);
    const labels = draw({ experts: "logistic", classes: 12, k: 7, rows: 500, features: 3, seed: 4, ridge: 0.5 });
    compare(engine, labels, nearby(labels, 1), 2);
  });

  test("of equal experts takes the first, as the plain code does", () => {
    const problem = draw({ experts: "linear", k: 6, rows: 200, features: 1, seed: 8 });
    const { model, truth, data } = problem;
    // Experts 2, 4 and 6 are one.
    const theta = truth.map((value, j) => {
      const name = model.names[j].replace(/(gate|expert)(4|6)/, "$12");
      return truth[model.names.indexOf(name)] ?? value;
    });
    const found = (["reference", engine] as const).map((name) => {
      setEngine(name);
      return model.eStepWithin(truncation(2), theta, data).kept.lists;
    });
    expect(found[1]).toEqual(found[0]);
  });
});

test("a wrong coefficient is seen", () => {
  const problem = draw({ experts: "linear", k: 5, rows: 300, features: 2, seed: 3 });
  const theta = nearby(problem, 1);
  const moved = theta.map((value, j) => (problem.model.names[j] === "expert2.x1" ? value + 0.01 : value));
  const plain = steps("reference", problem, theta, 2);
  const found = steps("relaxed", problem, moved, 2);
  expect(deviation(found.all.responsibilities, plain.all.responsibilities)).toBeGreaterThan(1e-3);
  expect(deviation(found.listed.gradient, plain.listed.gradient)).toBeGreaterThan(1e-3);
});

test.each(laws)("1, 2 and 7 threads find the same bits of few %s experts", (experts) => {
  const { model, data, truth } = draw({ ...wide, experts, rows: 8001, seed: 5, weighted: true } satisfies Draw);
  const runs = [1, 2, 7].map((threads) => {
    setEngine("relaxed");
    setThreads(threads);
    return Array.from({ length: 3 }, () => {
      const all = truncation(2).choose(model, truth, own(data));
      const listed = truncation(2).choose(model, truth, own(data), all.kept);
      return [all, listed].map(({ bound, gap, kept, slopes, assignment: { few } }) => ({
        bound,
        gap,
        kept,
        slopes,
        few,
      }));
    });
  });
  for (const run of runs.flat()) expect(run).toEqual(runs[0][0]);
});

test.each([1e300, 5e-324, Number.POSITIVE_INFINITY, Number.NaN])(
  "a response of %d is what it is to the plain code",
  (extreme) => {
    const problem = draw({ experts: "linear", k: 5, rows: 163, features: 3, seed: 9 });
    const { model, data, truth } = problem;
    const response = data.response.map((y, i) => (i === 80 ? extreme : y));
    const [plain, found] = (["reference", "relaxed"] as const).map((engine) => {
      setEngine(engine);
      return model.eStepWithin(truncation(2), truth, { ...data, response });
    });
    expect(Number.isFinite(found.logLikelihood)).toBe(Number.isFinite(plain.logLikelihood));
    if (Number.isFinite(plain.logLikelihood)) {
      expect(found.kept.lists).toEqual(plain.kept.lists);
      expect(Math.abs(found.logLikelihood / plain.logLikelihood - 1)).toBeLessThan(1e-12);
    }
  },
);
