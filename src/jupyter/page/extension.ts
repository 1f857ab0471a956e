/// <reference lib="dom" />
import { figureMime, liveMime } from "../../display/live/live-state.ts";
import { loadAhead } from "./ahead.ts";
import { keepKeys } from "./keys.ts";
import type { LabApp, LabWidget } from "./lab-types.ts";
import { showProgress } from "./progress.ts";
import { figureRenderer } from "./still-figure.ts";
import { addStyle } from "./style.ts";
import { liveRenderer } from "./view.ts";

// The extension of JupyterLab that brings outputs of live parts to life. JupyterLab loads it as a webpack container:
// an object with `init` and `get` of the extension's name, which these lines are, without webpack.

/** Modules that the extensions share, by name and version. */
type Shared = Readonly<Record<string, Readonly<Record<string, { get(): Promise<() => unknown> }>>>>;

const page = window as unknown as { _JUPYTERLAB?: Record<string, object> };
const here = (document.currentScript as HTMLScriptElement).src;
let shared: Shared = {};

async function plugin(): Promise<object> {
  const [entry] = Object.values(shared["@lumino/widgets"]);
  const { Widget } = (await entry.get())() as { Widget: new () => LabWidget };
  return {
    id: "mixlens:live",
    description: "Controls and figures that follow a kernel.",
    autoStart: true,
    activate(app: LabApp): void {
      addStyle();
      keepKeys();
      app.docRegistry.addWidgetExtension("Notebook", {
        createNew(panel, { sessionContext }) {
          const { rendermime } = panel.content;
          showProgress(panel, sessionContext);
          const surroundings = { rendermime, sessionContext, plotly: new URL("plotly.js", here).href };
          loadAhead(sessionContext, surroundings.plotly);
          const [Live, StillFigure] = [liveRenderer(Widget, surroundings), figureRenderer(Widget, surroundings)];
          // Before HTML, where the output is trusted: without trust none of its code runs, nor does what it names.
          rendermime.addFactory({ safe: false, mimeTypes: [liveMime], createRenderer: () => new Live() }, -1);
          // A figure is data, and safe.
          rendermime.addFactory({ safe: true, mimeTypes: [figureMime], createRenderer: () => new StillFigure() }, -1);
          return { dispose() {} };
        },
      });
    },
  };
}

page._JUPYTERLAB ??= {};
page._JUPYTERLAB.mixlens = {
  init(scope: Shared): void {
    shared = scope;
  },
  async get(): Promise<() => object> {
    const extension = await plugin();
    return () => ({ __esModule: true, default: extension });
  },
};
