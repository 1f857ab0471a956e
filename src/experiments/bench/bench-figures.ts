import { type Curve, curvePlot } from "../../display/curve-plot.ts";
import type { Figure } from "../../display/figure.ts";
import type { BenchRow } from "./bench-rows.ts";

/** Sizes of what is timed, and what they are called. */
const SIZES = { n: "rows", d: "columns", k: "experts", classes: "labels" } as const;

/** One way in which what is timed grows while its other sizes stay. */
interface Growth {
  readonly name: string;
  readonly by: keyof typeof SIZES;
  readonly others: readonly (keyof typeof SIZES)[];
  /** The power of the size that the time of what is large is in proportion to. */
  readonly power: 1 | 2 | 3;
  /** What is timed, as a title has it, and which rows of the table it is. */
  readonly of: string;
  readonly isOne: (row: BenchRow) => boolean;
}

const LINEAR = {
  of: "An EM step",
  isOne: ({ name, experts }: BenchRow): boolean => name === "step" && experts === undefined,
};

const GROWTHS: readonly Growth[] = [
  { name: "rows", by: "n", others: ["d", "k"], power: 1, ...LINEAR },
  { name: "columns", by: "d", others: ["n", "k"], power: 2, ...LINEAR },
  { name: "experts", by: "k", others: ["n", "d"], power: 2, ...LINEAR },
  {
    name: "labels",
    by: "classes",
    others: ["n", "d", "k"],
    power: 2,
    of: "An EM step of logistic experts",
    isOne: ({ name, experts, classes }) => name === "step" && experts === "logistic" && classes !== undefined,
  },
  {
    name: "parameters",
    by: "n",
    others: [],
    power: 3,
    of: "Eigenvectors",
    isOne: ({ name }) => name === "eigenvectors",
  },
];

const LIST = new Intl.ListFormat("en-GB");
const POWERS = { 1: "", 2: "²", 3: "³" };

/**
 * Seconds of a step by rows, columns, experts and labels, and of eigenvectors by parameters, on logarithmic axes: a curve for
 * each number of threads, and the line through the last point of the first that what is large follows.
 *
 * @returns by name, those for which there are rows of two sizes or more that differ in nothing else
 */
export function growthFigures(rows: readonly BenchRow[]): Readonly<Record<string, Figure>> {
  const figures = GROWTHS.flatMap((growth): [string, Figure][] => {
    const { name, others, of } = growth;
    const longest = longestRun(growth, rows);
    const curves = growthCurves(growth, longest);
    if (curves.length === 0) return [];
    const sizes = others.map((size) => `${longest[0][size]} ${SIZES[size]}`);
    const title = `${of} by ${name}${sizes.length === 0 ? "" : `, of ${LIST.format(sizes)}`}`;
    return [[name, curvePlot(curves, { title, x: name, y: "seconds", logarithmic: "both" })]];
  });
  return Object.fromEntries(figures);
}

function growthCurves({ name, by, power }: Growth, rows: readonly BenchRow[]): Curve[] {
  const threads = [...new Set(rows.map((row) => row.threads))];
  const curves = threads.map((count) => {
    const points = rows.filter((row) => row.threads === count).sort((a, b) => sizeOf(a, by) - sizeOf(b, by));
    const x = points.map((row) => sizeOf(row, by));
    return { name: `${count} thread${count === 1 ? "" : "s"}`, x, y: points.map((row) => row.medianMs / 1000) };
  });
  const [first] = curves;
  if (first === undefined || first.x.length < 2) return [];
  const [end, last] = [first.x.at(-1)!, first.y.at(-1)!];
  const line = { name: `in proportion to ${name}${POWERS[power]}`, x: first.x };
  return [...curves, { ...line, y: first.x.map((size) => last * (size / end) ** power) }];
}

/** Of the rows that differ in one size at the most, those of the most sizes. */
function longestRun({ by, others, isOne }: Growth, rows: readonly BenchRow[]): BenchRow[] {
  const runs = new Map<string, Map<string, BenchRow>>();
  for (const row of rows.filter(isOne)) {
    const key = others.map((size) => row[size]).join();
    const run = runs.get(key) ?? new Map<string, BenchRow>();
    runs.set(key, run.set(`${row[by]},${row.threads}`, row));
  }
  const [longest] = [...runs.values()].sort((a, b) => b.size - a.size);
  return [...(longest?.values() ?? [])];
}

function sizeOf(row: BenchRow, by: Growth["by"]): number {
  return row[by] ?? 0;
}
