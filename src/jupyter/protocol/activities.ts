import { Emitters } from "../cells/emitters.ts";
import { Interrupted, type Outcome } from "../cells/outcome.ts";
import { Owners } from "../cells/owners.ts";

/** Code of a cell that began together: the cell itself, or a callback that it left to the page. */
interface Activity<Cell> {
  readonly cell: Cell | undefined;
}

/** What runs of the cells, each with its owner: an interrupt may end it wherever it is, without a word to its caller. */
export class Activities<Cell> {
  readonly #owners: Owners<Activity<Cell>>;
  readonly #emitters = new Emitters<Activity<Cell>>();
  readonly #stops = new Map<Activity<Cell>, (error: Error) => void>();
  readonly #ended = new Set<Activity<Cell>>();

  /** @param stray told as code begins to run though an interrupt has ended whose it is, and when that has ended */
  constructor(stray?: (isOn: boolean) => void) {
    this.#owners = new Owners(stray);
  }

  /** Whether an interrupt has ended what the code that runs belongs to. */
  get isOver(): boolean {
    return this.#owners.isStopped(this.#owners.current);
  }

  /** Begins to note who made which promise and emitter, and returns what ends that. */
  follow(): () => void {
    const owners = this.#owners;
    const ends = [
      owners.follow(),
      this.#emitters.follow(
        () => owners.current,
        (owner, body) => owners.run(owner, body),
      ),
    ];
    return () => ends.forEach((end) => void end());
  }

  /** Runs code as a callback of its own. */
  async attempt(cell: Cell | undefined, body: () => Promise<Outcome>): Promise<Outcome> {
    const activity = { cell };
    const outcome = await new Promise<Outcome>((resolve) => {
      // An interrupt drops the promises whose turn would be next: the kernel's own must not be among them.
      const end = (outcome: Outcome): void => this.#owners.turn(() => resolve(outcome));
      this.#stops.set(activity, (error) => end({ error }));
      this.#owners.turn(() => {
        // An interrupt may have come before its turn: nobody would end it then.
        if (this.#owners.isStopped(activity)) return;
        void this.#owners.run(activity, body).then(end, (error) => end({ error }));
      });
    });
    this.#stops.delete(activity);
    this.#ended.delete(activity);
    this.#owners.clear();
    return outcome;
  }

  /**
   * The cell that made a promise, or the emitter of an error, or threw it, or whose code runs now, or else `latest`; none where that was
   * interrupted.
   */
  cell(latest: Cell | undefined, promise?: Promise<unknown>, error?: unknown): Cell | undefined {
    const maker =
      (promise && this.#owners.of(promise)) ?? this.#emitters.of(error)?.owner ?? this.#owners.thrower(error);
    const activity = maker ?? this.#owners.current;
    if (activity === undefined) return latest;
    return this.#owners.isStopped(activity) ? undefined : activity.cell;
  }

  /** An error of where the emitter of an error was made. */
  siteOf(error: unknown): Error | undefined {
    return this.#emitters.of(error)?.site;
  }

  interrupt(): void {
    this.settle();
    for (const activity of this.#stops.keys()) this.#end(activity, new Interrupted("the cell was interrupted"));
  }

  /** Ends what a cell awaits by an error. */
  end(cell: Cell, error: Error): void {
    for (const activity of this.#stops.keys()) if (activity.cell === cell) this.#end(activity, error);
  }

  #end(activity: Activity<Cell>, error: Error): void {
    this.#owners.stop(activity);
    this.#ended.add(activity);
    this.#stops.get(activity)?.(error);
  }

  isStuck(): boolean {
    return this.#ended.size > 0 || this.#stops.size === 0;
  }

  forget(): void {
    this.#stops.clear();
    this.#ended.clear();
    this.#owners.forget();
  }

  /** As an event begins, takes note of what was ended before it. */
  settle(): void {
    this.#owners.settle();
    this.#emitters.settle();
  }
}
