import { readFileSync, rmSync } from "node:fs";
import { crc32 } from "node:zlib";
import { computing, setThreads } from "../../compute/engine.ts";
import { bytesOf } from "../../compute/own.ts";
import { quote, WorkFailure } from "../../errors.ts";
import { packageVersion } from "../../files/package-root.ts";
import { type Mixture, mixture } from "../../models/mixture.ts";
import type { MixtureSpec } from "../../models/spec.ts";
import type { Observations } from "../../rows/observations.ts";
import { streamed } from "../../rows/streamed.ts";
import { rowsOfStretch, stretchesOf, type TileRows } from "../../rows/tile-rows.ts";

/** What finds sums, and to which bits. */
export interface Summing {
  readonly mixlens: string;
  /** What computes: each adds in an order of its own. */
  readonly computing: string;
}

/** A step of a model at θ, whose sums are asked for. */
export interface StepTask extends Summing {
  readonly spec: MixtureSpec;
  /** Bytes of θ, in base64. */
  readonly theta: string;
  readonly rows: TileRows;
}

/** A block of the rows, a stretch of them in tiles, in a file of this machine. */
interface KeptBlock {
  readonly number: number;
  readonly file: string;
  readonly sum: number;
}

/** What a worker on an executor is asked. */
export type WorkerRequest = { readonly look: true } | (StepTask & { readonly blocks: readonly KeptBlock[] });

/** What finds sums in this process. */
export function summingHere(): Summing {
  return { mixlens: packageVersion(), computing: computing().engine };
}

/**
 * Answers a request of an executor: what is here, or the sums of a step over each of the blocks, one after the other.
 *
 * @param put writes an answer
 * @throws WorkFailure where sums would be other bits than the client's, and for a block that is damaged, which is removed
 */
export function answerExecutor(text: string, put: (bytes: Uint8Array) => void): void {
  const request: WorkerRequest = JSON.parse(text);
  setThreads(1);
  if ("look" in request) {
    put(Buffer.from(JSON.stringify({ ...summingHere(), node: process.versions.node })));
    return;
  }
  checkSame(request);
  const model = mixture(request.spec);
  const bytes = Buffer.from(request.theta, "base64");
  const theta = new Float64Array(new Uint8Array(bytes).buffer);
  for (const block of request.blocks) put(bytesOf(sumsOf(model, theta, request.rows, block)));
}

function checkSame(wanted: Summing): void {
  const own = summingHere();
  for (const name of ["mixlens", "computing"] as const) {
    if (own[name] === wanted[name]) continue;
    const what = { mixlens: "mixlens", computing: "a Node.js that computes by" }[name];
    throw new WorkFailure("find sums for another machine", `${what} ${wanted[name]}`, own[name]);
  }
}

function sumsOf(model: Mixture, theta: Float64Array, all: TileRows, block: KeptBlock): Float64Array {
  const tiles = readFileSync(block.file);
  if (crc32(tiles) !== block.sum) {
    rmSync(block.file, { force: true });
    const act = `read block ${block.number}, ${quote(block.file)}`;
    throw new WorkFailure(act, "it as it was kept", "a damaged one, which is removed", "run it again");
  }
  const rows = rowsOfStretch(block.number, all);
  const read = (_: number, into: Uint8Array): void => into.set(tiles);
  const data: Observations = streamed(stretchesOf({ ...all, rows }, read));
  return model.stepSums(theta, data).sums;
}
