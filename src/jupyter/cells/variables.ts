import Module from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

/** What tslab's executor shares with the code of cells. */
interface Shared {
  require: NodeJS.Require;
  exports: Record<string, unknown>;
  /** Takes the accessors of what a cell declares. */
  declare: (bindings: object) => void;
  /** The value of the last expression. */
  last: unknown;
  /** The offset of what the top of the cell awaits. */
  at?: number | undefined;
  /** What code of cells awaits: never there once an interrupt has ended whose code that is, or loops would go on. */
  rests: (value: unknown) => unknown;
  /** The same at the top of a cell, of which note is taken from here on. */
  awaits: (value: unknown, offset: number) => unknown;
  /** Takes note that it is there, and what is awaited around it. */
  done: <T>(value?: T, offset?: number) => T | undefined;
  /** Takes note of what code of cells throws. */
  throws: <T>(value: T) => T;
  /** `import.meta`: cells are modules of the notebook's folder. */
  meta: ImportMeta;
  /** What code of CommonJS writes its exports to. */
  module: NodeJS.Module;
}

/** The top-level variables of the cells so far, as the code of cells reads, writes and declares them. */
export class Variables {
  #shared = (): Shared => executors.__tslab__;
  readonly #values: Record<string, unknown> = {};
  readonly #isOver: () => boolean;
  readonly #throws: Shared["throws"];
  #replaced: PropertyDescriptorMap = {};

  /**
   * @param isOver whether an interrupt has ended what the code that runs belongs to
   * @param throws takes note of what is thrown, and returns it
   */
  constructor(isOver: () => boolean, throws: Shared["throws"]) {
    this.#isOver = isOver;
    this.#throws = throws;
  }

  /** Takes the place of the variables of tslab's executor, which has to be there. */
  serve(folder: string): void {
    const { require } = executors.__tslab__;
    const filename = join(folder, "cell.ts");
    const resolve = (name: string): string => pathToFileURL(require.resolve(name)).href;
    const rests = (value: unknown): unknown => (this.#isOver() ? new Promise(() => {}) : value);
    this.#shared = () => ({
      rests,
      awaits(value, offset) {
        this.at = offset;
        return rests(value);
      },
      done(value, offset) {
        this.at = offset;
        return value;
      },
      throws: this.#throws,
      require,
      exports: this.#values,
      declare: (bindings) => this.#declare(bindings),
      last: undefined,
      meta: { url: pathToFileURL(filename).href, dirname: folder, filename, resolve } as ImportMeta,
      module: new Module(filename),
    });
  }

  /** Told as a cell begins. */
  begin(): void {
    this.#replaced = {};
    // Anew, for cells can write to it.
    executors.__tslab__ = this.#shared();
  }

  /** Puts back what the cell replaced. */
  restore(): void {
    Object.defineProperties(this.#values, this.#replaced);
  }

  /** The value of the cell's last expression. */
  get last(): unknown {
    return executors.__tslab__.last;
  }

  /** The offset of what the cell awaits at its top. */
  get awaited(): number | undefined {
    return executors.__tslab__.at;
  }

  /** The value of a name, if there is one: a name of a declaration alone has none. */
  read(name: string): unknown {
    try {
      return Object.hasOwn(this.#values, name) ? this.#values[name] : undefined;
    } catch {
      return undefined;
    }
  }

  all(): unknown[] {
    return Object.keys(this.#values).map((name) => this.read(name));
  }

  #declare(bindings: object): void {
    const added = Object.getOwnPropertyDescriptors(bindings);
    for (const name of Object.keys(added)) {
      this.#replaced[name] = Object.getOwnPropertyDescriptor(this.#values, name) ?? { ...plain, value: undefined };
    }
    Object.defineProperties(this.#values, added);
    // V8 looks up what is a prototype ten times as fast as what was defined anew.
    Object.setPrototypeOf({}, this.#values);
  }
}

/** Where tslab's executor looks for what it shares with cells. */
const executors = globalThis as unknown as { __tslab__: Shared };

const plain = { writable: true, enumerable: true, configurable: true };
