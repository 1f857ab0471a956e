import { checkArgument } from "../../errors/arguments.ts";
import { callable, isObject, type Kind, listOf } from "../../errors/kinds.ts";
import { shown } from "../../errors/shown.ts";
import { InputError } from "../../errors.ts";
import { type Figure, isFigure } from "../figure.ts";
import { figureBundle, figureState, pictureHtml } from "../figure-html.ts";
import { jupyterDisplay, type MimeBundle } from "../mime.ts";
import { notebookHost } from "../notebook-host.ts";
import { type Control, viewOf } from "./control.ts";
import { controlsHtml, controlText, errorHtml } from "./live-html.ts";
import { livePart } from "./live-part.ts";
import { type ErrorState, type FigureState, figureMime, liveMime } from "./live-state.ts";
import { rest } from "./pace.ts";

/** A figure that follows controls. */
export interface LiveFigure {
  /** The figure of the present values, once it is drawn; rejects with what `draw` threw. */
  readonly figure: () => Promise<Figure>;
  readonly [jupyterDisplay]: () => Promise<MimeBundle>;
}

/** Between the starts of two drawings, in milliseconds: the page shows no more, and the work goes on beside them. */
const PACE = 40;

/** The values of controls, in order. */
export type ControlValues<C extends readonly Control<unknown>[]> = {
  readonly [K in keyof C]: C[K] extends Control<infer T> ? T : never;
};

const aControl: Kind<Control<unknown>> = {
  wanted: "a control",
  accepts: (value) => isObject(value) && viewOf(value) !== undefined,
};

type Drawn = { readonly figure: Figure } | { readonly error: unknown };

/**
 * A figure that is drawn anew, in its place, whenever one of its controls has another value; the controls stand above it.
 *
 * Drawings do not queue up: while one is made, values come and go, and then the last ones are drawn. What `draw` throws
 * as its cell runs fails the cell; later it stands in the place of the figure, until the next drawing. Without
 * JupyterLab and the kernel "Mixlens (TypeScript)" the figure is the picture of the present values.
 *
 * @param controls what `draw` gets the values of, in order
 * @param draw makes the figure, or a promise of it
 * @example
 * ```ts
 * import { curvePlot } from "mixlens";
 * import { liveFigure, slider } from "mixlens/notebook";
 * const rate = slider({ label: "rate", min: 0, max: 1, value: 0.5 });
 * const chart = liveFigure([rate], (rate) => {
 *   const y = Array.from({ length: 10 }, (_, t) => rate ** t);
 *   return curvePlot([{ name: "error", y }], { title: `Rate ${rate}`, x: "iteration", y: "error" });
 * });
 * rate.value = 0.9;
 * const { alt } = await chart.figure();
 * if (alt !== "Rate 0.9: error from 1 to 0.3874.") throw new Error(alt);
 * ```
 */
export function liveFigure<const C extends readonly Control<unknown>[]>(
  controls: C,
  draw: (...values: ControlValues<C>) => Figure | Promise<Figure>,
): LiveFigure {
  checkArgument("draw a live figure", "controls", controls, listOf(aControl, "a list of controls such as a slider"));
  checkArgument("draw a live figure", "draw", draw, callable);
  const views = controls.flatMap((control) => viewOf(control) ?? []);
  const run = notebookHost()?.later() ?? (async (code) => code());
  let drawn: Drawn | undefined;
  let isStale = true;
  let work: Promise<void> | undefined;

  const drawAll = async (): Promise<void> => {
    while (isStale) {
      isStale = false;
      const pause = rest(PACE);
      try {
        const figure = await run(() => draw(...(controls.map(({ value }) => value) as unknown as ControlValues<C>)));
        if (!isFigure(figure)) throw new InputError("draw a live figure", "draw to return a figure", shown(figure));
        drawn = { figure };
      } catch (error) {
        drawn = { error };
      }
      part.changed();
      if (isStale) await pause;
    }
    work = undefined;
  };
  /** Draws, unless that goes on already; what else happens now is heard first. */
  const begin = (): Promise<void> => {
    work ??= rest(0).then(drawAll);
    return work;
  };
  const present = async (): Promise<Figure> => {
    while (isStale || work !== undefined) await begin();
    if (drawn !== undefined && "figure" in drawn) return drawn.figure;
    throw drawn?.error;
  };
  const state = (): FigureState | ErrorState =>
    drawn !== undefined && "figure" in drawn ? figureState(drawn.figure) : errorState(drawn?.error);
  const bundle = (shown: FigureState | ErrorState, still?: string): MimeBundle => {
    const above = views.map(({ state }) => state());
    const { [figureMime]: _, ...forms } = shown.kind === "figure" ? figureBundle(shown, still) : errorBundle(shown);
    return {
      "text/html": [...controlsHtml(above), forms["text/html"]].join("\n"),
      "text/plain": [...above.map(controlText), forms["text/plain"]].join("\n"),
      [liveMime]: [...views.map(({ part }) => part.id), part.id].join(" "),
    };
  };
  const withPicture = async (): Promise<MimeBundle> => {
    const shown = state();
    return bundle(shown, shown.kind === "figure" ? await pictureHtml(shown) : undefined);
  };
  const change = (): void => {
    isStale = true;
    part.pending();
    void begin();
    notebookHost()?.hold(present);
  };
  const stops = controls.map((control) => control.onChange(change));
  const part = livePart({
    kind: "figure",
    spec: [views.map(({ part }) => part.id), String(draw)],
    state,
    picture: withPicture,
    ended: () => stops.forEach((stop) => void stop()),
  });

  return {
    figure: present,
    async [jupyterDisplay]() {
      await present();
      part.show();
      // The picture comes when there is time, where somebody can put it there.
      return notebookHost() === undefined ? withPicture() : bundle(state());
    },
  };
}

function errorState(error: unknown): ErrorState {
  return { kind: "error", message: notebookHost()?.describe(error) ?? String(error) };
}

function errorBundle(state: ErrorState): MimeBundle {
  return { "text/html": errorHtml(state), "text/plain": state.message };
}
