import { Worker, type WorkerOptions } from "node:worker_threads";

/**
 * Starts a thread, which ends with the process and does not keep it; nothing where the machine lets it start no more.
 *
 * @param failed told what ends it before its time
 */
export function startThread(
  program: string,
  options: WorkerOptions,
  failed: (error: Error) => void = () => {},
): Worker | undefined {
  try {
    const worker = new Worker(program, { execArgv: [], ...options });
    worker.on("error", failed).unref();
    return worker;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ERR_WORKER_INIT_FAILED") throw error;
    failed(error as Error);
    return undefined;
  }
}
