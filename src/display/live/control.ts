import { jupyterDisplay, type MimeBundle } from "../mime.ts";
import { controlsHtml, controlText } from "./live-html.ts";
import { type LivePart, livePart } from "./live-part.ts";
import { type ControlState, liveMime } from "./live-state.ts";

/**
 * Something with a value that a reader of the notebook can change: it shows as the last expression of a cell, by
 * `show`, and above the live figures that use it, in all places with the same value.
 *
 * It lives in JupyterLab with the kernel "Mixlens (TypeScript)", until its cell runs again; elsewhere it stands still.
 */
export interface Control<T> {
  /** The present value. Who sets it moves the control on the page, and has the figures drawn anew. */
  value: T;
  /** Calls `listener` with each new value, until the function that it returns is called. */
  readonly onChange: (listener: (value: T) => unknown) => () => void;
  readonly [jupyterDisplay]: () => MimeBundle;
}

/** What makes a control of its kind. */
export interface ControlRecipe<T> {
  readonly value: T;
  readonly state: (value: T) => ControlState;
  /** What a value from the page means; `undefined` for what it may not send. */
  readonly read: (sent: number, present: T) => T | undefined;
  /** Throws for what the value may not be set to. */
  readonly check: (value: T) => void;
}

/** What lies behind a control. */
export interface ControlParts<T> {
  readonly control: Control<T>;
  readonly part: LivePart;
}

interface Behind {
  readonly part: LivePart;
  readonly state: () => ControlState;
}

const behind = new WeakMap<object, Behind>();

/** How a control shows; `undefined` for what only looks like one. */
export function viewOf(control: object): Behind | undefined {
  return behind.get(control);
}

/** Makes a control. */
export function makeControl<T>(recipe: ControlRecipe<T>): ControlParts<T> {
  let value = recipe.value;
  const listeners = new Set<(value: T) => unknown>();
  const state = (): ControlState => recipe.state(value);
  const bundle = (): MimeBundle => ({
    "text/html": controlsHtml([state()]).join("\n"),
    "text/plain": controlText(state()),
    [liveMime]: part.id,
  });
  const change = async (next: T): Promise<void> => {
    value = next;
    part.changed();
    // All are called, whatever one of them throws.
    await Promise.all([...listeners].map(async (listener) => listener(next)));
  };
  const take = (sent: number): Promise<void> | undefined => {
    const next = recipe.read(sent, value);
    return next === undefined || Object.is(next, value) ? undefined : change(next);
  };
  const first = state();
  const part = livePart({ kind: first.kind, spec: first, state, take, bundle });
  const control: Control<T> = {
    get value() {
      return value;
    },
    set value(next) {
      recipe.check(next);
      if (!Object.is(next, value)) void change(next);
    },
    onChange(listener) {
      // The same function may listen twice.
      const own = (next: T): unknown => listener(next);
      listeners.add(own);
      return () => void listeners.delete(own);
    },
    [jupyterDisplay]() {
      part.show();
      return bundle();
    },
  };
  behind.set(control, { part, state });
  return { control, part };
}
