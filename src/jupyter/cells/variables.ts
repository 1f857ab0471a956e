/** What tslab's executor shares with the code of cells. */
interface Shared {
  exports: Record<string, unknown>;
  declare: (bindings: object) => void;
}

/** The top-level variables of the cells so far, as the code of cells reads, writes and declares them. */
export class Variables {
  readonly values: Record<string, unknown> = {};
  #replaced: PropertyDescriptorMap = {};

  /** Takes the place of the variables of tslab's executor, which has to be there. */
  serve(): void {
    const { __tslab__ } = globalThis as unknown as { __tslab__: Shared };
    __tslab__.exports = this.values;
    __tslab__.declare = (bindings) => this.#declare(bindings);
  }

  /** Told as a cell begins. */
  begin(): void {
    this.#replaced = {};
  }

  /** Puts back what the cell replaced. */
  restore(): void {
    Object.defineProperties(this.values, this.#replaced);
  }

  #declare(bindings: object): void {
    const added = Object.getOwnPropertyDescriptors(bindings);
    for (const name of Object.keys(added)) {
      this.#replaced[name] = Object.getOwnPropertyDescriptor(this.values, name) ?? { ...plain, value: undefined };
    }
    Object.defineProperties(this.values, added);
    // V8 looks up what is a prototype ten times as fast as what was defined anew.
    Object.setPrototypeOf({}, this.values);
  }
}

const plain = { writable: true, enumerable: true, configurable: true };
