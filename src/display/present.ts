import { createHash } from "node:crypto";
import { isFigure } from "./figure.ts";
import { figureBundle, figureState, pictureHtml } from "./figure-html.ts";
import type { FigureState } from "./live/live-state.ts";
import { placeOf } from "./live/live-state.ts";
import { type MimeBundle, mimeBundle, showsItself } from "./mime.ts";
import { notebookHost } from "./notebook-host.ts";
import { checkedBundle } from "./render/bundle.ts";

/** Where a notebook's cell puts its output. */
export interface DisplaySink {
  /**
   * @param bundle one value in several forms
   * @param id a name under which the output can be replaced
   * @param update true to replace the output of that name
   */
  display(bundle: MimeBundle, id?: string, update?: boolean): void;
}

/**
 * Shows a value: a figure at once as the page draws it, and once more with its picture, which the notebook keeps, when that
 * is drawn.
 */
export async function present(value: unknown, sink: DisplaySink): Promise<void> {
  const host = notebookHost();
  if (host === undefined || !isFigure(value) || showsItself(value)) {
    const bundle = await mimeBundle(value);
    sink.display(bundle, placeOf(bundle));
    return;
  }
  const state = figureState(value);
  const place = placeFor(state);
  sink.display(checkedBundle(figureBundle(state)) as MimeBundle, place);
  host.hold(async () => {
    sink.display(checkedBundle(figureBundle(state, await pictureHtml(state))) as MimeBundle, place, true);
  });
}

/** The same for the same figure: it has the same picture in all places. */
function placeFor({ json, alt }: FigureState): string {
  const digest = createHash("sha256")
    .update(JSON.stringify([alt, json]))
    .digest("hex")
    .slice(0, 16);
  return `mixlens-picture-${digest}`;
}
