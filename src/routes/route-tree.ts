import type { Matrix, Products } from "../compute/picked-products.ts";
import { type Activation, activate } from "./activation.ts";
import type { LayerWeights, RouteWeights } from "./route-layout.ts";

/**
 * The beginnings of routes that end in one layer, of all rows: nodes of a forest whose roots are the rows.
 *
 * They are in the order of their experts, so that each expert's units are one product of matrices.
 */
export interface RouteLayer {
  /** Where the nodes of each expert begin, and where the last one's end (k + 1). */
  readonly first: readonly number[];
  /** The node of the layer before that each one goes on from. */
  readonly parent: Int32Array;
  /** Row of each node. */
  readonly row: Int32Array;
  /** Number of each beginning of a route, its experts as digits to the base k. */
  readonly code: Int32Array;
  /** log Π g of each beginning of a route. */
  readonly logPrior: Float64Array;
  /** What the hidden units give. */
  readonly units: Matrix;
  /** log g(z | units of the node before), all k of each node of the layer before. */
  readonly logGate: Float64Array;
}

/**
 * Chooses which nodes are gone on from with which expert: marks, nodes × k.
 *
 * @param logGate log g(z | units) of each node (nodes × k)
 * @param below number of routes that go on from each of them with one expert
 */
export type Choice = (layer: RouteLayer, logGate: Float64Array, k: number, below: number) => Uint8Array;

/** Every node is gone on from with every expert. */
export const everyRoute: Choice = ({ row }, _logGate, k) => new Uint8Array(row.length * k).fill(1);

/** Grows the forest: the rows' own units, and the nodes of each layer. */
export function grow(
  products: Products,
  weights: RouteWeights,
  roots: Matrix,
  rows: number,
  activation: Activation,
  choose: Choice,
): RouteLayer[] {
  const own = Int32Array.from({ length: rows }, (_, i) => i);
  const root: RouteLayer = {
    first: [0, rows],
    parent: own,
    row: own,
    code: new Int32Array(rows),
    logPrior: new Float64Array(rows),
    units: roots,
    logGate: new Float64Array(),
  };
  const layers = [root];
  for (const [l, layer] of weights.layers.entries()) {
    const below = layer.experts.length ** (weights.layers.length - l - 1);
    layers.push(grown(products, layers[l], layer, activation, choose, below));
  }
  return layers;
}

/** The nodes of the next layer. */
function grown(
  products: Products,
  before: RouteLayer,
  weights: LayerWeights,
  activation: Activation,
  choose: Choice,
  below: number,
): RouteLayer {
  const k = weights.experts.length;
  const nodes = before.row.length;
  const logGate = gateOf(products, before, weights.gate);
  const marks = choose(before, logGate, k, below);
  const count = marks.reduce((sum, mark) => sum + mark, 0);
  const [parent, row] = [products.index(count), new Int32Array(count)];
  const [code, logPrior] = [new Int32Array(count), new Float64Array(count)];
  const first = [0];
  let next = 0;
  for (let z = 0; z < k; z++) {
    for (let node = 0; node < nodes; node++) {
      if (marks[node * k + z] === 0) continue;
      parent[next] = node;
      row[next] = before.row[node];
      code[next] = before.code[node] * k + z;
      logPrior[next++] = before.logPrior[node] + logGate[node * k + z];
    }
    first.push(next);
  }
  const units = products.matrix(count, weights.experts[0].columns);
  weights.experts.forEach((expert, z) => {
    products.apply(before.units, parent, expert, units, first[z], first[z + 1]);
  });
  activate(units, activation);
  return { first, parent, row, code, logPrior, units, logGate };
}

/** log softmax of what the gate says of each node (nodes × k). */
function gateOf(products: Products, { units, row }: RouteLayer, gate: Matrix | undefined): Float64Array {
  if (gate === undefined) return new Float64Array(row.length);
  return logSoftmax(applied(products, units, gate, row.length), row.length);
}

/** Weights applied to every row of a matrix. */
export function applied(products: Products, x: Matrix, weights: Matrix, rows: number): Matrix {
  const out = products.matrix(rows, weights.columns);
  products.apply(x, eachRow(products, rows), weights, out, 0, rows);
  return out;
}

/** The numbers of all rows in their order. */
export function eachRow(products: Products, rows: number): Int32Array {
  const own = products.index(rows);
  for (let i = 0; i < rows; i++) own[i] = i;
  return own;
}

/** log softmax of each row, in double precision, by rows one after the other. */
export function logSoftmax({ values, columns, width }: Matrix, rows: number): Float64Array {
  const out = new Float64Array(rows * columns);
  for (let i = 0; i < rows; i++) {
    const from = i * width;
    let top = values[from];
    for (let j = 1; j < columns; j++) if (values[from + j] > top) top = values[from + j];
    let sum = 0;
    for (let j = 0; j < columns; j++) sum += Math.exp(values[from + j] - top);
    const norm = top + Math.log(sum);
    for (let j = 0; j < columns; j++) out[i * columns + j] = values[from + j] - norm;
  }
  return out;
}
