import { createRequire } from "node:module";
import { checkArgument } from "../errors/arguments.ts";
import { callable, type Kind, objectOf, required } from "../errors/kinds.ts";
import { InputError } from "../errors.ts";
import type { MimeBundle } from "./mime.ts";
import { type DisplaySink, present } from "./present.ts";
import { plotlyVersion } from "./render/picture.ts";
import { libraryScript } from "./render/plotly-library.ts";

/**
 * The sink of the cell that runs now, where this process is a kernel: that of Mixlens, tslab's or Deno's.
 *
 * @example
 * ```ts
 * import { notebookSink } from "mixlens/notebook";
 * if (notebookSink() !== undefined) throw new Error("outside a notebook there is none");
 * ```
 */
export function notebookSink(): DisplaySink | undefined {
  const write = tslabWriter() ?? denoWriter();
  if (write === undefined) return undefined;
  return {
    display(data, id, update = false) {
      write(
        {
          data,
          metadata: {},
          transient: id === undefined ? {} : { display_id: id },
        },
        update,
      );
    },
  };
}

interface DisplayData {
  readonly data: MimeBundle;
  readonly metadata: object;
  readonly transient: { readonly display_id?: string };
}

type Writer = (data: DisplayData, update: boolean) => void;

/** What the loaded tslab writes outputs with; tslab is looked for and never loaded, for it may be absent. */
function tslabWriter(): Writer | undefined {
  const { cache } = createRequire(import.meta.url);
  const file = Object.keys(cache).find((path) => /[\\/]tslab[\\/]dist[\\/]jupyter\.js$/.test(path));
  const module: { lastWriteDisplayData?: Writer | null } | undefined = file && cache[file]?.exports;
  return module?.lastWriteDisplayData ?? undefined;
}

/** What Deno's kernel writes outputs with. */
function denoWriter(): Writer | undefined {
  const broadcast = denoJupyter()?.broadcast;
  if (broadcast === undefined) return undefined;
  return (content, update) => void broadcast(update ? "update_display_data" : "display_data", { ...content });
}

interface DenoJupyter {
  broadcast(this: void, type: string, content: object): Promise<void>;
}

function denoJupyter(): DenoJupyter | undefined {
  try {
    return (globalThis as { Deno?: { jupyter?: DenoJupyter } }).Deno?.jupyter;
  } catch {
    // Other programs of Deno may not even ask.
    return undefined;
  }
}

const aSink: Kind<DisplaySink> = objectOf({ display: required(callable) }, "an object with a function display");

function openSink(sink: DisplaySink | undefined, act: string): DisplaySink {
  if (sink !== undefined) {
    checkArgument(act, "the sink", sink, aSink);
    return sink;
  }
  throw new InputError(
    act,
    "a cell of a TypeScript notebook",
    "another program",
    "pass a sink, or use picture or tableText",
  );
}

/**
 * Shows a value as the output of the notebook's cell: a figure, a table, a danfo frame, a fit, or anything as text.
 *
 * @param sink where to show it; the running cell of a notebook unless told otherwise
 * @throws InputError outside a notebook, if no sink is given
 * @example
 * ```ts
 * import type { MimeBundle } from "mixlens";
 * import { show } from "mixlens/notebook";
 * const shown: MimeBundle[] = [];
 * await show({ columns: [{ name: "x" }], rows: [[1]] }, { display: (bundle) => shown.push(bundle) });
 * if (shown[0]["text/plain"] !== "x\n1") throw new Error("not shown");
 * ```
 */
export async function show(value: unknown, sink: DisplaySink | undefined = notebookSink()): Promise<void> {
  await present(value, openSink(sink, "show the value"));
}

/**
 * Loads plotly.js into the notebook's page, so that its figures are live in front ends that lack our extension of JupyterLab,
 * which needs no such call.
 *
 * The library (4.8 MB) is replaced at once by one short line, so it is not kept in the notebook's file.
 *
 * @param sink where to show it; the running cell of a notebook unless told otherwise
 * @throws InputError outside a notebook, if no sink is given
 * @example
 * ```ts
 * import type { MimeBundle } from "mixlens";
 * import { initPlotly } from "mixlens/notebook";
 * let output: MimeBundle = {};
 * initPlotly({ display: (bundle) => { output = bundle; } });
 * if (!/^plotly\.js [\d.]+ loaded$/.test(output["text/plain"])) throw new Error("one short line remains");
 * ```
 */
export function initPlotly(sink: DisplaySink | undefined = notebookSink()): void {
  const open = openSink(sink, "load plotly.js into the page");
  const line = `plotly.js ${plotlyVersion()} loaded`;
  const id = "mixlens-plotly";
  open.display({ "text/html": libraryScript(), "text/plain": line }, id);
  open.display({ "text/html": `<p>${line}</p>`, "text/plain": line }, id, true);
}
