import { availableParallelism } from "node:os";
import { setFlagsFromString } from "node:v8";
import { shown } from "../errors/shown.ts";
import { InputError } from "../errors.ts";
import { type Arena, arena, type Region } from "./arena.ts";
import { binary } from "./binaries.ts";
import { JOB_FIELDS, type JobField } from "./generated.ts";
import { bytesOf, own } from "./own.ts";
import { type Pool, pool } from "./pool.ts";
import { type Rows, readResponsibilities, type Tiled, tiled, writeResponsibilities } from "./tiled.ts";

// How it works. A model's sums over rows are defined by plain code (blocks.ts, kernels.ts). Where a kernel computes the
// same sums, the model asks for them here first and falls back on the plain code when it gets nothing.
//
// - generated.ts: the kernels, compiled from assembly/ by `npm run kernels`, for 128-bit vectors and, where the machine
//   validates it, with fused multiply and add (Node 20 does when told to). Nothing is compiled before the first sum.
// - own.ts: rows are kept by copies that nobody else can write to, so that what is kept is never out of date.
// - tiled.ts: rows are copied once into tiles that fit the first cache, into memory that all threads see (arena.ts).
// - pool.ts: workers on that memory. A job (assembly/job.ts) is cut into chunks of tiles; everyone at work, the calling
//   thread too, takes the next chunk until none is left (assembly/work.ts), and the calling thread adds up the chunks'
//   sums in order. No call takes longer than one pass over the rows.
// - images.ts: images stay bytes, in tiles of their own, and go through the same jobs.
// - Responsibilities stay in the tiles: who owns them is noted, and whoever wants to see them has them copied out.

/**
 * Sums over rows as a kernel computes them: the same numbers, in the same order, as the plain code beside which a model
 * names it.
 */
export interface Kernel {
  readonly name: "linear" | "logistic-posterior" | "logistic-expansion";
  /** Which sums of the linear kernel; see src/compute/assembly/linear.ts. */
  readonly parts?: number;
  /** Number of sums. */
  readonly length: number;
  /** Number of experts, and of the labels' classes. */
  readonly k: number;
  readonly classes?: number;
  /** The expert that is fitted, from 0. */
  readonly z?: number;
  /** Coefficients of the experts, one predictor after the other; of the gate; a scale and a constant of each expert. */
  readonly theta?: Float64Array;
  readonly gate?: Float64Array;
  readonly scales?: Float64Array;
  /**
   * Whose responsibilities the sums are taken with, known by its identity: they are copied unless they are the last that
   * were found or copied, and must not have changed since.
   */
  readonly given?: Given;
  /** Who is to own the responsibilities that the kernel finds. */
  readonly finds?: object;
}

/** Responsibilities that sums are taken with. */
export interface Given {
  readonly responsibilities: Float64Array;
  /** Whether each row's are known to sum to one, as those of a posterior. */
  readonly areUnit?: boolean;
}

export const POSTERIOR = 1;
export const EXPERTS = 2;
export const GRAMS = 4;
export const GATE = 8;
export const HESSIAN = 16;
/** Set by the engine: the given responsibilities of a row sum to one. */
const UNIT = 32;

const KERNELS = ["linear", "logistic-posterior", "logistic-expansion", "images"] as const;

/** Data sets are kept in tiles while they are no more, and take no more, than this together; the last used always is. */
const KEPT = 32;
const KEPT_BYTES = 2 ** 25;
/** Tiles of a chunk at least, and chunks at most: what they are depends on the data alone, so that sums don't on threads. */
const CHUNK_TILES = 16;
const MOST_CHUNKS = 48;
/** Bytes that the sums of all chunks may take, unless that leaves fewer than four chunks. */
const SUM_BYTES = 2 ** 27;
/** Multiplications from which on other threads are woken: a tenth of a millisecond's, several times what waking takes. */
const SHARED_WORK = 1_000_000;

/** The job's fields end, and the kernels' constants begin, below this address. */
const START = 4096;

interface Exports {
  readonly work: (participant: number) => void;
  readonly finish: () => void;
  readonly scratchBytes: () => number;
}

/** A copy of a data set in memory that all threads see. */
export interface Copy {
  readonly region: Region;
  /** Room for responsibilities of k experts. */
  responsibilities?: { readonly region: Region; readonly k: number };
}

/** What runs the kernels. */
export interface Engine {
  readonly name: "simd" | "relaxed";
  readonly arena: Arena;
  readonly pool: Pool;
  readonly exports: Exports;
  /** Results, coefficients and scratch of the running job. */
  workspace?: Region;
  /** The data sets in memory, the last used last. Nothing here refers to the data itself. */
  readonly kept: Set<Copy>;
}

let threads = Math.min(availableParallelism(), 64);
let wanted: "reference" | "simd" | "relaxed" = "relaxed";
let engine: Engine | undefined;
let unavailable = false;
/** Whether it was said that the plain code has to do, and why. */
let said = false;
/** Where rows are, by the copy that cannot change. */
const copies = new WeakMap<object, Copy>();
/** Whose responsibilities are where, while no others have taken their place. */
const places = new WeakMap<object, { readonly copy: Tiled; readonly version: number }>();
const dead = new FinalizationRegistry<Copy>((copy) => {
  if (engine === undefined || !engine.kept.has(copy)) return;
  forget(engine, copy);
  shrink(engine);
});

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

/** Has all sums computed anew by the plain code, or by at the most this build of the kernels: for comparisons. */
export function setEngine(name: "reference" | "simd" | "relaxed"): void {
  engine?.pool.stop();
  engine = undefined;
  wanted = name;
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

/** Computes the sums of a kernel, or nothing where the plain code has to. */
export function kernelSums(data: Rows, kernel: Kernel): Float64Array | undefined {
  const running = started();
  if (running === undefined || data.rows === 0) return undefined;
  const bytes = 8 * data.rows * (data.gate.values.length + data.expert.values.length + 4);
  const rows = copied(running, data, bytes, tiled);
  const hasRoom = rows !== undefined && placeResponsibilities(running, rows, kernel);
  const sums = hasRoom ? run(running, data, rows, kernel) : undefined;
  if (sums === undefined) sayOnce(`${data.rows} rows find no room in the 4 GiB, or less, that it reaches`);
  return sums;
}

function sayOnce(reason: string): void {
  if (!said) process.emitWarning(`mixlens computes without WebAssembly, several times slower: ${reason}`);
  said = true;
}

/** Reads responsibilities that a kernel found, n × k row-major; nothing when it has found others since. */
export function foundResponsibilities(data: Rows, owner: object): Float64Array | undefined {
  const copy = copies.get(own(data)) as Tiled | undefined;
  if (engine === undefined || copy === undefined || !isIn(copy, owner)) return undefined;
  const { region, k } = copy.responsibilities!;
  return readResponsibilities(engine.arena.numbers(), region.address, data.rows, k);
}

/** The engine, started the first time, or nothing where it cannot or is not to run. */
export function started(): Engine | undefined {
  if (engine !== undefined || unavailable || wanted === "reference") return engine;
  try {
    const fused = binary("relaxed");
    // Node 20 has the instructions, but only behind a flag.
    if (wanted === "relaxed" && !WebAssembly.validate(fused)) setFlagsFromString("--experimental-wasm-relaxed-simd");
    const name = wanted === "relaxed" && WebAssembly.validate(fused) ? "relaxed" : "simd";
    const module = new WebAssembly.Module(binary(name));
    const shared = arena(START);
    const instance = new WebAssembly.Instance(module, { env: { memory: shared.memory } });
    engine = {
      name,
      arena: shared,
      pool: pool(module, shared.memory),
      exports: instance.exports as never,
      kept: new Set(),
    };
  } catch (error) {
    unavailable = true;
    sayOnce((error as Error).message);
  }
  return engine;
}

/**
 * A data set in memory, copied there by `copy` the first time and when it has changed; nothing when there is no room for so
 * many bytes.
 */
export function copied<Data extends object, Made extends Copy>(
  running: Engine,
  data: Data,
  bytes: number,
  copy: (data: Data, arena: Arena) => Made | undefined,
): Made | undefined {
  const rows = own(data);
  const known = copies.get(rows) as Made | undefined;
  const { kept } = running;
  if (known !== undefined && kept.delete(known)) {
    kept.add(known);
    return known;
  }
  makeRoom(running, bytes);
  const made = copy(rows, running.arena);
  if (made === undefined) return undefined;
  copies.set(rows, made);
  dead.register(rows, made);
  kept.add(made);
  return made;
}

/** Lets go of data sets, the least recently used first, until one more of so many bytes is not too many. */
function makeRoom(running: Engine, bytes: number): void {
  for (const oldest of running.kept) {
    if (running.kept.size < KEPT && keptBytes(running) + bytes <= KEPT_BYTES) return;
    forget(running, oldest);
  }
}

function keptBytes({ kept }: Engine): number {
  let bytes = 0;
  for (const { region, responsibilities } of kept) bytes += region.bytes + (responsibilities?.region.bytes ?? 0);
  return bytes;
}

function forget({ kept, arena }: Engine, copy: Copy): void {
  kept.delete(copy);
  arena.free(copy.region);
  if (copy.responsibilities) arena.free(copy.responsibilities.region);
  delete copy.responsibilities;
}

/** Memory does not shrink: much of it with little in it is left to the garbage collector, workers and all. */
function shrink(running: Engine): void {
  if (running.arena.memory.buffer.byteLength <= 4 * KEPT_BYTES || keptBytes(running) > KEPT_BYTES) return;
  running.pool.stop();
  engine = undefined;
}

/** Sees to it that the given responsibilities are in tiles, or that there is room for those to be found. */
function placeResponsibilities({ arena }: Engine, rows: Tiled, { given, finds, k }: Kernel): boolean {
  const owner = given ?? finds;
  if (owner === undefined) return true;
  // Looking at them may itself take a kernel, and find others.
  const values = given !== undefined && !isIn(rows, given) ? given.responsibilities : undefined;
  const room = responsibilitiesOf(arena, rows, k, rows.tiles * k * (rows.tail - rows.ones));
  if (room === undefined) return false;
  if (values || finds) {
    rows.version++;
    places.set(owner, { copy: rows, version: rows.version });
  }
  if (values) writeResponsibilities(arena.numbers(), room.address, values, k);
  return true;
}

/** Where the responsibilities of a copy's rows for k experts are to be, so many bytes; nothing when there is no room. */
function responsibilitiesOf(arena: Arena, copy: Copy, k: number, bytes: number): Region | undefined {
  if (copy.responsibilities?.k !== k) {
    if (copy.responsibilities) arena.free(copy.responsibilities.region);
    delete copy.responsibilities;
    const region = arena.take(bytes);
    if (region !== undefined) copy.responsibilities = { region, k };
  }
  return copy.responsibilities?.region;
}

/** Whether the responsibilities in a copy are this owner's. */
function isIn(copy: Tiled, owner: object): boolean {
  const place = places.get(owner);
  return copy.responsibilities !== undefined && place?.copy === copy && place.version === copy.version;
}

function run(running: Engine, data: Rows, rows: Tiled, kernel: Kernel): Float64Array | undefined {
  const { length, k, classes = 0, z = 0 } = kernel;
  const parts = (kernel.parts ?? 0) | (kernel.given?.areUnit ? UNIT : 0);
  const { tiles: tileCount, stride, expert, gate, response, weights, offset, ones, tail } = rows;
  const [d, dg] = [data.expert.values.length, data.gate.values.length];
  const tiles = tail + (tail - ones);
  const responsibilities = rows.responsibilities?.region.address ?? 0;
  return runJob(running, {
    kernel: kernel.name,
    work: data.rows * (length + 20 * k),
    fields: {
      ...{ parts, tileCount, rows: data.rows, length, d, dg, k, classes, z, tiles, responsibilities },
      ...{ stride, expert, gate, response, weights, offset, ones, tail },
    },
    theta: kernel.theta,
    gate: kernel.gate,
    scales: kernel.scales,
  });
}

/** What a kernel is to do, but for how it is shared out. */
export interface Work {
  readonly kernel: (typeof KERNELS)[number];
  /** Multiplications, about. */
  readonly work: number;
  readonly fields: Partial<Record<JobField, number>> & { readonly tileCount: number; readonly length: number };
  readonly theta: Numbers | undefined;
  readonly gate: Numbers | undefined;
  readonly scales?: Numbers | undefined;
  /** What is given of the rows. */
  readonly given?: Numbers | undefined;
  /** To be filled with what is found of the rows. */
  readonly found?: Numbers | undefined;
}

/** Numbers in double precision, or in single. */
type Numbers = Float64Array | Float32Array;

/** Shares a job among the threads and adds up what they find; nothing when there is no room. */
export function runJob(running: Engine, { kernel, work, fields, ...given }: Work): Float64Array | undefined {
  const { arena, exports, pool } = running;
  const { tileCount, length } = fields;
  const chunkTiles = tilesOfChunk(tileCount, length);
  const chunks = Math.ceil(tileCount / chunkTiles);
  const isShared = threads > 1 && chunks > 1 && work > SHARED_WORK;
  if (isShared) pool.grow(threads);

  const job = (fields: Partial<Record<JobField, number>>): void => {
    const words = arena.words();
    for (const [name, value] of Object.entries(fields)) words[JOB_FIELDS.indexOf(name as JobField)] = value;
  };
  job({ kernel: KERNELS.indexOf(kernel), chunks, chunkTiles, ...fields });
  const scratchBytes = Math.ceil(exports.scratchBytes() / 64) * 64;

  const arrays = [given.theta, given.gate, given.scales, given.given, given.found];
  const places = arrays.map((numbers) => 8 * Math.ceil((numbers?.byteLength ?? 0) / 8));
  const bytes = chunks * length * 8 + places.reduce((sum, size) => sum + size) + scratchBytes * pool.size() + 64;
  if (!(running.workspace && running.workspace.bytes >= bytes)) {
    if (running.workspace) arena.free(running.workspace);
    delete running.workspace;
    const workspace = arena.take(bytes);
    if (workspace === undefined) return undefined;
    running.workspace = workspace;
  }
  const scratch = running.workspace!.address;
  const sums = scratch + scratchBytes * pool.size();
  let free = sums + chunks * length * 8;
  const addresses = arrays.map((numbers, i) => {
    const at = free;
    // What is to be found needs its place alone.
    if (numbers && i < arrays.length - 1) arena.bytes().set(bytesOf(numbers), at);
    free += places[i];
    return at;
  });
  const [theta, gateTheta, scales, givenAt, found] = addresses;
  job({ theta, gateTheta, scales, given: givenAt, found, scratch, scratchBytes, sums });

  const words = arena.words();
  const [generation, left, done] = (["generation", "left", "done"] as const).map((name) => JOB_FIELDS.indexOf(name));
  Atomics.store(words, done, 0);
  Atomics.store(words, left, chunks);
  if (isShared) {
    Atomics.add(words, generation, 1);
    Atomics.notify(words, generation, threads - 1);
  }
  exports.work(0);
  exports.finish();
  if (given.found) bytesOf(given.found).set(arena.bytes().subarray(found, found + given.found.byteLength));
  return arena.numbers().slice(sums / 8, sums / 8 + length);
}

function tilesOfChunk(tiles: number, length: number): number {
  const most = Math.max(4, Math.min(MOST_CHUNKS, Math.floor(SUM_BYTES / (8 * length))));
  return Math.max(CHUNK_TILES, Math.ceil(tiles / most));
}
