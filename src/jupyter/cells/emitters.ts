import { EventEmitter } from "node:events";
import { marks } from "./marks.ts";

/** Who made an emitter, and where. */
interface Origin<T> {
  readonly owner: T;
  readonly site: Error;
}

type Init = (this: EventEmitter, ...given: unknown[]) => void;

/** The function by which Node makes each emitter one. */
const events = EventEmitter as unknown as { init: Init };

/** Events that hand over what was there before. */
const EARLIER = new Set<string | symbol>(["pipe", "unpipe"]);

/**
 * Knows who made an emitter: what Node says of child processes, sockets and streams comes when nobody's code runs, and the
 * stack of their errors begins there. Their listeners run as code of that owner.
 */
export class Emitters<T extends object> {
  /** Of emitters and of their errors; undefined where nobody's code ran. */
  readonly #origins = marks<Origin<T> | undefined>();
  /** Whose listeners run; of emitters within each other, the inner one. */
  #telling: EventEmitter | undefined;
  /** Those of which a listener had to be ended: they tell nobody any more, for the next one would have to be, too. */
  readonly #ended = new WeakSet<EventEmitter>();

  /** Who made the emitter of an error. */
  of(error: unknown): Origin<T> | undefined {
    return typeof error === "object" && error !== null ? this.#origins.of(error) : undefined;
  }

  /** As an event begins, an emitter whose listeners still run was ended in the middle. */
  settle(): void {
    if (this.#telling !== undefined) this.#ended.add(this.#telling);
    this.#telling = undefined;
  }

  /**
   * Begins to follow emitters, and returns what ends it.
   *
   * @param current whose code runs
   * @param run runs code as somebody's
   */
  follow(current: () => T | undefined, run: <R>(owner: T, body: () => R) => R): () => void {
    const origins = this.#origins;
    const { init } = events;
    const { emit } = EventEmitter.prototype;
    const note = (emitter: EventEmitter, name: string | symbol, given: readonly unknown[]) =>
      this.#note(emitter, name, given);
    const telling = <R>(emitter: EventEmitter, body: () => R): R | false => this.#tell(emitter, body);
    /** Whose listeners run, where no code of a cell had them called. */
    let told: T | undefined;
    events.init = function (...given) {
      const owner = current();
      origins.put(this, owner && { owner, site: new Error("made here") });
      return init.apply(this, given);
    };
    EventEmitter.prototype.emit = function (name: string | symbol, ...given: unknown[]) {
      const owner = note(this, name, given);
      const running = current();
      if (owner === undefined || (running !== undefined && running !== told)) return emit.call(this, name, ...given);
      const outer = told;
      told = owner;
      try {
        return telling(this, () => run(owner, () => emit.call(this, name, ...given)));
      } finally {
        told = outer;
      }
    };
    return () => {
      // Cells may have frozen them.
      Reflect.set(events, "init", init);
      Reflect.set(EventEmitter.prototype, "emit", emit);
    };
  }

  #tell<R>(emitter: EventEmitter, body: () => R): R | false {
    if (this.#ended.has(emitter)) return false;
    const outer = this.#telling;
    this.#telling = emitter;
    try {
      return body();
    } finally {
      this.#telling = outer;
    }
  }

  /** Who made the emitter of an event; what comes with one, as a server's sockets do, is of the same origin. */
  #note(emitter: EventEmitter, name: string | symbol, given: readonly unknown[]): T | undefined {
    const origin = this.#origins.of(emitter);
    if (origin === undefined) return undefined;
    for (const one of EARLIER.has(name) ? [] : given) {
      if (typeof one !== "object" || one === null) continue;
      const isNew = this.#origins.isOn(one) ? this.#origins.of(one) === undefined : name === "error";
      if (isNew) this.#origins.put(one, origin);
    }
    return origin.owner;
  }
}
