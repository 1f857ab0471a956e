import type { Arena, Region } from "./arena.ts";
import { own } from "./own.ts";

/** Data sets are kept while they are no more, and take no more, than this together; the last used always is. */
const KEPT = 32;
const KEPT_BYTES = 2 ** 25;

/** A copy of a data set in memory that all threads see. */
export interface Copy {
  readonly region: Region;
  /** Room for responsibilities of k experts. */
  responsibilities?: { readonly region: Region; readonly k: number };
}

/** The data sets that are in an arena. */
export interface DataCache {
  /**
   * A data set's copy, made by `copy` the first time, when the rows have changed, and when it was let go of; nothing when
   * there is no room for so many bytes.
   */
  readonly take: <Data extends object, Made extends Copy>(
    data: Data,
    bytes: number,
    copy: (data: Data, arena: Arena) => Made | undefined,
  ) => Made | undefined;
  /** A data set's copy, where there is one. */
  readonly find: (data: object) => Copy | undefined;
}

/**
 * A cache of data sets that lets go of the least recently used, and of those that the garbage collector has taken.
 *
 * @param abandon called when the arena has become large with little left in it
 */
export function dataCache(arena: Arena, abandon: () => void): DataCache {
  /** The last used last. Nothing here refers to the data itself. */
  const kept = new Set<Copy>();
  /** By the owned rows, which cannot change. */
  const copies = new WeakMap<object, Copy>();

  const forget = (copy: Copy): void => {
    kept.delete(copy);
    arena.free(copy.region);
    if (copy.responsibilities) arena.free(copy.responsibilities.region);
    delete copy.responsibilities;
  };
  const collected = new FinalizationRegistry<Copy>((copy) => {
    if (!kept.has(copy)) return;
    forget(copy);
    if (arena.memory.buffer.byteLength > 4 * KEPT_BYTES && bytesOf(kept) <= KEPT_BYTES) abandon();
  });
  /** Lets go of data sets, the least recently used first, until one more of so many bytes is not too many. */
  const makeRoom = (bytes: number): void => {
    for (const oldest of kept) {
      if (kept.size < KEPT && bytesOf(kept) + bytes <= KEPT_BYTES) return;
      forget(oldest);
    }
  };
  const find = (rows: object): Copy | undefined => {
    const copy = copies.get(rows);
    return copy !== undefined && kept.has(copy) ? copy : undefined;
  };

  return {
    find: (data) => find(own(data)),
    take: <Data extends object, Made extends Copy>(
      data: Data,
      bytes: number,
      copy: (data: Data, arena: Arena) => Made | undefined,
    ): Made | undefined => {
      const rows = own(data);
      const known = find(rows) as Made | undefined;
      if (known !== undefined) {
        kept.delete(known);
        kept.add(known);
        return known;
      }
      makeRoom(bytes);
      const made = copy(rows, arena);
      if (made === undefined) return undefined;
      copies.set(rows, made);
      collected.register(rows, made);
      kept.add(made);
      return made;
    },
  };
}

function bytesOf(copies: Iterable<Copy>): number {
  let bytes = 0;
  for (const { region, responsibilities } of copies) bytes += region.bytes + (responsibilities?.region.bytes ?? 0);
  return bytes;
}
