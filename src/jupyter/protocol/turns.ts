import { MessageChannel } from "node:worker_threads";

/**
 * Runs callbacks one after another, each as an event of its own.
 *
 * An interrupt may end such an event in the middle, with the promises that go on from it, and the next one still comes.
 * Node's timers and immediates would not: their callbacks are called from a list, and what ends one of them ends the list.
 */
export class Turns {
  readonly #waiting: (() => void)[] = [];
  readonly #channel = new MessageChannel();

  constructor() {
    const { port1, port2 } = this.#channel;
    port1.on("message", () => {
      const next = this.#waiting.shift();
      if (this.#waiting.length === 0) port1.unref();
      // The event of one that waits may have been ended before it came here.
      else port2.postMessage(undefined);
      next?.();
    });
    port1.unref();
    port2.unref();
  }

  /** Calls back in a turn of its own; the process waits for it. */
  next(callback: () => void): void {
    const { port1, port2 } = this.#channel;
    this.#waiting.push(callback);
    port1.ref();
    port2.postMessage(undefined);
  }

  /** Lets go of the callbacks that still wait. */
  clear(): void {
    this.#waiting.length = 0;
  }

  close(): void {
    this.#channel.port1.close();
  }
}
