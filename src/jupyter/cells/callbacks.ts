import { createRequire } from "node:module";

/** As code that is loaded by `require`, which all of the cells' is, finds them. */
const require = createRequire(import.meta.url);

/** What calls back when Node has done what it was asked for, rather than by an event or a promise. */
function holders(): object[] {
  const [fs, dns, zlib, crypto] = ["node:fs", "node:dns", "node:zlib", "node:crypto"].map((name) => require(name));
  return [fs, fs.Dir.prototype, dns, dns.Resolver.prototype, zlib, crypto];
}

/** Functions that keep no callback: those that wait, and those whose listeners are known by what they are. */
const PLAIN = /^[^a-z]|Sync$|^create|^(?:un)?watch|^constructor$/;

/**
 * Lends those functions so that what they are given last is called as `own` makes of it, and returns what ends that.
 *
 * @param own makes a callback one of whoever hands it over
 */
export function lendCallbacks(own: <F extends (...args: never[]) => unknown>(callback: F) => F): () => void {
  const kept: [object, string, unknown][] = [];
  for (const holder of holders()) {
    for (const [name, { value, writable }] of Object.entries(Object.getOwnPropertyDescriptors(holder))) {
      if (typeof value !== "function" || writable !== true || PLAIN.test(name)) continue;
      kept.push([holder, name, value]);
      // What hangs on the function (its promise form) stays.
      const lent = new Proxy(value, {
        apply: (target, self, args: unknown[]) => {
          const last = args.at(-1);
          const given = typeof last === "function" ? [...args.slice(0, -1), own(last as () => unknown)] : args;
          return Reflect.apply(target, self, given);
        },
      });
      Reflect.set(holder, name, lent);
    }
  }
  return () => {
    // Cells may have frozen them.
    for (const [holder, name, value] of kept) Reflect.set(holder, name, value);
  };
}
