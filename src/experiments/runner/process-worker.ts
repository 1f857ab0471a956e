import { type ChildProcess, fork } from "node:child_process";
import { join } from "node:path";
import { packageRoot } from "../../files/package-root.ts";
import type { Sizes } from "./experiment.ts";

/** Request to a worker: the instance of a seed, in sizes that a study may have. */
export interface Order {
  readonly seed: number;
  readonly sizes?: Sizes;
}

/** An instance as JSON text and the time it took, or why there is none. */
export type Answer = { readonly text: string; readonly seconds: number } | { readonly failure: string };

/** Something that computes one instance at a time. */
export interface Worker {
  readonly compute: (order: Order) => Promise<Answer>;
  readonly end: () => void;
}

/**
 * A worker in a process of its own.
 *
 * Not a thread: whatever an instance holds on to, or ends by, goes with its process and no other; and threads are the
 * engine's.
 */
export function processWorker(id: string): Worker {
  const child: ChildProcess = fork(join(packageRoot(), "dist/experiment-worker.mjs"), [id], {
    execArgv: [],
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  return {
    compute: (order) =>
      new Promise((resolve) => {
        const settle = (answer: Answer): void => {
          child.off("message", settle).off("close", onClose).off("error", onError);
          resolve(answer);
        };
        const onError = (error: Error): void => settle({ failure: error.message });
        const onClose = (code: number | null, killer: string | null): void =>
          settle({ failure: `its process ended with ${killer ?? `exit code ${code}`}` });
        child.on("message", settle).on("close", onClose).on("error", onError);
        child.send(order);
      }),
    end: () => {
      child.kill("SIGKILL");
    },
  };
}
