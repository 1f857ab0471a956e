import type { Arena, Region } from "./arena.ts";
import type { Copy } from "./data-cache.ts";
import { running } from "./engine.ts";
import { type Rows, readResponsibilities, type Tiled, writeResponsibilities } from "./tiled.ts";

/** Responsibilities that sums are taken with. */
export interface Given {
  readonly responsibilities: Float64Array;
  /** Whether each row's are known to sum to one, as those of a posterior. */
  readonly areUnit?: boolean;
}

/** Whose responsibilities are in which tiles, while no others have taken their place. */
const places = new WeakMap<object, { readonly rows: Tiled; readonly version: number }>();

/**
 * Sees to it that given responsibilities of k experts are in the rows' tiles, or that there is room for those to be found.
 *
 * @param finds who is to own what is found
 * @returns false when there is no room
 */
export function placeResponsibilities(
  arena: Arena,
  rows: Tiled,
  k: number,
  given: Given | undefined,
  finds: object | undefined,
): boolean {
  const owner = given ?? finds;
  if (owner === undefined) return true;
  // Looking at them may itself take a kernel, and find others.
  const values = given !== undefined && !isIn(rows, given) ? given.responsibilities : undefined;
  const room = roomFor(arena, rows, k, rows.tiles * k * (rows.tail - rows.ones));
  if (room === undefined) return false;
  if (values || finds) {
    rows.version++;
    places.set(owner, { rows, version: rows.version });
  }
  if (values) writeResponsibilities(arena.numbers(), room.address, values, k);
  return true;
}

/** Reads responsibilities that a kernel found, n × k row-major; nothing when it has found others since. */
export function foundResponsibilities(data: Rows, owner: object): Float64Array | undefined {
  const engine = running();
  const rows = engine?.data.find(data) as Tiled | undefined;
  if (engine === undefined || rows === undefined || !isIn(rows, owner)) return undefined;
  const { region, k } = rows.responsibilities!;
  return readResponsibilities(engine.arena.numbers(), region.address, data.rows, k);
}

/** Whether the responsibilities in the rows' tiles are this owner's. */
function isIn(rows: Tiled, owner: object): boolean {
  const place = places.get(owner);
  return rows.responsibilities !== undefined && place?.rows === rows && place.version === rows.version;
}

/** Where the responsibilities of a copy's rows for k experts are to be, so many bytes; nothing when there is no room. */
function roomFor(arena: Arena, copy: Copy, k: number, bytes: number): Region | undefined {
  if (copy.responsibilities?.k !== k) {
    if (copy.responsibilities) arena.free(copy.responsibilities.region);
    delete copy.responsibilities;
    const region = arena.take(bytes);
    if (region !== undefined) copy.responsibilities = { region, k };
  }
  return copy.responsibilities?.region;
}
