import { availableParallelism } from "node:os";
import { setFlagsFromString } from "node:v8";
import { shown } from "../errors/shown.ts";
import { InputError } from "../errors.ts";
import { type Arena, arena, type Region } from "./arena.ts";
import { binary } from "./binaries.ts";
import { type DataCache, dataCache } from "./data-cache.ts";
import { type Pool, pool } from "./pool.ts";

// How it works. A model's sums over rows are defined by plain code (blocks.ts, kernels.ts). Where a kernel computes the
// same sums, the model asks for them first (kernel-sums.ts) and falls back on the plain code when it gets nothing.
//
// - generated.ts: the kernels, compiled from assembly/ by `npm run kernels`, for 128-bit vectors and, where the machine
//   validates it, with fused multiply and add (Node 20 does when told to). Nothing is compiled before the first sum.
// - own.ts: rows are kept by copies that nobody else can write to, so that what is kept is never out of date.
// - data-cache.ts, tiled.ts: rows are copied once into tiles that fit the first cache, into memory that all threads see
//   (arena.ts).
// - job.ts, pool.ts: workers on that memory. A job (assembly/job.ts) is cut into chunks of tiles; everyone at work, the
//   calling thread too, takes the next chunk until none is left (assembly/work.ts), and the calling thread adds up the
//   chunks' sums in order. No call takes longer than one pass over the rows.
// - blocks.ts, streamed.ts: many rows are summed by stretches of a fixed number, in memory and from files.
// - images.ts: images stay bytes, in tiles of their own, and go through the same jobs.
// - picked-products.ts, single-products.ts: products of matrices whose rows are picked, in a program of their own, without
//   threads and without fused operations, so that what is trained step by step has the same bits on every machine.
// - dense.ts: products and rotations of rows of matrices, in a program of their own as well: factors, eigenvectors.
// - kept-responsibilities.ts: responsibilities stay in the tiles, with a note of whose they are, and are copied out for
//   whoever wants to see them.

/** The job's fields end, and the kernels' constants begin, below this address. */
const START = 4096;

interface Exports {
  readonly work: (participant: number) => void;
  readonly finish: () => void;
  readonly scratchBytes: () => number;
}

/** Room for one stretch of rows that are not in memory, and its responsibilities, the same for all. */
export interface StreamRoom {
  readonly tiles: Region;
  readonly responsibilities: Region;
}

/** What runs the kernels. */
export interface Engine {
  readonly name: "simd" | "relaxed";
  readonly arena: Arena;
  readonly pool: Pool;
  readonly exports: Exports;
  /** The rows that are in the arena. */
  readonly data: DataCache;
  /** Results, coefficients and scratch of the running job. */
  workspace?: Region;
  /** The stretch that is at work, of rows that are not in memory. */
  stream?: StreamRoom;
}

let threads = Math.min(availableParallelism(), 64);
let wanted: "reference" | "simd" | "relaxed" = "relaxed";
let engine: Engine | undefined;
let unavailable = false;
let hasWarned = false;

/**
 * Sets the number of threads that sums over many rows are shared among; default: the number of cores.
 *
 * Results are the same to the bit for any number. Few rows are summed by the calling thread alone. Threads are started
 * when they are first needed, and end with the program.
 *
 * @param count a whole number from 1 to 64
 * @throws InputError when it is none
 * @remarks cost: a thread takes about 5 MB of memory and 30 ms to start, while the calling thread works.
 * @example
 * ```ts
 * import { computing, setThreads } from "mixlens";
 * setThreads(1);
 * if (computing().threads !== 1) throw new Error("one thread was asked for");
 * ```
 */
export function setThreads(count: number): void {
  if (!(Number.isInteger(count) && count >= 1 && count <= 64)) {
    throw new InputError("set the number of threads", "a whole number from 1 to 64", shown(count));
  }
  threads = count;
}

/** The number of threads that a sum over many rows is shared among. */
export function threadCount(): number {
  return threads;
}

/** Has all sums computed anew by the plain code, or by at the most this build of the kernels: for comparisons. */
export function setEngine(name: "reference" | "simd" | "relaxed"): void {
  stop(engine);
  wanted = name;
}

/** Whether the kernels may run. */
export function usesKernels(): boolean {
  return wanted !== "reference";
}

/** What computes the sums over rows. */
export interface Computing {
  /** `"reference"`: plain code; `"simd"`: WebAssembly with 128-bit vectors; `"relaxed"`: with fused multiply and add, too. */
  readonly engine: "reference" | "simd" | "relaxed";
  readonly threads: number;
}

/**
 * What computes the sums over rows, and with how many threads.
 *
 * @example
 * ```ts
 * import { computing } from "mixlens";
 * const { engine, threads } = computing();
 * if (engine === "reference" && threads !== 1) throw new Error("the plain code has one thread");
 * ```
 */
export function computing(): Computing {
  const name = started()?.name ?? "reference";
  return { engine: name, threads: name === "reference" ? 1 : threads };
}

/** The engine that has been started, if any. */
export function running(): Engine | undefined {
  return engine;
}

/** The engine, started the first time, or nothing where it cannot or is not to run. */
export function started(): Engine | undefined {
  if (engine !== undefined || unavailable || wanted === "reference") return engine;
  try {
    engine = start();
  } catch (error) {
    unavailable = true;
    warnOnce((error as Error).message);
  }
  return engine;
}

/** Says, once in a process, that the plain code has to do, and why. */
export function warnOnce(reason: string): void {
  if (!hasWarned) process.emitWarning(`mixlens computes without WebAssembly, several times slower: ${reason}`);
  hasWarned = true;
}

function start(): Engine {
  const fused = binary("relaxed");
  // Node 20 has the instructions, but only behind a flag.
  if (wanted === "relaxed" && !WebAssembly.validate(fused)) setFlagsFromString("--experimental-wasm-relaxed-simd");
  const name = wanted === "relaxed" && WebAssembly.validate(fused) ? "relaxed" : "simd";
  const module = new WebAssembly.Module(binary(name));
  const shared = arena(START);
  const instance = new WebAssembly.Instance(module, { env: { memory: shared.memory } });
  const made: Engine = {
    name,
    arena: shared,
    pool: pool(module, shared.memory),
    exports: instance.exports as never,
    // Memory does not shrink: much of it with little in it is left to the garbage collector, workers and all.
    data: dataCache(shared, () => stop(made)),
  };
  return made;
}

/** Ends an engine's threads; the next sum starts another engine, with memory of its own. */
function stop(old: Engine | undefined): void {
  old?.pool.stop();
  if (old === engine) engine = undefined;
}
