import type {
  ButtonState,
  ErrorState,
  LiveState,
  ProgressState,
  SelectState,
  SliderState,
} from "../../display/live/live-state.ts";
import { element, type PartView, text, view } from "./elements.ts";
import { figureView } from "./figure-view.ts";

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
