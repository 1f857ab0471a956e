/** Bytes to which addresses are aligned: a line of the cache. */
const LINE = 64;
const PAGE = 65_536;
/** As much as 32-bit addresses reach. */
const MOST_PAGES = 65_536;

/** A piece of an arena. */
export interface Region {
  readonly address: number;
  readonly bytes: number;
}

/** Memory that WebAssembly and all threads see, given out in pieces. It grows as needed and never shrinks. */
export interface Arena {
  readonly memory: WebAssembly.Memory;
  /** A piece of at least so many bytes, or nothing when there is no room. */
  readonly take: (bytes: number) => Region | undefined;
  readonly free: (region: Region) => void;
  /** The whole memory as numbers; anew after each `take`. */
  readonly numbers: () => Float64Array;
  readonly words: () => Int32Array;
  readonly bytes: () => Uint8Array;
}

/** An arena that leaves the addresses below `start` alone. */
export function arena(start: number): Arena {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: MOST_PAGES, shared: true });
  /** In order of addresses, and never two that touch. */
  let gaps: Region[] = [{ address: start, bytes: memory.buffer.byteLength - start }];
  let numbers = new Float64Array(memory.buffer);
  let words = new Int32Array(memory.buffer);

  const add = (region: Region): void => {
    const sorted = [...gaps, region].sort((a, b) => a.address - b.address);
    gaps = [];
    for (const { address, bytes } of sorted) {
      const last = gaps.at(-1);
      if (last !== undefined && last.address + last.bytes === address) {
        gaps[gaps.length - 1] = { address: last.address, bytes: last.bytes + bytes };
      } else gaps.push({ address, bytes });
    }
  };

  /** Adds room for so many bytes at the end; false when there is none. */
  const grow = (bytes: number): boolean => {
    const end = memory.buffer.byteLength;
    const pages = Math.ceil(bytes / PAGE);
    if (end / PAGE + pages > MOST_PAGES) return false;
    try {
      memory.grow(pages);
    } catch {
      return false;
    }
    numbers = new Float64Array(memory.buffer);
    words = new Int32Array(memory.buffer);
    add({ address: end, bytes: pages * PAGE });
    return true;
  };

  return {
    memory,
    numbers: () => numbers,
    words: () => words,
    bytes: () => new Uint8Array(memory.buffer),
    free: add,
    take: (wanted) => {
      const bytes = Math.ceil(wanted / LINE) * LINE;
      const fits = (gap: Region): boolean => gap.bytes >= bytes;
      if (!gaps.some(fits)) {
        const last = gaps.at(-1);
        const open = last !== undefined && last.address + last.bytes === memory.buffer.byteLength ? last.bytes : 0;
        if (!grow(bytes - open)) return undefined;
      }
      const gap = gaps.find(fits)!;
      gaps = gaps.filter((other) => other !== gap);
      if (gap.bytes > bytes) add({ address: gap.address + bytes, bytes: gap.bytes - bytes });
      return { address: gap.address, bytes };
    },
  };
}
