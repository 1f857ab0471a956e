import type { Evaluation } from "../models/model.ts";
import type { Result } from "./iterate.ts";

/** How one start ended. */
export interface StartReport extends Evaluation {
  readonly iterations: number;
  /** How its run ended; `outrun` where it was ended early, settled or not, because another start stands higher. */
  readonly result: Result | "outrun";
  /** Whether the start came within 0.1 standard errors of a maximum; if it was not the best it went no further. */
  readonly settled: boolean;
  /** What happened and what to do about it; empty when the start converged and there is nothing to say. */
  readonly message: string;
}

/** What the starts say of the maximum that was found. */
export interface Search {
  /** Starts that settled at a maximum. */
  readonly settled: number;
  /** How many of them settled at the highest. */
  readonly reached: number;
  /** Different maxima among those they settled at. */
  readonly maxima: number;
  /**
   * Chance that one more start leads to a maximum not seen yet, w(w + 1)/(n(n − 1)) for n settled starts at w maxima; 1
   * where so few starts say nothing, 0 for one expert, which has a single maximum.
   */
  readonly unseen: number;
}

/** Where a start counts as settled, in standard errors from its limit. */
export const SETTLED = 0.1;
/** Steps of the first, short run of each start. */
export const SHORT_RUN = 100;
/** Starts that run on when they stand highest but have not settled. */
const FINALISTS = 3;
/** Two settled starts whose objectives differ by less, in nats, are at one maximum: 0.1 standard errors are 0.005. */
const SAME = 0.02;

/** A run from one start. */
export interface Run {
  readonly report: StartReport & { readonly result: Result };
  /** Estimated distance to the limit, in standard errors; NaN while unknown. */
  readonly distance: number;
}

/** When a run stops. */
export interface Leg {
  readonly tolerance: number;
  readonly maxIterations: number;
}

/**
 * Many short runs, then few long ones: the best start runs until it converges, the others only until it is clear where
 * they lead.
 *
 * Every start runs for 100 steps, or until it has settled within 0.1 standard errors of its limit. Of the three that
 * stand highest those that have not settled, and may yet rise above all that have, run on until they do. The highest then
 * begins anew and runs to the end; where it fails there (a variance collapses), the next takes its place.
 *
 * @param count number of starts
 * @param run runs the start of this number, and yields every step of it
 * @returns the best run, if any came to something, and how each start ended
 * @remarks the short-run scheme of Biernacki, Celeux and Govaert 2003.
 */
export function* race<R extends Run, Step>(
  count: number,
  run: (start: number, leg: Leg) => Generator<Step, R, void>,
  long: Leg,
): Generator<Step, { readonly best: R | undefined; readonly reports: readonly StartReport[] }, void> {
  const numbers = Array.from({ length: count }, (_, start) => start);
  const settling: Leg = { ...long, tolerance: Math.max(long.tolerance, SETTLED) };
  const isOneRun = count === 1 || long.maxIterations <= SHORT_RUN;
  const first: Leg = isOneRun ? long : { ...settling, maxIterations: SHORT_RUN };
  const runs: R[] = [];
  for (const start of numbers) runs.push(yield* run(start, first));
  const standing = (): number[] =>
    numbers
      .filter((start) => isAlive(runs[start].report))
      .sort((a, b) => runs[b].report.objective - runs[a].report.objective);
  let [leader] = standing();
  if (!isOneRun) {
    for (const start of standing().slice(0, FINALISTS)) {
      const { report, distance } = runs[start];
      const highest = runs.reduce(
        (top, { report: { settled, objective } }) => (settled ? Math.max(top, objective) : top),
        -Infinity,
      );
      // Half the squared distance is what is left to gain, by an estimate that may fall short.
      if (!report.settled && !(report.objective + distance ** 2 < highest)) runs[start] = yield* run(start, settling);
    }
    for ([leader] = standing(); leader !== undefined; [leader] = standing()) {
      runs[leader] = yield* run(leader, long);
      if (isAlive(runs[leader].report)) break;
    }
  }
  const best = leader === undefined ? undefined : runs[leader];
  const hasRun = (start: number): boolean => isOneRun || start === leader || isWhole(runs[start].report, long);
  return { best, reports: runs.map(({ report }, start) => (hasRun(start) ? report : outrun(report))) };
}

function isAlive({ result }: Run["report"]): boolean {
  return result === "converged" || result === "max-iterations";
}

/** Whether a run that was to end where its start settles went as far as that of the best would have. */
function isWhole({ result, iterations }: Run["report"], { tolerance, maxIterations }: Leg): boolean {
  if (result === "converged") return tolerance >= SETTLED;
  return result === "max-iterations" ? iterations >= maxIterations : true;
}

function outrun(report: StartReport): StartReport {
  const message = report.settled
    ? `Stopped within ${SETTLED} standard errors of its limit: another start stands higher.`
    : `Stopped after ${report.iterations} steps: other starts stand higher.`;
  return { ...report, result: "outrun", message };
}

/**
 * What starts say of the best of them.
 *
 * @param reports of starts drawn alike
 * @param k number of experts
 */
export function searchOf(reports: readonly StartReport[], k: number): Search {
  const objectives = reports
    .filter(({ settled }) => settled)
    .map(({ objective }) => objective)
    .sort((a, b) => b - a);
  const settled = objectives.length;
  const maxima = objectives.filter((value, at) => at === 0 || objectives[at - 1] - value > SAME).length;
  const reached = objectives.filter((value) => objectives[0] - value <= SAME).length;
  // Boender and Rinnooy Kan 1987: the posterior expectation of the basins not yet seen, all mixes of basins alike.
  const unseen = settled > maxima ? Math.min(1, (maxima * (maxima + 1)) / (settled * (settled - 1))) : 1;
  return { settled, reached, maxima, unseen: k === 1 ? 0 : unseen };
}
