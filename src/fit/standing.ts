import type { Result } from "../algorithms/iterate.ts";
import { SAME, type StartReport } from "./evidence.ts";

/** A run from one start. */
export interface Run {
  readonly report: StartReport & { readonly result: Result };
  /** Estimated distance to the limit, in standard errors; NaN while unknown. */
  readonly distance: number;
  /** A spurious maximum, if it is one: whatever its height, it comes after all that are interior. */
  readonly spurious?: unknown;
  /** Whether no other start can stand higher. */
  readonly isSupreme?: boolean;
  /** Whether it has not settled, and may yet come to where no other can stand higher. */
  readonly mayBeSupreme?: boolean;
  /** Whether no expert has a finite maximum where it leads. */
  readonly isBoundless?: boolean;
}

/** The runs that came to something, by number: interior before spurious, the highest first. */
export function standing(runs: readonly Run[]): number[] {
  const order = (start: number): number => (runs[start].spurious === undefined ? 0 : 1);
  return Array.from(runs.keys())
    .filter((start) => isAlive(runs[start].report))
    .sort((a, b) => order(a) - order(b) || runs[b].report.objective - runs[a].report.objective);
}

/** One run at each height, by number: interior before spurious, the highest first. */
export function different(runs: readonly Run[]): number[] {
  return standing(runs).filter((start, at, all) => at === 0 || !isSame(runs[start], runs[all[at - 1]]));
}

export function isSame({ report }: Run, other: Run): boolean {
  return Math.abs(report.objective - other.report.objective) <= SAME;
}

/** Whether a run has come to a higher maximum than another, which no interior one is above if it is spurious. */
export function isAbove({ report, spurious }: Run, other: Run): boolean {
  if (!isAlive(report) || (spurious !== undefined && other.spurious === undefined)) return false;
  return (spurious === undefined && other.spurious !== undefined) || report.objective > other.report.objective + SAME;
}

/** Whether a run has not settled, and may yet rise above all that have. */
export function mayRise({ report, distance }: Run, runs: readonly Run[]): boolean {
  const heights = runs.map(({ report: { settled, objective } }) => (settled ? objective : Number.NEGATIVE_INFINITY));
  // Half the squared distance is what is left to gain, by an estimate that may fall short.
  return isAlive(report) && !report.settled && !(report.objective + distance ** 2 < Math.max(...heights));
}

function isAlive({ result }: Run["report"]): boolean {
  return result === "converged" || result === "max-iterations";
}
