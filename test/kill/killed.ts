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
 * Starts a command again and again, until it was killed at work {@link KILLS} times, with all its workers, at moments that are
 * drawn from as long as it takes.
 *
 * @param restore called where it had come to its end before it was to be killed
 * @param look called after each start
 */
export async function killed(
  folder: string,
  args: readonly string[],
  { restore = () => {}, look = () => {} }: { readonly restore?: () => void; readonly look?: () => void },
): Promise<void> {
  const rng = random(KILLS);
  const began = performance.now();
  await once(started(folder, args), "exit");
  const whole = performance.now() - began;
  restore();
  look();
  for (let kills = 0; kills < KILLS; ) {
    const child = started(folder, args);
    const ended = once(child, "exit");
    await Promise.race([ended, setTimeout(whole * rng.uniform())]);
    if (child.exitCode === null && child.signalCode === null) {
      // With the processes that it started: what a machine that stops does.
      process.kill(-(child.pid as number), "SIGKILL");
      kills++;
    } else restore();
    await ended;
    look();
  }
}
