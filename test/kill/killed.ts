import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { random } from "../../src/math/random.ts";

/** Kills of each kind of work: `KILLS=100` for more. */
export const KILLS: number = Number(process.env.KILLS ?? 10);

export const cli: string = fileURLToPath(new URL("../../dist/cli.mjs", import.meta.url));

/** Starts a command in a folder, in silence. */
export function started(folder: string, args: readonly string[]): ChildProcess {
  return spawn(process.execPath, [cli, ...args], { cwd: folder, stdio: "ignore", detached: true });
}

/**
 * Starts a command again and again, and kills it with all its workers at moments that are drawn, up to so many milliseconds
 * after its start.
 *
 * @param restore called where it had come to its end before it was to be killed
 * @param look called after each kill
 * @returns how many were killed at work
 */
export async function killedTimes(
  folder: string,
  args: readonly string[],
  within: number,
  { restore = () => {}, look = () => {} }: { readonly restore?: () => void; readonly look?: () => void },
): Promise<number> {
  const rng = random(KILLS + within);
  let killed = 0;
  for (let times = 0; times < KILLS; times++) {
    const child = started(folder, args);
    const ended = once(child, "exit");
    await Promise.race([ended, setTimeout(within * rng.uniform())]);
    if (child.exitCode === null && child.signalCode === null) {
      // With the processes that it started: what a machine that stops does.
      process.kill(-(child.pid as number), "SIGKILL");
      killed++;
    } else restore();
    await ended;
    look();
  }
  return killed;
}
