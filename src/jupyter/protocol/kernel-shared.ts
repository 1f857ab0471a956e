import type { MessagePort } from "node:worker_threads";
import type { Content, Message } from "./wire.ts";

// What the kernel, which Jupyter starts, and the process of its cells tell each other; in that process a thread takes it in,
// for its main thread may compute.

/** Places in the memory that both threads see: whether the compiler works, and counts of what was heard, posted, taken, answered. */
export const COMPILING = 0;
export const HEARD = 1;
export const POSTED = 2;
export const TAKEN = 3;
export const ANSWERED = 4;
export const PLACES = 5;

/** What the thread that takes it in is given. */
export interface RelayData {
  readonly flags: Int32Array;
  /** Takes what users write where a cell asks for it. */
  readonly answers: MessagePort;
}

/** A request, to be answered where it came from. */
export interface Request extends Message {
  readonly channel: "shell" | "control";
}

/** A message that comes of a request. */
export interface Outgoing {
  readonly channel: "iopub" | "stdin" | Request["channel"];
  readonly to: Pick<Message, "identities" | "header">;
  readonly type: string;
  readonly content: Content;
  readonly buffers?: readonly Uint8Array[];
  /** Its own name, where somebody waits for what is said to it. */
  readonly id?: string;
}

/** What a user wrote, and the name of the question; some clients do not say. */
export interface Answer {
  readonly to?: string;
  readonly value: string;
}

/** What the process of the cells is told. */
export type Incoming = { readonly request: Request } | { readonly answer: Answer } | "interrupt" | "shutdown";

/** What it tells: that it takes requests, that what ran has heard of an interrupt, or a message. */
export type Told = Outgoing | "ready" | "heard";
