import { randomUUID } from "node:crypto";
import { setTimeout } from "node:timers";
import { nameOf } from "../../display/json.ts";
import { hostName, type NotebookHost } from "../../display/notebook-host.ts";
import { present } from "../../display/present.ts";
import { drawNext } from "../../display/render/picture.ts";
import { InputError } from "../../errors.ts";
import { watcherName } from "../../text/watcher.ts";
import { restoredText } from "../cells/built-ins.ts";
import type { Host } from "../cells/host.ts";
import { Interrupted } from "../cells/outcome.ts";
import { openSession, type Session } from "../cells/tslab.ts";
import type { ErrorOutput } from "../run/notebook.ts";
import { CommLines } from "./comms.ts";
import { Displays } from "./displays.ts";
import { History } from "./history.ts";
import { Inputs } from "./inputs.ts";
import { answers } from "./kernel-answers.ts";
import { type Cell, described, type ExecuteRequest, valuesOf } from "./kernel-cells.ts";
import { type KernelOptions, origin, type Request } from "./kernel-shared.ts";
import { partsOf } from "./outbox.ts";
import type { Content } from "./wire.ts";

/** How long after an interrupt what it ended has to have gone on, in milliseconds. */
const LOST = 2000;

/** Answers the requests of Jupyter's protocol, one after the other. */
export class Kernel implements Host {
  readonly #options: KernelOptions;
  readonly #comms: CommLines<Cell>;
  readonly #inputs: Inputs<Cell>;
  readonly #history = new History();
  readonly #displays = new Displays((request, type, content) => this.#publish(request, type, content));
  #session: Session<Cell> | undefined;
  #count = 0;
  /** Whether there was an interrupt since the cell began. */
  #isInterrupted = false;
  readonly #queue: Request[] = [];
  readonly #aborted = new WeakSet<Request>();
  readonly #answered = new WeakSet<Request>();
  /** The request whose turn it is. */
  #current: Request | undefined;

  constructor(options: KernelOptions) {
    this.#options = options;
    this.#comms = new CommLines({
      cell: () => this.#session?.cell(),
      call: (cell, body) => this.#call(cell, body),
      publish: (cell, type, content, buffers) => {
        const request = cell?.request ?? this.#current;
        if (request !== undefined) options.send({ channel: "iopub", to: origin(request), type, content, buffers });
      },
    });
    this.#inputs = new Inputs({
      ...options,
      cell: () => this.#session?.cell(),
      call: (cell, body) => this.#call(cell, body),
      end: (cell, error) => this.#session?.end(cell, error),
      allows: ({ request }) => request.content.allow_stdin === true,
      ask: ({ request }, prompt) => {
        const [id, content] = [randomUUID(), { prompt, password: false }];
        options.send({ channel: "stdin", to: origin(request), type: "input_request", content, id });
        return id;
      },
    });
  }

  /** Starts the compiler: the cells' imports are looked for from this folder. */
  open(folder: string): void {
    const session = openSession<Cell>(folder, {
      show: (shown, update, cell) => {
        if (update) this.#displays.update(shown);
        else if (cell !== undefined && !cell.silent) this.#displays.show(cell.request, shown);
      },
      compiling: this.#options.compiling,
      stray: this.#options.stray,
      restored: (names, cell) => this.#tell(cell, "stream", { name: "stderr", text: restoredText(names) }),
    });
    this.#session = session;
    const host: NotebookHost = {
      comms: this.#comms,
      describe: (error) => session.describe(error).traceback.join("\n"),
      later: () => {
        const cell = this.#session?.cell();
        return (code) => this.#later(cell, code);
      },
      hold: this.#displays.hold,
      draw: drawNext,
    };
    Object.assign(globalThis, { [hostName]: host, [watcherName]: this.#displays.watcher(this.#comms) });
    this.#inputs.serve();
  }

  readonly readAhead = (): void => this.#session?.readAhead();

  /** As a message comes, before what follows from it: takes note of what was ended before it. */
  settle(): void {
    this.#session?.settle();
  }

  /** Requests take turns, except that the page may talk with what is there while a cell awaits something. */
  request(message: Request): void {
    const isWaiting = ({ content }: Request): boolean => content.comm_id === message.content.comm_id;
    if (this.#comms.knows(message) && !this.#queue.some(isWaiting)) void this.#between(message);
    else {
      this.#queue.push(message);
      if (this.#current === undefined) void this.#work();
    }
  }

  /** Ends what runs; returns whether a request is on that has yet to end by that. */
  interrupt(): boolean {
    this.#isInterrupted = true;
    this.#session?.interrupt();
    const request = this.#current;
    // A timer of Node's own, that no cell can have stopped.
    if (request !== undefined) setTimeout(() => this.#rescue(request), LOST).unref();
    return request !== undefined;
  }

  /**
   * Goes on with the next request where what was to answer this one is lost: an interrupt ends whatever the thread runs,
   * and that may have been the kernel's own code.
   */
  #rescue(request: Request): void {
    if (this.#current !== request || this.#session?.isStuck() !== true) return;
    this.#session.forget();
    this.#refuse(request, new Interrupted("the cell was interrupted"));
    this.#end(request);
    void this.#work();
  }

  write(name: "stdout" | "stderr", text: string): void {
    const cell = this.#session?.cell();
    for (const part of partsOf(text)) this.#tell(cell, "stream", { name, text: part });
  }

  clear(): void {
    this.#tell(this.#session?.cell(), "clear_output", { wait: false });
  }

  line(prompt: string): string {
    return this.#inputs.line(prompt);
  }

  /** An error that nobody caught fails the cell that left it behind, or is printed below it when it is over. */
  fault(error: unknown, promise?: Promise<unknown>): void {
    const cell = this.#session?.cell(promise, error);
    if (cell === undefined || this.#session === undefined) return;
    if (cell.over) void this.#print(cell, error);
    else cell.error ??= { error };
  }

  async #work(): Promise<void> {
    for (let request = this.#queue.shift(); request !== undefined; request = this.#queue.shift()) {
      const mine = request;
      this.#current = mine;
      this.#publish(mine, "status", { execution_state: "busy" });
      await this.#handle(mine).catch((error) => this.#refuse(mine, error));
      // Given up for lost: others have gone on.
      if (this.#current !== mine) return;
      this.#end(mine);
    }
    this.#current = undefined;
  }

  #end(request: Request): void {
    this.#options.over();
    this.#publish(request, "status", { execution_state: "idle" });
  }

  async #between(request: Request): Promise<void> {
    this.#publish(request, "status", { execution_state: "busy" });
    await this.#comms.take(request);
    this.#publish(request, "status", { execution_state: "idle" });
    // Pages show what was told last.
    if (this.#current !== undefined) this.#publish(this.#current, "status", { execution_state: "busy" });
  }

  async #later<T>(cell: Cell | undefined, code: () => T | Promise<T>): Promise<T> {
    const outcome = await this.#session?.call(cell, code);
    if (outcome !== undefined && "error" in outcome) throw outcome.error;
    return outcome?.value as T;
  }

  async #call(cell: Cell | undefined, body: () => unknown): Promise<void> {
    const outcome = await this.#session?.call(cell, body);
    if (outcome !== undefined && "error" in outcome) await this.#print(cell, outcome.error);
  }

  async #print(cell: Cell | undefined, error: unknown): Promise<void> {
    if (this.#session === undefined) return;
    const { traceback } = await described(this.#session, cell, error);
    this.#tell(cell, "stream", { name: "stderr", text: `${traceback.join("\n")}\n` });
  }

  /** Whoever asks for what cannot be done gets an answer, and the next one his turn. */
  #refuse(request: Request, error: unknown): void {
    const { msg_type } = request.header;
    if (this.#session === undefined || !msg_type.endsWith("_request")) return;
    const { ename, evalue, traceback } = this.#session.describe(error);
    this.#reply(request, msg_type.replace("_request", "_reply"), { status: "error", ename, evalue, traceback });
  }

  async #handle(request: Request): Promise<void> {
    const session = this.#session;
    if (session === undefined) return;
    const type = request.header.msg_type;
    if (type === "execute_request" && this.#aborted.has(request)) {
      // Without a count: it is the number of a cell that ran.
      this.#reply(request, "execute_reply", { status: "aborted" });
    } else if (type === "execute_request") await this.#execute(session, request);
    else if (type.startsWith("comm_") && type !== "comm_info_request") await this.#comms.take(request);
    else if (type === "comm_info_request") {
      this.#reply(request, "comm_info_reply", { status: "ok", comms: this.#comms.info(request.content.target_name) });
    } else if (type === "history_request") this.#reply(request, "history_reply", this.#history.answer(request.content));
    else {
      const reply = answers[type]?.(session, request.content);
      if (reply !== undefined) this.#reply(request, type.replace("_request", "_reply"), reply);
    }
  }

  async #execute(session: Session<Cell>, request: Request): Promise<void> {
    const {
      code,
      silent = false,
      store_history = true,
      stop_on_error = true,
      user_expressions = {},
    } = request.content as never as ExecuteRequest;
    if (typeof code !== "string") throw new InputError("run a cell", "code as text", nameOf(code));
    const counts = store_history && !silent;
    if (counts) this.#count += 1;
    const execution_count = this.#count;
    if (counts) this.#history.add(execution_count, code);
    if (!silent) this.#publish(request, "execute_input", { code, execution_count });
    const { cellId } = request.metadata;
    // What an earlier run of the same cell left on the page is gone from there.
    if (cellId !== undefined) this.#comms.release(({ request }) => request.metadata.cellId === cellId);
    const cell: Cell = { request, silent, over: false };
    this.#displays.begin(request);
    this.#isInterrupted = false;
    const error = await this.#run(session, cell, code);
    const asked = error === undefined ? await valuesOf(session, cell, user_expressions) : {};
    cell.over = true;
    this.#displays.over();
    this.#inputs.over(cell);
    const ended = { execution_count, user_expressions: asked, payload: [] };
    if (error === undefined) return this.#reply(request, "execute_reply", { status: "ok", ...ended });
    const { output_type: _, ...said } = error;
    this.#publish(request, "error", said);
    if (stop_on_error) await this.#abort();
    this.#reply(request, "execute_reply", { status: "error", ...said, ...ended });
  }

  /** Runs a cell and shows the value of its last expression; returns what went wrong. */
  async #run(session: Session<Cell>, cell: Cell, code: string): Promise<ErrorOutput | undefined> {
    let outcome = await session.execute(cell, `cell ${this.#count}`, code);
    // Rejections that nobody handles are told after the promises of this turn of the event loop.
    await new Promise((resolve) => setImmediate(resolve));
    const isShown = cell.error === undefined && !cell.silent && !this.#isInterrupted;
    if (isShown && !("error" in outcome) && outcome.value !== undefined) {
      const { value } = outcome;
      outcome = await session.call(cell, () => present(value, this.#displays.sink(cell.request, this.#count)));
    }
    if (this.#displays.areAwaited && !this.#isInterrupted) {
      const waited = await session.call(cell, () => this.#displays.done());
      if (!("error" in outcome)) outcome = waited;
    }
    // One that came between two of these ended nothing.
    if (this.#isInterrupted && !("error" in outcome)) outcome = { error: new Interrupted("the cell was interrupted") };
    const failure = "error" in outcome ? outcome : cell.error;
    return failure !== undefined && "error" in failure ? described(session, cell, failure.error) : undefined;
  }

  /** The cells that were sent before the error was known are passed over, and no later one. */
  async #abort(): Promise<void> {
    await this.#options.grace();
    for (const request of this.#queue) this.#aborted.add(request);
  }

  #tell(cell: Cell | undefined, type: string, content: Content): void {
    if (cell !== undefined && !cell.silent) this.#publish(cell.request, type, content);
  }

  #publish(request: Request, type: string, content: Content): void {
    this.#options.send({ channel: "iopub", to: origin(request), type, content });
  }

  #reply(request: Request, type: string, content: Content): void {
    if (this.#answered.has(request)) return;
    this.#answered.add(request);
    this.#options.send({ channel: request.channel, to: origin(request), type, content });
  }
}
