import type { Arena, Region } from "./arena.ts";
import { type Engine, threadCount } from "./engine.ts";
import { JOB_FIELDS, type JobField } from "./generated.ts";
import { bytesOf } from "./own.ts";

/** In the order of their numbers in src/compute/assembly/work.ts and few-layout.ts. */
const KERNELS = [
  "linear",
  "logistic-posterior",
  "logistic-expansion",
  "images",
  "poisson-posterior",
  "poisson-expansion",
  "linear-few",
  "logistic-few",
  "poisson-few",
] as const;

/** Tiles of a chunk at least, and chunks at most: what they are depends on the data alone, so that sums don't on threads. */
const CHUNK_TILES = 16;
const MOST_CHUNKS = 48;
/** Bytes that the sums of all chunks may take, unless that leaves fewer than four chunks. */
const SUM_BYTES = 2 ** 27;
/** Multiplications from which on other threads are woken: a tenth of a millisecond's, several times what waking takes. */
const SHARED_WORK = 1_000_000;

/** Numbers in double precision, or in single. */
type Numbers = Float64Array | Float32Array;

/** Task of a kernel, but for how it is shared out among threads. */
export interface Job {
  readonly kernel: (typeof KERNELS)[number];
  /** Multiplications, about. */
  readonly work: number;
  readonly fields: Partial<Record<JobField, number>> & { readonly tileCount: number; readonly length: number };
  readonly theta: Numbers | undefined;
  readonly gate: Numbers | undefined;
  readonly scales?: Numbers | undefined;
  readonly direction?: Numbers | undefined;
  /** Numbers of branches of a tree of gates. */
  readonly branching?: Numbers | undefined;
  /** Numbers of the rows that are given. */
  readonly given?: Numbers | undefined;
  /** Numbers of the rows that are found; to be filled. */
  readonly found?: Numbers | undefined;
  /** Lists of experts of the rows; others take their place. */
  readonly lists?: Uint8Array | undefined;
}

/** Shares a job among the threads and adds up what they find; nothing when there is no room. */
export function runJob(engine: Engine, job: Job): Float64Array | undefined {
  const { arena, exports, pool } = engine;
  const { tileCount, length } = job.fields;
  const chunkTiles = tilesOfChunk(tileCount, length);
  const chunks = Math.ceil(tileCount / chunkTiles);
  const isShared = threadCount() > 1 && chunks > 1 && job.work > SHARED_WORK;
  if (isShared) pool.grow(threadCount());
  writeFields(arena, { kernel: KERNELS.indexOf(job.kernel), chunks, chunkTiles, ...job.fields });
  const places = layOut(engine, job, chunks);
  if (places === undefined) return undefined;
  offer(arena, chunks, isShared ? threadCount() - 1 : 0);
  exports.work(0);
  exports.finish();
  const { sums, found, lists } = places;
  if (job.found) bytesOf(job.found).set(arena.bytes().subarray(found, found + job.found.byteLength));
  if (job.lists) job.lists.set(arena.bytes().subarray(lists, lists + job.lists.length));
  return arena.numbers().slice(sums / 8, sums / 8 + length);
}

function tilesOfChunk(tiles: number, length: number): number {
  const most = Math.max(4, Math.min(MOST_CHUNKS, Math.floor(SUM_BYTES / (8 * length))));
  return Math.max(CHUNK_TILES, Math.ceil(tiles / most));
}

function writeFields(arena: Arena, fields: Partial<Record<JobField, number>>): void {
  const words = arena.words();
  for (const [name, value] of Object.entries(fields)) words[JOB_FIELDS.indexOf(name as JobField)] = value;
}

/**
 * Gives a job, whose fields say how much it takes, places for scratch, sums and numbers, and copies what is given there.
 *
 * @returns where the sums and what is found of the rows will be; nothing when there is no room
 */
function layOut(engine: Engine, job: Job, chunks: number): { sums: number; found: number; lists: number } | undefined {
  const { arena, exports, pool } = engine;
  const scratchBytes = Math.ceil(exports.scratchBytes() / 64) * 64;
  const sumBytes = chunks * job.fields.length * 8;
  const arrays = [job.theta, job.gate, job.scales, job.direction, job.branching, job.given, job.lists, job.found];
  const sizes = arrays.map((numbers) => 8 * Math.ceil((numbers?.byteLength ?? 0) / 8));
  const bytes = sumBytes + sizes.reduce((sum, size) => sum + size) + scratchBytes * pool.size() + 64;
  const workspace = workspaceOf(engine, bytes);
  if (workspace === undefined) return undefined;
  const scratch = workspace.address;
  const sums = scratch + scratchBytes * pool.size();
  let free = sums + sumBytes;
  const addresses = arrays.map((numbers, i) => {
    const at = free;
    // What is to be found needs its place alone.
    if (numbers && i < arrays.length - 1) arena.bytes().set(bytesOf(numbers), at);
    free += sizes[i];
    return at;
  });
  const [theta, gateTheta, scales, direction, branching, given, lists, found] = addresses;
  writeFields(arena, {
    theta,
    gateTheta,
    scales,
    direction,
    branching,
    given,
    lists,
    found,
    scratch,
    scratchBytes,
    sums,
  });
  return { sums, found, lists };
}

/** The engine's workspace, of so many bytes at least; nothing when there is no room. */
function workspaceOf(engine: Engine, bytes: number): Region | undefined {
  if (engine.workspace !== undefined && engine.workspace.bytes >= bytes) return engine.workspace;
  if (engine.workspace) engine.arena.free(engine.workspace);
  delete engine.workspace;
  const workspace = engine.arena.take(bytes);
  if (workspace !== undefined) engine.workspace = workspace;
  return workspace;
}

/** Leaves chunks for whoever is at work to take, and wakes so many workers. */
function offer(arena: Arena, chunks: number, workers: number): void {
  const words = arena.words();
  const [generation, left, done] = (["generation", "left", "done"] as const).map((name) => JOB_FIELDS.indexOf(name));
  Atomics.store(words, done, 0);
  Atomics.store(words, left, chunks);
  if (workers === 0) return;
  Atomics.add(words, generation, 1);
  Atomics.notify(words, generation, workers);
}
