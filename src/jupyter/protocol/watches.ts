import { progressTarget } from "../../display/live/live-state.ts";
import type { Comm, Comms } from "../../display/notebook-host.ts";
import type { Watch } from "../../text/watcher.ts";

/** Lines on the page that say how far a cell's work is: nothing of them is kept in the notebook. */
export class Watches {
  readonly #comms: Comms;
  readonly #open = new Set<Comm>();

  constructor(comms: Comms) {
    this.#comms = comms;
  }

  readonly watch = (line: string): Watch => {
    const comm = this.#comms.open(progressTarget, { line });
    this.#open.add(comm);
    return { say: (line) => comm.send({ line }), end: () => this.#end(comm) };
  };

  /** Ends all: a cell that was interrupted cannot. */
  end(): void {
    for (const comm of this.#open) this.#end(comm);
  }

  #end(comm: Comm): void {
    this.#open.delete(comm);
    comm.close();
  }
}
