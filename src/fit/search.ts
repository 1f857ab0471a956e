import type { Failure } from "../laws/failure.ts";
import { type SearchEnd, type StartReport, searchOf } from "./evidence.ts";
import { different, isAbove, isSame, mayRise, type Run, standing } from "./standing.ts";

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
/** Steps after which a start that is made of two maxima runs on only where it may yet rise above the highest. */
const FIRST_LEG = 50;
/** Starts in a row that are made of two maxima and do not lead higher, after which no more are. */
const PATIENCE = 40;
/** Starts in which no expert has a finite maximum, after which there are no more: where they lead is a matter of their priors. */
const VAIN = 5;
/** Chance of a new maximum above which starts are made, too: sixteen starts that all lead to one maximum are below it. */
const UNLIKELY = 0.03;

/** When a run stops. */
export interface StopRule {
  readonly tolerance: number;
  readonly maxIterations: number;
  /** Whether it is meant to end at a limit, and not only to show where a start leads. */
  readonly isLong: boolean;
}

/** Parameters that a start begins at, or why it can't. */
export type Beginning = Float64Array | Failure;

/**
 * Runs the start of a number until a rule stops it; `before` is how it ran until an earlier one did, `begin` where one begins
 * that is not drawn.
 */
type RunStart<R, Step> = (start: number, stopRule: StopRule, before?: R, begin?: Beginning) => Generator<Step, R, void>;

/** How many starts there are. */
export interface StartCount {
  readonly first: number;
  /** The most there are, drawn or made from one other, while a new maximum is not unlikely. */
  readonly most: number;
  /** Steps of all starts together after which there are none but the first; default: any number. */
  readonly steps?: number;
  /** How many of the first are not drawn, but begin where fits of other numbers of experts lead to; default: none. */
  readonly warm?: number;
}

/** How starts are made that may lead higher; `number` is that of the first of them. */
export interface Makers<R> {
  /** Makes some from the end of one run. */
  readonly near: (leader: R, number: number) => Iterable<Beginning>;
  /** Makes one of the highest maximum and others, of which it is given a run each, the highest first; nothing where none can be made. */
  readonly beside: (maxima: readonly R[], number: number) => Beginning | undefined;
}

const NONE: Makers<unknown> = { near: () => [], beside: () => undefined };

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
 * a new maximum is below 3 %, as where 16 starts or more have settled, all at one maximum. Where it is still above 10 %, starts are
 * made of the highest maximum and another one, until 40 in a row do not lead higher. None but the first are run once all together have
 * taken `steps`, and none but five where no expert has a finite maximum in any of these.
 *
 * @param run runs the start of this number, from where it stood before if it ran, and yields every step of it
 * @param makers where starts begin that are made from runs' ends
 * @returns the best run, if any came to something, how each start ended, and what ended the search where more might lead higher
 * @remarks the short-run scheme of Biernacki, Celeux and Govaert 2003.
 */
export function* multistart<R extends Run, Step>(
  { first, most, steps = Number.POSITIVE_INFINITY, warm = 0 }: StartCount,
  asked: RunStart<R, Step>,
  long: Omit<StopRule, "isLong">,
  makers: Makers<R> = NONE,
): Generator<Step, Found<R>, void> {
  const isOneRun = most === 1 || long.maxIterations <= SHORT_RUN;
  const field = fieldOf<R, Step>(asked, long, { most, steps, isOneRun });
  const { runs, parents, run, shortRun } = field;
  const isLikely = (chance: number): boolean =>
    unseenBy(runs.slice(warm).filter((_, at) => !parents.has(warm + at))) > chance;
  // Where the number of starts is left to the search, none is run after one that no other can stand above, nor where all are vain.
  const isFree = most > first;
  const isSure = (): boolean => isFree && runs.some(({ isSupreme }) => isSupreme);
  const isVain = (): boolean =>
    isFree && runs.length >= Math.min(first, VAIN) && runs.every(({ isBoundless }) => isBoundless);
  const isOver = (): boolean => isSure() || isVain();
  const areMore = (): boolean => field.lasts() && isLikely(UNSURE);
  let isProbed = false;
  const drawn = function* (atMost: number): Generator<Step, void, void> {
    while (!isOver() && (runs.length < first || (runs.length < atMost && areMore()))) {
      const until = runs.length < first ? first : Math.min(atMost, runs.length + MORE_STARTS);
      while (runs.length < until && !isOver() && (runs.length < first || field.lasts())) {
        const at = runs.push(yield* run(runs.length, shortRun)) - 1;
        if (isOneRun || isProbed || !runs[at].mayBeSupreme) continue;
        isProbed = true;
        runs[at] = yield* run(at, { ...shortRun, ...long, maxIterations: PROBE }, runs[at]);
      }
    }
    if (!isOneRun) yield* runOn(field);
  };
  yield* drawn(Math.min(most, first + BEFORE_MADE));
  if (isFree && !isOver() && isLikely(UNLIKELY)) {
    yield* climbOn(field, makers, isLikely(UNSURE));
    yield* drawn(most);
    // Where runs are cut short there are no maxima to make starts of.
    if (!isOneRun && isLikely(UNSURE)) yield* crossOn(field, makers);
  }
  const isShort = isFree && !isSure() && isLikely(UNSURE);
  const end = isVain() ? "boundless" : field.lasts() ? undefined : "work";
  const finished = new Set<number>(isOneRun ? runs.keys() : []);
  let [leader] = standing(runs);
  for (; leader !== undefined && !finished.has(leader); [leader] = standing(runs)) {
    runs[leader] = yield* run(leader, field.untilConverged, runs[leader]);
    finished.add(leader);
  }
  const best = leader === undefined ? undefined : runs[leader];
  const hasRun = (start: number): boolean => finished.has(start) || isWhole(runs[start].report, long);
  const reportOf = (each: R, start: number): StartReport => {
    const report = hasRun(start) ? each.report : abandoned(each);
    const madeFrom = parents.get(start);
    return { ...report, ...(madeFrom !== undefined && { madeFrom }), ...(start < warm && { isWarm: true }) };
  };
  return { best, reports: runs.map(reportOf), end: isShort ? end : undefined };
}

/** What a search comes to: the best run, how each start ended, and what ended it where more starts might lead higher. */
export interface Found<R> {
  readonly best: R | undefined;
  readonly reports: readonly StartReport[];
  readonly end: SearchEnd | undefined;
}

/** A search on its way: how each start ran, which were made and from which, how one is run, and how many there may be. */
interface Field<R, Step> {
  readonly runs: R[];
  readonly parents: Map<number, number>;
  readonly most: number;
  /** Whether all starts together have steps left. */
  readonly lasts: () => boolean;
  readonly run: RunStart<R, Step>;
  readonly shortRun: StopRule;
  readonly untilNear: StopRule;
  readonly untilConverged: StopRule;
}

function fieldOf<R extends Run, Step>(
  asked: RunStart<R, Step>,
  long: Omit<StopRule, "isLong">,
  { most, steps, isOneRun }: { readonly most: number; readonly steps: number; readonly isOneRun: boolean },
): Field<R, Step> {
  let taken = 0;
  const run = function* (...which: Parameters<RunStart<R, Step>>): Generator<Step, R, void> {
    const going = asked(...which);
    for (;;) {
      const { done, value } = going.next();
      if (done) return value;
      taken++;
      yield value;
    }
  };
  const untilConverged: StopRule = { ...long, isLong: true };
  const untilNear: StopRule = { ...untilConverged, tolerance: Math.max(long.tolerance, NEAR_CONVERGENCE) };
  const maxIterations = Math.min(SHORT_RUN + SETTLING, long.maxIterations);
  const shortRun: StopRule = isOneRun ? untilConverged : { ...untilNear, maxIterations, isLong: false };
  return { runs: [], parents: new Map(), most, lasts: () => taken < steps, run, shortRun, untilNear, untilConverged };
}

/** Runs starts that are made from the highest, anew from each that leads higher, and from the next maxima in turn. */
function* climbOn<R extends Run, Step>(
  field: Field<R, Step>,
  { near }: Makers<R>,
  areMore: boolean,
): Generator<Step, void, void> {
  const { runs, parents, most, lasts, run, shortRun } = field;
  const tried: number[] = [];
  while (runs.length < most && lasts()) {
    const order = standing(runs);
    const from = order.find((start) => tried.every((other) => !isSame(runs[start], runs[other])));
    if (from === undefined || (from !== order[0] && !areMore)) break;
    tried.push(from);
    const highest = runs[order[0]];
    for (const begin of near(runs[from], runs.length)) {
      const at = runs.push(yield* run(runs.length, shortRun, undefined, begin)) - 1;
      parents.set(at, from);
      if (isAbove(runs[at], highest) || runs.length === most || !lasts()) break;
    }
    yield* runOn(field);
  }
}

/** Runs starts that are made of the highest maximum and another one, or of one that leads higher, until so many in a row do not. */
function* crossOn<R extends Run, Step>(field: Field<R, Step>, { beside }: Makers<R>): Generator<Step, void, void> {
  const { runs, parents, lasts, run, shortRun } = field;
  for (let idle = 0; idle < PATIENCE && lasts(); idle++) {
    const maxima = different(runs);
    const [highest] = maxima;
    if (highest === undefined || runs[highest].isSupreme) return;
    const begin = beside(
      maxima.map((start) => runs[start]),
      runs.length,
    );
    if (begin === undefined) return;
    const at = runs.push(yield* run(runs.length, { ...shortRun, maxIterations: FIRST_LEG }, undefined, begin)) - 1;
    parents.set(at, highest);
    if (mayRise(runs[at], runs)) runs[at] = yield* run(at, shortRun, runs[at]);
    yield* runOn(field);
    if (isAbove(runs[at], runs[highest])) idle = -1;
  }
}

/** Runs those on that stand high and have not settled. */
function* runOn<R extends Run, Step>({ runs, run, untilNear }: Field<R, Step>): Generator<Step, void, void> {
  for (const start of standing(runs).slice(0, FINALISTS))
    if (mayRise(runs[start], runs)) runs[start] = yield* run(start, untilNear, runs[start]);
}

/** The chance that another start leads to a new maximum, by those that were drawn. */
function unseenBy(drawn: readonly Run[]): number {
  return searchOf(
    drawn.map(({ report }) => report),
    false,
  ).unseen;
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
