import type { Result } from "../algorithms/iterate.ts";
import type { Failure } from "../laws/failure.ts";
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
  /** Why there was no further step, where it has failed. */
  readonly failure?: Failure;
  /** Number of the start, from 0, from whose end it was made; absent where it was drawn. */
  readonly madeFrom?: number;
  /** Whether it began where a fit of another number of experts leads to; absent where it was drawn. */
  readonly isWarm?: true;
}

/**
 * What ended a search where more starts might lead higher: `work`, where it has done as much as it may; `boundless`, where no
 * expert has a finite maximum in any of them.
 */
export type SearchEnd = "work" | "boundless";

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
   * Chance that one more start leads to a maximum not seen yet, E[(¼ + σw)/(¼ + n)] for n starts that were drawn and settled, at w
   * maxima, with the discount σ of a Pitman–Yor process (Lijoi, Mena and Prünster 2007). It is 1 where each has one of its own and nothing is
   * known, 0 for one expert, which has a single maximum, and where every label is predicted with certainty.
   */
  readonly unseen: number;
  /** What ended it where more starts might lead higher; absent where nothing did. */
  readonly end?: SearchEnd;
  /** All this in a sentence. */
  readonly summary: string;
}

/** Two settled starts whose objectives differ by less, in nats, are at one maximum: 0.1 standard errors are 0.005. */
export const SAME = 0.02;

/**
 * What starts say of the best of them; the chance of a new maximum is that of starts which are drawn, and told by those.
 *
 * @param isOnly whether another start can't find a higher maximum
 * @param best objective of the start that was taken; default: the highest of those that settled
 * @param end what ended the search early
 */
export function searchOf(reports: readonly StartReport[], isOnly: boolean, best?: number, end?: SearchEnd): Search {
  const objectives = heights(reports);
  const reached = objectives.filter((value) => Math.abs((best ?? objectives[0]) - value) <= SAME).length;
  const drawn = heights(reports.filter(({ madeFrom, isWarm }) => madeFrom === undefined && !isWarm));
  const unseen = isOnly ? 0 : newMaximum(together(drawn));
  const evidence = { settled: objectives.length, reached, maxima: together(objectives).length, unseen };
  const found = { starts: reports.length, ...evidence, ...(end !== undefined && !isOnly && { end }) };
  return { ...found, summary: inWords(found) };
}

/** Objectives of those that settled, the highest first. */
function heights(reports: readonly StartReport[]): number[] {
  return reports
    .filter(({ settled }) => settled)
    .map(({ objective }) => objective)
    .sort((a, b) => b - a);
}

/** How many of some objectives that fall are at each maximum. */
function together(objectives: readonly number[]): number[] {
  const counts: number[] = [];
  objectives.forEach((value, at) => {
    if (at === 0 || objectives[at - 1] - value > SAME) counts.push(0);
    counts[counts.length - 1]++;
  });
  return counts;
}

/** Values of σ that its posterior is summed over. */
const DISCOUNTS: readonly number[] = Array.from({ length: 100 }, (_, i) => (i + 0.5) / 100);
/**
 * The concentration θ. By a study of 113 searches whose further starts are known it foretells these best between 0.1 and 0.5; with
 * none what is left for new maxima is too little by half where all starts came to one.
 */
const CONCENTRATION = 0.25;

/**
 * Chance that one more of several starts leads to a maximum that none of them came to.
 *
 * A maximum that m of n starts came to has the chance (m − σ)/(θ + n), and (θ + σw)/(θ + n) is left for those that none of them
 * saw. The discount σ is 0 where few maxima share all starts, and 1 where each start has one of its own; a priori all from 0 to 1 are
 * alike, and the likelihood of the counts is ∏_{i<w} (θ + iσ) ∏ (1 − σ)(2 − σ)⋯(m − 1 − σ); θ is ¼. A start more at a maximum that was
 * seen never raises it.
 *
 * @param counts how many starts came to each of the w maxima, n together
 * @returns E[(θ + σw)/(θ + n)]; 1 where no two came to the same, which says nothing
 * @remarks cost 100 n. The discovery probability of Lijoi, Mena and Prünster, Biometrika 94, 2007, of a Pitman–Yor process
 *   (Pitman 1995). Beside it an estimate by the number of maxima alone (Boender and Rinnooy Kan 1987) is too small where there are
 *   many that few starts come to, and that by those which one came to (Good 1953) is 0 where there are none.
 */
export function newMaximum(counts: readonly number[]): number {
  const n = counts.reduce((sum, count) => sum + count, 0);
  const w = counts.length;
  if (n === w) return 1;
  const logs = DISCOUNTS.map((discount) => {
    let log = 0;
    for (let i = 1; i < w; i++) log += Math.log(CONCENTRATION + i * discount);
    for (const count of counts) for (let m = 1; m < count; m++) log += Math.log1p(-discount / m);
    return log;
  });
  const highest = Math.max(...logs);
  let [mass, mean] = [0, 0];
  DISCOUNTS.forEach((discount, i) => {
    const likelihood = Math.exp(logs[i] - highest);
    mass += likelihood;
    mean += likelihood * discount;
  });
  return (CONCENTRATION + (mean / mass) * w) / (CONCENTRATION + n);
}

const END_WORDS: Readonly<Record<SearchEnd, string>> = {
  work: "; no more were run, for these took as much work as a search may",
  boundless: "; no more were run, for no expert has a finite maximum in any of these",
};

function inWords({ starts, reached, maxima, unseen, end }: Omit<Search, "summary">): string {
  const others = maxima > 1 ? `, others at ${maxima - 1} other${maxima === 2 ? "" : "s"}` : "";
  const chance = unseen === 1 ? "unknown" : unseen < 0.005 ? "below 1 %" : `about ${(100 * unseen).toFixed(0)} %`;
  return `${reached} of ${starts} starts came to this maximum${others}; chance that another start finds a new one: ${chance}${end === undefined ? "" : END_WORDS[end]}`;
}
