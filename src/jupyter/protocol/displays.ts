import type { Comms } from "../../display/notebook-host.ts";
import type { DisplaySink } from "../../display/present.ts";
import type { Watcher } from "../../text/watcher.ts";
import type { Shown } from "../cells/tslab.ts";
import { Afterwards } from "./afterwards.ts";
import type { Request } from "./kernel-shared.ts";
import { Watches } from "./watches.ts";
import type { Content } from "./wire.ts";

/** How long pictures leave the machine to the page, which draws live figures meanwhile, in milliseconds. */
const PAUSE = 1000;

/** What cells show, at once and later in the same places. */
export class Displays {
  readonly #publish: (request: Request, type: string, content: Content) => void;
  readonly #afterwards = new Afterwards();
  #watches: Watches | undefined;
  /** The requests that put what has a name on the page. */
  readonly #places = new Map<string, Request>();
  /** The request of the cell that is on, or was the last. */
  #latest: Request | undefined;

  constructor(publish: (request: Request, type: string, content: Content) => void) {
    this.#publish = publish;
  }

  begin(request: Request): void {
    this.#latest = request;
  }

  /** Takes the value of a cell, the last of this count. */
  sink(request: Request, execution_count: number): DisplaySink {
    return {
      display: (data, display_id, isUpdate = false) => {
        // What is replaced later has a place on the page, and in Jupyter's protocol only a display has that.
        const content = display_id !== undefined && { data, metadata: {}, transient: { display_id } };
        if (content && isUpdate) this.update(content);
        else if (content) this.show(request, content);
        else this.#publish(request, "execute_result", { execution_count, data, metadata: {} });
      },
    };
  }

  /** Shows what may be replaced later. */
  show(request: Request, content: Shown): void {
    const { display_id } = content.transient;
    if (display_id !== undefined) this.#places.set(display_id, request);
    this.#publish(request, "display_data", { ...content });
  }

  /**
   * Replaces what has a place, as a message of the request that put it there. A program that runs a notebook hears only those
   * of the cell that is on, and knows the place by its name.
   */
  update(content: Shown): void {
    const own = this.#places.get(content.transient.display_id ?? "");
    const request = own !== undefined && isWatched(own) ? own : this.#latest;
    if (request !== undefined) this.#publish(request, "update_display_data", { ...content });
  }

  /** Takes work that no cell waits for, such as pictures. */
  readonly hold = (work: () => Promise<unknown>): void =>
    this.#afterwards.begin(work, isWatched(this.#latest) ? PAUSE : 0);

  /** Shows how far work is where there is somebody who sees it. */
  watcher(comms: Comms): Watcher {
    const watches = new Watches(comms);
    this.#watches = watches;
    return (line) => (isWatched(this.#latest) ? watches.watch(line) : { say: () => {}, end: () => {} });
  }

  /** Ends what a cell shows as long as it runs. */
  over(): void {
    this.#watches?.end();
  }

  /** Whether a cell has to wait for that: a program that runs a notebook hears nothing more once its last cell is over. */
  get areAwaited(): boolean {
    return !isWatched(this.#latest) && this.#afterwards.isGoing;
  }

  done(): Promise<void> {
    return this.#afterwards.done();
  }
}

/** Whether there is somebody who can be asked, and so sees what comes later. */
function isWatched(request: Request | undefined): boolean {
  return request !== undefined && request.content.allow_stdin !== false;
}
