import type { Images } from "../compute/image-pass.ts";
import { WHITE } from "../compute/image-pass.ts";
import type { Matrix, Products } from "../compute/picked-products.ts";
import type { Activation } from "./activation.ts";
import { support } from "./route-choice.ts";
import {
  addSlopes,
  noSlopes,
  type RouteLayout,
  type RouteShape,
  type RouteWeights,
  routeCount,
  weightsAt,
} from "./route-layout.ts";
import { addRouteSlopes } from "./route-slopes.ts";
import { applied, type Choice, grow, logSoftmax, type RouteLayer } from "./route-tree.ts";

/** What passes over images are of. */
export interface Routes {
  readonly shape: RouteShape;
  readonly layout: RouteLayout;
  readonly activation: Activation;
  readonly products: Products;
}

/** Images and what the routes that were chosen say of them, in the room of the products until it is opened again. */
export interface RoutePass {
  readonly routes: Routes;
  readonly data: Images;
  readonly weights: RouteWeights;
  readonly layers: readonly RouteLayer[];
  /** log p(c | x, z) of each node of the last layer (leaves × C). */
  readonly logLabels: Float64Array;
}

/** Bytes of arrays at once, about, that rows are taken together for. */
const ROOM = 2 ** 26;

/** Takes images through the routes that are chosen. */
export function routePass(routes: Routes, theta: Float64Array, data: Images, choose: Choice): RoutePass {
  const { layout, products, activation, shape } = routes;
  products.open(roomOf(shape, layout, data.rows));
  const weights = weightsAt(layout, theta, products);
  const layers = grow(products, weights, pixelsOf(products, data, shape.pixels), data.rows, activation, choose);
  const { row, units } = layers[layers.length - 1];
  const logLabels = logSoftmax(applied(products, units, weights.output, row.length), row.length);
  return { routes, data, weights, layers, logLabels };
}

/** Pixels from −1, black, to 1, white: an image and its inverse differ in the sign alone. */
export function pixelsOf(products: Products, { rows, images }: Images, pixels: number): Matrix {
  const x = products.matrix(rows, pixels);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < pixels; j++) x.values[i * x.width + j] = (2 * images[i * pixels + j]) / WHITE - 1;
  }
  return x;
}

/** log p(y, z | x) of each image and route (rows × kᴸ); −∞ of those that were not chosen. */
export function jointOf({ routes, data, layers, logLabels }: RoutePass): Float64Array {
  const { shape } = routes;
  const count = routeCount(shape);
  const { row, code, logPrior } = layers[layers.length - 1];
  const joint = new Float64Array(data.rows * count).fill(Number.NEGATIVE_INFINITY);
  for (let leaf = 0; leaf < row.length; leaf++) {
    const label = data.labels[row[leaf]];
    joint[row[leaf] * count + code[leaf]] = logPrior[leaf] + logLabels[leaf * shape.classes + label];
  }
  return joint;
}

/** Adds the derivatives of Σ q log p(y, z | x), with these responsibilities (rows × kᴸ), to a gradient. */
export function addGradient(pass: RoutePass, responsibilities: Float64Array, gradient: Float64Array): void {
  const { routes, data, weights, layers, logLabels } = pass;
  const { layout, products, activation, shape } = routes;
  const count = routeCount(shape);
  const { row, code } = layers[layers.length - 1];
  const reach = new Float64Array(row.length);
  for (let leaf = 0; leaf < reach.length; leaf++) reach[leaf] = responsibilities[row[leaf] * count + code[leaf]];
  const sums = noSlopes(layout, products);
  addRouteSlopes(products, layers, weights, sums, activation, reach, logLabels, data.labels);
  addSlopes(layout, sums, gradient);
}

/** The expected log-likelihood of images and routes, Q = Σ q log p(y, z | x), and its gradient (p), in nats. */
export function expectedComplete(
  routes: Routes,
  theta: Float64Array,
  responsibilities: Float64Array,
  data: Images,
): { readonly value: number; readonly gradient: Float64Array } {
  const count = routeCount(routes.shape);
  const gradient = new Float64Array(routes.layout.length);
  let value = 0;
  for (const [from, to] of stretches(routes, data.rows)) {
    const part = responsibilities.subarray(from * count, to * count);
    const pass = routePass(routes, theta, imagesBetween(data, from, to), support(part, count));
    jointOf(pass).forEach((log, at) => {
      if (part[at] > 0) value += part[at] * log;
    });
    addGradient(pass, part, gradient);
  }
  return { value, gradient };
}

/** Rows that are taken together: where each stretch begins and where it ends. */
export function stretches({ shape, layout }: Routes, rows: number): [from: number, to: number][] {
  const own = roomOf(shape, layout, 1) - roomOf(shape, layout, 0);
  const most = Math.max(1, Math.floor(ROOM / own));
  return Array.from({ length: Math.ceil(rows / most) }, (_, at) => [at * most, Math.min(rows, (at + 1) * most)]);
}

/** Images from one to before another: a view. */
export function imagesBetween({ rows, images, labels }: Images, from: number, to: number): Images {
  const pixels = images.length / rows;
  return { rows: to - from, images: images.subarray(from * pixels, to * pixels), labels: labels.subarray(from, to) };
}

/** Bytes of a pass and its slopes with all routes of so many rows, at the most. */
export function roomOf({ layers, k, hidden, classes, pixels }: RouteShape, layout: RouteLayout, rows: number): number {
  // Columns are filled up to whole vectors.
  const wide = (columns: number): number => columns + 3;
  const leaves = k ** layers;
  let row = wide(pixels) + 2 * leaves * (wide(classes) + 1);
  for (let l = 1; l <= layers; l++) {
    const [before, after] = [k ** (l - 1), k ** l];
    // Units and gates with their slopes; the numbers of parents, and twice those of all rows.
    row += 2 * (after * wide(hidden) + before * wide(k)) + after + 2 * before;
  }
  const blocks = layers * (1 + k) + 1;
  const weights =
    2 * layout.length + blocks * (6 * (1 + Math.max(pixels, hidden)) + wide(hidden) * wide(classes + k + hidden));
  // Each array begins at a vector, and has at the most 16 bytes before it.
  return 4 * (rows * row + weights) + 16 * (8 + 8 * layers + 2 * blocks);
}
