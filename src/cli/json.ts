/**
 * The JSON text of a value, indented by one blank a level.
 *
 * A Map becomes an object whose names keep their order, which those of an object lose where they look like whole numbers.
 * A typed array becomes a list, and what is not a finite number null.
 */
export function jsonText(value: unknown): string {
  return written(value, "\n") ?? "null";
}

/** Undefined where JSON has nothing to say, as of a function; `margin` is the line break with the blanks after it. */
function written(value: unknown, margin: string): string | undefined {
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const inner = `${margin} `;
  if (Array.isArray(value) || ArrayBuffer.isView(value)) {
    const parts = Array.from(value as ArrayLike<unknown>, (entry) => written(entry, inner) ?? "null");
    return enclosed("[", parts, "]", margin);
  }
  const parts: string[] = [];
  for (const [name, entry] of value instanceof Map ? value : Object.entries(value)) {
    const text = written(entry, inner);
    if (text !== undefined) parts.push(`${JSON.stringify(name)}: ${text}`);
  }
  return enclosed("{", parts, "}", margin);
}

function enclosed(open: string, parts: readonly string[], close: string, margin: string): string {
  if (parts.length === 0) return open + close;
  return `${open}${margin} ${parts.join(`,${margin} `)}${margin}${close}`;
}
