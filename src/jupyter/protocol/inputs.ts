import readline from "node:readline";
import promises from "node:readline/promises";
import { Readable } from "node:stream";
import { clearTimeout, setTimeout } from "node:timers";
import { type MessagePort, receiveMessageOnPort } from "node:worker_threads";
import { InputError } from "../../errors.ts";
import { ANSWERED, type Answer } from "./kernel-shared.ts";

export interface InputsOptions<Cell> {
  /** What users wrote, each with the id of the question. */
  readonly answers: MessagePort;
  readonly flags: Int32Array;
  /** Asks the user, and returns the question's id. */
  readonly ask: (cell: Cell, prompt: string) => string;
  /** Whether there is somebody to ask. */
  readonly allows: (cell: Cell) => boolean;
  /** The cell whose code runs. */
  readonly cell: () => Cell | undefined;
  /** Runs code as a cell's own. */
  readonly call: (cell: Cell, body: () => unknown) => Promise<void>;
  /** Ends what a cell awaits by an error. */
  readonly end: (cell: Cell, error: Error) => void;
}

/** What reads lines. */
interface Asking {
  question: (...args: unknown[]) => unknown;
}

/**
 * How long who has read a line may take to read no more, in milliseconds: streams read ahead, and users are to be asked only
 * for what a cell waits for.
 */
const PAUSE = 50;

/** Input of cells: they read lines as from a terminal, and the user is asked for each. */
export class Inputs<Cell> {
  /** Made before there are cells: it is none of theirs. */
  #stdin = this.#open();
  readonly #options: InputsOptions<Cell>;
  /** The cell that reads the stream. */
  #reader: Cell | undefined;
  #isWaiting = false;
  #pause: NodeJS.Timeout | undefined;
  #asked: string | undefined;

  constructor(options: InputsOptions<Cell>) {
    this.#options = options;
    options.answers.on("message", (answer: Answer) => this.#take(answer));
  }

  /** Lends the stream to cells, as `process.stdin`. */
  serve(): void {
    const read = (): Readable => {
      const isFirst = this.#read();
      // One that a cell has closed or paused, as readline does at its end, is so for that cell.
      if (this.#stdin.destroyed) this.#stdin = this.#open();
      else if (isFirst && this.#rests) Reflect.set(this.#stdin, "readableFlowing", null);
      return this.#stdin;
    };
    Object.defineProperty(process, "stdin", { get: read, configurable: true, enumerable: true });
    for (const { prototype } of [readline.Interface, promises.Interface] as { prototype: Asking }[]) {
      const { question } = prototype;
      const reading = (): void => void this.#read();
      // Whoever keeps one from an earlier cell reads, too.
      prototype.question = function (...args) {
        reading();
        return question.apply(this, args);
      };
    }
  }

  #open(): Readable {
    return new Readable({ read: () => this.#wait() });
  }

  /** Asks for a line, and waits for it: nothing else runs until then. */
  line(prompt: string): string {
    const { answers, flags, ask, allows, cell } = this.#options;
    const reader = cell();
    if (reader === undefined || !allows(reader)) throw nobody();
    // What came too late for an earlier question answers none.
    while (receiveMessageOnPort(answers) !== undefined);
    const asked = ask(reader, prompt);
    for (;;) {
      const answered = Atomics.load(flags, ANSWERED);
      const message: Answer | undefined = receiveMessageOnPort(answers)?.message;
      if (message !== undefined && (message.to ?? asked) === asked) return message.value;
      if (message === undefined) Atomics.wait(flags, ANSWERED, answered);
    }
  }

  /** Told as a cell ends: what it asked is no longer of interest. */
  over(cell: Cell): void {
    if (this.#reader === cell) [this.#reader, this.#asked] = [undefined, undefined];
  }

  /** Returns whether the cell that runs reads for the first time. */
  #read(): boolean {
    const cell = this.#options.cell();
    const isFirst = cell !== undefined && cell !== this.#reader;
    if (isFirst) this.#reader = cell;
    this.#consider();
    return isFirst;
  }

  /** Whether the stream is paused and nobody takes from it. */
  get #rests(): boolean {
    return this.#stdin.isPaused() && this.#stdin.listenerCount("readable") === 0;
  }

  #wait(): void {
    this.#isWaiting = true;
    this.#consider();
  }

  #consider(): void {
    clearTimeout(this.#pause);
    if (!this.#isWaiting || this.#asked !== undefined) return;
    this.#pause = setTimeout(() => {
      const { allows, ask, end } = this.#options;
      const reader = this.#reader;
      if (reader === undefined || this.#asked !== undefined || this.#rests) return;
      if (allows(reader)) this.#asked = ask(reader, "");
      else end(reader, nobody());
    }, PAUSE);
  }

  #take({ to, value }: Answer): void {
    const reader = this.#reader;
    if (this.#asked === undefined || (to ?? this.#asked) !== this.#asked || reader === undefined) return;
    [this.#asked, this.#isWaiting] = [undefined, false];
    void this.#options.call(reader, () => this.#stdin.push(`${value}\n`));
  }
}

/** What a cell gets that reads where nobody can be asked. */
export function nobody(): InputError {
  const next = "run the cell in JupyterLab, or write the value into it";
  return new InputError("read input", "somebody to ask", "a run without a user", next);
}
