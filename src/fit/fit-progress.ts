import { formatHundredths } from "../text/number.ts";
import { type Watch, watcher } from "../text/watcher.ts";
import { type FitPlan, type FitStep, STARTS, TOLERANCE } from "./fit-options.ts";
import { SHORT_RUN } from "./search.ts";

/** How long a fit may take before anything is said of it, and between two words, in milliseconds. */
const LONG = 1000;
const PACE = 250;
/** Steps from which the pace of convergence is read. */
const SPAN = 10;

/** Says how far a fit is to whoever shows that. */
export interface FitProgress {
  readonly step: (step: FitStep) => void;
  readonly end: () => void;
}

const SILENT: FitProgress = { step: () => {}, end: () => {} };

/** From a second on: the start, the step, the log-likelihood, and about how long it will still take. */
export function fitProgress({
  k,
  starts: asked,
  tolerance = TOLERANCE,
  maxIterations,
  start,
  startColumns,
}: FitPlan): FitProgress {
  const show = watcher();
  if (show === undefined) return SILENT;
  const isOne = k === 1 || start !== undefined || startColumns !== undefined;
  const starts = isOne ? 1 : (asked ?? STARTS.first);
  const begin = performance.now();
  let watch: Watch | undefined;
  let next = begin + LONG;
  let latest = { start: -1, since: begin, from: 0 };
  let highest = -1;
  const gains: number[] = [];
  return {
    step(step) {
      const now = performance.now();
      if (step.start !== latest.start || step.iteration === 0) {
        latest = { start: step.start, since: now, from: step.iteration };
        gains.length = 0;
      }
      // A start that is run on goes on from where its short run ended.
      const isAgain = step.start < highest || step.iteration > SHORT_RUN;
      highest = Math.max(highest, step.start);
      gains.push(step.gain);
      if (now < next) return;
      next = now + PACE;
      const isLong = isAgain || starts === 1 || step.start >= starts;
      const left = isLong
        ? stepsLeft(gains, tolerance) * ((now - latest.since) / Math.max(1, step.iteration - latest.from))
        : ((now - begin) / (step.start + Math.min(1, step.iteration / Math.min(SHORT_RUN, maxIterations)))) * starts -
          (now - begin);
      const line = `fit: start ${step.start + 1} of ${Math.max(starts, step.start + 1)}, step ${step.iteration}, log-likelihood ${formatHundredths(step.logLikelihood)}${inWords(left, isLong)}`;
      watch ??= show(line);
      watch.say(line);
    },
    end: () => watch?.end(),
  };
}

/** Steps until the gain of one is that of a distance of the tolerance, at the pace of the last ones; NaN where there is none. */
function stepsLeft(gains: readonly number[], tolerance: number): number {
  const [before, last] = [gains.at(-1 - SPAN) ?? Number.NaN, gains.at(-1) ?? Number.NaN];
  const pace = Math.log(before / last) / SPAN;
  return pace > 0 ? Math.max(0, Math.log(last / tolerance ** 2) / pace) : Number.NaN;
}

function inWords(milliseconds: number, isLong: boolean): string {
  if (!Number.isFinite(milliseconds)) return "";
  const seconds = Math.max(1, Math.round(milliseconds / 1000));
  const time = seconds < 100 ? `${seconds} s` : `${Math.round(seconds / 60)} min`;
  return `; about ${time} left${isLong ? "" : " for the starts"}`;
}
