import type { Kind } from "../../errors/kinds.ts";
import { shown } from "../../errors/shown.ts";
import { InputError, listed } from "../../errors.ts";
import type { Gate } from "./gate.ts";
import { softmaxGate } from "./softmax.ts";
import { leavesOf, treeGate } from "./tree.ts";

/** The kinds of flat gates: a softmax of the gate's columns, or the same in all rows, which is that of an intercept alone. */
export const GATE_KINDS = ["softmax", "constant"] as const;

/** A tree of softmax gates by its numbers of branches, from the root down. */
export type TreeKind = `tree:${string}`;
export type GateKind = (typeof GATE_KINDS)[number] | TreeKind;

/** What makes the law of z among k experts, and whether it reads columns: one that does not has an intercept alone. */
const gates: Readonly<
  Record<(typeof GATE_KINDS)[number], { readonly of: (k: number) => Gate; readonly readsColumns: boolean }>
> = {
  softmax: { of: softmaxGate, readsColumns: true },
  constant: { of: softmaxGate, readsColumns: false },
};

/** More experts than any fit has: a tree of more is a slip, and could fill the memory. */
const MOST_EXPERTS = 1024;

const OTHER_TREES = `or another tree: 2 or more branches a level, ${MOST_EXPERTS} experts at most`;

/** What a gate can be. */
export const gateKind: Kind<GateKind> = {
  wanted: `${listed([...GATE_KINDS, "tree:2x2"])}, ${OTHER_TREES}`,
  textWanted: `${GATE_KINDS.join(", ")} or tree:2x2, ${OTHER_TREES}`,
  accepts: (value) => isFlat(value) || branchingOf(value) !== undefined,
  written: "name",
  words: GATE_KINDS,
};

/**
 * A tree of gates, for a hierarchical mixture of experts: the root chooses among branches, and so does each gate below it,
 * down to the experts.
 *
 * @param branching numbers of branches, 2 or more, from the root down: their product is the number of experts
 * @throws InputError for numbers that make no tree
 * @returns the kind of the gate, which `fit` takes and a model file keeps, such as `"tree:2x2"`
 * @example
 * ```ts
 * import { datasetPath, fit, tree } from "mixlens";
 * const iris = fit(datasetPath("iris"), { response: "petal_width", features: ["petal_length"], gate: tree([2, 2]), starts: 2 });
 * if (iris.mixture.spec.k !== 4) throw new Error("four experts, two and two");
 * ```
 */
export function tree(branching: readonly number[]): TreeKind {
  const kind: TreeKind = `tree:${Array.isArray(branching) ? branching.join("x") : ""}`;
  if (isTree(kind)) return kind;
  const wanted = `a list of whole numbers of 2 or more, whose product is up to ${MOST_EXPERTS}`;
  throw new InputError("make a tree of gates", wanted, shown(branching), "such as [2, 2]");
}

/** The law of a kind of gate. */
export function gateOf(kind: GateKind, k: number): Gate {
  const branching = branchingOf(kind);
  return branching === undefined ? gates[kind as keyof typeof gates].of(k) : treeGate(branching);
}

/** Whether a kind of gate has columns other than the intercept. */
export function readsColumns(kind: GateKind): boolean {
  return isFlat(kind) ? gates[kind].readsColumns : true;
}

/** Whether a kind of gate is a tree. */
export function isTree(kind: unknown): boolean {
  return branchingOf(kind) !== undefined;
}

/** The number of experts that a kind of gate is for; nothing where it can be any. */
export function expertsOf(kind: unknown): number | undefined {
  const branching = branchingOf(kind);
  return branching && leavesOf(branching);
}

/** Refuses a number of experts that a gate is not for. */
export function refuseOtherExperts(act: string, kind: GateKind, k: number): void {
  const wanted = expertsOf(kind);
  if (wanted === undefined || wanted === k) return;
  throw new InputError(act, `k of ${wanted}, the experts of gate ${kind}`, `k = ${k}`, "leave k out (--k)");
}

function isFlat(kind: unknown): kind is (typeof GATE_KINDS)[number] {
  return GATE_KINDS.some((flat) => flat === kind);
}

/** The numbers of branches of a tree; nothing of what is none. */
function branchingOf(kind: unknown): readonly number[] | undefined {
  if (typeof kind !== "string" || !/^tree:[1-9]\d*(x[1-9]\d*)*$/.test(kind)) return undefined;
  const branching = kind.slice("tree:".length).split("x").map(Number);
  return branching.every((count) => count >= 2) && leavesOf(branching) <= MOST_EXPERTS ? branching : undefined;
}
