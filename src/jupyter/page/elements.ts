import type { LiveState } from "../../display/live/live-state.ts";

/** What shows states of one kind. */
export interface PartView {
  readonly kind: LiveState["kind"];
  readonly node: HTMLElement;
  /** @param isNewest whether the kernel has seen all that was sent; else the reader's own value stands */
  readonly update: (state: LiveState, isNewest: boolean) => void;
  readonly dispose: () => void;
}

export function element<K extends keyof HTMLElementTagNameMap>(
  name: K,
  className: string,
  ...children: Node[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(name);
  made.className = `mixlens-${className}`;
  made.append(...children);
  return made;
}

export function text(className: string, content: string = ""): HTMLElement {
  const made = element("span", className);
  made.textContent = content;
  return made;
}

export function view<S extends LiveState>(
  kind: S["kind"],
  node: HTMLElement,
  update: (state: S, isNewest: boolean) => void,
  dispose: () => void = () => {},
): PartView {
  return { kind, node, update: (state, isNewest) => update(state as S, isNewest), dispose };
}
