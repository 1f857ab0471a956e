import { cloudless } from "../../display/live/live.ts";
import type {
  ButtonState,
  ErrorState,
  FigureState,
  LiveState,
  ProgressState,
  SelectState,
  SliderState,
} from "../../display/live/live-state.ts";

/** What shows states of one kind. */
export interface PartView {
  readonly kind: LiveState["kind"];
  readonly node: HTMLElement;
  /** @param isNewest whether the kernel has seen all that was sent; else the reader's own value stands */
  readonly update: (state: LiveState, isNewest: boolean) => void;
  readonly dispose: () => void;
}

type Send = (value: number) => void;

/** Makes the view of a state. All text gets in as text, never as HTML. */
export function viewOfState(state: LiveState, send: Send): PartView {
  switch (state.kind) {
    case "slider":
      return sliderView(state, send);
    case "select":
      return selectView(state, send);
    case "button":
      return buttonView(state, send);
    case "progress":
      return progressView();
    case "figure":
      return figureView();
    case "error":
      return errorView();
  }
}

function element<K extends keyof HTMLElementTagNameMap>(
  name: K,
  className: string,
  ...children: Node[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(name);
  made.className = `mixlens-${className}`;
  made.append(...children);
  return made;
}

function text(className: string, content: string = ""): HTMLElement {
  const made = element("span", className);
  made.textContent = content;
  return made;
}

function view<S extends LiveState>(
  kind: S["kind"],
  node: HTMLElement,
  update: (state: S, isNewest: boolean) => void,
  dispose: () => void = () => {},
): PartView {
  return { kind, node, update: (state, isNewest) => update(state as S, isNewest), dispose };
}

function sliderView({ label, min, max, step }: SliderState, send: Send): PartView {
  const input = element("input", "range");
  Object.assign(input, { type: "range", min: String(min), max: String(max), step: String(step) });
  const shown = element("output", "value");
  const decimals = (String(step).split(".")[1] ?? "").length;
  const say = (): void => {
    const value = input.valueAsNumber;
    shown.textContent = (step < 1e-6 ? String(value) : value.toFixed(Math.min(decimals, 6))).replace("-", "−");
  };
  // Browsers tell of a moving slider once in a frame; what the kernel has not seen yet counts from here on.
  input.addEventListener("input", () => {
    say();
    send(input.valueAsNumber);
  });
  const node = element("label", "row", text("label", label), input, shown);
  return view<SliderState>("slider", node, ({ value }, isNewest) => {
    if (!isNewest) return;
    input.value = String(value);
    say();
  });
}

function selectView({ label, options }: SelectState, send: Send): PartView {
  const input = element("select", "select", ...options.map((option) => new Option(option)));
  input.addEventListener("change", () => send(input.selectedIndex));
  const node = element("label", "row", text("label", label), input);
  return view<SelectState>("select", node, ({ value }, isNewest) => {
    if (isNewest) input.selectedIndex = value;
  });
}

function buttonView({ label }: ButtonState, send: Send): PartView {
  const input = element("button", "button");
  input.textContent = label;
  input.addEventListener("click", () => send(0));
  const node = element("div", "row", input);
  // Not `disabled`, which would take the focus away.
  return view<ButtonState>("button", node, ({ isBusy }) => input.setAttribute("aria-disabled", String(isBusy)));
}

function progressView(): PartView {
  const [label, bar, note] = [text("label"), element("progress", "progress"), text("value")];
  const node = element("label", "row", label, bar, note);
  return view<ProgressState>("progress", node, (state) => {
    label.textContent = state.label;
    bar.max = state.total;
    bar.value = Math.min(state.value, state.total);
    const share = Math.floor((100 * bar.value) / state.total);
    note.textContent = state.note === "" ? `${share}\u2009%` : `${share}\u2009%, ${state.note}`;
  });
}

function errorView(): PartView {
  const node = element("pre", "error");
  return view<ErrorState>("error", node, ({ message }) => {
    node.textContent = message;
  });
}

interface Plotly {
  react(place: HTMLElement, data: unknown, layout: object, config: object): Promise<unknown>;
  purge(place: HTMLElement): void;
  readonly Plots: { resize(place: HTMLElement): void };
}

const page = window as unknown as { Plotly?: Plotly };
let loading: Promise<void> | undefined;

/** Loads plotly.js into the page, once. */
export function loadPlotly(address: string): Promise<void> {
  loading ??= new Promise((resolve, reject) => {
    if (page.Plotly !== undefined) return resolve();
    const script = document.createElement("script");
    script.src = address;
    script.onload = () => resolve();
    script.onerror = () => {
      loading = undefined;
      reject(new Error(`no plotly.js at ${address}`));
    };
    document.head.append(script);
  });
  return loading;
}

/** How plotly marks an element that it has drawn into. */
const DRAWN = "js-plotly-plot";

function figureView(): PartView {
  const node = element("div", "figure");
  node.role = "img";
  let waiting: FigureState | undefined;
  let isDrawing = false;
  // One drawing at a time, and after it the newest figure.
  const draw = async (): Promise<void> => {
    if (isDrawing || waiting === undefined || page.Plotly === undefined || node.clientWidth === 0) return;
    const { json, height } = waiting;
    waiting = undefined;
    isDrawing = true;
    const { data, layout } = JSON.parse(json);
    const { width: _, ...rest } = layout;
    // Zoom and hidden lines stay as the reader left them.
    const kept = { ...rest, height, autosize: true, uirevision: "mixlens" };
    if (!node.classList.contains(DRAWN)) node.replaceChildren();
    await page.Plotly.react(node, data, kept, { ...cloudless, displaylogo: false }).catch((error: Error) => {
      page.Plotly?.purge(node);
      node.classList.remove(DRAWN);
      node.replaceChildren(text("error", error.message));
    });
    isDrawing = false;
    void draw();
  };
  const watch = new ResizeObserver(() => {
    if (waiting !== undefined) void draw();
    else if (node.clientWidth > 0 && node.classList.contains(DRAWN)) page.Plotly?.Plots.resize(node);
  });
  watch.observe(node);
  return view<FigureState>(
    "figure",
    node,
    (state) => {
      waiting = state;
      node.ariaLabel = state.alt;
      node.style.maxWidth = `${state.width}px`;
      node.style.height = `${state.height}px`;
      void draw();
    },
    () => {
      watch.disconnect();
      page.Plotly?.purge(node);
    },
  );
}
