import { StretchSums } from "./blocks.ts";
import { type Engine, started, warnOnce } from "./engine.ts";
import { runJob } from "./job.ts";
import { placeResponsibilities } from "./kept-responsibilities.ts";
import { streamedSums, widthsOf } from "./streamed.ts";
import { type Kernel, STRETCH_TILES, stretchJob } from "./stretch-job.ts";
import { type Rows, type Tiled, tiled } from "./tiled.ts";

/** Computes the sums of a kernel, or nothing where the plain code has to. */
export function kernelSums(data: Rows, kernel: Kernel): Float64Array | undefined {
  const engine = started();
  if (engine === undefined || data.rows === 0) return undefined;
  const { stretches } = data;
  if (stretches !== undefined) return streamedSums(engine, data, stretches, kernel);
  const bytes = 8 * data.rows * (data.gate.values.length + data.expert.values.length + 4);
  const rows = engine.data.take(data, bytes, tiled);
  const hasRoom = rows !== undefined && placeResponsibilities(engine.arena, rows, kernel.k, kernel.given, kernel.finds);
  const sums = hasRoom ? run(engine, data, rows, kernel) : undefined;
  if (sums === undefined) warnOnce(`${data.rows} rows find no room in the 4 GiB, or less, that it reaches`);
  return sums;
}

/** Runs the kernel on each stretch of the rows, one after the other, and adds up what it finds. */
function run(engine: Engine, data: Rows, rows: Tiled, kernel: Kernel): Float64Array | undefined {
  const total = new StretchSums(kernel.length);
  const size = { ...widthsOf(data), rows: data.rows };
  for (let first = 0; first < rows.tiles; first += STRETCH_TILES) {
    const sums = runJob(engine, stretchJob(size, rows, kernel, first));
    if (sums === undefined) return undefined;
    total.add(sums);
  }
  return total.total();
}
