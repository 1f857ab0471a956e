import { promiseHooks } from "node:v8";

/** Gives back what it is given, so that a subclass puts its private field there. */
class Same {
  constructor(value: object) {
    // biome-ignore lint/correctness/noConstructorReturn: the point of this class
    return value;
  }
}

/** A mark on a promise that no program sees, at a tenth of the cost of a weak map. */
class Mark<T> extends Same {
  readonly #owner: T;

  constructor(promise: Promise<unknown>, owner: T) {
    super(promise);
    this.#owner = owner;
  }

  static of<T>(promise: Promise<unknown>): T | undefined {
    return #owner in promise ? (promise as unknown as Mark<T>).#owner : undefined;
  }
}

/**
 * Knows whose code runs: what a cell leaves behind (timers, promises) stays its own when the next one is on.
 *
 * AsyncLocalStorage would do the same, but Node then counts on each promise callback to return, and the kernel must be
 * able to end one that does not: an interrupt would end the process.
 */
export class Owners<T> {
  #current: T | undefined;

  /** The owner of the code that runs, where it is known. */
  get current(): T | undefined {
    return this.#current;
  }

  /** Who made a promise. */
  of(promise: Promise<unknown>): T | undefined {
    return Mark.of(promise);
  }

  run<R>(owner: T | undefined, body: () => R): R {
    const outer = this.#current;
    this.#current = owner;
    try {
      return body();
    } finally {
      this.#current = outer;
    }
  }

  /** Forgets who was on when an interrupt ended it. */
  clear(): void {
    this.#current = undefined;
  }

  /** Begins to follow promises and timers, and returns what ends it. */
  follow(): () => void {
    const unhook = promiseHooks.createHook({
      init: (promise: Promise<unknown>) => {
        if (this.#current !== undefined) new Mark(promise, this.#current);
      },
      before: (promise: Promise<unknown>) => {
        this.#current = Mark.of(promise);
      },
      after: () => {
        this.#current = undefined;
      },
    }) as () => void;
    const { setTimeout, setInterval, setImmediate, queueMicrotask } = globalThis;
    const { nextTick } = process;
    // A timer's own frame must return, whatever becomes of the callback: it runs as a promise's.
    const later = <A extends unknown[]>(callback: (...args: A) => void) => {
      if (typeof callback !== "function") return callback;
      const owner = this.#current;
      return (...args: A): void => {
        void this.run(owner, () => Promise.resolve()).then(() => this.run(owner, () => callback(...args)));
      };
    };
    const lent = (timer: (...args: never[]) => unknown): unknown =>
      // What hangs on the function (its promise form) stays.
      new Proxy(timer, {
        apply: (target, self, [callback, ...rest]) => Reflect.apply(target, self, [later(callback), ...rest]),
      });
    Object.assign(globalThis, {
      setTimeout: lent(setTimeout),
      setInterval: lent(setInterval),
      setImmediate: lent(setImmediate),
      queueMicrotask: (callback: () => void) => later(callback)(),
    });
    process.nextTick = (callback, ...args) => {
      const owner = this.#current;
      nextTick(() => this.run(owner, () => callback(...args)));
    };
    return () => {
      unhook();
      Object.assign(globalThis, { setTimeout, setInterval, setImmediate, queueMicrotask });
      process.nextTick = nextTick;
    };
  }
}
