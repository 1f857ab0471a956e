import type { Iterate } from "../algorithms/iterate.ts";

/** Milliseconds between two looks at a fit. */
const PAUSE = 100;

/** One line on a terminal that tells how far a fit is; nothing where stderr is no terminal. */
export function fitProgress(starts: number): {
  readonly onStep?: (step: Iterate & { readonly start: number }) => void;
  readonly end: () => void;
} {
  const { stderr } = process;
  if (!stderr.isTTY) return { end: () => {} };
  let last = 0;
  return {
    onStep: ({ start, iteration, objective }) => {
      const now = performance.now();
      if (now - last < PAUSE) return;
      last = now;
      stderr.write(`\rstart ${start + 1} of ${starts}, step ${iteration}, objective ${objective.toFixed(4)}\x1b[K`);
    },
    end: () => stderr.write("\r\x1b[K"),
  };
}
