import { type Curve, curvePlot } from "../../display/curve-plot.ts";
import type { Figure } from "../../display/figure.ts";
import type { BenchRow } from "./bench-rows.ts";

const SIZES = ["n", "d", "k"] as const;

/** One way in which a step grows while its other sizes stay. */
interface Growth {
  readonly name: string;
  readonly by: (typeof SIZES)[number];
  /** The power of the size that the time of large steps is in proportion to. */
  readonly power: number;
}

const GROWTHS: readonly Growth[] = [
  { name: "rows", by: "n", power: 1 },
  { name: "columns", by: "d", power: 2 },
  { name: "experts", by: "k", power: 2 },
];

/**
 * Seconds of a step by rows, by columns and by experts, on logarithmic axes: a curve for each number of threads, and the
 * line through the last point of the first that large steps follow.
 *
 * @returns by name, those for which there are steps of two sizes or more that differ in nothing else
 */
export function growthFigures(rows: readonly BenchRow[]): Readonly<Record<string, Figure>> {
  const figures = GROWTHS.flatMap((growth): [string, Figure][] => {
    const steps = longestRun(growth.by, rows);
    const curves = growthCurves(growth, steps);
    if (curves.length === 0) return [];
    const others = GROWTHS.filter((other) => other !== growth).map(({ name, by }) => `${steps[0][by]} ${name}`);
    const title = `An EM step by ${growth.name}, of ${others.join(" and ")}`;
    return [[growth.name, curvePlot(curves, { title, x: growth.name, y: "seconds", logarithmic: "both" })]];
  });
  return Object.fromEntries(figures);
}

function growthCurves({ name, by, power }: Growth, steps: readonly BenchRow[]): Curve[] {
  const threads = [...new Set(steps.map((row) => row.threads))];
  const curves = threads.map((count) => {
    const points = steps.filter((row) => row.threads === count).sort((a, b) => a[by] - b[by]);
    const x = points.map((row) => row[by]);
    return { name: `${count} thread${count === 1 ? "" : "s"}`, x, y: points.map((row) => row.medianMs / 1000) };
  });
  const [first] = curves;
  if (first === undefined || first.x.length < 2) return [];
  const [end, last] = [first.x.at(-1)!, first.y.at(-1)!];
  const line = { name: `in proportion to ${name}${power === 2 ? "²" : ""}`, x: first.x };
  return [...curves, { ...line, y: first.x.map((size) => last * (size / end) ** power) }];
}

/** Of the steps that differ in one size at the most, those of the most sizes. */
function longestRun(by: Growth["by"], rows: readonly BenchRow[]): BenchRow[] {
  const runs = new Map<string, Map<string, BenchRow>>();
  for (const row of rows) {
    if (row.name !== "step") continue;
    const others = SIZES.filter((size) => size !== by).map((size) => row[size]);
    const run = runs.get(others.join()) ?? new Map<string, BenchRow>();
    runs.set(others.join(), run.set(`${row[by]},${row.threads}`, row));
  }
  const [longest] = [...runs.values()].sort((a, b) => b.size - a.size);
  return [...(longest?.values() ?? [])];
}
