import { loadPlotly } from "./figure-view.ts";
import type { SessionContext } from "./lab-types.ts";

/** The name of the kernel's specification. */
const KERNEL = "mixlens";

/** Loads plotly.js as soon as a page with our kernel has time: its first figure need not wait for that. */
export function loadAhead(context: SessionContext, address: string): void {
  const load = (): void => {
    if (context.session?.kernel?.name !== KERNEL) return;
    context.kernelChanged.disconnect(load);
    // Browsers that tell nobody when they have time are few.
    const later = window.requestIdleCallback ?? setTimeout;
    later(() => void loadPlotly(address).catch(() => {}));
  };
  context.kernelChanged.connect(load);
  load();
}
