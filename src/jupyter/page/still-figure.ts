import type { FigureState } from "../../display/live/live-state.ts";
import type { PartView } from "./elements.ts";
import { figureView, loadPlotly } from "./figure-view.ts";
import type { LabWidget, OutputModel, Renderer, RenderMime } from "./lab-types.ts";

/** The figure whose data an output's HTML holds. It is read and not run: all that comes of it is plotly's JSON. */
export function figureIn({ data }: OutputModel): FigureState | undefined {
  const html = new DOMParser().parseFromString([data["text/html"]].flat().join(""), "text/html");
  const json = html.querySelector("script[type='application/json']")?.textContent ?? undefined;
  if (json === undefined) return undefined;
  try {
    const { width = 720, height = 420 } = JSON.parse(json).layout;
    const alt = [data["text/plain"]].flat().join("").replace("[figure] ", "");
    return { kind: "figure", json, alt, width, height };
  } catch {
    return undefined;
  }
}

/**
 * Makes the class of outputs that are a figure and follow nothing: they are drawn from what the notebook keeps, so that they
 * need no kernel.
 *
 * @param plotly where plotly.js is
 */
export function figureRenderer(
  Widget: new () => LabWidget,
  { rendermime, plotly }: { readonly rendermime: RenderMime; readonly plotly: string },
): new () => Renderer {
  return class StillFigure extends Widget implements Renderer {
    #shown: PartView | undefined;
    #json: string | undefined;

    constructor() {
      super();
      this.node.classList.add("mixlens-output");
    }

    async renderModel(model: OutputModel): Promise<void> {
      const figure = figureIn(model);
      const isThere =
        figure !== undefined &&
        (await loadPlotly(plotly).then(
          () => true,
          () => false,
        ));
      if (this.isDisposed) return;
      if (!isThere) return this.#html(model);
      // Its picture may have come, which changes nothing here.
      if (figure.json === this.#json) return;
      this.#json = figure.json;
      if (this.#shown === undefined) {
        this.#shown = figureView();
        this.node.replaceChildren(this.#shown.node);
      }
      this.#shown.update(figure, true);
    }

    override dispose(): void {
      this.#shown?.dispose();
      super.dispose();
    }

    async #html(model: OutputModel): Promise<void> {
      const html = rendermime.createRenderer("text/html");
      this.node.replaceChildren(html.node);
      await html.renderModel(model);
    }
  };
}
