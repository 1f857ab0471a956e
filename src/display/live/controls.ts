import { anything, callable, isObject, listOf, number, positive, required, text } from "../../errors/kinds.ts";
import { type Declared, defaulted, readOptions } from "../../errors/options.ts";
import { shown } from "../../errors/shown.ts";
import { InputError, quote } from "../../errors.ts";
import { notebookHost } from "../notebook-host.ts";
import { type Control, makeControl } from "./control.ts";

/** What a slider is. */
export interface SliderOptions {
  readonly label: string;
  readonly min: number;
  readonly max: number;
  /** Between neighbouring values; default: 1, 2 or 5 times a power of ten, a hundredth of the range or less. */
  readonly step?: number;
  /** Where it starts; default: at `min`. */
  readonly value?: number;
}

const SLIDER = {
  label: required(text),
  min: required(number),
  max: required(number),
  step: number,
  value: number,
} satisfies Declared<SliderOptions>;

/**
 * A slider for a number.
 *
 * @throws InputError if the range is empty, the step is not above 0, or a value is set outside the range
 * @example
 * ```ts
 * import { slider } from "mixlens/notebook";
 * const ratio = slider({ label: "signal-to-noise", min: 0.5, max: 8, step: 0.1, value: 2 });
 * let seen = 0;
 * ratio.onChange((value) => { seen = value; });
 * ratio.value = 3;
 * if (seen !== 3) throw new Error("who listens is told");
 * ```
 */
export function slider(options: SliderOptions): Control<number> {
  const plan = readOptions("make a slider", options, SLIDER);
  const { label, min, max, step = roundStep(min, max), value = min } = plan;
  const act = `make the slider ${quote(label)}`;
  if (!(min < max && Number.isFinite(max - min))) {
    throw new InputError(act, "min to be a number below max", `${min} and ${max}`);
  }
  if (!(step > 0 && step <= max - min)) {
    throw new InputError(act, `a step above 0 and up to ${max - min}, the range`, String(step));
  }
  const check = (act: string, value: number): void => {
    if (!(value >= min && value <= max)) throw new InputError(act, `a value from ${min} to ${max}`, String(value));
  };
  check(act, value);
  return makeControl<number>({
    value,
    state: (value) => ({ kind: "slider", label, min, max, step, value }),
    read: (sent) => (Number.isFinite(sent) ? snapped(sent, min, max, step) : undefined),
    check: (value) => check(`set the slider ${quote(label)}`, value),
  }).control;
}

function roundStep(min: number, max: number): number {
  const hundredth = (max - min) / 100;
  const power = 10 ** Math.floor(Math.log10(hundredth));
  return (5 * power <= hundredth ? 5 : 2 * power <= hundredth ? 2 : 1) * power;
}

/** A value of the page as one that the slider has: 0.3 and not 0.30000000000000004. */
function snapped(value: number, min: number, max: number, step: number): number {
  const decimals = 12 - Math.floor(Math.log10(Math.max(Math.abs(min), Math.abs(max))));
  const near = (min + Math.round((value - min) / step) * step).toFixed(Math.min(100, Math.max(0, decimals)));
  return Math.min(max, Math.max(min, Number(near)));
}

/** What a list to choose from is. */
export interface SelectOptions<T> {
  readonly label: string;
  readonly options: readonly T[];
  /** Which is chosen first; default: the first. */
  readonly value?: T;
  /** An option as its reader sees it; default: its text. */
  readonly format?: (option: T) => string;
}

const SELECT = {
  label: required(text),
  options: required(listOf(anything, "a list of what there is to choose from")),
  value: anything,
  format: callable,
} satisfies Declared<SelectOptions<unknown>>;

const shownAs = (option: unknown): string => (isObject(option) ? shown(option) : String(option));

/**
 * A list to choose one of several values from.
 *
 * @throws InputError if there are no options, or a value is set that is none of them
 * @example
 * ```ts
 * import { select } from "mixlens/notebook";
 * const experts = select({ label: "experts", options: ["linear", "logistic"], value: "logistic" });
 * const kind: "linear" | "logistic" = experts.value;
 * if (kind !== "logistic") throw new Error("the value is one of the options");
 * ```
 */
export function select<const T>(given: SelectOptions<T>): Control<T> {
  const { label, options, format = shownAs } = readOptions("make a list", given, SELECT) as SelectOptions<T>;
  const act = `make the list ${quote(label)}`;
  if (options.length === 0) throw new InputError(act, "at least one option", "none");
  const names = options.map((option) => String(format(option)));
  const indexOf = (act: string, value: T): number => {
    const index = options.indexOf(value);
    if (index >= 0) return index;
    throw new InputError(act, `one of ${names.map(quote).join(", ")}`, shown(value));
  };
  const value = given.value ?? options[0];
  indexOf(act, value);
  return makeControl<T>({
    value,
    state: (value) => ({ kind: "select", label, options: names, value: options.indexOf(value) }),
    read: (sent) => (Number.isInteger(sent) ? options[sent] : undefined),
    check: (value) => void indexOf(`set the list ${quote(label)}`, value),
  }).control;
}

/** What a button is. */
export interface ButtonOptions {
  readonly label: string;
  /** Called when it is pressed, with how often that was so far; until its promise ends the button rests. */
  readonly onClick?: (clicks: number) => unknown;
}

const BUTTON = { label: required(text), onClick: callable } satisfies Declared<ButtonOptions>;

/**
 * A button, whose value is how often it was pressed: a figure that uses it is drawn anew each time.
 *
 * @example
 * ```ts
 * import { button } from "mixlens/notebook";
 * const again = button({ label: "Draw new data" });
 * if (again.value !== 0) throw new Error("not pressed yet");
 * ```
 */
export function button(options: ButtonOptions): Control<number> {
  const { label, onClick } = readOptions("make a button", options, BUTTON);
  let isBusy = false;
  const { control, part } = makeControl<number>({
    value: 0,
    state: () => ({ kind: "button", label, isBusy }),
    read: (_, clicks) => (isBusy ? undefined : clicks + 1),
    check: (value) => {
      if (Number.isInteger(value) && value >= 0) return;
      throw new InputError(`set the button ${quote(label)}`, "a whole number of clicks", String(value));
    },
  });
  if (onClick === undefined) return control;
  const rest = (isResting: boolean): void => {
    isBusy = isResting;
    part.changed();
  };
  // An interrupt ends what it does, and it can be pressed again.
  const run = notebookHost()?.later() ?? (async (code) => code());
  control.onChange(async (clicks) => {
    rest(true);
    try {
      await run(() => onClick(clicks));
    } finally {
      rest(false);
    }
  });
  return control;
}

/** What a bar of progress is. */
export interface ProgressOptions {
  readonly label: string;
  /** The value at which all is done; default: 1. */
  readonly total?: number;
}

const PROGRESS = { label: required(text), total: defaulted(positive, 1) } satisfies Declared<ProgressOptions>;

/** A bar that shows how far some work is. */
export interface Progress extends Control<number> {
  /** What else is to be said of the work, such as the present error. */
  note: string;
}

/**
 * A bar that shows how far some work is: show it, then set its value as the work goes on, from 0 to `total`.
 *
 * It moves in every front end and in loops that await nothing, and what is kept of it is where it ended.
 *
 * @throws InputError if the total is not above 0
 * @example
 * ```ts
 * import { progress } from "mixlens/notebook";
 * const bar = progress({ label: "starts", total: 20 });
 * for (let done = 1; done <= 20; done++) {
 *   bar.value = done;
 *   bar.note = `${20 - done} to go`;
 * }
 * if (bar.value !== 20 || bar.note !== "0 to go") throw new Error("done");
 * ```
 * @example
 * ```ts
 * // A long fit, watched: a figure that uses the bar is drawn anew as it moves. In a notebook: await show(chart).
 * import { datasetPath, figure, fitAsync } from "mixlens";
 * import { liveFigure, progress } from "mixlens/notebook";
 * const objectives: number[] = [];
 * const steps = progress({ label: "steps of EM", total: 500 });
 * const chart = liveFigure([steps], () =>
 *   figure("The objective by step", [{ y: [...objectives] }], {
 *     xaxis: { title: { text: "step" } },
 *     yaxis: { title: { text: "objective (nats)" } },
 *   }),
 * );
 * const { result } = await fitAsync(datasetPath("iris"), {
 *   response: "petal_width",
 *   features: ["petal_length"],
 *   starts: 1,
 *   onStep: ({ objective }) => {
 *     steps.value = objectives.push(objective);
 *     steps.note = `${objective.toFixed(3)} nats`;
 *   },
 * });
 * const [line] = (await chart.figure()).data;
 * if (result !== "converged" || !("y" in line) || line.y?.length !== steps.value) throw new Error("not all drawn");
 * ```
 */
export function progress(options: ProgressOptions): Progress {
  const { label, total } = readOptions("make a bar of progress", options, PROGRESS);
  let note = "";
  const { control, part } = makeControl<number>({
    value: 0,
    state: (value) => ({ kind: "progress", label, value, total, note }),
    read: () => undefined,
    check: (value) => {
      if (value >= 0 && Number.isFinite(value)) return;
      throw new InputError(`set the bar ${quote(label)}`, "a number from 0 on", String(value));
    },
  });
  return Object.defineProperty(control, "note", {
    enumerable: true,
    get: () => note,
    set: (text: string) => {
      note = String(text);
      part.changed();
    },
  }) as Progress;
}
