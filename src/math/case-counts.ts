import { drawBinomial } from "./draw.ts";
import type { Random } from "./random.ts";

/** Units that draws are shared among first, before each has its own: no more counts are in memory. */
const TOGETHER = 65_536;

/**
 * How often each of n units is drawn in n draws with replacement, told from the first unit on, some at a time.
 *
 * Runs of units share the draws by binomial laws, each of what those before it have left; then every draw of a run is of one of
 * its units. The counts are the same however many are taken at a time, and of few units those of n draws among all.
 */
export class CaseCounts {
  readonly #random: Random;
  #units: number;
  #draws: number;
  #told = new Int32Array();

  /** @param units n, their number */
  constructor(random: Random, units: number) {
    this.#random = random;
    this.#units = units;
    this.#draws = units;
  }

  /** The counts of so many units that come next. */
  take(count: number): Int32Array {
    const counts = new Int32Array(count);
    for (let at = 0; at < count; ) {
      if (this.#told.length === 0) this.#told = this.#next();
      const some = this.#told.subarray(0, count - at);
      counts.set(some, at);
      this.#told = this.#told.subarray(some.length);
      at += some.length;
    }
    return counts;
  }

  /** The counts of the next run. */
  #next(): Int32Array<ArrayBuffer> {
    const counts = new Int32Array(Math.min(TOGETHER, this.#units));
    const draws = drawBinomial(this.#random, this.#draws, counts.length / this.#units);
    for (let draw = 0; draw < draws; draw++) counts[this.#random.integer(counts.length)]++;
    this.#units -= counts.length;
    this.#draws -= draws;
    return counts;
  }
}
