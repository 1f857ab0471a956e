/** Shows how far some work is, and nothing once that has ended. */
export interface Watch {
  readonly say: (line: string) => void;
  readonly end: () => void;
}

/** Begins to show how far some work is. */
export type Watcher = (line: string) => Watch;

/** The name under which who shows that stands on `globalThis`: a notebook's cells and its kernel share no module. */
export const watcherName: unique symbol = Symbol.for("mixlens.watcher");

/** Who shows how far long work of this process is; nobody, where the page of a notebook is not there. */
export function watcher(): Watcher | undefined {
  return (globalThis as { [watcherName]?: Watcher })[watcherName];
}
