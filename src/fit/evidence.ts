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

/** Two settled starts whose objectives differ by less, in nats, are at one maximum: 0.1 standard errors are 0.005. */
export const SAME = 0.02;

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
