import inspector from "node:inspector";
import { Socket } from "node:net";
import { setTimeout } from "node:timers/promises";
import { parentPort, workerData } from "node:worker_threads";
import {
  ANSWERED,
  ASKED,
  COMPILING,
  type Forwarded,
  HEARD,
  INTERRUPT,
  type Incoming,
  NONE,
  type Posted,
  type RelayData,
  STRAY,
  TAKEN,
  type Told,
  WANTED,
} from "./kernel-shared.ts";
import { sendOver, valuesOf } from "./line.ts";

// The thread of the cells' process that talks with the kernel. Cells run in the main thread and may keep it for as long as
// they compute; here their output leaves, and requests to interrupt or end them are heard meanwhile.

/** How long the main thread may take to look how far an interrupt is before what it runs is ended, in milliseconds. */
const PATIENCE = 250;

/** How long this thread waits before it looks again, in milliseconds. */
const GLANCE = 10;

/** How long code may compute that runs though an interrupt has ended whose it is, in milliseconds. */
const LONGEST = 2000;

async function relay({ flags, answers }: RelayData): Promise<void> {
  const main = parentPort;
  if (main === null) return;
  const kernel = new Socket({ fd: 3 });
  const tell = (told: Told, sent?: () => void): void => sendOver(kernel, told, sent);
  const forward = (forwarded: Forwarded): void => main.postMessage(forwarded);
  const interrupts = new Interrupts(flags, { look: () => forward("look"), heard: () => tell("heard") });
  main.on("message", (message: Posted) => {
    if (message === "stray") return interrupts.mind();
    tell(message, () => {
      Atomics.add(flags, TAKEN, 1);
      Atomics.notify(flags, TAKEN);
    });
  });
  for await (const incoming of valuesOf(kernel) as AsyncIterable<Incoming>) {
    if (incoming === "interrupt") interrupts.begin();
    else if (typeof incoming === "object" && "answer" in incoming) {
      answers.postMessage(incoming.answer);
      Atomics.add(flags, ANSWERED, 1);
      Atomics.notify(flags, ANSWERED);
    } else forward(incoming);
  }
  // The kernel was killed: whoever did that waits for no cell.
  process.kill(process.pid, "SIGKILL");
}

/** Has the main thread hear of interrupts, which computes, perhaps without end. */
class Interrupts {
  readonly #flags: Int32Array;
  readonly #tell: { readonly look: () => void; readonly heard: () => void };
  #isOn = false;
  /** Whether the kernel was told that the latest was heard. */
  #isTold = true;
  #isMinding = false;

  /** @param tell what tells the main thread to look how far it is, and the kernel that it was heard */
  constructor(flags: Int32Array, tell: { readonly look: () => void; readonly heard: () => void }) {
    this.#flags = flags;
    this.#tell = tell;
  }

  begin(): void {
    Atomics.store(this.#flags, INTERRUPT, WANTED);
    this.#isTold = false;
    if (!this.#isOn) void this.#attend();
  }

  /**
   * Stays with the main thread until the request is over that is to end: what was on its way to a cell's code as it was
   * interrupted may yet have that compute without end.
   */
  async #attend(): Promise<void> {
    this.#isOn = true;
    while (this.#state !== NONE) {
      this.#tell.look();
      if (!(await this.#isHeard())) await this.#end(() => this.#isDeaf);
      else {
        this.#tellHeard();
        await setTimeout(PATIENCE);
        Atomics.compareExchange(this.#flags, INTERRUPT, HEARD, ASKED);
      }
    }
    this.#isOn = false;
    // It may have heard, and been done, as soon as what it computed was ended.
    this.#tellHeard();
  }

  #tellHeard(): void {
    if (!this.#isTold) this.#tell.heard();
    this.#isTold = true;
  }

  get #state(): number {
    return Atomics.load(this.#flags, INTERRUPT);
  }

  /** Whether the main thread may be ended where it is: once the compiler is done, the cell that it worked for runs at once. */
  get #isDeaf(): boolean {
    return (this.#state === WANTED || this.#state === ASKED) && Atomics.load(this.#flags, COMPILING) === 0;
  }

  async #isHeard(): Promise<boolean> {
    for (let waited = 0; waited < PATIENCE; ) {
      await setTimeout(GLANCE);
      if (this.#state === HEARD || this.#state === NONE) return true;
      if (this.#isDeaf) waited += GLANCE;
    }
    return false;
  }

  /** Told that code runs though an interrupt has ended whose it is, such as a listener: it is not to run without end. */
  mind(): void {
    if (!this.#isMinding) void this.#watch();
  }

  async #watch(): Promise<void> {
    this.#isMinding = true;
    for (let stray = this.#stray; stray !== 0; stray = this.#stray) {
      await setTimeout(LONGEST);
      if (this.#stray === stray) await this.#end(() => this.#stray === stray);
    }
    this.#isMinding = false;
  }

  get #stray(): number {
    return Atomics.load(this.#flags, STRAY);
  }

  /** Ends the code that the main thread runs, if it is still to be. */
  async #end(isStill: () => boolean): Promise<void> {
    const session = new inspector.Session();
    session.connectToMainThread();
    // To connect may take a while, in which it may have heard.
    if (isStill()) {
      let isEnded = false;
      session.post("Runtime.terminateExecution", () => {
        isEnded = true;
      });
      // It is told when code ends, which may be that of the next event: where the thread has just fallen idle, this is one.
      while (!isEnded) {
        this.#tell.look();
        await setTimeout(GLANCE);
      }
      // That may have been the kernel's own code, on its way to the end: what it has begun since is to end as well.
      for (const state of [ASKED, HEARD]) Atomics.compareExchange(this.#flags, INTERRUPT, state, WANTED);
    }
    session.disconnect();
  }
}

void relay(workerData);
