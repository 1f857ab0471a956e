import type { DrawingReply, DrawingRequest } from "./render/drawing.ts";

/** One end of a line between the notebook's kernel and its page; messages arrive in the order they were sent. */
export interface Comm {
  readonly id: string;
  /** Sends a value that JSON can hold, and bytes beside it. */
  readonly send: (data: object, buffers?: readonly Uint8Array[]) => void;
  /** Ends the line; the page is told. */
  readonly close: () => void;
}

/** What to do with what comes over a line. An error that they throw is printed below the cell that gave them. */
export interface CommHandlers {
  readonly message?: (data: unknown, buffers: readonly Uint8Array[]) => unknown;
  /** Told when the page ends the line. */
  readonly closed?: () => unknown;
}

/** Jupyter's comms, as the kernel lends them to the cells. What a cell opened or accepts ends when it runs again. */
export interface Comms {
  /** Opens a line to the code that the page has for a target; the page closes it at once where it has none. */
  readonly open: (target: string, data: object, handlers?: CommHandlers) => Comm;
  /**
   * Takes the lines that pages open to a target, in the place of whoever took them before.
   *
   * @param ended called once lines are no longer taken
   * @returns what ends that, and the lines that are open
   */
  readonly accept: (
    target: string,
    opened: (comm: Comm, data: unknown) => CommHandlers | undefined,
    ended?: () => void,
  ) => () => void;
}

/** What the program that runs a notebook's cells lends to the libraries in them. */
export interface NotebookHost {
  /** Lines to the page, where there is one. */
  readonly comms?: Comms;
  /** An error in the words and lines of its author. */
  readonly describe: (error: unknown) => string;
  /** What runs code later as that of the cell that is on now; it rejects with what the code throws, or an interrupt. */
  readonly later: () => <T>(code: () => T | Promise<T>) => Promise<T>;
  /**
   * Takes work that no cell waits for, such as pictures: it begins when there is time, and the notebook is not done before it
   * has ended. A rejection fails the cell that is on.
   */
  readonly hold: (work: () => Promise<unknown>) => void;
  /** Draws in the one thread that the process has for that. */
  readonly draw: (request: DrawingRequest, timeLimit?: number) => Promise<DrawingReply>;
}

/** The name under which the host stands on `globalThis`: the library in a cell and the kernel share no module. */
export const hostName: unique symbol = Symbol.for("mixlens.notebook");

/**
 * What the kernel "Mixlens (TypeScript)" lends to libraries in its cells: comms, to talk with the page.
 *
 * @returns `undefined` in any other program
 * @example
 * ```ts
 * import { notebookHost } from "mixlens/notebook";
 * if (notebookHost() !== undefined) throw new Error("outside a notebook there is none");
 * ```
 */
export function notebookHost(): NotebookHost | undefined {
  return (globalThis as { [hostName]?: NotebookHost })[hostName];
}
