import type { MessagePort } from "node:worker_threads";
import type { Content, Message } from "./wire.ts";

// What the kernel, which Jupyter starts, and the process of its cells tell each other; in that process a thread takes it in,
// for its main thread may compute.

/**
 * Places in the memory that both threads see: whether the compiler works, how far an interrupt is, counts of what was posted,
 * taken, answered, and the number of the listener that runs though an interrupt has ended whose it is.
 */
export const COMPILING = 0;
export const INTERRUPT = 1;
export const POSTED = 2;
export const TAKEN = 3;
export const ANSWERED = 4;
export const STRAY = 5;
export const PLACES = 6;

/** How far an interrupt is: there is none, or what it ends is over. */
export const NONE = 0;
/** The main thread is to end what runs. */
export const WANTED = 1;
/** It has heard, and the request that it ends is not over yet. */
export const HEARD = 2;
/** As before, and it is to say whether it still hears. */
export const ASKED = 3;

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

/** What has to be known of a request to answer it. */
export function origin({ identities, header }: Request): Outgoing["to"] {
  return { identities, header };
}

/** What answers requests is given. */
export interface KernelOptions {
  readonly send: (outgoing: Outgoing) => void;
  /** Told as the compiler begins to work, which must not be ended halfway, and when that has ended. */
  readonly compiling: (isCompiling: boolean) => void;
  /** Told as the request ends whose turn it was. */
  readonly over: () => void;
  /** Told as code begins to run though an interrupt has ended whose it is, and when that has ended. */
  readonly stray: (isOn: boolean) => void;
  /** What users write where a cell asks, and the memory in which it is counted. */
  readonly answers: MessagePort;
  readonly flags: Int32Array;
  /** Waits until requests that were sent before an error was known have arrived. */
  readonly grace: () => Promise<unknown>;
}

/** What a user wrote, and the name of the question; some clients do not say. */
export interface Answer {
  readonly to?: string;
  readonly value: string;
}

/** What the process of the cells is told. */
export type Incoming = { readonly request: Request } | { readonly answer: Answer } | "interrupt" | "shutdown";

/** What its main thread is told of it: a request, the end, or to look how far an interrupt is. */
export type Forwarded = { readonly request: Request } | "look" | "shutdown";

/** What that thread tells of itself: that it takes requests, that it runs what may have to be ended, or a message. */
export type Posted = Outgoing | "ready" | "stray";

/** What it tells: that it takes requests, that what ran has heard of an interrupt, or a message. */
export type Told = Outgoing | "ready" | "heard";
