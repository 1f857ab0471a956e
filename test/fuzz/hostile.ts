import { InputError, WorkFailure } from "../../src/errors.ts";
import { type Random, random } from "../../src/math/random.ts";

/** Fits that are tried in a short run; `FUZZ` says another number. */
export const FITS = 2500;
export const fits: number = Number(process.env.FUZZ ?? FITS);

/** Cases of a reader: this many in a short run, and more in the proportion of `FUZZ`. */
export const casesOf = (few: number): number => Math.ceil((few * fits) / FITS);

export const pick = <T>(rng: Random, from: readonly T[]): T => from[rng.integer(from.length)];
export const chance = (rng: Random, p: number): boolean => rng.uniform() < p;
export const several = <T>(rng: Random, most: number, make: (at: number) => T): T[] =>
  Array.from({ length: rng.integer(most + 1) }, (_, at) => make(at));

/** Names that mean something to JavaScript, to JSON, to HTML, to a shell or to a reader of text. */
export const NAMES: readonly string[] = [
  "__proto__",
  "constructor",
  "prototype",
  "toString",
  "valueOf",
  "hasOwnProperty",
  "then",
  "length",
  "__defineGetter__",
  "toJSON",
  "expert1",
  "gate2.x",
  "(Intercept)",
  "<script>alert(1)</script>",
  "'); drop table data; --",
  "`process.exit()`",
  "a\u0000b",
  "\ud800",
  "\u202etxt",
  "\ufeff",
  "e\u0301",
  "é",
  "🦄",
  "a b",
  "..",
  "-",
  "--json",
  "NaN",
  "Infinity",
  "0",
  "-0",
  "1e999",
  "null",
  "undefined",
  "true",
];

/** Pieces that readers have to tell apart. */
const PIECES = [
  ...NAMES,
  "",
  " ",
  "\t",
  "\n",
  "\r",
  "\r\n",
  ",",
  ";",
  "|",
  '"',
  '""',
  "'",
  "`",
  "\\",
  "\\u0000",
  "{",
  "}",
  "[",
  "]",
  ":",
  "#",
  "sep=;",
  "1",
  "-2.5",
  "1,5",
  "1.204",
  "12%",
  "9".repeat(400),
  "x".repeat(5000),
  "[".repeat(3000),
];
const BYTES = [0, 0xff, 0xfe, 0xef, 0xbb, 0xbf, 0xc0, 0x80, 0xed, 0xa0, 0xf4, 0x90, 0x1f, 0x8b, 0x0a, 0x0d, 0x22, 0x2c];

/** Bytes of a sound input that was cut, spliced, doubled, or had letters and pieces put into it. */
export function mutated(rng: Random, sound: Uint8Array): Buffer {
  let bytes = Buffer.from(sound);
  for (let times = 1 + rng.integer(4); times > 0; times--) {
    const at = rng.integer(bytes.length + 1);
    const to = Math.min(bytes.length, at + rng.integer(chance(rng, 0.8) ? 8 : bytes.length + 1));
    const [before, cut, after] = [bytes.subarray(0, at), bytes.subarray(at, to), bytes.subarray(to)];
    switch (rng.integer(6)) {
      case 0:
        bytes = Buffer.concat([before, after]);
        break;
      case 1:
        bytes = Buffer.concat([before, cut, cut, after]);
        break;
      case 2:
        bytes = Buffer.from(before);
        break;
      case 3:
        bytes = Buffer.concat([before, Buffer.from(pick(rng, PIECES)), after]);
        break;
      case 4:
        bytes = Buffer.concat([before, Buffer.of(pick(rng, BYTES)), after]);
        break;
      default:
        if (at < bytes.length) bytes[at] ^= 1 << rng.integer(8);
    }
  }
  return bytes;
}

/** A value of JSON as nobody would write it, of this depth at the most. */
export function oddJson(rng: Random, depth: number = 3): unknown {
  const kind = rng.integer(depth > 0 ? 9 : 6);
  if (kind === 0) return pick(rng, [null, true, false]);
  if (kind === 1) return pick(rng, [0, -0, 1, -1, 0.5, 1e308, -1e-320, 2 ** 53, 4294967296]);
  if (kind < 4) return pick(rng, NAMES);
  if (kind === 4) return "x".repeat(rng.integer(200));
  if (kind === 5) return rng.integer(10);
  if (kind === 6) return several(rng, 3, () => oddJson(rng, depth - 1));
  return Object.fromEntries(several(rng, 4, () => [pick(rng, NAMES), oddJson(rng, depth - 1)]));
}

/** JSON with one of its values in another's place, left out, or beside an entry of another name. */
export function oddlyEdited(rng: Random, sound: unknown): unknown {
  const all: [object: Record<string, unknown>, key: string][] = [];
  const copy: unknown = structuredClone(sound);
  const visit = (value: unknown): void => {
    if (typeof value !== "object" || value === null) return;
    for (const key of Object.keys(value)) {
      all.push([value as Record<string, unknown>, key]);
      visit((value as Record<string, unknown>)[key]);
    }
  };
  visit(copy);
  for (let times = 1 + rng.integer(2); times > 0; times--) {
    const [object, key] = pick(rng, all);
    const place = chance(rng, 0.7) || Array.isArray(object) ? key : pick(rng, NAMES);
    if (chance(rng, 0.15)) Reflect.deleteProperty(object, key);
    else {
      const value = chance(rng, 0.5) ? oddJson(rng) : structuredClone(all[rng.integer(all.length)][0]);
      Object.defineProperty(object, place, { value, enumerable: true, configurable: true, writable: true });
    }
  }
  return copy;
}

const KNOWN = [Object.prototype, Array.prototype, Function.prototype, String.prototype, Map.prototype].map(
  (prototype) => [prototype, Reflect.ownKeys(prototype).length] as const,
);

/** Milliseconds of computing after which a case hangs; one that waits without end is ended with its test. */
export const HANGS = 10_000;

/** Milliseconds that this process has computed, whatever else the machine has to do. */
export function computed(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** What is wrong with what was thrown: nothing with a refusal in one sentence. */
export function wrongOf(error: unknown): string | undefined {
  if (!(error instanceof InputError || error instanceof WorkFailure))
    return error instanceof Error
      ? (error.stack ?? error.message).split("\n    ").slice(0, 5).join(" ")
      : String(error);
  const { message } = error;
  if (!/^Cannot [^\n\r]+: expected [^\n\r]+, got [^\n\r]+$/.test(message)) return `said ${message}`;
  return message.length > LONGEST ? `said ${message.length} letters: ${message.slice(0, 200)}` : undefined;
}

/**
 * What is wrong with how a reader ended: nothing where it gave a result or refused its input in one sentence, in time, and
 * left what every object inherits as it was.
 */
export async function faultOf(read: () => unknown): Promise<string | undefined> {
  const begun = computed();
  let said: string | undefined;
  try {
    await read();
  } catch (error) {
    said = wrongOf(error);
  }
  const milliseconds = computed() - begun;
  if (milliseconds > HANGS) said = `took ${Math.round(milliseconds)} ms`;
  if (KNOWN.some(([prototype, keys]) => Reflect.ownKeys(prototype).length !== keys)) said = "polluted a prototype";
  return said;
}

/** Letters of a sentence at the most: one that shows all of a hostile input helps nobody. */
const LONGEST = 2000;

/** Tries cases by number, each of a generator of its own, and returns what was wrong with the first few that had a fault. */
export async function faultsOf(
  cases: number,
  make: (rng: Random, number: number) => { readonly shown: () => string; readonly read: () => unknown },
): Promise<readonly string[]> {
  const faults: string[] = [];
  for (let number = 0; number < cases && faults.length < 5; number++) {
    const { shown, read } = make(random(number), number);
    const fault = await faultOf(read);
    if (fault !== undefined) faults.push(`case ${number}, ${shown().slice(0, 400)}: ${fault}`);
  }
  return faults;
}
