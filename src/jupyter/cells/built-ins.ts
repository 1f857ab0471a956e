import { writeSync } from "node:fs";
import { LOST } from "./ending.ts";

/** What an object had of its own, and what it inherited from, before any cell. */
interface Kept {
  readonly name: string;
  readonly object: object;
  readonly prototype: object | null;
  readonly own: readonly (readonly [PropertyKey, PropertyDescriptor])[];
}

const { defineProperty, deleteProperty, getOwnPropertyDescriptor, getPrototypeOf, ownKeys, set, setPrototypeOf } =
  Reflect;
const { is, prototype: ofAll } = Object;
const text = String;

/** Members that would change what any object means: a promise, a descriptor, JSON. */
const MEANING = ["then", "toJSON", "get", "set", "value", "writable", "enumerable", "configurable"] as const;

/** What programs replace to their own ends, as tests do the clock and chance. */
const LEFT: ReadonlySet<PropertyKey> = new Set(["Date", "Math", "Intl", "WebAssembly", "stackTraceLimit"]);

/** Globals of Node's own that cells cannot be run without. */
const NEEDED = ["process", "Buffer"] as const;

/**
 * Puts back what cells overwrite of the language: the kernel and the compiler run on the same objects, and so do the libraries
 * of later cells.
 */
export class BuiltIns {
  readonly #kept: Kept[] = [];
  readonly #told: (names: readonly string[]) => void;
  readonly #needed = NEEDED.map((name) => [name, (globalThis as Record<string, unknown>)[name]] as const);

  /** @param told told of what was put back */
  constructor(told: (names: readonly string[]) => void) {
    this.#told = told;
    const named = Object.entries(Object.getOwnPropertyDescriptors(globalThis));
    const globals = named.filter(([name, { value }]) => isOfLanguage(name, value) && !LEFT.has(name));
    this.#kept.push({ name: "", object: globalThis, prototype: getPrototypeOf(globalThis), own: globals });
    for (const [name, { value }] of globals) this.#keep(name, value);
    const iterators = [[].keys(), ""[Symbol.iterator](), new Map().keys(), new Set().keys(), "".matchAll(/a/g)];
    for (const iterator of [...iterators, generator(), asynchronous()]) {
      for (let object = getPrototypeOf(iterator); object !== null; object = getPrototypeOf(object)) {
        this.#keep("an iterator", object);
      }
    }
    this.#keep("TypedArray", getPrototypeOf(Uint8Array));
  }

  #keep(name: string, object: unknown): void {
    if ((typeof object !== "object" && typeof object !== "function") || object === null) return;
    if (this.#kept.some((one) => one.object === object)) return;
    const own = ownKeys(object)
      .filter((key) => !LEFT.has(key))
      .map((key) => [key, getOwnPropertyDescriptor(object, key) as PropertyDescriptor] as const);
    this.#kept.push({ name, object, prototype: getPrototypeOf(object), own });
    if (typeof object === "function") this.#keep(`${name}.prototype`, object.prototype);
  }

  /** Runs code of cells, and puts back what it overwrote as soon as it returns, and again when it has ended. */
  async guard<T>(code: () => T): Promise<Awaited<T>> {
    let work: T;
    try {
      work = code();
    } finally {
      this.restore();
    }
    try {
      return await work;
    } finally {
      this.restore();
    }
  }

  /**
   * Puts back what is not as it was; ends the process, which cannot go on, where a cell made that impossible.
   *
   * Nothing here may rely on what is put back: no methods, no iteration.
   */
  restore(): void {
    const changed: string[] = [];
    const lost: string[] = [];
    const note = (isBack: boolean, name: string): void => {
      const list = isBack ? changed : lost;
      list[list.length] = name;
    };
    // First, for they would be read from every descriptor.
    for (let at = 0; at < MEANING.length; at++) {
      const name = MEANING[at];
      if (getOwnPropertyDescriptor(ofAll, name) !== undefined)
        note(deleteProperty(ofAll, name), `Object.prototype.${name}`);
    }
    for (let at = 0; at < this.#needed.length; at++) {
      const name = this.#needed[at][0];
      const value = this.#needed[at][1];
      if ((globalThis as Record<string, unknown>)[name] !== value) note(set(globalThis, name, value), name);
    }
    for (let at = 0; at < this.#kept.length; at++) putBack(this.#kept[at], note);
    if (lost.length > 0) {
      writeSync(process.stderr.fd, `${LOST}${lost.slice(0, 5).join(", ")}\n`);
      process.kill(process.pid, "SIGKILL");
    }
    if (changed.length > 0) this.#told(changed);
  }
}

/** What a cell is told of what it overwrote. */
export function restoredText(names: readonly string[]): string {
  const more = names.length > 3 ? ` and ${names.length - 3} more` : "";
  return `${names.slice(0, 3).join(", ")}${more}: put back as it was, for the kernel and libraries need it\n`;
}

function putBack({ name, object, prototype, own }: Kept, note: (isBack: boolean, name: string) => void): void {
  if (getPrototypeOf(object) !== prototype) note(setPrototypeOf(object, prototype), name);
  for (let at = 0; at < own.length; at++) {
    const key = own[at][0];
    const before = own[at][1];
    if (isSame(getOwnPropertyDescriptor(object, key), before)) continue;
    const member = typeof key === "symbol" ? "[a symbol]" : text(key);
    note(defineProperty(object, key, before), name === "" ? member : `${name}.${member}`);
  }
}

/** Constructors and functions of the language, which Node's own globals are not. */
function isOfLanguage(name: string, value: unknown): boolean {
  if (typeof value === "object" && value !== null) return Symbol.toStringTag in value && /^[A-Z]/.test(name);
  return typeof value === "function" && /\[native code\]/.test(Function.prototype.toString.call(value));
}

function* generator(): Generator<never> {}
async function* asynchronous(): AsyncGenerator<never> {}

/** Frozen is not changed: what is read is the same. */
function isSame(now: PropertyDescriptor | undefined, before: PropertyDescriptor): boolean {
  return now !== undefined && is(now.value, before.value) && now.get === before.get && now.set === before.set;
}
