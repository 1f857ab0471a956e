import type { Worker } from "node:worker_threads";
import { startThread } from "./start-thread.ts";

/** Threads that wait for work in shared memory. The main thread is participant 0 and takes part itself. */
export interface Pool {
  /** Number of participants, with the main thread. */
  readonly size: () => number;
  /** Starts workers until there are so many participants, or as many as the machine lets it. */
  readonly grow: (participants: number) => void;
  readonly stop: () => void;
}

// A worker needs nothing but the compiled module and the memory: it starts, and works, while the main thread is busy.
const ATTEND = `
const { workerData: { module, memory, participant } } = require("node:worker_threads");
new WebAssembly.Instance(module, { env: { memory } }).exports.attend(participant);
`;

/** Workers on one memory. They don't keep the process alive, and end with it. */
export function pool(module: WebAssembly.Module, memory: WebAssembly.Memory): Pool {
  const workers: Worker[] = [];
  let isFull = false;
  // Sums are the same for any number of threads.
  const refuse = (error: Error): void => {
    if (!isFull) process.emitWarning(`mixlens computes with fewer threads than it was told to: ${error.message}`);
    isFull = true;
  };
  return {
    size: () => workers.length + 1,
    grow: (participants) => {
      while (workers.length + 1 < participants && !isFull) {
        const workerData = { module, memory, participant: workers.length + 1 };
        const worker = startThread(ATTEND, { eval: true, workerData, env: {} }, refuse);
        if (worker !== undefined) workers.push(worker);
      }
    },
    stop: () => {
      for (const worker of workers.splice(0)) worker.terminate();
    },
  };
}
