import { availableParallelism } from "node:os";
import { benchEigen, benchSpectrum } from "./bench-eigenvalues.ts";
import { benchImages, type ImageProblem, randomImages } from "./bench-images.ts";
import { benchCommand, benchFigure, type CommandSize, type FigureSize } from "./bench-programs.ts";
import { type BenchProblem, type BenchRow, benchFit, benchProblem, benchStep } from "./bench-rows.ts";
import { benchSparse } from "./bench-sparse.ts";
import { benchCode, benchRead, type TableSize } from "./bench-tables.ts";

/** One line of the table of speeds. */
export interface BenchCase extends TableSize, CommandSize, Pick<Partial<FigureSize>, "figure"> {
  readonly name: BenchRow["name"];
  readonly runs: number;
  /** What it is timed beside. */
  readonly beside?: "numpy" | "jax" | "scipy" | "flexmix" | "pandas";
  /** How many times as fast as that it is to be. */
  readonly floor?: number;
  /** Of the rows that both sides of a fit read. */
  readonly seed?: number;
}

const step = (n: number, d: number, k: number, threads: number, runs: number): BenchCase => {
  return { name: "step", n, d, k, threads, runs };
};

/** Steps of three experts beside numpy, of one thread and of two. */
const besideNumpy = (size: Pick<BenchCase, "n" | "d" | "runs" | "experts" | "classes">): BenchCase[] =>
  [1, 2].map((threads) => ({ name: "step", k: 3, threads, beside: "numpy", ...size }));

/** The sizes at which other experts than linear ones are timed. */
const stepsOf = (experts: "poisson" | "logistic"): BenchCase[] =>
  [
    { n: 100_000, d: 10, runs: 15 },
    { n: 50_000, d: 50, runs: 7 },
    { n: 20_000, d: 100, runs: 7 },
  ].flatMap((size) => besideNumpy({ ...size, experts }));

const eigen = (name: "eigenvalues" | "eigenvectors", p: number, runs: number): BenchCase => {
  return { name, n: p, d: p, k: 1, threads: 1, runs, beside: "scipy" };
};

/** Rows of a step beside JAX on the CPU. */
const besideJax = (n: number, d: number, runs: number): BenchCase => ({ ...step(n, d, 3, 1, runs), beside: "jax" });

/** Threads of a command are as many as there are cores. */
const command = (n: number, d: number, k: number, of: Partial<BenchCase>): BenchCase => {
  return { name: "command", n, d, k, threads: availableParallelism(), runs: 3, ...of };
};

const figure = (which: "first" | "later" | "page", runs: number): BenchCase => {
  return { name: "figure", figure: which, n: 40, d: 1, k: 1, threads: 1, runs };
};

/** Steps of more coefficients than a Hessian is made of. */
const wide = [
  { n: 4_000, d: 500 },
  { n: 10_000, d: 50, experts: "logistic" as const, classes: 10 },
  { n: 5_000, d: 100, experts: "logistic" as const, classes: 10 },
].flatMap((size) => besideNumpy({ ...size, runs: 7 }));

/**
 * Against the baselines: steps, whole fits, commands, a pass over images, eigenvalues, spectra, CSV files and their coding;
 * figures; and how cost grows with rows, columns, experts, labels and parameters.
 */
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
  logistic: [
    ...stepsOf("logistic"),
    ...besideNumpy({ n: 20_000, d: 200, runs: 3, experts: "logistic" }),
    ...besideNumpy({ n: 20_000, d: 40, runs: 5, experts: "logistic", classes: 10 }),
  ],
  columns: [...besideNumpy({ n: 20_000, d: 100, runs: 7 }), ...besideNumpy({ n: 20_000, d: 200, runs: 5 })],
  jax: [besideJax(100_000, 10, 15), besideJax(20_000, 50, 7), besideJax(20_000, 200, 5)],
  wide,
  images: [
    { name: "images", n: 60_000, d: 785, k: 2, threads: 1, runs: 15, beside: "numpy", floor: 1 },
    { name: "images", n: 60_000, d: 785, k: 2, threads: 2, runs: 15, beside: "numpy", floor: 1.05 },
  ],
  eigenvalues: [eigen("eigenvalues", 60, 31), eigen("eigenvalues", 200, 15), eigen("eigenvalues", 500, 5)],
  // The last has 508 parameters.
  spectrum: [
    ...[60, 200, 500].map((p) => eigen("eigenvectors", p, 5)),
    { name: "spectrum", n: 5_000, d: 101, k: 3, threads: 1, runs: 3, beside: "numpy" },
  ],
  // What somebody waits for at a command line, with all defaults.
  commands: [
    command(150, 5, 2, { dataset: "iris", experts: "logistic" }),
    command(178, 14, 2, { dataset: "wine", experts: "logistic" }),
    command(10_000, 4, 2, { beside: "flexmix" }),
    command(10_000, 4, 3, { beside: "flexmix" }),
    command(400, 2, 2, { experts: "logistic", classes: 50, runs: 1 }),
  ],
  figures: [figure("first", 3), figure("later", 15), figure("page", 15)],
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
    ...[2, 4, 8, 16].flatMap((classes) =>
      [1, 2].map((threads): BenchCase => ({ ...step(20_000, 10, 3, threads, 5), experts: "logistic", classes })),
    ),
    ...[30, 60, 120, 240, 480].map((p): BenchCase => ({ name: "eigenvectors", n: p, d: p, k: 1, threads: 1, runs: 5 })),
  ],
};

/** What is timed of rows that are drawn. */
const OF_ROWS = { step: benchStep, fit: benchFit, sparse: benchSparse, spectrum: benchSpectrum };

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
    const { name, runs, n, d, k, threads, experts, classes, dataset, figure } = of;
    const size = { n, d, k, threads, ...(experts && { experts }), ...(classes && { classes }) };
    if (name === "eigenvalues" || name === "eigenvectors") yield { row: benchEigen(name, size, runs, now), of };
    else if (name === "command") yield { row: benchCommand({ ...size, ...(dataset && { dataset }) }, runs, now), of };
    else if (name === "figure") yield { row: benchFigure({ ...size, figure: figure ?? "first" }, runs), of };
    else if (name === "read" || name === "code") {
      const table = { ...size, ...(of.labels !== undefined && { labels: of.labels }) };
      yield { row: (name === "read" ? benchRead : benchCode)(table, runs, now), of };
    } else if (name === "images") {
      if (!isOf(images, of)) images = { of, problem: imagesOf(of) };
      yield { row: benchImages(images.problem, size, runs, now), of };
    } else {
      if (!isOf(drawn, of)) drawn = { of, problem: rowsOf(of) };
      yield { row: OF_ROWS[name](drawn.problem, size, runs, now), of };
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
