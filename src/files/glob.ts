import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";

const WILD = /[*?[]/;
const SEPARATOR = process.platform === "win32" ? /[\\/]+/ : /\/+/;

/** Whether a name is an address of what is on another machine, or may be. */
export function isAddress(path: string): boolean {
  return /^[a-z][\w+.-]*:\/\//i.test(path);
}

/** Whether a path is a pattern, unless there is a file of this very name. */
export function isPattern(path: string): boolean {
  return WILD.test(path) && !isAddress(path) && !existsSync(path);
}

/**
 * The files that a pattern matches, in the order of their names' letters: `*` and `?` stand for letters of a name, `[a-c]` for
 * one of some, `**` for folders, however deep. A path that is no pattern is itself, whether there is such a file or not.
 */
export function filesMatching(path: string): readonly string[] {
  if (!isPattern(path)) return [path];
  const [first, ...rest] = path.split(SEPARATOR);
  // A path that begins with a separator has nothing before it; one with a drive has that.
  const isRooted = first === "" || /^[a-z]:$/i.test(first);
  const found = isRooted ? below(`${first}/`, rest) : below("", [first, ...rest]);
  return [...new Set(found)].sort((a, b) => (a < b ? -1 : 1));
}

/** The files below a folder that the parts of a pattern match. */
function below(folder: string, [part, ...rest]: readonly string[]): readonly string[] {
  if (part === undefined) return isFile(folder) ? [folder] : [];
  if (part === "**") return [folder, ...foldersBelow(folder)].flatMap((each) => below(each, rest));
  if (!WILD.test(part)) return below(joined(folder, part), rest);
  const matches = matcher(part);
  return namesIn(folder)
    .filter((name) => matches.test(name))
    .flatMap((name) => below(joined(folder, name), rest));
}

/** All folders below one; links are not followed, for they may lead in a circle. */
function foldersBelow(folder: string): readonly string[] {
  const entries = safely(() => readdirSync(folder || ".", { withFileTypes: true })) ?? [];
  return entries
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith("."))
    .flatMap(({ name }) => [joined(folder, name), ...foldersBelow(joined(folder, name))]);
}

function namesIn(folder: string): readonly string[] {
  return safely(() => readdirSync(folder || ".")) ?? [];
}

/** Matches whole names; hidden ones only where the pattern begins with a point, too. */
function matcher(part: string): RegExp {
  const text = part.replace(/\[([!^]?)([^\]]+)\]|[*?]|[\\^$.|+(){}[\]]/g, (all, not: string, letters: string) => {
    if (letters !== undefined) return `[${not && "^"}${letters.replace(/[\\[\]^]/g, "\\$&")}]`;
    if (all === "*") return ".*";
    return all === "?" ? "." : `\\${all}`;
  });
  return new RegExp(`^${part.startsWith(".") ? "" : "(?!\\.)"}${text}$`, "su");
}

function joined(folder: string, name: string): string {
  return folder === "" ? name : join(folder, name);
}

function isFile(path: string): boolean {
  return safely(() => !statSync(path).isDirectory()) ?? false;
}

/** What may not be read, or is gone by now, matches nothing. */
function safely<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
