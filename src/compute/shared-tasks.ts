import { existsSync } from "node:fs";
import { join } from "node:path";
import { type Worker, workerData } from "node:worker_threads";
import { isObject, typedAs } from "../errors/kinds.ts";
import { InputError, quote } from "../errors.ts";
import type { Journal } from "../files/journal.ts";
import { packageRoot } from "../files/package-root.ts";
import { computing, setEngine, setThreads } from "./engine.ts";
import { startThread } from "./start-thread.ts";

/** Tasks with numbers, from 0, each of which comes to `width` numbers and depends on nothing but its own. */
export interface Tasks {
  readonly count: number;
  readonly width: number;
  /** What all depend on: plain values, as threads can be sent them. */
  readonly job?: unknown;
  /** Program of a thread that takes part, by its name in `dist/`; absent where none does. */
  readonly program?: string;
}

/** What a thread that takes part is given. */
interface Share extends Omit<Tasks, "program"> {
  /** The next task, and after it the state of each: 0 until it is done. */
  readonly state: Int32Array;
  readonly results: Float64Array;
  readonly engine: ReturnType<typeof computing>["engine"];
}

const NEXT = 0;
const DONE = 1;

/**
 * Computes tasks on several threads; the calling thread takes part, and none is waited for: a task that another has not
 * finished when no more are left is computed by the calling thread as well, to the same bits.
 *
 * @param workers threads at the most, the calling one included; where there is no program for others, it is alone
 * @param compute a task, by its number
 * @param journal where results are noted, those of other threads among them; what it has is not computed again
 * @returns the results of all tasks, in order (count × width)
 * @throws what a task throws
 */
export function sharedTasks(
  { program, ...tasks }: Tasks,
  workers: number,
  compute: (task: number) => ArrayLike<number>,
  journal?: Journal,
): Float64Array {
  const { count, width, job } = tasks;
  const file = workers > 1 && program !== undefined ? programFile(program) : undefined;
  const state = new Int32Array(new SharedArrayBuffer(4 * (DONE + count)));
  const results = new Float64Array(new SharedArrayBuffer(8 * count * width));
  const keep = journal && keeper(journal, { count, width, state, results });
  const others: Worker[] = [];
  try {
    const share: Share = { count, width, job, state, results, engine: computing().engine };
    for (let at = 1; file !== undefined && at < Math.min(workers, count); at++) {
      // One that fails leaves its task undone.
      const worker = startThread(file, { workerData: share });
      if (worker === undefined) break;
      others.push(worker);
    }
    takePart({ count, width, state, results }, compute, () => {
      if (journal?.isDue()) keep?.();
    });
    for (let task = 0; task < count; task++) {
      if (Atomics.load(state, DONE + task) === 0) done({ width, state, results }, task, compute(task));
    }
    keep?.();
    return results.slice();
  } finally {
    for (const worker of others) worker.terminate();
  }
}

/** Takes part in the tasks that this thread was started for. */
export function takePartHere<Job>(prepare: (job: Job) => (task: number) => ArrayLike<number>): void {
  const share = workerData as Share;
  // The other cores are at work on other tasks.
  setEngine(share.engine);
  setThreads(1);
  takePart(share, prepare(share.job as Job));
}

function takePart(
  { count, width, state, results }: Omit<Share, "job" | "engine">,
  compute: (task: number) => ArrayLike<number>,
  after?: () => void,
): void {
  for (let task = Atomics.add(state, NEXT, 1); task < count; task = Atomics.add(state, NEXT, 1)) {
    if (Atomics.load(state, DONE + task) === 1) continue;
    done({ width, state, results }, task, compute(task));
    after?.();
  }
}

type Results = Pick<Share, "width" | "state" | "results">;

function done({ width, state, results }: Results, task: number, found: ArrayLike<number>): void {
  results.set(found, task * width);
  Atomics.store(state, DONE + task, 1);
}

/** Results as a journal has them: those of some tasks, one after the other. */
interface Note {
  readonly tasks: Int32Array;
  readonly found: Float64Array;
}

/** Reads the results that a journal has, and returns what notes those that are new. */
function keeper(journal: Journal, { count, ...all }: Results & Pick<Share, "count">): () => void {
  const { width, state, results } = all;
  const kept = new Set<number>();
  for (const note of journal.past) {
    if (!isNote(note, width))
      throw new InputError(`go on from ${quote(journal.file)}`, "results of these tasks", "others");
    note.tasks.forEach((task, at) => {
      kept.add(task);
      // More may have been asked for before.
      if (task < count) done(all, task, note.found.subarray(at * width, (at + 1) * width));
    });
  }
  return () => {
    const tasks = Int32Array.from({ length: count }, (_, task) => task).filter(
      (task) => !kept.has(task) && Atomics.load(state, DONE + task) === 1,
    );
    if (tasks.length === 0) return;
    const found = Float64Array.from({ length: tasks.length * width }, (_, at) => {
      return results[tasks[Math.floor(at / width)] * width + (at % width)];
    });
    journal.note({ tasks, found } satisfies Note);
    for (const task of tasks) kept.add(task);
  };
}

function isNote(note: unknown, width: number): note is Note {
  if (!isObject(note) || !typedAs(note.tasks, "Int32Array") || !typedAs(note.found, "Float64Array")) return false;
  const tasks = Array.from(note.tasks);
  return note.found.length === tasks.length * width && tasks.every((task) => task >= 0);
}

/** The program's file, where the package's folder is known and has it. */
function programFile(program: string): string | undefined {
  try {
    const file = join(packageRoot(), "dist", program);
    return existsSync(file) ? file : undefined;
  } catch {
    return undefined;
  }
}
