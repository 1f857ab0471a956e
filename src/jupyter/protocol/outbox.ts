import { wellFormed } from "../../display/json.ts";
import type { Message } from "./wire.ts";

/** How long printed text may wait for more of it, in milliseconds. */
const PAUSE = 10;

/** Characters of printed text in one message, or about as many: more of them would make strings that are too long. */
const LONGEST = 1_000_000;

const PART = new RegExp(`.{1,${LONGEST}}`, "gsu");

/** Printed text in parts of that length. */
export function partsOf(text: string): readonly string[] {
  const whole = wellFormed(text);
  return whole.length <= LONGEST ? [whole] : (whole.match(PART) ?? []);
}

/**
 * Sends messages one after another, in order, and none is lost: a socket refuses a second one while it is at the first.
 *
 * What a cell prints in a burst leaves as one message, for pages are slow at many.
 */
export class Outbox {
  readonly #send: (message: Message) => Promise<void>;
  #waiting: Message[] = [];
  #work: Promise<void> | undefined;
  #pause: NodeJS.Timeout | undefined;

  constructor(send: (message: Message) => Promise<void>) {
    this.#send = send;
  }

  put(message: Message): void {
    this.#waiting.push(message);
    if (message.header.msg_type !== "stream") this.#start();
    else this.#pause ??= setTimeout(() => this.#start(), PAUSE);
  }

  /** Waits until all is sent. */
  async empty(): Promise<void> {
    this.#start();
    await this.#work;
  }

  #start(): void {
    clearTimeout(this.#pause);
    this.#pause = undefined;
    // What the pause was for may have left with what came before it.
    if (this.#work === undefined && this.#waiting.length > 0) this.#work = this.#run();
  }

  async #run(): Promise<void> {
    while (this.#waiting.length > 0) {
      const messages = joined(this.#waiting);
      this.#waiting = [];
      for (const message of messages) await this.#send(message);
    }
    this.#work = undefined;
  }
}

function joined(messages: readonly Message[]): Message[] {
  const all: { first: Message; texts: string[]; length: number }[] = [];
  for (const message of messages) {
    const last = all.at(-1);
    const text = String(message.content.text);
    if (last !== undefined && last.length < LONGEST && isSameStream(last.first, message)) {
      last.texts.push(text);
      last.length += text.length;
    } else all.push({ first: message, texts: [text], length: text.length });
  }
  return all.map(({ first, texts }) =>
    texts.length === 1 ? first : { ...first, content: { ...first.content, text: texts.join("") } },
  );
}

function isSameStream(a: Message, b: Message): boolean {
  const isStream = a.header.msg_type === "stream" && b.header.msg_type === "stream";
  return isStream && a.content.name === b.content.name && a.parent.msg_id === b.parent.msg_id;
}
