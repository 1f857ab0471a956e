import { setTimeout as nodeTimeout } from "node:timers";

/**
 * Lets an act happen at most once in so many milliseconds, and once after the last time that it was asked for.
 *
 * A loop that never gives way to timers still acts, as long as it asks.
 */
export function paced(act: () => void, milliseconds: number): () => void {
  let next = 0;
  let due = 0;
  let timer: NodeJS.Timeout | undefined;
  const run = (): void => {
    clearTimeout(timer);
    timer = undefined;
    next = performance.now() + milliseconds;
    act();
  };
  return () => {
    const wait = next - performance.now();
    // A timer that is late will not come: its cell was interrupted.
    const isLate = timer !== undefined && performance.now() > due + milliseconds;
    if (wait <= 0) run();
    else if (timer === undefined || isLate) {
      clearTimeout(timer);
      due = performance.now() + wait;
      timer = setTimeout(run, wait);
    }
  };
}

/** Ends after so many milliseconds, whatever cell is interrupted meanwhile. */
export function rest(milliseconds: number): Promise<void> {
  return new Promise((resolve) => void nodeTimeout(resolve, milliseconds));
}
