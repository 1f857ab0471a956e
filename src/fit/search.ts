import type { Result } from "../algorithms/iterate.ts";
import { SAME, type StartReport, searchOf } from "./evidence.ts";

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
/** Chance of a new maximum above which more starts are drawn, so many at a time, where that is left to the search. */
export const UNSURE = 0.1;
const MORE_STARTS = 10;
/** How many more are drawn before any is made. */
const BEFORE_MADE = 20;
/** Chance of a new maximum above which starts are made, too: sixteen starts that all lead to one maximum are below it. */
const UNLIKELY = 0.03;

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
  /** The most there are, drawn or made, while a new maximum is not unlikely. */
  readonly most: number;
  /** How many of the first are not drawn, but begin where fits of other numbers of experts lead to; default: none. */
  readonly warm?: number;
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
 * Where the number of starts is left to the search, ten more are drawn at a time while the chance of a new maximum is above 10 %, up
 * to twenty. Others are then made from the highest, and from one of those in turn where it leads higher; while a new maximum is
 * likely, from the next highest maxima, too, and where none can be made of these, more are drawn. None is made where the chance of
 * a new maximum is below 3 %, as where 16 starts or more have settled, all at one maximum.
 *
 * @param run runs the start of this number, from where it stood before if it ran, and yields every step of it
 * @param make where starts begin that are made from a run's end
 * @returns the best run, if any came to something, and how each start ended
 * @remarks the short-run scheme of Biernacki, Celeux and Govaert 2003.
 */
export function* multistart<R extends Run, Step>(
  { first, most, warm = 0 }: StartCount,
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
  const parents = new Map<number, number>();
  const isLikely = (chance: number): boolean =>
    unseenBy(runs.slice(warm).filter((_, at) => !parents.has(warm + at))) > chance;
  // Where the number of starts is left to the search, none is run after one that no other can stand above.
  const isOver = (): boolean => most > first && runs.some(({ isSupreme }) => isSupreme);
  let isProbed = false;
  const drawn = function* (atMost: number): Generator<Step, void, void> {
    while (!isOver() && (runs.length < first || (runs.length < atMost && isLikely(UNSURE)))) {
      const until = runs.length < first ? first : Math.min(atMost, runs.length + MORE_STARTS);
      while (runs.length < until && !isOver()) {
        const at = runs.push(yield* run(runs.length, shortRun)) - 1;
        if (isOneRun || isProbed || !runs[at].mayBeSupreme) continue;
        isProbed = true;
        runs[at] = yield* run(at, { ...shortRun, ...long, maxIterations: PROBE }, runs[at]);
      }
    }
    if (!isOneRun) yield* runOn(runs, run, untilNear);
  };
  yield* drawn(Math.min(most, first + BEFORE_MADE));
  if (most > first && !isOver() && isLikely(UNLIKELY)) {
    yield* climbOn({ runs, parents, most, areMore: isLikely(UNSURE) }, run, make, shortRun, untilNear);
    yield* drawn(most);
  }
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
    return { ...report, ...(madeFrom !== undefined && { madeFrom }), ...(start < warm && { isWarm: true }) };
  };
  return { best, reports: runs.map(reportOf) };
}

/** Starts of a search: how each ran, which were made, from which, how many there may be, and whether more than the highest lead on. */
interface Climbed<R> {
  readonly runs: R[];
  readonly parents: Map<number, number>;
  readonly most: number;
  readonly areMore: boolean;
}

/** Runs starts that are made from the highest, anew from each that leads higher, and from the next maxima in turn. */
function* climbOn<R extends Run, Step>(
  { runs, parents, most, areMore }: Climbed<R>,
  run: RunStart<R, Step>,
  make: MakeStarts<R>,
  shortRun: StopRule,
  untilNear: StopRule,
): Generator<Step, void, void> {
  const tried: number[] = [];
  while (runs.length < most) {
    const order = standing(runs);
    const from = order.find((start) => tried.every((other) => !isSame(runs[start], runs[other])));
    if (from === undefined || (from !== order[0] && !areMore)) break;
    tried.push(from);
    const highest = runs[order[0]];
    for (const begin of make(runs[from], runs.length)) {
      const at = runs.push(yield* run(runs.length, shortRun, undefined, begin)) - 1;
      parents.set(at, from);
      if (isAbove(runs[at], highest) || runs.length === most) break;
    }
    yield* runOn(runs, run, untilNear);
  }
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

/** The chance that another start leads to a new maximum, by those that were drawn. */
function unseenBy(drawn: readonly Run[]): number {
  return searchOf(
    drawn.map(({ report }) => report),
    false,
  ).unseen;
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
