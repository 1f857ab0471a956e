import { createHash, randomBytes } from "node:crypto";
import { readdirSync, rmSync, statSync } from "node:fs";
import { hostname } from "node:os";
import { basename, dirname, join } from "node:path";

/** Where a file is written before it takes its place: beside it, by a name that says whose it is, long as the file's may be. */
export function draftOf(file: string, host: string = hostname(), pid: number = process.pid): string {
  const name = [...basename(file)].slice(0, 40).join("");
  return join(dirname(file), `${name}.mixlens-${hashOf(host)}-${pid}-${randomBytes(4).toString("hex")}.tmp`);
}

const DRAFT = /\.mixlens-([0-9a-f]{8})-(\d+)-[0-9a-f]{8}\.tmp$/;

/** Milliseconds that no draft is written in. */
const DAY = 86_400_000;

/** Removes the drafts in a folder that killed processes left; those of processes that are there stay. */
export function removeDrafts(folder: string): void {
  for (const name of safely(() => readdirSync(folder)) ?? []) {
    const [, host, pid] = DRAFT.exec(name) ?? [];
    if (host === undefined) continue;
    const file = join(folder, name);
    const written = safely(() => statSync(file).mtimeMs) ?? Number.NaN;
    // What cannot be removed harms nobody.
    if (isLeft(host, Number(pid), written)) safely(() => rmSync(file, { force: true }));
  }
}

function safely<T>(act: () => T): T | undefined {
  try {
    return act();
  } catch {
    return undefined;
  }
}

/** Whether nobody writes this draft any more. */
function isLeft(host: string, pid: number, written: number): boolean {
  if (Date.now() - written > DAY) return true;
  // Processes of another machine are not to be seen.
  if (host !== hashOf(hostname())) return false;
  // In a container, one process after the other may have the same number.
  if (pid === process.pid) return written < Date.now() - 1000 * process.uptime();
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ESRCH";
  }
}

function hashOf(host: string): string {
  return createHash("sha256").update(host).digest("hex").slice(0, 8);
}
