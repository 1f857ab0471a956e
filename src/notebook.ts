// What lives in a notebook's page: outputs, controls, figures that follow them, and lines to the kernel.

export type { Control } from "./display/live/control.ts";
export {
  type ButtonOptions,
  button,
  type Progress,
  type ProgressOptions,
  progress,
  type SelectOptions,
  type SliderOptions,
  select,
  slider,
} from "./display/live/controls.ts";
export { type ControlValues, type LiveFigure, liveFigure } from "./display/live/live-figure.ts";
export { initPlotly, notebookSink, show } from "./display/notebook.ts";
export { type Comm, type CommHandlers, type Comms, type NotebookHost, notebookHost } from "./display/notebook-host.ts";
export type { DisplaySink } from "./display/present.ts";
