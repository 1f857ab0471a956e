import { liveMime, type PendingMessage, type StateMessage, type ValueMessage } from "../../display/live/live-state.ts";
import type { PartView } from "./elements.ts";
import { loadPlotly } from "./figure-view.ts";
import type { LabComm, LabKernel, LabWidget, OutputModel, Renderer, RenderMime, SessionContext } from "./lab-types.ts";
import { viewOfState } from "./parts.ts";

export interface Surroundings {
  readonly rendermime: RenderMime;
  readonly sessionContext: SessionContext;
  /** Where plotly.js is. */
  readonly plotly: string;
}

/** Statuses of a kernel that answers, now or later. */
const ALIVE = /^(idle|busy|starting|unknown)$/;

/**
 * Makes the class of the outputs of one notebook.
 *
 * An output shows its HTML, which stands still, and lives once the kernel has told the state of all its parts; it
 * stands still again when the kernel is gone or has let go of one of them.
 */
export function liveRenderer(
  Widget: new () => LabWidget,
  { rendermime, sessionContext, plotly }: Surroundings,
): new () => Renderer {
  const signals = [sessionContext.kernelChanged, sessionContext.statusChanged];
  return class Live extends Widget implements Renderer {
    #model: OutputModel | undefined;
    #still: Renderer | undefined;
    #kernel: LabKernel | undefined;
    #lines: Line[] = [];

    constructor() {
      super();
      this.node.classList.add("mixlens-output");
      for (const signal of signals) signal.connect(this.#connect);
    }

    async renderModel(model: OutputModel): Promise<void> {
      const isNew = this.#model?.data[liveMime] !== model.data[liveMime];
      this.#model = model;
      if (isNew) this.#disconnect();
      if (isNew || this.#still !== undefined) await this.#standStill();
      this.#connect();
    }

    override dispose(): void {
      for (const signal of signals) signal.disconnect(this.#connect);
      this.#disconnect();
      this.#still?.dispose();
      super.dispose();
    }

    /** Asks the kernel for the parts, each kernel once, and lets go of them with the kernel. */
    readonly #connect = (): void => {
      const kernel = livingKernel(sessionContext);
      if (this.#kernel !== undefined && kernel !== this.#kernel) this.#end();
      if (kernel === undefined || this.#model === undefined || this.#kernel === kernel) return;
      this.#kernel = kernel;
      const ids = [this.#model.data[liveMime]].flat().join("").trim().split(" ");
      const ear = { told: this.#told, sent: this.#wait, ended: this.#end };
      this.#lines = ids.map(
        (id, at) =>
          new Line(kernel, id, at < ids.length - 1 ? ear : { ...ear, kept: (kept) => keepIn(this.#model, kept) }),
      );
    };

    /** Shows that a figure is about to change as long as the kernel has not seen all that was sent. */
    readonly #wait = (): void => {
      this.node.toggleAttribute(
        "data-mixlens-waiting",
        this.#lines.some((line) => line.isUnseen),
      );
    };

    readonly #told = (): void => {
      this.#wait();
      if (this.#still === undefined || this.#lines.some(({ last }) => last === undefined)) return;
      void readyFor(this.#lines, plotly).then(this.#live, () => {});
    };

    readonly #live = (): void => {
      if (this.#still === undefined || this.#lines.length === 0) return;
      this.#still.dispose();
      this.#still = undefined;
      this.node.replaceChildren(...this.#lines.map((line) => line.show()));
    };

    /** A kernel that let go of a part is not asked again. */
    readonly #end = (): void => {
      const kernel = this.#kernel;
      this.#disconnect();
      if (kernel !== undefined && kernel === livingKernel(sessionContext)) this.#kernel = kernel;
      if (this.#still === undefined) void this.#standStill();
    };

    #disconnect(): void {
      this.#kernel = undefined;
      for (const line of this.#lines.splice(0)) line.close();
    }

    async #standStill(): Promise<void> {
      if (this.#model === undefined || this.isDisposed) return;
      this.#still ??= rendermime.createRenderer("text/html");
      this.node.replaceChildren(this.#still.node);
      await this.#still.renderModel(this.#model);
    }
  };
}

/** Loads what parts are drawn with. */
async function readyFor(lines: readonly Line[], plotly: string): Promise<void> {
  if (lines.some(({ last }) => last?.state.kind === "figure")) await loadPlotly(plotly);
}

function keepIn(model: OutputModel | undefined, kept: OutputModel["data"]): void {
  if (model === undefined || Object.entries(kept).every(([mime, value]) => model.data[mime] === value)) return;
  model.setData({ data: kept });
}

function livingKernel({ session }: Surroundings["sessionContext"]): LabKernel | undefined {
  const kernel = session?.kernel ?? undefined;
  return kernel !== undefined && !kernel.isDisposed && ALIVE.test(kernel.status) ? kernel : undefined;
}

interface Ear {
  readonly told: () => void;
  readonly sent: () => void;
  readonly kept?: (kept: OutputModel["data"]) => void;
  readonly ended: () => void;
}

/** The line of one part, and its view. */
class Line {
  last: StateMessage | undefined;
  readonly #comm: LabComm;
  readonly #node: HTMLElement = document.createElement("div");
  #view: PartView | undefined;
  #count = 0;

  readonly #sent: () => void;

  constructor(kernel: LabKernel, id: string, { told, kept, sent, ended }: Ear) {
    this.#sent = sent;
    this.#comm = kernel.createComm(id);
    this.#comm.onMsg = ({ content }) => {
      const data = content.data as StateMessage | PendingMessage;
      this.#node.ariaBusy = String("isPending" in data);
      if ("isPending" in data) return;
      this.last = data;
      if (this.#view !== undefined) this.show();
      if (this.last.kept !== undefined) kept?.(this.last.kept);
      told();
    };
    this.#comm.onClose = ended;
    this.#comm.open({});
  }

  /** Shows the state, in the same elements as long as it is of the same kind. */
  show(): HTMLElement {
    if (this.last === undefined) return this.#node;
    const { state, seen } = this.last;
    if (this.#view?.kind !== state.kind) {
      this.#view?.dispose();
      this.#view = viewOfState(state, (value) => this.#send(value));
      this.#node.replaceChildren(this.#view.node);
    }
    // What the kernel had not seen yet when it told its state is newer than that.
    this.#view.update(state, seen >= this.#count);
    return this.#node;
  }

  /** Whether the kernel has not heard yet of what was sent last. */
  get isUnseen(): boolean {
    return this.last !== undefined && this.last.seen < this.#count;
  }

  close(): void {
    this.#view?.dispose();
    this.#comm.onClose = () => {};
    this.#comm.onMsg = () => {};
    if (!this.#comm.isDisposed) this.#comm.close();
  }

  #send(value: number): void {
    this.#count += 1;
    if (!this.#comm.isDisposed) this.#comm.send({ value, count: this.#count } satisfies ValueMessage);
    this.#sent();
  }
}
