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

/** Against the baseline; how cost grows with rows, columns and experts; and the largest. */
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
 */
export function* bench(
  cases: readonly BenchCase[],
  now: () => number,
  rowsOf: (of: BenchCase) => BenchProblem = benchProblem,
): Generator<{ row: BenchRow; of: BenchCase }> {
  let drawn: { readonly of: BenchSize; readonly problem: BenchProblem } | undefined;
  for (const of of cases) {
    const { name, runs, n, d, k, threads } = of;
    if (drawn === undefined || drawn.of.n !== n || drawn.of.d !== d || drawn.of.k !== k) {
      drawn = { of, problem: rowsOf(of) };
    }
    const time = name === "fit" ? benchFit : benchStep;
    yield { row: time(drawn.problem, { n, d, k, threads }, runs, now), of };
  }
}
