import { Worker } from "node:worker_threads";

/** Threads that wait for work in shared memory. The main thread is participant 0 and takes part itself. */
export interface Pool {
  /** Number of participants, with the main thread. */
  readonly size: () => number;
  /** Starts workers until there are so many participants. */
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
  return {
    size: () => workers.length + 1,
    grow: (participants) => {
      while (workers.length + 1 < participants) {
        const workerData = { module, memory, participant: workers.length + 1 };
        const worker = new Worker(ATTEND, { eval: true, workerData, execArgv: [], env: {} });
        worker.unref();
        workers.push(worker);
      }
    },
    stop: () => {
      for (const worker of workers.splice(0)) worker.terminate();
    },
  };
}
