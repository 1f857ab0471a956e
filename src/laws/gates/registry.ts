import type { Gate } from "./gate.ts";
import { softmaxGate } from "./softmax.ts";

/** The kinds of gates: a softmax of the gate's columns, or the same in all rows, which is that of an intercept alone. */
export const GATE_KINDS = ["softmax", "constant"] as const;
export type GateKind = (typeof GATE_KINDS)[number];

/** What makes the law of z among k experts, and whether it reads columns: one that does not has an intercept alone. */
const gates: Readonly<Record<GateKind, { readonly of: (k: number) => Gate; readonly readsColumns: boolean }>> = {
  softmax: { of: softmaxGate, readsColumns: true },
  constant: { of: softmaxGate, readsColumns: false },
};

/** The law of a kind of gate. */
export function gateOf(kind: GateKind, k: number): Gate {
  return gates[kind].of(k);
}

/** Whether a kind of gate has columns other than the intercept. */
export function readsColumns(kind: GateKind): boolean {
  return gates[kind].readsColumns;
}
