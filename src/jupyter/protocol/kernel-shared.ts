import type { Message } from "./wire.ts";

// What the thread of the cells and that of the sockets tell each other.

/** Places in the memory that both see: whether the compiler works, and counts of what was heard, posted and taken. */
export const COMPILING = 0;
export const HEARD = 1;
export const POSTED = 2;
export const TAKEN = 3;

/** A message that the sockets are to send. */
export interface Outgoing {
  readonly channel: "iopub" | Request["channel"];
  readonly message: Message;
}

/** A request, to be answered where it came from. */
export interface Request extends Message {
  readonly channel: "shell" | "control";
}

/** What the sockets received. */
export type Incoming = { readonly request: Request } | "interrupt" | "shutdown";
