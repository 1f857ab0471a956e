import { readSync } from "node:fs";
import type { MessagePort, Worker } from "node:worker_threads";
import { startThread } from "./start-thread.ts";

/** A file that is read part by part, in an order that is known. */
export interface AheadReader {
  /**
   * Fills bytes from a place of the file; false where it ends before. Where they come from a disk, and not from what the system
   * has in memory, the part that is read next is fetched meanwhile, in a thread of its own.
   */
  readonly read: (at: number, into: Uint8Array, next: FilePart) => boolean;
  /** To be called before the file is closed. */
  readonly close: () => void;
}

/** Some bytes of a file. */
export interface FilePart {
  readonly at: number;
  readonly length: number;
}

/** What the thread is asked for. */
interface Request {
  readonly descriptor: number;
  readonly at: number;
  readonly bytes: Uint8Array;
  /** What tells it from those before. */
  readonly number: number;
  /** The number of the request, as long as nobody has begun to read; then how far it is. */
  readonly state: Int32Array;
}

const [IDLE, READING, READ] = [0, -1, -2];
/** The thread of this process, once something came from a disk. */
let thread: Worker | undefined;

/** Milliseconds after which a read is not waited for any longer: the thread may have been ended in the middle of it. */
const PATIENCE = 10_000;

/**
 * Reads a file ahead of whoever works on it.
 *
 * @param patience milliseconds that a read is waited for, before it is done here
 */
export function aheadReader(descriptor: number, patience: number = PATIENCE): AheadReader {
  let state = new Int32Array(new SharedArrayBuffer(4));
  let bytes = new Uint8Array(new SharedArrayBuffer(0));
  let [number, asked, blocks] = [0, -1, 0];
  /** Whether what was asked for last is there; what nobody has begun to read is given up. */
  const isThere = (): boolean => {
    Atomics.compareExchange(state, 0, number, IDLE);
    if (Atomics.wait(state, 0, READING, patience) === "timed-out") giveUp();
    return Atomics.exchange(state, 0, IDLE) === READ;
  };
  /** Leaves the thread, which may yet come to write, with what it was given; the next read ahead is another's. */
  const giveUp = (): void => {
    void thread?.terminate();
    thread = undefined;
    state = new Int32Array(new SharedArrayBuffer(4));
    bytes = new Uint8Array(new SharedArrayBuffer(0));
  };
  const ask = ({ at, length }: FilePart): void => {
    if (bytes.length < length) bytes = new Uint8Array(new SharedArrayBuffer(length));
    // Where there can be no thread, the part is read when it is its turn.
    thread ??= startReading();
    if (thread === undefined) return;
    asked = at;
    blocks = blocksRead();
    Atomics.store(state, 0, ++number);
    const request: Request = { descriptor, at, bytes: bytes.subarray(0, length), number, state };
    thread.postMessage(request);
  };
  return {
    read: (at, into, next) => {
      if (isThere() && asked === at) into.set(bytes.subarray(0, into.length));
      else {
        blocks = blocksRead();
        if (!fill(readSync, descriptor, into, at)) return false;
      }
      if (blocksRead() > blocks) ask(next);
      return true;
    },
    close: () => void isThere(),
  };
}

/** Blocks that this process has had from disks, all threads together. A clock would take a busy machine for a slow disk. */
function blocksRead(): number {
  return process.resourceUsage().fsRead;
}

/** Fills bytes from a place of a file; false where it ends before. */
export function fill(read: typeof readSync, descriptor: number, into: Uint8Array, at: number): boolean {
  for (let done = 0; done < into.length; ) {
    const count = read(descriptor, into, done, into.length - done, at + done);
    if (count === 0) return false;
    done += count;
  }
  return true;
}

function startReading(): Worker | undefined {
  const program = `const fill = ${fill};\n(${serve})(require("node:worker_threads").parentPort, require("node:fs").readSync);`;
  const started = startThread(program, { eval: true, env: {} }, () => {
    if (thread === started) thread = undefined;
  });
  return started;
}

/** The program of the thread, as text. What it cannot read is left to whoever asked, and to what is said of that. */
function serve(port: MessagePort, read: typeof readSync): void {
  port.on("message", ({ descriptor, at, bytes, number, state }: Request) => {
    const [idle, reading, done] = [0, -1, -2];
    if (Atomics.compareExchange(state, 0, number, reading) !== number) return;
    let isRead = false;
    try {
      isRead = fill(read, descriptor, bytes, at);
    } catch {
      // The file may be on a disk that is gone.
    }
    Atomics.store(state, 0, isRead ? done : idle);
    Atomics.notify(state, 0);
  });
}
