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
  /** `import.meta`: cells are modules of the notebook's folder. */
  meta: ImportMeta;
}

/** The top-level variables of the cells so far, as the code of cells reads, writes and declares them. */
export class Variables {
  readonly #values: Record<string, unknown> = {};
  #replaced: PropertyDescriptorMap = {};

  /** Takes the place of the variables of tslab's executor, which has to be there. */
  serve(folder: string): void {
    const shared = sharedWithCells();
    const filename = join(folder, "cell.ts");
    const resolve = (name: string): string => pathToFileURL(shared.require.resolve(name)).href;
    shared.exports = this.#values;
    shared.declare = (bindings) => this.#declare(bindings);
    shared.meta = { url: pathToFileURL(filename).href, dirname: folder, filename, resolve } as ImportMeta;
  }

  /** Told as a cell begins. */
  begin(): void {
    this.#replaced = {};
    sharedWithCells().last = undefined;
  }

  /** Puts back what the cell replaced. */
  restore(): void {
    Object.defineProperties(this.#values, this.#replaced);
  }

  /** The value of the cell's last expression. */
  get last(): unknown {
    return sharedWithCells().last;
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

function sharedWithCells(): Shared {
  return (globalThis as unknown as { __tslab__: Shared }).__tslab__;
}

const plain = { writable: true, enumerable: true, configurable: true };
