import { BLOCK_ROWS } from "../../compute/blocks.ts";
import { logSoftmax, softmaxCurvature, softmaxLogits, softmaxPenalty } from "../softmax.ts";
import type { Gate } from "./gate.ts";
import { type Branch, expertsBelow, type GateNode, ofNode, predictorsOf } from "./nodes.ts";
import { maximiseSoftmax, sumRuns } from "./softmax.ts";

/**
 * A tree of softmax gates, as a hierarchical mixture of experts has them: P(z) is the product of the choices on the way to z.
 *
 * Every node of a level chooses among as many branches, which are nodes of the next level, or experts below the last. With
 * g_c the probabilities of a node's branches, and R_c the responsibilities of the experts below each, R of all, a node has
 * the scores R_c − R g_c, the curvature R(diag g − gg'), and in the M-step a multinomial logit of the R_c.
 *
 * @param branching numbers of branches, from the root down; their product is that of the experts
 * @remarks cost of a row: an exponential for each expert and level. Jordan and Jacobs 1994.
 */
export function treeGate(branching: readonly number[]): Gate {
  const nodes = nodesOf(branching).map(treeNode);
  const k = nodes[0].experts.length;
  const m = k - 1;
  const nodeOf = nodes.flatMap((node) => node.predictors.map(() => node));
  const paths = Array.from({ length: k }, (_, z) => nodes.filter(({ experts }) => experts.includes(z)));
  const reach = new Float64Array(BLOCK_ROWS);
  const local = new Float64Array(Math.max(...branching) * BLOCK_ROWS);
  return {
    nodes,
    penalty: penaltyOf(nodes, m),
    branching,

    logits: (eta, rows, out) => {
      out.fill(0, 0, k * BLOCK_ROWS);
      for (const node of nodes) addLogits(node, eta, rows, local, out);
    },

    runs: m + nodes.length,

    probabilities: (logGate, rows, out) => {
      for (const node of nodes) branchProbabilities(node, logGate, rows, reach, out);
    },

    read: (z) => paths[z].flatMap((node) => readAt(node, z)),

    slopes: (z, g, rows, out) => {
      let to = 0;
      for (const node of paths[z]) {
        for (const h of readAt(node, z)) {
          const own = Number(node.branches[h - node.first + 1].experts.includes(z));
          const run = runOf(node, h);
          for (let i = 0; i < rows; i++, to++) out[to] = own - (node.isRoot ? 0 : g[run + i]);
          to += BLOCK_ROWS - rows;
        }
      }
    },

    scores: (g, r, rows, out) => {
      for (const node of nodes) branchScores(node, g, r, rows, reach, out);
    },

    curvature: (g, r, h, j, rows, out) => {
      const node = nodeOf[h];
      if (nodeOf[j] !== node) {
        out.fill(0, 0, rows);
        return;
      }
      const own = g.subarray(node.run * BLOCK_ROWS);
      softmaxCurvature(own, node.branches.length, h - node.first + 1, j - node.first + 1, rows, out, 0);
      sumRuns(r, node.experts, rows, reach);
      for (let i = 0; i < rows; i++) out[i] *= reach[i];
    },

    curved: (g, r, u, rows, out) => {
      for (const node of nodes) branchCurved(node, g, r, u, rows, reach, out);
    },

    maximise: (gate, theta, { responsibilities }, data, effort) =>
      nodes.reduce((gain, node) => {
        const targets = { responsibilities: branchSums(responsibilities, k, node) };
        return gain + maximiseSoftmax(ofNode(node, gate), theta, targets, data, effort);
      }, 0),
  };
}

/** A node, with what follows from where it stands. */
interface TreeNode extends GateNode {
  readonly isRoot: boolean;
  readonly predictors: readonly number[];
  readonly experts: readonly number[];
  /** The first of its branches' probabilities, which stand one after the other: of the first branch, too. */
  readonly run: number;
}

function treeNode(node: GateNode, at: number): TreeNode {
  const [predictors, experts] = [predictorsOf(node), expertsBelow(node)];
  return { ...node, isRoot: at === 0, predictors, experts, run: node.first + at };
}

/** Where the probabilities of a predictor's branch begin. */
function runOf({ first, run }: TreeNode, h: number): number {
  return (run + h - first + 1) * BLOCK_ROWS;
}

/** The predictors of a node that the logit of an expert below it reads: at the root that of its branch alone. */
function readAt({ isRoot, predictors, branches }: TreeNode, z: number): readonly number[] {
  return isRoot ? predictors.filter((_, h) => branches[h + 1].experts.includes(z)) : predictors;
}

/** Adds log g of the branches to the experts below; at the root less what all have in common, the normaliser. */
function addLogits(
  { isRoot, first, branches }: TreeNode,
  eta: Float64Array,
  rows: number,
  local: Float64Array,
  out: Float64Array,
): void {
  const logitsOf = isRoot ? softmaxLogits : logSoftmax;
  logitsOf(eta, first * BLOCK_ROWS, branches.length, rows, local);
  branches.forEach(({ experts }, c) => {
    const from = c * BLOCK_ROWS;
    for (const z of experts) for (let i = 0; i < rows; i++) out[z * BLOCK_ROWS + i] += local[from + i];
  });
}

/** The probabilities of a node's branches, from those of the experts. */
function branchProbabilities(
  { isRoot, branches, experts, run }: TreeNode,
  logGate: Float64Array,
  rows: number,
  top: Float64Array,
  out: Float64Array,
): void {
  // Below the root relative to the likeliest expert there: a node may be all but impossible.
  top.fill(isRoot ? 0 : Number.NEGATIVE_INFINITY, 0, rows);
  if (!isRoot) {
    for (const z of experts) for (let i = 0; i < rows; i++) top[i] = Math.max(top[i], logGate[z * BLOCK_ROWS + i]);
  }
  const [from, to] = [run * BLOCK_ROWS, (run + branches.length) * BLOCK_ROWS];
  branches.forEach((branch, c) => {
    const own = from + c * BLOCK_ROWS;
    out.fill(0, own, own + rows);
    for (const z of branch.experts) {
      for (let i = 0; i < rows; i++) out[own + i] += Math.exp(logGate[z * BLOCK_ROWS + i] - top[i]);
    }
  });
  for (let i = 0; i < rows && !isRoot; i++) {
    let sum = 0;
    for (let at = from + i; at < to; at += BLOCK_ROWS) sum += out[at];
    for (let at = from + i; at < to; at += BLOCK_ROWS) out[at] /= sum;
  }
}

/** R_c − R g_c of a node's branches but the first. */
function branchScores(
  node: TreeNode,
  g: Float64Array,
  r: Float64Array,
  rows: number,
  reach: Float64Array,
  out: Float64Array,
): void {
  sumRuns(r, node.experts, rows, reach);
  for (const h of node.predictors) {
    const own = out.subarray(h * BLOCK_ROWS, h * BLOCK_ROWS + rows);
    sumRuns(r, node.branches[h - node.first + 1].experts, rows, own);
    const run = runOf(node, h);
    for (let i = 0; i < rows; i++) own[i] -= reach[i] * g[run + i];
  }
}

/** R(diag g − gg')u of a node. */
function branchCurved(
  node: TreeNode,
  g: Float64Array,
  r: Float64Array,
  u: Float64Array,
  rows: number,
  reach: Float64Array,
  out: Float64Array,
): void {
  sumRuns(r, node.experts, rows, reach);
  const shift = runOf(node, 0);
  const [from, to] = [node.first * BLOCK_ROWS, (node.first + node.predictors.length) * BLOCK_ROWS];
  for (let i = 0; i < rows; i++) {
    let mean = 0;
    for (let at = from + i; at < to; at += BLOCK_ROWS) mean += g[at + shift] * u[at];
    for (let at = from + i; at < to; at += BLOCK_ROWS) out[at] = reach[i] * (g[at + shift] * (u[at] - mean));
  }
}

/** The number of experts of a tree. */
export function leavesOf(branching: readonly number[]): number {
  return branching.reduce((product, count) => product * count, 1);
}

/** The nodes of a tree, level by level. */
function nodesOf(branching: readonly number[]): readonly GateNode[] {
  const nodes: GateNode[] = [];
  let [paths, width] = [[""], leavesOf(branching)];
  let first = 0;
  branching.forEach((count, level) => {
    const before = nodes.length;
    const own = width / count;
    const isLast = level === branching.length - 1;
    paths.forEach((path, at) => {
      const branches = Array.from({ length: count }, (_, c): Branch => {
        const from = at * width + c * own;
        return {
          name: `node ${path === "" ? "" : `${path}.`}${c + 1}`,
          experts: Array.from({ length: own }, (_, z) => from + z),
          ...(!isLast && { node: before + paths.length + at * count + c }),
        };
      });
      nodes.push({ part: `gate${path}`, first, branches });
      first += count - 1;
    });
    paths = nodes.slice(before).flatMap(({ branches }) => branches.map(({ name }) => name.slice("node ".length)));
    width = own;
  });
  return nodes;
}

/** Each node's own softmax penalty, m × m. */
function penaltyOf(nodes: readonly GateNode[], m: number): readonly number[] {
  const out = new Array<number>(m * m).fill(0);
  for (const node of nodes) {
    const own = predictorsOf(node);
    softmaxPenalty(node.branches.length).forEach((entry, at) => {
      out[own[Math.floor(at / own.length)] * m + own[at % own.length]] = entry;
    });
  }
  return Object.freeze(out);
}

/** The responsibilities of the branches of a node, n × C row-major: they sum to the node's in each row. */
function branchSums(responsibilities: Float64Array, k: number, { branches }: GateNode): Float64Array {
  const count = branches.length;
  const sums = new Float64Array((responsibilities.length / k) * count);
  branches.forEach(({ experts }, c) => {
    for (const z of experts) {
      for (let from = z, to = c; from < responsibilities.length; from += k, to += count) {
        sums[to] += responsibilities[from];
      }
    }
  });
  return sums;
}
