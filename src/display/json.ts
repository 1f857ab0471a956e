import { types } from "node:util";
import { InputError } from "../errors.ts";

/** What JSON can hold. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

/** How deep values may lie in each other: programs that read what is shown give up at a few times as many. */
const DEEPEST = 200;
/** Characters that are shown at once, at the most: a page stands still at a few times as many. */
const LARGEST = 64e6;

/** Errors of readers, told from those of the values' own code. */
const refusals = new WeakSet<object>();

/**
 * Reads values as JSON holds them, into copies without code: what it gives can be sent, written and read back.
 *
 * It is stricter than JSON.stringify: nothing that JSON lacks becomes a gap or an empty object without a word. Members
 * that are undefined are as if they were not there, and typed arrays are lists of their numbers.
 */
export class JsonReader {
  readonly #act: string;
  readonly #path: (string | number)[] = [];
  readonly #above: object[] = [];
  #size = 0;

  /** @param act what is done with the values, for the error: `show application/json` */
  constructor(act: string) {
    this.#act = act;
  }

  /** @throws InputError that says what is no JSON, and where in the value it lies */
  read(value: unknown): Json {
    return this.guard(() => this.#read(value));
  }

  /** Text as it may be kept. */
  text(text: string): string {
    this.#size += text.length;
    if (this.#size > LARGEST) {
      const most = `${LARGEST / 1e6} million characters at the most`;
      throw this.refuse(most, `${Math.ceil(this.#size / 1e6)} million`, "show a part or a summary");
    }
    return wellFormed(text);
  }

  /** Runs what reads a value: code of its author (getters, proxies, toJSON) may throw whatever it likes. */
  guard<T>(body: () => T): T {
    try {
      return body();
    } catch (error) {
      if (refusals.has(error as object)) throw error;
      throw Object.assign(this.refuse("JSON", "a value that throws when it is read"), { cause: error });
    }
  }

  refuse(
    expected: string,
    got: string,
    next: string = "pass plain objects, lists, text, finite numbers, booleans and null",
  ): InputError {
    const place = this.#path.map((step) => (typeof step === "string" && NAME.test(step) ? `.${step}` : bracket(step)));
    const where = place.length === 0 ? "" : ` at ${place.join("").slice(0, 200)}`;
    const refusal = new InputError(this.#act, expected, `${got}${where}`, next);
    refusals.add(refusal);
    return refusal;
  }

  #read(value: unknown): Json {
    const own = withoutToJson(value, String(this.#path.at(-1) ?? ""));
    switch (typeof own) {
      case "string":
        return this.text(own);
      case "boolean":
        return own;
      case "number":
        if (!Number.isFinite(own)) throw this.refuse("JSON", String(own), "write null in its place");
        this.#size += 8;
        return own;
      case "object":
        return own === null ? null : this.#object(own);
      default:
        throw this.refuse("JSON", nameOf(own));
    }
  }

  #object(value: object): Json {
    if (types.isBoxedPrimitive(value)) return this.#read(value.valueOf());
    if (isOpaque(value)) throw this.refuse("JSON", nameOf(value));
    if (this.#above.includes(value)) {
      throw this.refuse("JSON", "a value that contains itself", "leave out what leads back");
    }
    if (this.#above.length === DEEPEST) {
      throw this.refuse(`JSON of ${DEEPEST} levels at the most`, "more", "show a part or a summary");
    }
    this.#above.push(value);
    const read = this.#members(value);
    this.#above.pop();
    return read;
  }

  #members(value: object): Json {
    if (Array.isArray(value)) return Array.from(value, (member, at) => this.#member(at, member));
    if (types.isTypedArray(value)) return Array.from(value as ArrayLike<unknown>, (n, at) => this.#member(at, n));
    const members: [string, Json][] = [];
    for (const name of Object.keys(value)) {
      const member = (value as Record<string, unknown>)[name];
      if (member !== undefined) members.push([this.text(name), this.#member(name, member)]);
    }
    return Object.fromEntries(members);
  }

  #member(step: string | number, value: unknown): Json {
    this.#path.push(step);
    const read = this.#read(value);
    this.#path.pop();
    return read;
  }
}

/** Text without halves of characters: no file can hold those. */
export function wellFormed(text: string): string {
  return text.replace(/\p{Surrogate}/gu, "\ufffd");
}

const NAME = /^[A-Za-z_$][\w$]*$/;

function bracket(step: string | number): string {
  return `[${JSON.stringify(step)}]`;
}

/** What a value says that it is in JSON: dates do, and big integers where someone gave them that. */
function withoutToJson(value: unknown, key: string): unknown {
  if (typeof value !== "bigint" && (typeof value !== "object" || value === null)) return value;
  const { toJSON } = value as { toJSON?: unknown };
  return typeof toJSON === "function" ? toJSON.call(value, key) : value;
}

/** Objects whose content is no members: in JSON they would be empty. */
function isOpaque(value: object): boolean {
  const { isMap, isSet, isWeakMap, isWeakSet, isPromise, isRegExp, isNativeError, isAnyArrayBuffer, isDataView } =
    types;
  const kinds = [isMap, isSet, isWeakMap, isWeakSet, isPromise, isRegExp, isNativeError, isAnyArrayBuffer, isDataView];
  return kinds.some((isKind) => isKind(value));
}

/** What a value is, in a word or two. */
export function nameOf(value: unknown): string {
  if (value === undefined || value === null) return String(value);
  if (typeof value === "object") {
    const kind = Array.isArray(value) ? "list" : Object.prototype.toString.call(value).slice(8, -1);
    return kind === "Object" ? "an object" : `${/^[aeio]/i.test(kind) ? "an" : "a"} ${kind}`;
  }
  const names: Record<string, string> = { string: "text", bigint: "a BigInt" };
  return names[typeof value] ?? `a ${typeof value}`;
}
