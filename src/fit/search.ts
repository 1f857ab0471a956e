import type { Result } from "../algorithms/iterate.ts";
import type { Evaluation } from "../models/model.ts";

/** How one start ended. */
export interface StartReport extends Evaluation {
  readonly iterations: number;
  /** How its run ended; `outrun` where it was ended early, settled or not, because another start stands higher. */
  readonly result: Result | "outrun";
  /** Whether the start came within 0.1 standard errors of a maximum; if it was not the best it went no further. */
  readonly settled: boolean;
  /** What happened and what to do about it; empty when the start converged and there is nothing to say. */
  readonly message: string;
  /** Number of the start, from 0, from whose end it was made; absent where it was drawn. */
  readonly madeFrom?: number;
}

/** Evidence of the starts about the maximum that was found. */
export interface Search {
  /** Starts that were run. */
  readonly starts: number;
  /** Starts that settled at a maximum. */
  readonly settled: number;
  /** How many of them settled at the one that was taken: the highest that is not spurious. */
  readonly reached: number;
  /** Different maxima among those they settled at. */
  readonly maxima: number;
  /**
   * Chance that one more start leads to a maximum not seen yet, w(w + 1)/(n(n − 1)) for n starts that were drawn and
   * settled, at w maxima; 1 where so few starts say nothing, 0 for one expert, which has a single maximum, and where every label is predicted with
   * certainty.
   */
  readonly unseen: number;
  /** All this in a sentence. */
  readonly summary: string;
}

/** Distance at which a start has settled, that is, come near convergence, in standard errors from its limit. */
export const NEAR_CONVERGENCE = 0.1;
/** Steps of the first, short run of each start that settles. */
export const SHORT_RUN = 100;
/** Steps that a start runs on when it has not settled by then: accelerated, as those of a fit are, most settle in these. */
const SETTLING = 50;
/** Starts that run on when they stand highest but have not settled. */
const FINALISTS = 3;
/** Steps of the first start that may yet come to where no other can stand higher. */
const PROBE = 3 * SHORT_RUN;
/** Two settled starts whose objectives differ by less, in nats, are at one maximum: 0.1 standard errors are 0.005. */
export const SAME = 0.02;
/** Chance of a new maximum above which more starts are drawn, so many at a time, where that is left to the search. */
export const UNSURE = 0.1;
const MORE_STARTS = 10;
/** Chance of a new maximum above which starts are made, too: fifteen starts that all lead to one maximum are below it. */
const UNLIKELY = 0.01;
/** The most starts that are made: with those that are drawn four times as many as at first. */
const MADE = 40;

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
}

/** When a run stops. */
export interface StopRule {
  readonly tolerance: number;
  readonly maxIterations: number;
  /** Whether it is meant to end at a limit, and not only to show where a start leads. */
  readonly isLong: boolean;
}

/** Parameters that a start begins at, or why it can't. */
export type Beginning = Float64Array | string;

/**
 * Runs the start of a number until a rule stops it; `before` is how it ran until an earlier one did, `begin` where one begins
 * that is not drawn.
 */
type RunStart<R, Step> = (start: number, stopRule: StopRule, before?: R, begin?: Beginning) => Generator<Step, R, void>;

/** How many starts there are. */
export interface StartCount {
  readonly first: number;
  /** The most that are drawn while the chance of a new maximum is above 10 %, ten at a time. */
  readonly most: number;
}

/** Makes starts beside the highest so far that may lead higher; `number` is that of the first of them. */
export type MakeStarts<R> = (leader: R, number: number) => Iterable<Beginning>;

/**
 * Many short runs, then few long ones: the best start runs until it converges, the others only until it is clear where
 * they lead.
 *
 * Every start runs for 150 steps, or until it has settled within 0.1 standard errors of its limit; the first that may yet
 * show that no start can stand higher, for 300, since it would end the search. Of the three that
 * stand highest those that have not settled, and may yet rise above all that have, run on until they do. The highest then
 * runs on to the end; where it fails there (a variance collapses), or turns out to lead to a spurious maximum,
 * the next takes its place. Interior maxima come before spurious ones.
 *
 * Where the number of starts is left to the search, further ones are made from the highest, and from one of those in turn
 * where it leads higher; while a new maximum is likely, from the next highest maxima, too, up to 40. None is made where the chance that a start finds a new maximum is below 1 %, as where 15 or more have
 * settled, all at one maximum. Starts that come to two maxima or more leave it above that up to 24, and are not enough.
 *
 * @param run runs the start of this number, from where it stood before if it ran, and yields every step of it
 * @param make where starts begin that are made from a run's end
 * @returns the best run, if any came to something, and how each start ended
 * @remarks the short-run scheme of Biernacki, Celeux and Govaert 2003.
 */
export function* multistart<R extends Run, Step>(
  { first, most }: StartCount,
  run: RunStart<R, Step>,
  long: Omit<StopRule, "isLong">,
  make: MakeStarts<R> = () => [],
): Generator<Step, { readonly best: R | undefined; readonly reports: readonly StartReport[] }, void> {
  const untilConverged: StopRule = { ...long, isLong: true };
  const untilNear: StopRule = { ...untilConverged, tolerance: Math.max(long.tolerance, NEAR_CONVERGENCE) };
  const isOneRun = most === 1 || long.maxIterations <= SHORT_RUN;
  const steps = Math.min(SHORT_RUN + SETTLING, long.maxIterations);
  const shortRun: StopRule = isOneRun ? untilConverged : { ...untilNear, maxIterations: steps, isLong: false };
  const runs: R[] = [];
  let isProbed = false;
  // Where the number of starts is left to the search, none is run after one that no other can stand above.
  const isOver = (): boolean => most > first && runs.some(({ isSupreme }) => isSupreme);
  while (!isOver() && (runs.length < first || (runs.length < most && isLikelier(runs, UNSURE)))) {
    const until = runs.length < first ? first : Math.min(most, runs.length + MORE_STARTS);
    while (runs.length < until && !isOver()) {
      const at = runs.push(yield* run(runs.length, shortRun)) - 1;
      if (isOneRun || isProbed || !runs[at].mayBeSupreme) continue;
      isProbed = true;
      runs[at] = yield* run(at, { ...shortRun, ...long, maxIterations: PROBE }, runs[at]);
    }
  }
  if (!isOneRun) yield* runOn(runs, run, untilNear);
  const isMade = most > first && !isOver() && isLikelier(runs, UNLIKELY);
  const parents = isMade ? yield* climbOn(runs, run, make, shortRun, untilNear) : new Map();
  const finished = new Set<number>(isOneRun ? runs.keys() : []);
  let [leader] = standing(runs);
  for (; leader !== undefined && !finished.has(leader); [leader] = standing(runs)) {
    runs[leader] = yield* run(leader, untilConverged, runs[leader]);
    finished.add(leader);
  }
  const best = leader === undefined ? undefined : runs[leader];
  const hasRun = (start: number): boolean => finished.has(start) || isWhole(runs[start].report, long);
  const reportOf = (each: R, start: number): StartReport => {
    const report = hasRun(start) ? each.report : abandoned(each);
    const madeFrom = parents.get(start);
    return madeFrom === undefined ? report : { ...report, madeFrom };
  };
  return { best, reports: runs.map(reportOf) };
}

/**
 * Runs starts that are made from the highest, anew from each that leads higher, and from the next maxima in turn while a new one
 * is likely; for each the start that it was made from.
 */
function* climbOn<R extends Run, Step>(
  runs: R[],
  run: RunStart<R, Step>,
  make: MakeStarts<R>,
  shortRun: StopRule,
  untilNear: StopRule,
): Generator<Step, ReadonlyMap<number, number>, void> {
  const parents = new Map<number, number>();
  const tried: number[] = [];
  const areMore = isLikelier(runs, UNSURE);
  while (parents.size < MADE) {
    const order = standing(runs);
    const from = order.find((start) => tried.every((other) => !isSame(runs[start], runs[other])));
    if (from === undefined || (from !== order[0] && !areMore)) break;
    tried.push(from);
    const highest = runs[order[0]];
    for (const begin of make(runs[from], runs.length)) {
      const at = runs.push(yield* run(runs.length, shortRun, undefined, begin)) - 1;
      parents.set(at, from);
      if (isAbove(runs[at], highest) || parents.size === MADE) break;
    }
    yield* runOn(runs, run, untilNear);
  }
  return parents;
}

function isSame({ report }: Run, other: Run): boolean {
  return Math.abs(report.objective - other.report.objective) <= SAME;
}

/** Whether a run has come to a higher maximum than another, which no interior one is above if it is spurious. */
function isAbove({ report, spurious }: Run, other: Run): boolean {
  if (!isAlive(report) || (spurious !== undefined && other.spurious === undefined)) return false;
  return (spurious === undefined && other.spurious !== undefined) || report.objective > other.report.objective + SAME;
}

/** Runs those on that stand high and have not settled. */
function* runOn<R extends Run, Step>(
  runs: R[],
  run: RunStart<R, Step>,
  untilNear: StopRule,
): Generator<Step, void, void> {
  for (const start of standing(runs).slice(0, FINALISTS)) {
    const { report, distance } = runs[start];
    const highest = runs.reduce(
      (top, { report: { settled, objective } }) => (settled ? Math.max(top, objective) : top),
      -Infinity,
    );
    // Half the squared distance is what is left to gain, by an estimate that may fall short.
    if (!report.settled && !(report.objective + distance ** 2 < highest))
      runs[start] = yield* run(start, untilNear, runs[start]);
  }
}

/** The runs that came to something, by number: interior before spurious, the highest first. */
function standing(runs: readonly Run[]): number[] {
  const order = (start: number): number => (runs[start].spurious === undefined ? 0 : 1);
  return Array.from(runs.keys())
    .filter((start) => isAlive(runs[start].report))
    .sort((a, b) => order(a) - order(b) || runs[b].report.objective - runs[a].report.objective);
}

/** Whether the chance that another start leads to a new maximum is above `chance`. */
function isLikelier(runs: readonly Run[], chance: number): boolean {
  const reports = runs.map(({ report }) => report);
  return searchOf(reports, false).unseen > chance;
}

function isAlive({ result }: Run["report"]): boolean {
  return result === "converged" || result === "max-iterations";
}

/** Whether a run that was to end near convergence went as far as that of the best would have. */
function isWhole(
  { result, iterations }: Run["report"],
  { tolerance, maxIterations }: Omit<StopRule, "isLong">,
): boolean {
  if (result === "converged") return tolerance >= NEAR_CONVERGENCE;
  return result === "max-iterations" ? iterations >= maxIterations : true;
}

function abandoned({ report, spurious }: Run): StartReport {
  if (spurious !== undefined) {
    const message = "Ended at a spurious maximum, where a few rows make an expert: interior ones come first.";
    return { ...report, result: "outrun", message };
  }
  const message = report.settled
    ? `Stopped within ${NEAR_CONVERGENCE} standard errors of its limit: another start stands higher.`
    : `Stopped after ${report.iterations} steps: other starts stand higher.`;
  return { ...report, result: "outrun", message };
}

/**
 * What starts say of the best of them; the chance of a new maximum is that of starts which are drawn, and told by those.
 *
 * @param isOnly whether another start can't find a higher maximum
 * @param best objective of the start that was taken; default: the highest of those that settled
 */
export function searchOf(reports: readonly StartReport[], isOnly: boolean, best?: number): Search {
  const objectives = heights(reports);
  const reached = objectives.filter((value) => Math.abs((best ?? objectives[0]) - value) <= SAME).length;
  const drawn = heights(reports.filter(({ madeFrom }) => madeFrom === undefined));
  const [n, w] = [drawn.length, different(drawn)];
  // Boender and Rinnooy Kan 1987: the posterior expectation of the basins not yet seen, all mixes of basins alike.
  const unseen = n > w ? Math.min(1, (w * (w + 1)) / (n * (n - 1))) : 1;
  const evidence = { settled: objectives.length, reached, maxima: different(objectives), unseen: isOnly ? 0 : unseen };
  const found = { starts: reports.length, ...evidence };
  return { ...found, summary: inWords(found) };
}

/** Objectives of those that settled, the highest first. */
function heights(reports: readonly StartReport[]): number[] {
  return reports
    .filter(({ settled }) => settled)
    .map(({ objective }) => objective)
    .sort((a, b) => b - a);
}

/** Different maxima among objectives that fall. */
function different(objectives: readonly number[]): number {
  return objectives.filter((value, at) => at === 0 || objectives[at - 1] - value > SAME).length;
}

function inWords({ starts, reached, maxima, unseen }: Omit<Search, "summary">): string {
  const others = maxima > 1 ? `, others at ${maxima - 1} other${maxima === 2 ? "" : "s"}` : "";
  const chance = unseen === 1 ? "unknown" : unseen < 0.005 ? "below 1 %" : `about ${(100 * unseen).toFixed(0)} %`;
  return `${reached} of ${starts} starts came to this maximum${others}; chance that another start finds a new one: ${chance}`;
}
