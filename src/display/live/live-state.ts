// What the library in a cell and the extension of JupyterLab tell each other, as JSON.

/** A slider as it stands. */
export interface SliderState {
  readonly kind: "slider";
  readonly label: string;
  readonly min: number;
  readonly max: number;
  readonly step: number;
  readonly value: number;
}

/** A list to choose from, and the position of what is chosen. */
export interface SelectState {
  readonly kind: "select";
  readonly label: string;
  readonly options: readonly string[];
  readonly value: number;
}

/** A button; a busy one does what it was last pressed for. */
export interface ButtonState {
  readonly kind: "button";
  readonly label: string;
  readonly isBusy: boolean;
}

/** How far some work is. */
export interface ProgressState {
  readonly kind: "progress";
  readonly label: string;
  readonly value: number;
  readonly total: number;
  readonly note: string;
}

/** A figure as plotly's JSON. */
export interface FigureState {
  readonly kind: "figure";
  readonly json: string;
  readonly alt: string;
  readonly width: number;
  readonly height: number;
}

/** Why there is no figure. */
export interface ErrorState {
  readonly kind: "error";
  readonly message: string;
}

export type ControlState = SliderState | SelectState | ButtonState | ProgressState;
export type LiveState = ControlState | FigureState | ErrorState;

/** To the page: how a part stands, after so many of the page's messages. */
export interface StateMessage {
  readonly state: LiveState;
  readonly seen: number;
  /** What the notebook is to keep of the output that has the part's id as its place. */
  readonly kept?: Readonly<Record<string, string>>;
}

/** To the page: that a new state is on its way. */
export interface PendingMessage {
  readonly isPending: true;
}

/** From the page, counted from 1: a slider's number, the position of a choice, or nothing of a button. */
export interface ValueMessage {
  readonly value: number;
  readonly count: number;
}

/**
 * The type under which an output names the parts that JupyterLab's extension can bring to life, by their ids; the last
 * one is also the name of its place on the page.
 */
export const liveMime = "application/vnd.mixlens.live";

/** The type under which an output says that its HTML holds the data of a figure, which the extension draws. */
export const figureMime = "application/vnd.mixlens.figure";

/** The target of comms that tell JupyterLab's extension how far a cell's work is, as `{ line }`. */
export const progressTarget = "mixlens-progress";

/** The name under which an output of live parts can be replaced. */
export function placeOf(bundle: Readonly<Record<string, unknown>>): string | undefined {
  const ids = bundle[liveMime];
  return typeof ids === "string" ? ids.split(" ").at(-1) : undefined;
}
