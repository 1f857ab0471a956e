import fc from "fast-check";
import type { GateKind } from "../../src/laws/gates/registry.ts";

/** Trees of gates, and how many experts each has. */
export const TREE_SIZES: Readonly<Record<string, number>> = {
  "tree:2x2": 4,
  "tree:2x3": 6,
  "tree:3x2": 6,
  "tree:2x2x2": 8,
  "tree:3": 3,
};

export const treeShapes: fc.Arbitrary<GateKind> = fc.constantFrom(...(Object.keys(TREE_SIZES) as GateKind[]));
