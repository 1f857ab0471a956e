import { type ChildProcess, spawn } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Duplex, Readable } from "node:stream";
import { setTimeout } from "node:timers/promises";
import { packageRoot } from "../../files/package-root.ts";
import { type Ending, reasonOf } from "../cells/ending.ts";
import type { Answer, Incoming, Outgoing, Request, Told } from "./kernel-shared.ts";
import { sendOver, valuesOf } from "./line.ts";

/** How long the process may take to end by itself, in milliseconds. */
const PATIENCE = 250;

/** What is kept of what the process says on its way out. */
const LAST_WORDS = 8000;

/** How long what is printed to its error stream waits: its last words are for no cell. In milliseconds. */
const HELD = 50;

/** How V8 begins to say that there is no memory left, which takes it a while. */
const NO_MEMORY = "<--- Last few GCs --->";

/** A request that is not answered yet, whether its turn has come, and its count where it is a cell that has one. */
interface Open {
  readonly request: Request;
  isOn: boolean;
  execution_count?: unknown;
}

/**
 * Runs cells in a process of their own: where it ends, because a cell filled the memory or killed it, the cell says why, those
 * that were sent after it are passed over, and a new one takes its place.
 */
export class CellSupervisor {
  readonly #send: (outgoing: Outgoing) => void;
  readonly #open = new Map<string, Open>();
  #heard: (() => void)[] = [];
  #process: ChildProcess;
  #isReady = false;
  #isClosing = false;
  /** The cell that ran last. */
  #latest: Request | undefined;
  #held = "";

  /** @param send sends a message to Jupyter */
  constructor(send: (outgoing: Outgoing) => void) {
    // What comes of a cell that is ended with the kernel has nobody to go to.
    this.#send = (outgoing) => {
      if (!this.#isClosing) send(outgoing);
    };
    this.#process = this.#start();
  }

  request(request: Request): void {
    this.#open.set(request.header.msg_id, { request, isOn: false });
    this.#tell({ request });
  }

  /** Tells what a user wrote. */
  answer(answer: Answer): void {
    this.#tell({ answer });
  }

  /** Ends what runs; comes back once that has heard of it. */
  interrupt(): Promise<void> {
    return new Promise((resolve) => {
      this.#heard.push(resolve);
      this.#tell("interrupt");
    });
  }

  /** Ends the process, which cells may keep from hearing of it. */
  async close(): Promise<void> {
    this.#isClosing = true;
    const ended = new Promise((resolve) => this.#process.once("exit", resolve));
    this.#tell("shutdown");
    await Promise.race([ended, setTimeout(PATIENCE)]);
    this.#process.kill("SIGKILL");
    await ended;
  }

  #tell(incoming: Incoming): void {
    const line = this.#process.stdio[3] as Duplex;
    if (line.writable) sendOver(line, incoming);
  }

  #start(): ChildProcess {
    this.#isReady = false;
    const child = spawn(process.execPath, [...process.execArgv, join(packageRoot(), "dist/cell-process.mjs")], {
      stdio: ["ignore", "pipe", "pipe", "pipe"],
    });
    // Where the machine's memory is full, Linux is to end this process before others.
    writeFile(`/proc/${child.pid}/oom_score_adj`, "500").catch(() => {});
    let said = "";
    const [stdout, stderr] = [child.stdout, child.stderr] as Readable[];
    stdout.setEncoding("utf8").on("data", (text: string) => this.#print("stdout", text));
    stderr.setEncoding("utf8").on("data", (text: string) => {
      said = (said + text).slice(-LAST_WORDS);
      process.stderr.write(text);
      if (!said.includes(NO_MEMORY)) this.#held += text;
      setTimeout(HELD).then(() => this.#printHeld());
    });
    const ended = new Promise<Omit<Ending, "said">>((resolve) => {
      child.once("exit", (code, signal) => resolve({ code, signal }));
    });
    // Programs that a cell started may hold its error stream for as long as they like.
    const silent = Promise.race([
      new Promise((resolve) => stderr.once("end", resolve)),
      ended.then(() => setTimeout(PATIENCE)),
    ]);
    const line = child.stdio[3] as Duplex;
    // What is written to a process that ends is not lost: it is an open request.
    line.on("error", () => {});
    void Promise.all([ended, this.#listen(line), silent]).then(([ending]) => this.#over({ ...ending, said }));
    return child;
  }

  async #listen(line: Duplex): Promise<void> {
    for await (const told of valuesOf(line) as AsyncIterable<Told>) {
      if (told === "ready") this.#isReady = true;
      else if (told === "heard") this.#hear();
      else {
        if (told.content.execution_state === "idle") {
          // What programs of the cell printed before has been read by then.
          await new Promise((resolve) => setImmediate(resolve));
          this.#printHeld();
        }
        this.#note(told);
        this.#send(told);
      }
    }
    this.#held = "";
  }

  /** Shows what passes by the streams that cells have: what programs print that they start, and addons. */
  #print(name: "stdout" | "stderr", text: string): void {
    if (this.#latest !== undefined && text !== "") this.#publish(this.#latest, "stream", { name, text });
  }

  #printHeld(): void {
    this.#print("stderr", this.#held);
    this.#held = "";
  }

  #note({ to, type, content }: Outgoing): void {
    const open = this.#open.get(to.header.msg_id);
    if (open === undefined) return;
    if (type === "execute_input") open.execution_count = content.execution_count;
    if (type !== "status") return;
    if (content.execution_state === "idle") this.#open.delete(to.header.msg_id);
    else open.isOn = true;
    if (open.request.header.msg_type === "execute_request") this.#latest = open.request;
  }

  #hear(): void {
    for (const resolve of this.#heard) resolve();
    this.#heard = [];
  }

  #over(ending: Ending): void {
    if (this.#isClosing) return;
    // What does not come up once does not at the next try.
    if (!this.#isReady) process.exit(ending.code ?? 1);
    this.#hear();
    this.#process = this.#start();
    const open = [...this.#open.values()];
    this.#open.clear();
    this.#explain(open, ending);
    for (const { request, isOn } of open) if (!isOn && !isCell(request)) this.request(request);
  }

  /** Says in the cell that ran, or below the last, why its process ended; cells that waited are not to run without it. */
  #explain(open: readonly Open[], ending: Ending): void {
    const { ename, evalue } = reasonOf(ending);
    const next = "A new one has started, without the variables: run the cells again from the top.";
    const error = { ename, evalue, traceback: [`${ename}: ${evalue}`, next] };
    for (const { request, isOn, execution_count } of open) {
      const { msg_type } = request.header;
      if (!isOn && !isCell(request)) continue;
      if (!isOn) this.#tellStatus(request, "busy");
      else if (isCell(request)) this.#publish(request, "error", error);
      const content = isOn ? { status: "error", execution_count, ...error } : { status: "aborted" };
      const type = msg_type.replace(/_request$/, "_reply");
      if (type !== msg_type) this.#send({ channel: request.channel, to: request, type, content });
      this.#tellStatus(request, "idle");
    }
    const isTold = open.some(({ request, isOn }) => isOn && isCell(request));
    if (this.#latest === undefined) return;
    if (!isTold) this.#publish(this.#latest, "stream", { name: "stderr", text: `${error.traceback.join("\n")}\n` });
    // Pages forget what the process that is gone told them.
    this.#tellStatus(this.#latest, "restarting");
  }

  #tellStatus(request: Request, execution_state: string): void {
    this.#publish(request, "status", { execution_state });
  }

  #publish(request: Request, type: string, content: Outgoing["content"]): void {
    this.#send({ channel: "iopub", to: request, type, content });
  }
}

function isCell({ header }: Request): boolean {
  return header.msg_type === "execute_request";
}
