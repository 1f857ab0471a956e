import type { Matrix, Products } from "../compute/picked-products.ts";

/** How many layers, experts of each and hidden units of an expert; labels, and pixels of an image. */
export interface RouteShape {
  readonly layers: number;
  readonly k: number;
  readonly hidden: number;
  readonly classes: number;
  readonly pixels: number;
}

/** Coefficients in the parameter vector: of so many outputs, first their intercepts, then those of each input. */
export interface Block {
  readonly at: number;
  readonly inputs: number;
  readonly outputs: number;
}

/** What a layer has for its gate, which one expert does without, and for each of its experts. */
export interface Layer<T> {
  readonly gate: T | undefined;
  readonly experts: readonly T[];
}

/** What all layers have, and the output. */
export interface Layers<T> {
  readonly layers: readonly Layer<T>[];
  readonly output: T;
}

/** Where all coefficients are. */
export interface RouteLayout extends Layers<Block> {
  /** Number of coefficients (p). */
  readonly length: number;
}

/** Routes there are: one expert of each layer. */
export function routeCount({ layers, k }: RouteShape): number {
  return k ** layers;
}

/** The layout of the coefficients: layer by layer the gate's and those of each expert, and at the end the output's. */
export function routeLayout({ layers, k, hidden, classes, pixels }: RouteShape): RouteLayout {
  let length = 0;
  const block = (inputs: number, outputs: number): Block => {
    const at = length;
    length += (1 + inputs) * outputs;
    return { at, inputs, outputs };
  };
  const all = Array.from({ length: layers }, (_, l): Layer<Block> => {
    const inputs = l === 0 ? pixels : hidden;
    const gate = k > 1 ? block(inputs, k) : undefined;
    return { gate, experts: Array.from({ length: k }, () => block(inputs, hidden)) };
  });
  const output = block(hidden, classes);
  return { layers: all, output, length };
}

/** Names of the coefficients, in their order. */
export function routeNames(layout: RouteLayout, labels: readonly string[]): string[] {
  const names: string[] = [];
  const place = ({ inputs, outputs }: Block, owner: string, input: string, output: (j: number) => string): void => {
    for (let p = 0; p <= inputs; p++) {
      const column = p === 0 ? "(intercept)" : `${input}${p}`;
      for (let j = 0; j < outputs; j++) names.push(`${owner}${output(j)}.${column}`);
    }
  };
  layout.layers.forEach(({ gate, experts }, l) => {
    const input = l === 0 ? "pixel" : "unit";
    if (gate) place(gate, `layer${l + 1}.gate`, input, (z) => String(z + 1));
    experts.forEach((expert, z) => {
      place(expert, `layer${l + 1}.expert${z + 1}.`, input, (j) => `unit${j + 1}`);
    });
  });
  place(layout.output, "output.", "unit", (c) => labels[c]);
  return names;
}

/** The coefficients of a layer as matrices. */
export type LayerWeights = Layer<Matrix>;

/** All coefficients as matrices, or what is to be added to them. */
export type RouteWeights = Layers<Matrix>;

/** Matrices of the layout's blocks, each with what `fill` puts there. */
function matrices(layout: RouteLayout, products: Products, fill: (block: Block, to: Matrix) => void): RouteWeights {
  const made = (block: Block): Matrix => {
    const matrix = products.matrix(1 + block.inputs, block.outputs);
    fill(block, matrix);
    return matrix;
  };
  return {
    layers: layout.layers.map(({ gate, experts }) => ({ gate: gate && made(gate), experts: experts.map(made) })),
    output: made(layout.output),
  };
}

/** The coefficients in the room of the products. */
export function weightsAt(layout: RouteLayout, theta: Float64Array, products: Products): RouteWeights {
  return matrices(layout, products, ({ at, inputs, outputs }, { values, width }) => {
    for (let p = 0; p <= inputs; p++) {
      for (let j = 0; j < outputs; j++) values[p * width + j] = theta[at + p * outputs + j];
    }
  });
}

/** Sums of derivatives, 0 at first. */
export function noSlopes(layout: RouteLayout, products: Products): RouteWeights {
  return matrices(layout, products, () => {});
}

/** Adds matrices of derivatives to those by the parameter vector. */
export function addSlopes(layout: RouteLayout, { layers, output }: RouteWeights, gradient: Float64Array): void {
  const add = ({ at, inputs, outputs }: Block, { values, width }: Matrix): void => {
    for (let p = 0; p <= inputs; p++) {
      for (let j = 0; j < outputs; j++) gradient[at + p * outputs + j] += values[p * width + j];
    }
  };
  layout.layers.forEach(({ gate, experts }, l) => {
    const { gate: gateSlopes, experts: expertSlopes } = layers[l];
    if (gate && gateSlopes) add(gate, gateSlopes);
    experts.forEach((expert, z) => {
      add(expert, expertSlopes[z]);
    });
  });
  add(layout.output, output);
}
