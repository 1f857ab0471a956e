import { Console } from "node:console";
import type { StreamOutput } from "../run/notebook.ts";

/** Where the process's output and faults go while cells have it. */
export interface Host {
  write(stream: StreamOutput["name"], text: string): void;
  /** An error that no cell caught, of the promise that it rejected, or a call of `process.exit`. */
  fault(error: unknown, promise?: Promise<unknown>): void;
}

/** Lends the process to cells: its streams, console, exit and working directory; gives it back when `body` ends. */
export async function lendProcess<T>(folder: string, host: Host, body: () => Promise<T>): Promise<T> {
  const { stdout, stderr } = process;
  const kept = {
    out: stdout.write,
    err: stderr.write,
    exit: process.exit,
    console: globalThis.console,
  };
  const back = process.cwd();
  const fault = (error: unknown) => host.fault(error);
  const rejected = (error: unknown, promise: Promise<unknown>) => host.fault(error, promise);
  process.chdir(folder);
  stdout.write = writer((text) => host.write("stdout", text));
  stderr.write = writer((text) => host.write("stderr", text));
  // Plain text, whatever the terminal of this process can show.
  globalThis.console = new Console({ stdout, stderr, colorMode: false });
  process.exit = (code) => {
    const error = new Error(`the cell called process.exit(${code ?? ""})`);
    host.fault(error);
    throw error;
  };
  process.on("uncaughtException", fault).on("unhandledRejection", rejected);
  try {
    return await body();
  } finally {
    process.off("uncaughtException", fault).off("unhandledRejection", rejected);
    stdout.write = kept.out;
    stderr.write = kept.err;
    process.exit = kept.exit;
    globalThis.console = kept.console;
    process.chdir(back);
  }
}

type Callback = (error?: Error | null) => void;

function writer(write: (text: string) => void): typeof process.stdout.write {
  return (chunk: string | Uint8Array, encoding?: BufferEncoding | Callback, callback?: Callback) => {
    write(typeof chunk === "string" ? chunk : Buffer.from(chunk).toString());
    const done = typeof encoding === "function" ? encoding : callback;
    if (done !== undefined) process.nextTick(done);
    return true;
  };
}
