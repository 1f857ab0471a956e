import { benchEigenvalues } from "./bench-eigenvalues.ts";
import { benchImages, type ImageProblem, randomImages } from "./bench-images.ts";
import { type BenchProblem, type BenchRow, benchFit, benchProblem, benchStep } from "./bench-rows.ts";
import { benchSparse } from "./bench-sparse.ts";
import { benchCode, benchRead, type TableSize } from "./bench-tables.ts";

/** One line of the table of speeds. */
export interface BenchCase extends TableSize {
  readonly name: BenchRow["name"];
  readonly runs: number;
  /** What it is timed beside. */
  readonly beside?: "numpy" | "scipy" | "flexmix" | "pandas";
  /** How many times as fast as that it is to be. */
  readonly floor?: number;
  /** Of the rows that both sides of a fit read. */
  readonly seed?: number;
}

const step = (n: number, d: number, k: number, threads: number, runs: number): BenchCase => {
  return { name: "step", n, d, k, threads, runs };
};

/** The sizes at which other experts than linear ones are timed. */
const stepsOf = (experts: "poisson" | "logistic"): BenchCase[] =>
  [
    { n: 100_000, d: 10, runs: 15 },
    { n: 50_000, d: 50, runs: 7 },
    { n: 20_000, d: 100, runs: 7 },
  ].flatMap(({ n, d, runs }) =>
    [1, 2].map((threads) => ({ ...step(n, d, 3, threads, runs), beside: "numpy" as const, experts })),
  );

const eigenvalues = (p: number, runs: number): BenchCase => {
  return { name: "eigenvalues", n: p, d: p, k: 1, threads: 1, runs, beside: "scipy" };
};

/** Steps of more coefficients than a Hessian is made of. */
const wide = [
  { n: 4_000, d: 500 },
  { n: 10_000, d: 50, experts: "logistic" as const, classes: 10 },
  { n: 5_000, d: 100, experts: "logistic" as const, classes: 10 },
].flatMap(({ n, d, ...of }) =>
  [1, 2].map((threads): BenchCase => ({ ...step(n, d, 3, threads, 7), beside: "numpy", ...of })),
);

/** Against the baselines: steps, whole fits, a pass over images, eigenvalues, CSV files and their coding; and how cost grows with rows, columns and experts. */
export const BENCH_GROUPS: Readonly<Record<string, readonly BenchCase[]>> = {
  baseline: [
    { ...step(100_000, 10, 3, 1, 31), beside: "numpy", floor: 3 },
    { ...step(100_000, 10, 3, 2, 31), beside: "numpy", floor: 4 },
    { ...step(1_000_000, 10, 3, 1, 9), beside: "numpy", floor: 3 },
    { ...step(1_000_000, 10, 3, 2, 9), beside: "numpy", floor: 4 },
    { ...step(100_000, 50, 4, 1, 15), beside: "numpy", floor: 0.9 },
    { ...step(100_000, 50, 4, 2, 15), beside: "numpy", floor: 0.9 },
  ],
  fit: [{ name: "fit", n: 1_000_000, d: 10, k: 3, threads: 2, runs: 3, beside: "numpy", floor: 2.5, seed: 20240503 }],
  flexmix: [{ name: "fit", n: 100_000, d: 10, k: 3, threads: 2, runs: 5, beside: "flexmix", seed: 20240502 }],
  poisson: stepsOf("poisson"),
  logistic: stepsOf("logistic"),
  wide,
  images: [
    { name: "images", n: 60_000, d: 785, k: 2, threads: 1, runs: 15, beside: "numpy", floor: 1 },
    { name: "images", n: 60_000, d: 785, k: 2, threads: 2, runs: 15, beside: "numpy", floor: 1.05 },
  ],
  eigenvalues: [eigenvalues(60, 31), eigenvalues(200, 15), eigenvalues(500, 5)],
  // The coding, and the reading of as many rows, beside a step of them.
  tables: [
    { name: "read", n: 1_000_000, d: 11, k: 1, threads: 1, runs: 5, beside: "pandas" },
    { name: "read", n: 100_000, d: 13, k: 1, threads: 1, runs: 15, beside: "pandas", labels: 2 },
    { name: "code", n: 100_000, d: 13, k: 3, threads: 1, runs: 15, labels: 2 },
    step(100_000, 26, 3, 1, 15),
  ],
  // Many experts, of which a row may belong to two.
  sparse: [{ name: "sparse", n: 100_000, d: 10, k: 64, threads: 2, runs: 5 }],
  growth: [
    ...[1_000, 10_000, 100_000, 1_000_000].flatMap((n) => [1, 2].map((threads) => step(n, 10, 3, threads, 9))),
    ...[1, 2].map((threads) => step(10_000_000, 10, 3, threads, 3)),
    ...[2, 5, 10, 20, 50, 100, 200].flatMap((d) => [1, 2].map((threads) => step(20_000, d, 3, threads, 7))),
    ...[2, 4, 8, 16].flatMap((k) => [1, 2].map((threads) => step(20_000, 10, k, threads, 7))),
  ],
};

/**
 * Times cases in turn; rows are drawn anew only when they are to be others.
 *
 * @param now a clock, in milliseconds
 * @param rowsOf where a case takes its rows from; default: they are drawn
 * @param imagesOf where a case takes its images from; default: they are random bytes
 */
export function* bench(
  cases: readonly BenchCase[],
  now: () => number,
  rowsOf: (of: BenchCase) => BenchProblem = benchProblem,
  imagesOf: (of: BenchCase) => ImageProblem = randomImages,
): Generator<{ row: BenchRow; of: BenchCase }> {
  let drawn: { readonly of: BenchCase; readonly problem: BenchProblem } | undefined;
  let images: { readonly of: BenchCase; readonly problem: ImageProblem } | undefined;
  for (const of of cases) {
    const { name, runs, n, d, k, threads, experts, classes } = of;
    const size = { n, d, k, threads, ...(experts && { experts }), ...(classes && { classes }) };
    if (name === "eigenvalues") yield { row: benchEigenvalues(size, runs, now), of };
    else if (name === "read" || name === "code") {
      const table = { ...size, ...(of.labels !== undefined && { labels: of.labels }) };
      yield { row: (name === "read" ? benchRead : benchCode)(table, runs, now), of };
    } else if (name === "images") {
      if (!isOf(images, of)) images = { of, problem: imagesOf(of) };
      yield { row: benchImages(images.problem, size, runs, now), of };
    } else {
      if (!isOf(drawn, of)) drawn = { of, problem: rowsOf(of) };
      const timed = name === "fit" ? benchFit : name === "sparse" ? benchSparse : benchStep;
      yield { row: timed(drawn.problem, size, runs, now), of };
    }
  }
}

function isOf<Drawn extends { readonly of: BenchCase }>(
  drawn: Drawn | undefined,
  { name, n, d, k, seed, experts, classes }: BenchCase,
): drawn is Drawn {
  const of = drawn?.of;
  return (
    of?.name === name &&
    of.n === n &&
    of.d === d &&
    of.k === k &&
    of.seed === seed &&
    of.experts === experts &&
    of.classes === classes
  );
}
