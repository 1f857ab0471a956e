import type { Matrix, Products } from "../compute/picked-products.ts";
import { type Activation, deactivate } from "./activation.ts";
import type { RouteWeights } from "./route-layout.ts";
import { eachRow, type RouteLayer } from "./route-tree.ts";

/**
 * Adds the derivatives of Σ q log p(y, z | x) to sums: those of a route's log-density, weighted by its responsibility.
 *
 * @param reach responsibilities of the routes (nodes of the last layer)
 * @param logLabels log p(c | x, z) of each of them
 */
export function addRouteSlopes(
  products: Products,
  layers: readonly RouteLayer[],
  weights: RouteWeights,
  sums: RouteWeights,
  activation: Activation,
  reach: Float64Array,
  logLabels: Float64Array,
  labels: Uint8Array,
): void {
  const leaves = layers[layers.length - 1];
  const { columns } = weights.output;
  const output = products.matrix(reach.length, columns);
  for (let leaf = 0; leaf < reach.length; leaf++) {
    const to = leaf * output.width;
    for (let c = 0; c < columns; c++) output.values[to + c] = -reach[leaf] * Math.exp(logLabels[leaf * columns + c]);
    output.values[to + labels[leaves.row[leaf]]] += reach[leaf];
  }
  let slopes = products.matrix(reach.length, leaves.units.columns);
  addAll(products, leaves.units, output, weights.output, sums.output, slopes, reach.length);
  let below = reach;
  for (let l = layers.length - 1; l > 0; l--) {
    [slopes, below] = throughLayer(products, layers, l, weights, sums, activation, slopes, below);
  }
}

/** The derivatives by the units of the layer before, and its reach, from those of layer l. */
function throughLayer(
  products: Products,
  layers: readonly RouteLayer[],
  l: number,
  weights: RouteWeights,
  sums: RouteWeights,
  activation: Activation,
  slopes: Matrix,
  reach: Float64Array,
): [Matrix, Float64Array] {
  const [before, layer] = [layers[l - 1], layers[l]];
  const { gate, experts } = weights.layers[l - 1];
  const of = sums.layers[l - 1];
  // Of the images themselves nobody asks for derivatives.
  const into = l === 1 ? undefined : products.matrix(before.row.length, before.units.columns);
  deactivate(layer.units, slopes, activation);
  experts.forEach((expert, z) => {
    const [from, to] = [layer.first[z], layer.first[z + 1]];
    products.addOuter(before.units, layer.parent, slopes, of.experts[z], from, to);
    if (into) products.addBack(slopes, layer.parent, expert, into, from, to);
  });
  const total = new Float64Array(before.row.length);
  for (let node = 0; node < reach.length; node++) total[layer.parent[node]] += reach[node];
  if (gate && of.gate) {
    const choices = gateSlopes(products, layer, gate.columns, reach, total);
    addAll(products, before.units, choices, gate, of.gate, into, total.length);
  }
  return [into ?? slopes, total];
}

/** Derivatives by what the gate's softmax is given: R_z − R g_z of each node, with R_z the reach of its z-th next one. */
function gateSlopes(
  products: Products,
  { first, parent, logGate }: RouteLayer,
  k: number,
  reach: Float64Array,
  total: Float64Array,
): Matrix {
  const choices = products.matrix(total.length, k);
  const { values, width } = choices;
  for (let node = 0; node < total.length; node++) {
    for (let z = 0; z < k; z++) values[node * width + z] = -total[node] * Math.exp(logGate[node * k + z]);
  }
  for (let z = 0; z < k; z++) {
    for (let next = first[z]; next < first[z + 1]; next++) values[parent[next] * width + z] += reach[next];
  }
  return choices;
}

/** Adds the derivatives by weights that are applied to every row of x, and by x where those are asked for. */
export function addAll(
  products: Products,
  x: Matrix,
  slopes: Matrix,
  weights: Matrix,
  sums: Matrix,
  into: Matrix | undefined,
  rows: number,
): void {
  const own = eachRow(products, rows);
  products.addOuter(x, own, slopes, sums, 0, rows);
  if (into) products.addBack(slopes, own, weights, into, 0, rows);
}
