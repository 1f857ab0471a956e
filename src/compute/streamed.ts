import { STRETCH_ROWS, StretchSums } from "./blocks.ts";
import type { Engine, StreamRoom } from "./engine.ts";
import { TILE_ROWS } from "./generated.ts";
import { runJob } from "./job.ts";
import { type Kernel, stretchJob } from "./stretch-job.ts";
import { type Rows, RUN, type Tiled, type TileSource, writeOnes } from "./tiled.ts";

/** Computes the sums of a kernel over rows of which one stretch at a time is in memory; nothing when there is no room. */
export function streamedSums(engine: Engine, data: Rows, source: TileSource, kernel: Kernel): Float64Array | undefined {
  const { plan, read } = source;
  const room = roomFor(engine, 2 * RUN + (STRETCH_ROWS / TILE_ROWS) * plan.stride, STRETCH_ROWS * 8 * kernel.k);
  if (room === undefined) return undefined;
  const ones = room.tiles.address;
  const total = new StretchSums(kernel.length);
  for (let first = 0; first < data.rows; first += STRETCH_ROWS) {
    const rows = Math.min(STRETCH_ROWS, data.rows - first);
    const tiles = Math.ceil(rows / TILE_ROWS);
    const from = ones + 2 * RUN;
    read(first / STRETCH_ROWS, engine.arena.bytes().subarray(from, from + tiles * plan.stride));
    writeOnes(engine.arena.numbers(), ones / 8, rows);
    const responsibilities = { region: room.responsibilities, k: kernel.k };
    const tiled: Tiled = { region: room.tiles, tiles, ...plan, ones, tail: ones + RUN, version: 0, responsibilities };
    const sums = runJob(engine, stretchJob({ ...widthsOf(data), rows }, tiled, kernel, 0));
    if (sums === undefined) return undefined;
    total.add(sums);
  }
  return total.total();
}

/** Numbers of columns of experts and gate. */
export function widthsOf({ expert, gate }: Rows): { readonly d: number; readonly dg: number } {
  return { d: expert.columns.length, dg: gate.columns.length };
}

function roomFor(engine: Engine, tileBytes: number, responsibilityBytes: number): StreamRoom | undefined {
  const { stream, arena } = engine;
  const fits = stream && stream.tiles.bytes >= tileBytes && stream.responsibilities.bytes >= responsibilityBytes;
  if (stream && fits) return stream;
  if (stream) for (const region of [stream.tiles, stream.responsibilities]) arena.free(region);
  delete engine.stream;
  const tiles = arena.take(tileBytes);
  const responsibilities = tiles && arena.take(responsibilityBytes);
  if (tiles && responsibilities) engine.stream = { tiles, responsibilities };
  else if (tiles) arena.free(tiles);
  return engine.stream;
}
