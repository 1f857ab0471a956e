import type { Images } from "../../compute/image-pass.ts";
import type { Matrix, Products } from "../../compute/picked-products.ts";
import { activate, deactivate } from "../../routes/activation.ts";
import { addSlopes, type LayerWeights, noSlopes, type RouteWeights, weightsAt } from "../../routes/route-layout.ts";
import { pixelsOf, type Routes, roomOf } from "../../routes/route-pass.ts";
import { addAll } from "../../routes/route-slopes.ts";
import { applied, logSoftmax } from "../../routes/route-tree.ts";

/** How a layer mixes what its experts put out. */
export interface Mixing {
  /** Experts of a row that are mixed, those with the largest gates; default: all. */
  readonly top?: number;
  /** Whether the gates of those that are mixed stay as they are, and are not divided by their sum; default: divided. */
  readonly scaled?: boolean;
  /** Weight α of the load-balancing loss α k Σ_z f_z P_z of Switch transformers; default 0. */
  readonly balance?: number;
}

/** A layer that mixes outputs, as it was gone through: nodes are pairs of a row and one of its experts, by experts. */
interface MixedLayer {
  readonly first: readonly number[];
  readonly row: Int32Array;
  /** Gate of each node, as it is mixed with. */
  readonly weight: Float64Array;
  readonly units: Matrix;
  /** All gates (rows × k). */
  readonly gate: Float64Array;
  /** What goes to the next layer (rows × hidden). */
  readonly mixed: Matrix;
}

/** What a network that mixes outputs says of images. */
export interface MixedPass {
  /** log p(c | x) (n × C). */
  readonly logLabels: Float64Array;
  /** Share of the rows that went to each expert, by the gates they were mixed with (L × k). */
  readonly loads: Float64Array;
}

/**
 * A network of the same parameters as routes have, that mixes what experts put out: h_l = Σ_z g_z relu(W_{l,z} h_{l−1} + b).
 *
 * Fedus, Zoph and Shazeer 2022 multiply the output of one expert with its gate (`scaled`); Shazeer and others 2017 divide the
 * gates of those that are mixed by their sum, and then one expert alone gives its gate no slope.
 *
 * @param gradient array that the gradient of the log-likelihood is added to, in nats, less n times that of the balancing loss
 */
export function mixOutputs(
  routes: Routes,
  theta: Float64Array,
  data: Images,
  mixing: Mixing,
  gradient?: Float64Array,
): MixedPass {
  const { shape, layout, products, activation } = routes;
  const { rows, labels } = data;
  // What is mixed, and its slopes, are more than routes have.
  products.open(roomOf(shape, layout, rows) + 8 * shape.layers * rows * (shape.hidden + 3));
  const weights = weightsAt(layout, theta, products);
  const inputs = [pixelsOf(products, data, shape.pixels)];
  const layers = weights.layers.map((layer, l) => {
    const found = mixedLayer(routes, inputs[l], layer, rows, mixing);
    inputs.push(found.mixed);
    return found;
  });
  const logLabels = logSoftmax(applied(products, inputs[shape.layers], weights.output, rows), rows);
  const loads = Float64Array.from(layers.flatMap((layer) => loadsOf(layer, rows)));
  if (gradient === undefined) return { logLabels, loads };

  const sums = noSlopes(layout, products);
  const output = products.matrix(rows, shape.classes);
  for (let i = 0; i < rows; i++) {
    const to = i * output.width;
    for (let c = 0; c < shape.classes; c++) output.values[to + c] = -Math.exp(logLabels[i * shape.classes + c]);
    output.values[to + labels[i]]++;
  }
  let slopes = products.matrix(rows, shape.hidden);
  addAll(products, inputs[shape.layers], output, weights.output, sums.output, slopes, rows);
  for (let l = shape.layers - 1; l >= 0; l--) {
    const into = l === 0 ? undefined : products.matrix(rows, shape.hidden);
    addLayer(products, inputs[l], layers[l], weights.layers[l], sums, l, slopes, into, mixing, activation);
    slopes = into ?? slopes;
  }
  addSlopes(layout, sums, gradient);
  return { logLabels, loads };
}

/** Takes rows through a layer. */
function mixedLayer(
  { products, activation }: Routes,
  x: Matrix,
  { gate: gateWeights, experts }: LayerWeights,
  rows: number,
  { top = experts.length, scaled = false }: Mixing,
): MixedLayer {
  const k = experts.length;
  const gate = gateWeights
    ? logSoftmax(applied(products, x, gateWeights, rows), rows).map(Math.exp)
    : new Float64Array(rows).fill(1);
  const chosen = largest(gate, k, top, scaled);
  const count = rows * Math.min(top, k);
  const [row, weight, first] = [products.index(count), new Float64Array(count), [0]];
  let next = 0;
  for (let z = 0; z < k; z++) {
    for (let i = 0; i < rows; i++) {
      if (chosen[i * k + z] === 0) continue;
      row[next] = i;
      weight[next++] = chosen[i * k + z];
    }
    first.push(next);
  }
  const hidden = experts[0].columns;
  const [units, mixed] = [products.matrix(count, hidden), products.matrix(rows, hidden)];
  experts.forEach((expert, z) => {
    products.apply(x, row, expert, units, first[z], first[z + 1]);
  });
  activate(units, activation);
  for (let node = 0; node < count; node++) {
    for (let j = 0; j < hidden; j++) {
      mixed.values[row[node] * mixed.width + j] += weight[node] * units.values[node * units.width + j];
    }
  }
  return { first, row, weight, units, gate, mixed };
}

/** The gates that are mixed with (rows × k): 0 of those that are not among the largest. */
function largest(gate: Float64Array, k: number, top: number, scaled: boolean): Float64Array {
  if (top >= k) return gate;
  const chosen = new Float64Array(gate.length);
  for (let from = 0; from < gate.length; from += k) {
    const order = Array.from({ length: k }, (_, z) => z).sort((a, b) => gate[from + b] - gate[from + a]);
    const kept = order.slice(0, top);
    const total = scaled ? 1 : kept.reduce((sum, z) => sum + gate[from + z], 0);
    for (const z of kept) chosen[from + z] = gate[from + z] / total;
  }
  return chosen;
}

/** Adds the derivatives by a layer's coefficients, and by its inputs, from those by what it put out. */
function addLayer(
  products: Products,
  x: Matrix,
  layer: MixedLayer,
  { gate: gateWeights, experts }: LayerWeights,
  sums: RouteWeights,
  l: number,
  slopes: Matrix,
  into: Matrix | undefined,
  mixing: Mixing,
  activation: Routes["activation"],
): void {
  const { first, row, weight, units } = layer;
  const { columns: hidden, width } = units;
  const own = products.matrix(row.length, hidden);
  /** Derivatives by the gates that were mixed with. */
  const byWeight = new Float64Array(row.length);
  for (let node = 0; node < row.length; node++) {
    const [from, to] = [row[node] * slopes.width, node * width];
    for (let j = 0; j < hidden; j++) {
      byWeight[node] += slopes.values[from + j] * units.values[to + j];
      own.values[to + j] = weight[node] * slopes.values[from + j];
    }
  }
  deactivate(units, own, activation);
  experts.forEach((expert, z) => {
    products.addOuter(x, row, own, sums.layers[l].experts[z], first[z], first[z + 1]);
    if (into) products.addBack(own, row, expert, into, first[z], first[z + 1]);
  });
  const gateSums = sums.layers[l].gate;
  if (gateWeights === undefined || gateSums === undefined) return;
  const rows = layer.gate.length / experts.length;
  const choices = choiceSlopes(products, layer, experts.length, byWeight, mixing);
  addAll(products, x, choices, gateWeights, gateSums, into, rows);
}

/** Derivatives by what the gate's softmax is given (rows × k), with those of the balancing loss. */
function choiceSlopes(
  products: Products,
  { first, row, weight, gate }: MixedLayer,
  k: number,
  byWeight: Float64Array,
  { scaled = false, balance = 0 }: Mixing,
): Matrix {
  const rows = gate.length / k;
  const choices = products.matrix(rows, k);
  const { values, width } = choices;
  // A softmax over those that were mixed, or where gates stay as they are over all.
  const mean = new Float64Array(rows);
  for (let node = 0; node < row.length; node++) mean[row[node]] += weight[node] * byWeight[node];
  for (let z = 0; z < k; z++) {
    for (let node = first[z]; node < first[z + 1]; node++) {
      const within = scaled ? byWeight[node] : byWeight[node] - mean[row[node]];
      values[row[node] * width + z] += weight[node] * within;
    }
    if (scaled) for (let i = 0; i < rows; i++) values[i * width + z] -= mean[i] * gate[i * k + z];
  }
  if (balance === 0) return choices;
  const share = Array.from({ length: k }, (_, z) => (first[z + 1] - first[z]) / row.length);
  for (let i = 0; i < rows; i++) {
    const g = gate.subarray(i * k, (i + 1) * k);
    const average = g.reduce((sum, p, z) => sum + p * share[z], 0);
    for (let z = 0; z < k; z++) values[i * width + z] -= balance * k * g[z] * (share[z] - average);
  }
  return choices;
}

/** Share of the rows that each expert has. */
function loadsOf({ first, weight, row }: MixedLayer, rows: number): number[] {
  const total = new Float64Array(rows);
  for (let node = 0; node < row.length; node++) total[row[node]] += weight[node];
  return first.slice(1).map((end, z) => {
    let sum = 0;
    for (let node = first[z]; node < end; node++) sum += weight[node] / total[row[node]];
    return sum / rows;
  });
}
