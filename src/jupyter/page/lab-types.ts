// What the extension uses of JupyterLab 4.

export interface Signal {
  connect(slot: () => void): boolean;
  disconnect(slot: () => void): boolean;
}

/** A line to a target of the kernel. */
export interface LabComm {
  readonly commId: string;
  readonly isDisposed: boolean;
  onMsg: (message: { readonly content: { readonly data: unknown } }) => void;
  onClose: () => void;
  open(data: object): void;
  send(data: object): void;
  close(): void;
}

export interface LabKernel {
  /** That of its specification. */
  readonly name: string;
  readonly status: string;
  readonly isDisposed: boolean;
  createComm(target: string): LabComm;
  /** Takes the lines that the kernel opens to a target. */
  registerCommTarget(target: string, opened: (comm: LabComm, message: CommOpen) => void): void;
}

/** The message by which the kernel opens a line, and the request that it did so for. */
export interface CommOpen {
  readonly content: { readonly data: { readonly line: string } };
  readonly parent_header: { readonly msg_id?: string };
}

/** A cell; one of code has outputs, and what its last run was asked for by. */
export interface LabCell {
  readonly outputArea?: {
    readonly node: HTMLElement;
    readonly future?: { readonly msg: { readonly header: { readonly msg_id: string } } };
  };
}

/** The kernel of one notebook, as it comes and goes. */
export interface SessionContext {
  readonly ready: Promise<void>;
  readonly session: { readonly kernel: LabKernel | null } | null;
  readonly kernelChanged: Signal;
  readonly statusChanged: Signal;
}

/** An output by MIME type. */
export interface OutputModel {
  readonly data: Readonly<Record<string, unknown>>;
  /** Changes what the notebook keeps. */
  setData(options: { readonly data: Readonly<Record<string, unknown>> }): void;
}

/** Lumino's widget. */
export interface LabWidget {
  readonly node: HTMLElement;
  readonly isDisposed: boolean;
  dispose(): void;
}

export interface Renderer extends LabWidget {
  renderModel(model: OutputModel): Promise<void>;
}

export interface RendererOptions {
  readonly mimeType: string;
}

export interface RenderMime {
  createRenderer(mimeType: string): Renderer;
  addFactory(
    factory: { safe: boolean; mimeTypes: readonly string[]; createRenderer: (options: RendererOptions) => Renderer },
    rank: number,
  ): void;
}

export interface NotebookPanel {
  readonly content: { readonly rendermime: RenderMime; readonly widgets: readonly LabCell[] };
}

export interface LabApp {
  readonly docRegistry: {
    addWidgetExtension(
      factory: string,
      extension: {
        createNew(panel: NotebookPanel, context: { readonly sessionContext: SessionContext }): { dispose(): void };
      },
    ): void;
  };
}
