import { expect, test } from "vitest";
import { plainImageSums } from "../../src/compute/plain-images.ts";
import { BENCH_GROUPS, type BenchCase, bench } from "../../src/experiments/bench/bench.ts";
import { randomSymmetric } from "../../src/experiments/bench/bench-eigenvalues.ts";
import { growthFigures } from "../../src/experiments/bench/bench-figures.ts";
import { randomImages } from "../../src/experiments/bench/bench-images.ts";
import { commandCsv } from "../../src/experiments/bench/bench-programs.ts";
import { benchProblem } from "../../src/experiments/bench/bench-rows.ts";
import { randomCsv } from "../../src/experiments/bench/bench-tables.ts";
import { fit } from "../../src/fit/fit.ts";
import { cholesky } from "../../src/math/cholesky.ts";
import { symmetricEigen } from "../../src/math/symmetric-eigen.ts";
import { dot } from "../../src/math/vector.ts";
import { parseCsv } from "../../src/table/csv.ts";

test("a case is timed by the clock it is given, at the log-likelihood of its rows to 1e-9", () => {
  let ticks = 0;
  const clock = (): number => {
    ticks += 1;
    return ticks * ticks;
  };
  const cases = [
    { name: "step", n: 500, d: 3, k: 2, threads: 1, runs: 3 },
    { name: "fit", n: 500, d: 3, k: 2, threads: 1, runs: 1 },
  ] as const;
  const [step, fit] = [...bench(cases, clock)].map(({ row }) => row);
  // The squares 1, 4, 9, … are 3, 7 and 11 apart, and 15.
  expect([step.minMs, step.medianMs, fit.medianMs]).toEqual([3, 7, 15]);
  const { model, data, truth } = benchProblem(cases[0]);
  expect(Math.abs(step.logLikelihood! - model.posterior(truth, data).logLikelihood)).toBeLessThan(1e-9);
  expect(fit.logLikelihood).toBeGreaterThan(step.logLikelihood!);
  expect(fit.iterations).toBeGreaterThan(2);
});

test("a pass over random bytes, which are said to be that, is timed at their log-likelihood to 2e-6", () => {
  let ticks = 0;
  const clock = (): number => {
    ticks += 1;
    return ticks * ticks;
  };
  const of = { name: "images", n: 500, d: 50, k: 2, threads: 1, runs: 3 } as const;
  const [{ row }] = bench([of], clock);
  expect([row.minMs, row.medianMs, row.source]).toEqual([3, 7, "random bytes"]);
  const { data, mixture } = randomImages(of);
  expect(Math.abs(row.logLikelihood! / plainImageSums(data, mixture).value - 1)).toBeLessThan(2e-6);
});

test("the eigenvalues of a symmetric matrix are timed, the largest that of an eigenvector to 1e-10", () => {
  const of = { name: "eigenvalues", n: 30, d: 30, k: 1, threads: 1, runs: 1 } as const;
  const [{ row }] = bench([of], () => 0);
  const matrix = randomSymmetric(30);
  const { vectors } = symmetricEigen(matrix, 30);
  for (let i = 0; i < 30; i++) {
    const image = dot(matrix.subarray(30 * i, 30 * (i + 1)), vectors.subarray(0, 30));
    expect(Math.abs(image - row.largest! * vectors[i])).toBeLessThan(1e-10);
  }
});

test("eigenvectors are timed, and a spectrum where rows were drawn, whose rate is that of the spectrum's own eigenproblem", () => {
  const size = { n: 400, d: 3, k: 2, threads: 1, runs: 1 } as const;
  const cases = [{ ...size, n: 30, d: 30, name: "eigenvectors" } as const, { ...size, name: "spectrum" } as const];
  const [vectors, whole] = [...bench(cases, () => 0)].map(({ row }) => row);
  expect(vectors.largest).toBe(symmetricEigen(randomSymmetric(30), 30).values[0]);
  const { model, truth, data } = benchProblem(size);
  const { complete, missing } = model.information(truth, data);
  const p = truth.length;
  // det(I_m − λ I_c) = 0 for the rate λ, and for nothing above it.
  const factor = (rate: number) =>
    cholesky(
      complete.map((entry, at) => rate * entry - missing[at]),
      p,
      0,
    );
  expect(whole.largest).toBeGreaterThan(0);
  expect(typeof factor(whole.largest! * (1 + 1e-8))).toBe("object");
  expect(typeof factor(whole.largest! * (1 - 1e-8))).toBe("number");
});

test("a command is timed with the fit that it prints: that of the rows it was given", () => {
  let ticks = 0;
  const clock = (): number => {
    ticks += 1;
    return ticks * ticks;
  };
  const size = { n: 200, d: 2, k: 2, threads: 1 } as const;
  const [{ row }] = bench([{ ...size, name: "command", runs: 1 }], clock);
  expect(row).toMatchObject({ name: "command", medianMs: 3, minMs: 3 });
  const found = fit(parseCsv(commandCsv(size)), { response: "y", k: 2 });
  expect(row.logLikelihood).toBeCloseTo(found.logLikelihood, 8);
  const labels = parseCsv(commandCsv({ n: 400, d: 2, k: 2, threads: 1, experts: "logistic", classes: 7 })).columns[1];
  expect(new Set<unknown>(labels.values).size).toBe(7);
});

test("figures are timed in processes of their own: the first is an SVG, a page holds plotly", () => {
  const size = { n: 40, d: 1, k: 1, threads: 1, runs: 1 } as const;
  const [first, page] = (["first", "page"] as const).map((figure) => {
    return [...bench([{ ...size, name: "figure", figure }], () => 0)][0].row;
  });
  expect([first.figure, page.figure]).toEqual(["first", "page"]);
  for (const { medianMs, minMs } of [first, page]) expect(medianMs).toBe(minMs);
  expect(first.minMs).toBeGreaterThan(0);
  expect(first.bytes).toBeLessThan(100_000);
  expect(page.bytes).toBeGreaterThan(4_000_000);
});

test("every line of the table has a case beside what it is compared with", () => {
  const names = Object.values(BENCH_GROUPS).flatMap((cases) => {
    return cases.map(({ name, experts = "linear", beside = "alone" }) => `${name} ${experts} ${beside}`);
  });
  for (const wanted of [
    "step linear numpy",
    "step linear jax",
    "step poisson numpy",
    "step logistic numpy",
    "spectrum linear numpy",
    "eigenvectors linear scipy",
    "read linear pandas",
    "command linear flexmix",
    "command logistic alone",
    "figure linear alone",
  ]) {
    expect(names).toContain(wanted);
  }
});

test("the reading of a CSV file, and the coding of its columns, are timed by the clock", () => {
  let ticks = 0;
  const clock = (): number => {
    ticks += 1;
    return ticks * ticks;
  };
  const size = { n: 300, d: 4, k: 2, threads: 1, runs: 3, labels: 2 } as const;
  const rows = [
    ...bench(
      [
        { ...size, name: "read" },
        { ...size, name: "code" },
      ],
      clock,
    ),
  ].map(({ row }) => row);
  expect(rows.map(({ name, minMs }) => [name, minMs])).toEqual([
    ["read", 3],
    ["code", 15],
  ]);
  const { columns } = parseCsv(randomCsv(size));
  expect(columns.map(({ name, kind, values }) => [name, kind, new Set<unknown>(values).size])).toEqual([
    ["f1", "text", 5],
    ["f2", "text", 12],
    ["x1", "numeric", 300],
    ["y", "numeric", 300],
  ]);
});

test("a case gets rows of its own kind, drawn once for cases that differ in threads alone", () => {
  const size = { n: 100, d: 2, k: 2, threads: 1, runs: 1 } as const;
  const drawn: string[] = [];
  const cases = [
    { ...size, name: "step" },
    { ...size, name: "step", threads: 2 },
    { ...size, name: "fit", seed: 1 },
    { ...size, name: "fit", seed: 2 },
  ] as const;
  const rowsOf = (of: BenchCase) => {
    drawn.push(`${of.name} ${of.seed}`);
    return benchProblem(of);
  };
  expect([...bench(cases, () => 0, rowsOf)]).toHaveLength(4);
  expect(drawn).toEqual(["step undefined", "fit 1", "fit 2"]);
});

test("figures show seconds by what grows while all else stays, a curve for each number of threads, and the slope", () => {
  const row = (n: number, d: number, threads: number, medianMs: number) => {
    return { name: "step", n, d, k: 3, threads, medianMs, minMs: 0, runs: 1, engine: "simd" } as const;
  };
  const rows = [row(10, 2, 1, 500), row(10, 4, 1, 900), row(100, 2, 1, 4000), row(10, 2, 2, 300), row(100, 2, 2, 2000)];
  const others = [
    { ...row(1000, 2, 1, 1), name: "fit" } as const,
    { ...row(10, 2, 1, 1), experts: "poisson" } as const,
    { ...row(10, 2, 1, 100), experts: "logistic", classes: 2 } as const,
    { ...row(10, 2, 1, 300), experts: "logistic", classes: 4 } as const,
    { ...row(30, 30, 1, 2), name: "eigenvectors" } as const,
    { ...row(60, 60, 1, 16), name: "eigenvectors" } as const,
  ];
  const figures = growthFigures([...rows, ...others]);
  expect(Object.keys(figures)).toEqual(["rows", "columns", "labels", "parameters"]);
  expect(figures.labels.layout.title).toMatchObject({
    text: "An EM step of logistic experts by labels, of 10 rows, 2 columns and 3 experts",
  });
  expect(figures.labels.data.at(-1)).toMatchObject({ x: [2, 4], y: [0.075, 0.3] });
  expect(figures.parameters.data.at(-1)).toMatchObject({ name: "in proportion to parameters³", y: [0.002, 0.016] });
  expect(figures.rows.data).toMatchObject([
    { name: "1 thread", x: [10, 100], y: [0.5, 4] },
    { name: "2 threads", x: [10, 100], y: [0.3, 2] },
    { name: "in proportion to rows", x: [10, 100], y: [0.4, 4] },
  ]);
  expect(figures.columns.data.at(-1)).toMatchObject({ name: "in proportion to columns²", x: [2, 4], y: [0.225, 0.9] });
});
