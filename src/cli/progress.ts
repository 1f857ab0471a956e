import type { Iterate } from "../algorithms/iterate.ts";
import type { DownloadProgress } from "../datasets/download.ts";
import type { RunProgress } from "../experiments/runner/run.ts";
import type { SourceProgress } from "../fit/source/source.ts";
import { log } from "./output.ts";

/** Milliseconds between two looks at what is going on. */
const PAUSE = 100;

/** Milliseconds between two lines where they stay. */
const LOG_PAUSE = 10_000;

/** Letters of a progress bar. */
const BAR = 30;

/** A line on a terminal that is written over by the next one; nothing where stderr is no terminal. */
function statusLine(): { readonly say?: (text: () => string) => void; readonly end: () => void } {
  const { stderr } = process;
  if (!stderr.isTTY) return { end: () => {} };
  let last = 0;
  return {
    say: (text) => {
      const now = performance.now();
      if (now - last < PAUSE) return;
      last = now;
      stderr.write(`\r${text()}\x1b[K`);
    },
    end: () => stderr.write("\r\x1b[K"),
  };
}

/** One line on a terminal that tells how far a fit is; nothing where stderr is no terminal. */
export function fitProgress(): {
  readonly onStep?: (step: Iterate & { readonly start: number }) => void;
  readonly onProgress?: (progress: SourceProgress) => void;
  readonly end: () => void;
} {
  const { say, end } = statusLine();
  if (say === undefined) return { end };
  return {
    onStep: ({ start, iteration, objective }) => {
      say(() => `start ${start + 1}, step ${iteration}, objective ${objective.toFixed(4)}`);
    },
    onProgress: ({ rows, stage }) => {
      say(() => `${stage === "look" ? "looking at" : "keeping"} rows: ${rows}`);
    },
    end,
  };
}

/** The same of a download, as a bar. */
export function downloadProgress(): {
  readonly onProgress?: (progress: DownloadProgress) => void;
  readonly end: () => void;
} {
  const { say, end } = statusLine();
  if (say === undefined) return { end };
  return { onProgress: (progress) => say(() => downloadLine(progress)), end };
}

function downloadLine({ file, received, total }: DownloadProgress): string {
  const size = `${(received / 1e6).toFixed(1)} MB`;
  if (total === undefined) return `${file} ${size}`;
  const done = Math.min(BAR, Math.round((BAR * received) / total));
  return `${file} [${"#".repeat(done)}${" ".repeat(BAR - done)}] ${size} of ${(total / 1e6).toFixed(1)}`;
}

/** How far an experiment is, and the time left: on a terminal in one line, else in a line now and then. */
export function runProgress(id: string): {
  readonly onProgress: (progress: RunProgress) => void;
  readonly end: () => void;
} {
  const { say, end } = statusLine();
  let last = performance.now();
  return {
    onProgress: (progress) => {
      if (say !== undefined) return say(() => runLine(id, progress));
      if (performance.now() - last < LOG_PAUSE) return;
      last = performance.now();
      log(runLine(id, progress));
    },
    end,
  };
}

function runLine(id: string, { done, total, left }: RunProgress): string {
  const instances = `${id}: ${done} of ${total} instances`;
  if (left === undefined) return instances;
  const whole = Math.ceil(left);
  const [minutes, seconds] = [Math.floor(whole / 60), whole % 60];
  return `${instances}, about ${minutes > 0 ? `${minutes} min ` : ""}${seconds} s left`;
}
