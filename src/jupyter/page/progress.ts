import { progressTarget } from "../../display/live/live-state.ts";
import { text } from "./elements.ts";
import type { LabKernel, NotebookPanel, SessionContext } from "./lab-types.ts";

/** Statuses in which a kernel has forgotten what it was at. */
const GONE = /^(restarting|autorestarting|terminating|dead)$/;

/** Shows below a cell how far its work is, for as long as that goes on. The notebook keeps nothing of it. */
export function showProgress({ content }: NotebookPanel, context: SessionContext): void {
  const shown = new Set<HTMLElement>();
  const known = new WeakSet<LabKernel>();
  const remove = (node: HTMLElement): void => {
    node.remove();
    shown.delete(node);
  };
  const connect = (): void => {
    const kernel = context.session?.kernel;
    if (kernel === null || kernel === undefined || known.has(kernel)) return;
    known.add(kernel);
    kernel.registerCommTarget(progressTarget, (comm, { content: { data }, parent_header }) => {
      const cell = content.widgets.find(
        ({ outputArea }) => outputArea?.future?.msg.header.msg_id === parent_header.msg_id,
      );
      const node = text("fit-progress", data.line);
      shown.add(node);
      cell?.outputArea?.node.append(node);
      comm.onMsg = ({ content: { data } }) => {
        node.textContent = (data as { readonly line: string }).line;
      };
      comm.onClose = () => remove(node);
    });
  };
  context.kernelChanged.connect(connect);
  context.statusChanged.connect(() => {
    connect();
    if (GONE.test(context.session?.kernel?.status ?? "")) shown.forEach(remove);
  });
  connect();
}
