import { quote } from "../errors.ts";

/** A value as an error shows it: what it is, where it can't be quoted. */
export function shown(value: unknown): string {
  if (typeof value === "function") return "a function";
  if (typeof value !== "object" || value === null) return quote(value);
  if (Array.isArray(value)) return shownList(value);
  if (ArrayBuffer.isView(value)) return `a ${Object.prototype.toString.call(value).slice(8, -1)}`;
  return "mixture" in value && "theta" in value ? "a fit" : shownEntries(value);
}

/** A few plain entries as they are, for the same reason. */
function shownEntries(value: object): string {
  const entries = Object.getPrototypeOf(value) === Object.prototype ? Object.entries(value) : [];
  const isPlain = entries.every(([, own]) => !["object", "function"].includes(typeof own) || own === null);
  if (entries.length === 0 || !isPlain) return "an object";
  const list = `{ ${entries.map(([name, own]) => `${JSON.stringify(name)}: ${quote(own)}`).join(", ")} }`;
  return list.length <= 60 ? list : "an object";
}

/** A short list of values as it is: which entry is wrong can then be seen. */
function shownList(values: readonly unknown[]): string {
  if (values.length === 0) return "an empty array";
  const isPlain =
    values.length <= 8 && Array.from(values).every((value) => typeof value !== "object" || value === null);
  const list = isPlain ? `[${Array.from(values, shown).join(", ")}]` : "";
  return isPlain && list.length <= 60 ? list : `an array of ${values.length}`;
}
