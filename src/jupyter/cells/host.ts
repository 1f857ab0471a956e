import { Console } from "node:console";
import { StringDecoder } from "node:string_decoder";
import type { StreamOutput } from "../run/notebook.ts";

/** Where the process's output and faults go while cells have it. */
export interface Host {
  write(stream: StreamOutput["name"], text: string): void;
  /** Takes away what the cell put out so far. */
  clear(): void;
  /** Asks the user for a line, and waits for it. */
  line(prompt: string): string;
  /** An error that no cell caught, of the promise that it rejected, or a call of `process.exit`. */
  fault(error: unknown, promise?: Promise<unknown>): void;
}

/** Lends the process to cells: its streams, console, exit and working directory; gives it back when `body` ends. */
export async function lendProcess<T>(folder: string, host: Host, body: () => Promise<T>): Promise<T> {
  const { stdout, stderr } = process;
  const streams: Record<StreamOutput["name"], NodeJS.WriteStream> = { stdout, stderr };
  const kept = {
    streams: Object.values(streams).map(({ write, end, _final }) => ({ write, end, _final })),
    exit: process.exit,
    abort: process.abort,
    console: globalThis.console,
  };
  const back = process.cwd();
  const fault = (error: unknown) => host.fault(error);
  const rejected = (error: unknown, promise: Promise<unknown>) => host.fault(error, promise);
  process.chdir(folder);
  for (const [name, stream] of Object.entries(streams)) {
    stream.write = writer((text) => host.write(name as StreamOutput["name"], text));
    stream.end = ender(stream, stream.end.bind(stream));
    // What writes past it, by its descriptor, still can.
    stream._final = (done) => done();
  }
  // Plain text, whatever the terminal of this process can show.
  globalThis.console = Object.assign(new Console({ stdout, stderr, colorMode: false }), { clear: () => host.clear() });
  const prompt = Object.getOwnPropertyDescriptor(globalThis, "prompt");
  Object.assign(globalThis, {
    prompt: (message: unknown = "", fallback: unknown = "") => host.line(String(message)) || String(fallback),
  });
  const ending = (call: string): never => {
    const error = new Error(`the cell called ${call}`);
    host.fault(error);
    throw error;
  };
  process.exit = (code) => ending(`process.exit(${code ?? ""})`);
  process.abort = () => ending("process.abort()");
  const listen = () => process.on("uncaughtException", fault).on("unhandledRejection", rejected);
  const unlisten = () => process.off("uncaughtException", fault).off("unhandledRejection", rejected);
  const { removeAllListeners } = process;
  // Without ours, an error that nobody catches ends the process.
  process.removeAllListeners = (...names) => {
    removeAllListeners.apply(process, names);
    unlisten();
    return listen();
  };
  listen();
  try {
    return await body();
  } finally {
    unlisten();
    process.removeAllListeners = removeAllListeners;
    Object.values(streams).forEach((stream, at) => void Object.assign(stream, kept.streams[at]));
    process.exit = kept.exit;
    process.abort = kept.abort;
    globalThis.console = kept.console;
    if (prompt === undefined) Reflect.deleteProperty(globalThis, "prompt");
    else Object.defineProperty(globalThis, "prompt", prompt);
    process.chdir(back);
  }
}

type Callback = (error?: Error | null) => void;

/** A stream's `end`, which writes what it is given as `write` does: the end of the process's own streams closes nothing. */
function ender(stream: NodeJS.WriteStream, end: () => NodeJS.WriteStream): NodeJS.WriteStream["end"] {
  return (...given: unknown[]) => {
    const [chunk, encoding] = given;
    const done = given.find((one) => typeof one === "function");
    const isText = typeof chunk === "string" || chunk instanceof Uint8Array;
    if (isText) stream.write(chunk, typeof encoding === "string" ? (encoding as BufferEncoding) : undefined);
    if (done !== undefined) process.nextTick(done as Callback);
    return end();
  };
}

/** A stream's `write`: text of any encoding, and bytes, of which a character may come in parts. */
function writer(write: (text: string) => void): typeof process.stdout.write {
  const decoder = new StringDecoder();
  return (chunk: string | Uint8Array, encoding?: BufferEncoding | Callback, callback?: Callback) => {
    const isText = typeof chunk === "string" && (typeof encoding !== "string" || /^utf-?8$/i.test(encoding));
    const bytes = (): Buffer =>
      typeof chunk === "string" ? Buffer.from(chunk, encoding as BufferEncoding) : Buffer.from(chunk);
    const text = isText ? decoder.end() + chunk : decoder.write(bytes());
    if (text !== "") write(text);
    const done = typeof encoding === "function" ? encoding : callback;
    if (done !== undefined) process.nextTick(done);
    return true;
  };
}
