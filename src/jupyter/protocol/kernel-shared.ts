import type { MessagePort } from "node:worker_threads";
import type { Connection, Message } from "./wire.ts";

// What the thread of the cells and that of the sockets tell each other.

/** Places in the memory that both see: whether the compiler works, and counts of what was heard, posted, taken, answered. */
export const COMPILING = 0;
export const HEARD = 1;
export const POSTED = 2;
export const TAKEN = 3;
export const ANSWERED = 4;
export const PLACES = 5;

/** What the thread of the sockets is given. */
export interface SocketsData {
  readonly connection: Connection;
  readonly flags: Int32Array;
  /** Takes what users write where a cell asks for it. */
  readonly answers: MessagePort;
}

/** A message that the sockets are to send. */
export interface Outgoing {
  readonly channel: "iopub" | "stdin" | Request["channel"];
  readonly message: Message;
}

/** A request, to be answered where it came from. */
export interface Request extends Message {
  readonly channel: "shell" | "control";
}

/** What the sockets received. */
export type Incoming = { readonly request: Request } | "interrupt" | "shutdown";
