import { setTimeout } from "node:timers";
import { Turns } from "./turns.ts";

/**
 * Work that cells leave for when there is time, such as pictures: nobody's code once it goes on, so that no interrupt of a
 * cell ends it.
 */
export class Afterwards {
  readonly #turns = new Turns();
  readonly #going = new Set<Promise<void>>();

  /** Begins work in so many milliseconds; what it throws is nobody's. */
  begin(work: () => Promise<unknown>, pause: number): void {
    const going = new Promise<void>((resolve) => {
      const start = async (): Promise<void> => {
        await work().catch(() => {});
        resolve();
      };
      this.#turns.next(() => void (pause === 0 ? start() : setTimeout(start, pause)));
    });
    this.#going.add(going);
    void going.then(() => this.#going.delete(going));
  }

  get isGoing(): boolean {
    return this.#going.size > 0;
  }

  /** Waits until all has ended. */
  async done(): Promise<void> {
    while (this.#going.size > 0) await Promise.all(this.#going);
  }
}
