import { formatNumber } from "../../text/number.ts";
import { escapeHtml } from "../html.ts";
import type { ControlState, ErrorState } from "./live-state.ts";

/** A control as one line of text. */
export function controlText(state: ControlState): string {
  return state.kind === "button" ? `[${state.label}]` : `${state.label}: ${valueText(state)}`;
}

/** What stands beside the label: the value, and how far it may go. */
export function valueText(state: Exclude<ControlState, { kind: "button" }>): string {
  if (state.kind === "slider")
    return `${formatNumber(state.value)} (${formatNumber(state.min)} to ${formatNumber(state.max)})`;
  if (state.kind === "select") return `${state.options[state.value]} (of ${state.options.length})`;
  return `${formatNumber(state.value)} of ${formatNumber(state.total)}${state.note === "" ? "" : `, ${state.note}`}`;
}

/** Where controls that a page cannot move would move. */
const WHERE = "moves in JupyterLab, with the kernel Mixlens (TypeScript)";

/** Controls that cannot be moved, for pages without a kernel, which say where they can: inline styles only, all text escaped. */
export function controlsHtml(states: readonly ControlState[]): string[] {
  const moves = states.some(({ kind }) => kind !== "progress");
  const hint = `<div style="opacity:0.6;font-size:smaller;margin:0 0 4px">${WHERE}</div>`;
  return [...states.map(controlHtml), ...(moves ? [hint] : [])];
}

function controlHtml(state: ControlState): string {
  const label = escapeHtml(state.label);
  const row = (...parts: string[]): string => `<div style="margin:4px 0">${parts.join(" ")}</div>`;
  if (state.kind === "button") {
    return row(`<span style="border:1px solid #9aa0a6;border-radius:3px;padding:1px 8px">${label}</span>`);
  }
  const value = `<span style="opacity:0.7">${escapeHtml(valueText(state))}</span>`;
  if (state.kind === "select") return row(`<span>${label}</span>`, value);
  return row(`<span>${label}</span>`, bar(state.kind === "slider" ? place(state) : share(state)), value);
}

/** An error in the place of a figure. */
export function errorHtml({ message }: ErrorState): string {
  return `<pre style="color:#b3261e;white-space:pre-wrap">${escapeHtml(message)}</pre>`;
}

/** How far a slider is from its least value, from 0 to 1. */
function place({ value, min, max }: { value: number; min: number; max: number }): number {
  return (value - min) / (max - min);
}

/** How much is done, from 0 to 1. */
function share({ value, total }: { value: number; total: number }): number {
  return Math.min(1, Math.max(0, value / total || 0));
}

function bar(part: number): string {
  const track = "display:inline-block;width:160px;height:6px;border-radius:3px;background-color:#dadce0";
  const fill = `display:block;width:${(100 * part).toFixed(1)}%;height:6px;border-radius:3px;background-color:#0072B2`;
  return `<span style="${track}"><span style="${fill}"></span></span>`;
}
