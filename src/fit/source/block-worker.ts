import { readFileSync, rmSync } from "node:fs";
import { crc32 } from "node:zlib";
import { computing, setThreads } from "../../compute/engine.ts";
import { bytesOf } from "../../compute/own.ts";
import { quote, WorkFailure } from "../../errors.ts";
import { packageVersion } from "../../files/package-root.ts";
import { mixture } from "../../models/mixture.ts";
import type { MixtureSpec } from "../../models/spec.ts";
import type { ColumnScales, Observations } from "../../rows/observations.ts";
import { scaledRows } from "../../rows/scaled.ts";
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
  /** What the columns of each design are less, and over, where sums are those of scaled ones. */
  readonly scales?: Readonly<Record<"gate" | "expert", Readonly<Record<keyof ColumnScales, readonly number[]>>>>;
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
  for (const block of request.blocks) put(bytesOf(model.stepSums(theta, rowsOf(block, request)).sums));
}

function checkSame(wanted: Summing): void {
  const own = summingHere();
  for (const name of ["mixlens", "computing"] as const) {
    if (own[name] === wanted[name]) continue;
    const what = { mixlens: "mixlens", computing: "a Node.js that computes by" }[name];
    throw new WorkFailure("find sums for another machine", `${what} ${wanted[name]}`, own[name]);
  }
}

/** The rows of a block, in columns such as are asked for. */
function rowsOf(block: KeptBlock, { rows: all, scales }: StepTask): Observations {
  const tiles = readFileSync(block.file);
  if (crc32(tiles) !== block.sum) {
    rmSync(block.file, { force: true });
    const act = `read block ${block.number}, ${quote(block.file)}`;
    throw new WorkFailure(act, "it as it was kept", "a damaged one, which is removed", "run it again");
  }
  const rows = rowsOfStretch(block.number, all);
  const own: TileRows = { ...all, rows, ...(all.parts && { parts: [all.parts[block.number]] }) };
  // Behind the last row of units there is nothing to be read.
  const read = (_: number, into: Uint8Array): void => into.set(tiles.subarray(0, into.length));
  const data = streamed(stretchesOf(own, read));
  if (scales === undefined) return data;
  const scalesOf = ({ means, deviations }: (typeof scales)["gate"]): ColumnScales => ({
    means: Float64Array.from(means),
    deviations: Float64Array.from(deviations),
  });
  return scaledRows(data, { gate: scalesOf(scales.gate), expert: scalesOf(scales.expert) });
}
