import { getHeapStatistics } from "node:v8";

/** How the process of cells ended, and what it said as it did. */
export interface Ending {
  readonly code: number | null;
  readonly signal: string | null;
  readonly said: string;
}

/** What a process says that ends for what a cell did to the language. */
export const LOST = "Cannot put back ";

/** Why a process in which cells ran ended, and what its user may do about it. */
export function reasonOf({ code, signal, said }: Ending): { ename: string; evalue: string } {
  if (/heap out of memory|Allocation failed/.test(said)) {
    const limit = Math.round(getHeapStatistics().heap_size_limit / 2 ** 20);
    return {
      ename: "OutOfMemory",
      evalue:
        `the cell filled the ${limit} MB that Node.js gives to values, and its process ended; keep less of them at a time, ` +
        `or set NODE_OPTIONS=--max-old-space-size=${2 * limit} where Jupyter is started`,
    };
  }
  const [, names] = new RegExp(`^${LOST}(.*)$`, "m").exec(said) ?? [];
  if (names !== undefined) {
    return {
      ename: "ProcessEnded",
      evalue: `the cell overwrote ${names} for good, which the kernel and libraries need`,
    };
  }
  const how = signal ?? `exit code ${code}`;
  const why = signal === "SIGKILL" ? ", which the system does where the machine's memory is full" : "";
  return { ename: "ProcessEnded", evalue: `the process of the cells ended with ${how}${why}` };
}
