import { MessageChannel, type MessagePort, type ResourceLimits, receiveMessageOnPort } from "node:worker_threads";
import { startThread } from "./start-thread.ts";

/** Milliseconds between two signs that somebody waits. */
const SIGN = 1000;

/** What a thread that answers is given, beside what is its own. */
export interface Answering {
  readonly port: MessagePort;
  /**
   * Two numbers: one that others wait for, 1 when there is a reply and from 2 on when there will be none; and one that rises
   * every second while somebody waits. An interrupt of a notebook ends whoever waits, and tells nobody.
   */
  readonly signal: Int32Array<SharedArrayBuffer>;
}

/** A thread that is asked one thing after the other. */
export interface AnsweringThread<Request, Reply> {
  /** What the thread answers, which is waited for; nothing where it has ended. What is moved to it is no longer here. */
  readonly ask: (request: Request, moved?: readonly ArrayBuffer[]) => Reply | undefined;
  /** Why there is no answer. */
  readonly ending: () => string;
  /** Nothing more will be asked. */
  readonly close: () => void;
}

/** What passes by is no longer needed when the next comes: room for what is young would only be left behind. */
const LIMITS: ResourceLimits = { maxYoungGenerationSizeMb: 3 };
/** Signs that a thread has ended, for want of memory, or could not be started. */
const [ENDED, FULL, NEVER] = [2, 3, 4];
const ENDINGS: Readonly<Record<number, string>> = {
  [FULL]: "its thread ran out of memory",
  [NEVER]: "no thread could be started for it",
};

/** What the thread is given that sees another one end: one that runs out of memory can tell nobody. */
interface Keeping {
  readonly program: string;
  readonly given: Answering;
  readonly signs: readonly number[];
  readonly limits: ResourceLimits;
}

/** The program of the thread that starts the one that answers, as text. */
function keep(load: NodeJS.Require): void {
  const { Worker, workerData } = load("node:worker_threads") as typeof import("node:worker_threads");
  const { program, given, signs, limits: resourceLimits } = workerData as Keeping;
  let [sign, full, never] = signs;
  const raise = (): void => {
    Atomics.store(given.signal, 0, sign);
    Atomics.notify(given.signal, 0);
  };
  try {
    const transferList = [given.port];
    const worker = new Worker(program, { eval: true, execArgv: [], workerData: given, transferList, resourceLimits });
    worker.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "ERR_WORKER_OUT_OF_MEMORY") sign = full;
    });
    worker.on("exit", raise);
  } catch {
    sign = never;
    raise();
  }
}

/**
 * Starts a thread whose answers are waited for: for what answers in a turn of the event loop, and is asked within one call.
 *
 * @param program text of a program, which puts a reply on its port for each request and then raises the signal
 * @param data of the program's own, plain values
 */
export function answeringThread<Request, Reply>(program: string, data: object): AnsweringThread<Request, Reply> {
  const { port1: own, port2: port } = new MessageChannel();
  const signal = new Int32Array(new SharedArrayBuffer(8));
  const given: Answering = { port, signal };
  const resourceLimits = LIMITS;
  const workerData: Keeping = { program, given: { ...data, ...given }, signs: [ENDED, FULL, NEVER], limits: LIMITS };
  // What goes wrong in the thread is an answer; its end is seen by the signal.
  const keeper = startThread(`(${keep})(require)`, { eval: true, workerData, transferList: [port], resourceLimits });
  if (keeper === undefined) Atomics.store(signal, 0, NEVER);
  return {
    ask: (request, moved = []) => {
      // It stays what it is once the thread has ended.
      Atomics.compareExchange(signal, 0, 1, 0);
      own.postMessage(request, moved);
      // Who is woken looks again: it may be for the answer before.
      while (Atomics.load(signal, 0) === 0) {
        if (Atomics.wait(signal, 0, 0, SIGN) === "timed-out") Atomics.add(signal, 1, 1);
      }
      const received: { message: Reply } | undefined = receiveMessageOnPort(own);
      return received?.message;
    },
    ending: () => ENDINGS[Atomics.load(signal, 0)] ?? "its thread has ended",
    close: () => own.close(),
  };
}
