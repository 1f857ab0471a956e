import { createRequire } from "node:module";
import { promiseHooks } from "node:v8";
import { Turns } from "../protocol/turns.ts";
import { lendCallbacks } from "./callbacks.ts";
import { marks } from "./marks.ts";

/** As code that is loaded by `require`, which all of the cells' is, finds it. */
const sleep: typeof import("node:timers/promises") = createRequire(import.meta.url)("node:timers/promises");

/**
 * Knows whose code runs: what a cell leaves behind (timers, promises) stays its own when the next one is on.
 *
 * AsyncLocalStorage would do the same, but Node then counts on each promise callback to return, and the kernel must be
 * able to end one that does not: an interrupt would end the process.
 */
export class Owners<T extends object> {
  #current: T | undefined;
  /** What code of somebody threw that nobody's had called. */
  #thrown: { readonly error: unknown; readonly owner: T } | undefined;
  readonly #stopped = new WeakSet<T>();
  readonly #turns = new Turns();
  /** Who made which promise. */
  readonly #made = marks<T>();
  readonly #stray: (isOn: boolean) => void;
  #isAstray = false;

  /** @param stray told as code begins to run though its owner is stopped, such as a listener, and when that has ended */
  constructor(stray: (isOn: boolean) => void = () => {}) {
    this.#stray = stray;
  }

  /** The owner of the code that runs, where it is known. */
  get current(): T | undefined {
    return this.#current;
  }

  /** Who made a promise. */
  of(promise: Promise<unknown>): T | undefined {
    return this.#made.of(promise);
  }

  /** Whose code threw an error that no code was there to catch. */
  thrower(error: unknown): T | undefined {
    return this.#thrown !== undefined && Object.is(this.#thrown.error, error) ? this.#thrown.owner : undefined;
  }

  run<R>(owner: T | undefined, body: () => R): R {
    const outer = this.#current;
    this.#current = owner;
    const isStray = !this.#isAstray && this.isStopped(owner);
    if (isStray) this.#goAstray(true);
    try {
      return body();
    } catch (error) {
      if (outer === undefined && owner !== undefined) this.#thrown = { error, owner };
      throw error;
    } finally {
      this.#current = outer;
      if (isStray) this.#goAstray(false);
    }
  }

  #goAstray(isOn: boolean): void {
    this.#isAstray = isOn;
    this.#stray(isOn);
  }

  /** Forgets who was on. */
  clear(): void {
    this.#current = undefined;
  }

  /** Gives up on the code that runs and on all turns that are to come. */
  forget(): void {
    this.#turns.clear();
    this.clear();
  }

  /** Calls back in a turn of its own. */
  turn(callback: () => void): void {
    this.#turns.next(() => {
      this.settle();
      callback();
    });
  }

  /** As an event begins, whoever is still on was ended in the middle, and is stopped. */
  settle(): void {
    if (this.#current !== undefined) this.stop(this.#current);
    this.#current = undefined;
    if (this.#isAstray) this.#goAstray(false);
  }

  /** Lets no timer of an owner run any more: what awaits one rests for ever, and what repeats ends. */
  stop(owner: T): void {
    this.#stopped.add(owner);
  }

  isStopped(owner: T | undefined): boolean {
    return owner !== undefined && this.#stopped.has(owner);
  }

  /** Begins to follow promises and timers, and returns what ends it. */
  follow(): () => void {
    const unhook = promiseHooks.createHook({
      init: (promise: Promise<unknown>) => {
        if (this.#current !== undefined) this.#made.put(promise, this.#current);
      },
      before: (promise: Promise<unknown>) => {
        this.#current = this.#made.of(promise);
      },
      after: () => {
        this.#current = undefined;
      },
    }) as () => void;
    const { setTimeout, setInterval, setImmediate, queueMicrotask } = globalThis;
    const { nextTick } = process;
    const owned = <A extends unknown[]>(callback: (...args: A) => void) => {
      const owner = this.#current;
      // As a promise, of which it is known whose it is when it throws.
      return (...args: A): unknown =>
        this.run(owner, async () => {
          await null;
          this.run(owner, () => callback(...args));
        });
    };
    const later = <A extends unknown[]>(callback: (...args: A) => void) => {
      if (typeof callback !== "function") return callback;
      const owner = this.#current;
      const call = owned(callback);
      return (...args: A): void =>
        this.turn(() => {
          if (!this.isStopped(owner)) void call(...args);
        });
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
      queueMicrotask: (callback: () => void) => void owned(callback)(),
    });
    const restores = [this.#lendSleep(), lendCallbacks((callback) => this.#own(callback))];
    process.nextTick = (callback, ...args) => {
      const owner = this.#current;
      nextTick(() => this.run(owner, () => callback(...args)));
    };
    return () => {
      unhook();
      for (const restore of restores) restore();
      this.#turns.close();
      Object.assign(globalThis, { setTimeout, setInterval, setImmediate, queueMicrotask });
      process.nextTick = nextTick;
    };
  }

  /** A callback of whose code runs now: never called once its owner is stopped. */
  #own<F extends (...args: never[]) => unknown>(callback: F): F {
    const owner = this.#current;
    if (owner === undefined) return callback;
    return new Proxy(callback, {
      apply: (target, self, args) =>
        this.isStopped(owner) ? undefined : this.run(owner, () => Reflect.apply(target, self, args)),
    });
  }

  /** The timers that are promises: those of an owner that is stopped settle no more. */
  #lendSleep(): () => void {
    const { setTimeout, setImmediate } = sleep;
    const lent =
      <A extends unknown[]>(timer: (...args: A) => Promise<unknown>) =>
      async (...args: A): Promise<unknown> => {
        const owner = this.#current;
        const value = await timer(...args);
        await new Promise<void>((resolve) => this.turn(resolve));
        return this.isStopped(owner) ? new Promise(() => {}) : value;
      };
    Object.assign(sleep, { setTimeout: lent(setTimeout), setImmediate: lent(setImmediate) });
    return () => Object.assign(sleep, { setTimeout, setImmediate });
  }
}
