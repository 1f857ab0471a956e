import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from "node:worker_threads";

/** Milliseconds between two signs that somebody waits. */
const SIGN = 1000;

/** What a thread that answers is given, beside what is its own. */
export interface Answering {
  readonly port: MessagePort;
  /**
   * Two numbers: one that others wait for, 1 when there is a reply and 2 when the thread has ended; and one that rises every
   * second while somebody waits. An interrupt of a notebook ends whoever waits, and tells nobody.
   */
  readonly signal: Int32Array<SharedArrayBuffer>;
}

/** A thread that is asked one thing after the other. */
export interface AnsweringThread<Request, Reply> {
  /** What the thread answers, which is waited for; nothing where it has ended. What is moved to it is no longer here. */
  readonly ask: (request: Request, moved?: readonly ArrayBuffer[]) => Reply | undefined;
  /** Nothing more will be asked. */
  readonly close: () => void;
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
  const workerData = { ...data, ...given };
  const worker = new Worker(program, { eval: true, execArgv: [], workerData, transferList: [port] });
  // What goes wrong in the thread is an answer; its end is seen by the signal.
  worker.on("error", () => {}).unref();
  return {
    ask: (request, moved = []) => {
      // It stays 2 once the thread has ended.
      Atomics.compareExchange(signal, 0, 1, 0);
      own.postMessage(request, moved);
      // Who is woken looks again: it may be for the answer before.
      while (Atomics.load(signal, 0) === 0) {
        if (Atomics.wait(signal, 0, 0, SIGN) === "timed-out") Atomics.add(signal, 1, 1);
      }
      const received: { message: Reply } | undefined = receiveMessageOnPort(own);
      return received?.message;
    },
    close: () => own.close(),
  };
}
