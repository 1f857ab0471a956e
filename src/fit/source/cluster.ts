import { STRETCH_ROWS, StretchSums } from "../../compute/blocks.ts";
import { bytesOf } from "../../compute/own.ts";
import { WorkFailure } from "../../errors.ts";
import type { Mixture } from "../../models/mixture.ts";
import type { BothScales, ColumnScales, Observations, Stretches } from "../../rows/observations.ts";
import { streamed } from "../../rows/streamed.ts";
import { rowsOfStretch, stretchBytes, type TileRows } from "../../rows/tile-rows.ts";
import type { Spark } from "../../spark/session.ts";
import { type StepTask, summingHere } from "./block-worker.ts";
import type { SourceRows } from "./cache.ts";

/** Bytes of blocks that are sent at once, unless one alone has more. */
const SENT = 16e6;

/** Where all blocks are kept, and what each is called there: by its number and its checksum. */
interface Kept {
  readonly place: string;
  readonly names: Readonly<Record<number, string>>;
}

/**
 * The rows as those whose sums the executors of Spark find: the blocks that are not kept there yet are sent, once.
 *
 * @param partitions tasks that a pass is cut into; default: as Spark does
 * @throws WorkFailure for what Spark or an executor refuses
 * @remarks cost: all rows are sent once, and read once by each executor that gets them; then a pass sends θ and its sums
 */
export function rowsOnCluster(spark: Spark, rows: SourceRows, model: Mixture, partitions?: number): Observations {
  const { observations, checksums } = rows;
  const stretches = observations.stretches as Stretches;
  const kept: Kept = {
    place: placeOf(spark, stretches),
    names: Object.fromEntries(checksums.map((sum, number) => [number, nameOf(number, sum)])),
  };
  keepBlocks(spark, stretches, kept);
  return streamed({
    ...stretches,
    stepSums: (theta, scales) => sumsOnCluster(spark, kept, stepTask(stretches, model, theta, scales), partitions),
  });
}

/** Beside the tables of Spark, which all executors see. */
function placeOf(spark: Spark, { sha256 }: Stretches): string {
  return `${spark.setting("spark.sql.warehouse.dir").replace(/\/$/, "")}/mixlens-blocks/${sha256}`;
}

function nameOf(number: number, sum: number): string {
  return `${String(number).padStart(8, "0")}-${sum.toString(16).padStart(8, "0")}.tiles`;
}

/** Sends the blocks that are not kept yet. */
function keepBlocks(spark: Spark, stretches: Stretches, kept: Kept): void {
  const act = `keep blocks of rows in ${kept.place}`;
  const found = spark.run(act, { name: "listing", task: { place: kept.place }, over: { count: 1 } });
  const sizes = new Map(found.map((row) => [Buffer.from(row.found).toString(), row.number]));
  const missing = Object.keys(kept.names)
    .map(Number)
    .filter((number) => sizes.get(kept.names[number]) !== bytesIn(stretches, number));
  const most = stretchBytes(stretches.plan);
  const atOnce = Math.max(1, Math.floor(SENT / most));
  for (let from = 0; from < missing.length; from += atOnce) {
    const numbers = missing.slice(from, from + atOnce);
    const blocks = numbers.map((number) => {
      const block = new Uint8Array(bytesIn(stretches, number));
      stretches.read(number, block);
      return block;
    });
    spark.run(act, { name: "keeping", task: kept, over: { numbers, blocks } });
  }
}

/** Bytes of a block: those of whole units fill up a stretch. */
function bytesIn(stretches: Stretches, number: number): number {
  return stretchBytes(stretches.plan, stretches.parts ? STRETCH_ROWS : rowsOfStretch(number, stretches));
}

/** What executors are asked to find the sums of at θ. */
function stepTask(stretches: Stretches, { spec }: Mixture, theta: Float64Array, scales?: BothScales): StepTask {
  const written = ({ means, deviations }: ColumnScales) => ({
    means: Array.from(means),
    deviations: Array.from(deviations),
  });
  return {
    ...summingHere(),
    spec,
    theta: Buffer.from(bytesOf(theta)).toString("base64"),
    rows: rowsOf(stretches),
    ...(scales && { scales: { gate: written(scales.gate), expert: written(scales.expert) } }),
  };
}

/** One pass: the sums of all blocks, added in their order. */
function sumsOnCluster(
  spark: Spark,
  { place, names }: Kept,
  step: StepTask,
  partitions: number | undefined,
): Float64Array {
  const act = "find the sums of a pass on Spark";
  const count = Object.keys(names).length;
  const found = spark.run(act, { name: "summing", task: { ...step, place, names }, over: { count, partitions } });
  const byNumber = new Map(found.map((row) => [row.number, new Float64Array(row.found.slice().buffer)]));
  let total: StretchSums | undefined;
  for (let number = 0; number < count; number++) {
    const sums = byNumber.get(number);
    if (sums === undefined || found.length !== count) {
      throw new WorkFailure(act, `the sums of ${count} blocks, each once`, `those of ${found.length}`, "run it again");
    }
    total ??= new StretchSums(sums.length);
    total.add(sums);
  }
  return total?.total() ?? new Float64Array();
}

/** What the tiles have, as they were described when they were written. */
function rowsOf(stretches: Stretches): TileRows {
  const { rows, totalWeight, expert, gate, hasWeights, hasOffset, hasTrials, sha256, parts } = stretches;
  const own = {
    rows,
    totalWeight,
    expert,
    gate: gate === expert ? null : gate,
    hasWeights,
    hasOffset,
    hasTrials,
    sha256,
  };
  return { ...own, ...(parts && { parts }) };
}
