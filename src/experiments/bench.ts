import { benchImages, type ImageProblem, randomImages } from "./bench-images.ts";
import { type BenchProblem, type BenchRow, type BenchSize, benchFit, benchProblem, benchStep } from "./bench-rows.ts";

/** One line of the table of speeds. */
export interface BenchCase extends BenchSize {
  readonly name: BenchRow["name"];
  readonly runs: number;
  /** How many times as fast as the baseline it is to be, where there is one. */
  readonly floor?: number;
}

const step = (n: number, d: number, k: number, threads: number, runs: number, floor?: number): BenchCase => {
  return { name: "step", n, d, k, threads, runs, ...(floor && { floor }) };
};

/** Against the baseline; a whole fit; a pass over images; how cost grows with rows, columns and experts; and the largest. */
export const BENCH_GROUPS: Readonly<Record<string, readonly BenchCase[]>> = {
  baseline: [
    step(100_000, 10, 3, 1, 31, 3),
    step(100_000, 10, 3, 2, 31, 4),
    step(1_000_000, 10, 3, 1, 9, 3),
    step(1_000_000, 10, 3, 2, 9, 4),
    step(100_000, 50, 4, 1, 15, 0.9),
    step(100_000, 50, 4, 2, 15, 0.9),
  ],
  fit: [{ name: "fit", n: 1_000_000, d: 10, k: 3, threads: 2, runs: 3, floor: 2.5 }],
  images: [
    { name: "images", n: 60_000, d: 785, k: 2, threads: 1, runs: 15, floor: 1 },
    { name: "images", n: 60_000, d: 785, k: 2, threads: 2, runs: 15, floor: 1.05 },
  ],
  growth: [
    ...[1_000, 10_000, 100_000, 1_000_000].flatMap((n) => [1, 2].map((threads) => step(n, 10, 3, threads, 9))),
    ...[2, 5, 20, 50, 100, 200].flatMap((d) => [1, 2].map((threads) => step(20_000, d, 3, threads, 7))),
    ...[2, 4, 8, 16].flatMap((k) => [1, 2].map((threads) => step(20_000, 10, k, threads, 7))),
  ],
  largest: [1, 2].map((threads) => step(10_000_000, 10, 3, threads, 3)),
};

/**
 * Times cases in turn; rows are drawn anew only when the size changes.
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
  let drawn: { readonly of: BenchSize; readonly problem: BenchProblem } | undefined;
  let images: { readonly of: BenchSize; readonly problem: ImageProblem } | undefined;
  for (const of of cases) {
    const { name, runs, n, d, k, threads } = of;
    const size = { n, d, k, threads };
    if (name === "images") {
      if (!isOf(images, of)) images = { of, problem: imagesOf(of) };
      yield { row: benchImages(images.problem, size, runs, now), of };
    } else {
      if (!isOf(drawn, of)) drawn = { of, problem: rowsOf(of) };
      yield { row: (name === "fit" ? benchFit : benchStep)(drawn.problem, size, runs, now), of };
    }
  }
}

function isOf<Drawn extends { readonly of: BenchSize }>(
  drawn: Drawn | undefined,
  { n, d, k }: BenchSize,
): drawn is Drawn {
  return drawn !== undefined && drawn.of.n === n && drawn.of.d === d && drawn.of.k === k;
}
