import { EventEmitter } from "node:events";

/** Who made an emitter, and where. */
interface Origin<T> {
  readonly owner: T;
  readonly site: Error;
}

type Init = (this: EventEmitter, ...given: unknown[]) => void;

/** The function by which Node makes each emitter one. */
const events = EventEmitter as unknown as { init: Init };

/**
 * Knows who made the emitter of an error: what Node says of child processes, sockets and streams comes when nobody's code
 * runs, and its stack begins there.
 */
export class Emitters<T extends object> {
  readonly #made = new WeakMap<object, Origin<T>>();
  readonly #failed = new WeakMap<object, Origin<T>>();

  /** Who made the emitter of an error. */
  of(error: unknown): Origin<T> | undefined {
    return this.#failed.get(error as object);
  }

  /**
   * Begins to follow emitters, and returns what ends it.
   *
   * @param current whose code runs
   */
  follow(current: () => T | undefined): () => void {
    const [made, failed] = [this.#made, this.#failed];
    const { init } = events;
    const { emit } = EventEmitter.prototype;
    events.init = function (...given) {
      const owner = current();
      if (owner !== undefined) made.set(this, { owner, site: new Error("made here") });
      return init.apply(this, given);
    };
    EventEmitter.prototype.emit = function (name: string | symbol, ...given: unknown[]) {
      if (name === "error") {
        const [error] = given;
        const origin = made.get(this);
        const isObject = typeof error === "object" && error !== null;
        if (isObject && origin !== undefined && !failed.has(error)) failed.set(error, origin);
      }
      return emit.call(this, name, ...given);
    };
    return () => {
      // Cells may have frozen them.
      Reflect.set(events, "init", init);
      Reflect.set(EventEmitter.prototype, "emit", emit);
    };
  }
}
