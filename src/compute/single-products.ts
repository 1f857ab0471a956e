import { setFlagsFromString } from "node:v8";
import { pickedBinary } from "./binaries.ts";
import { usesKernels } from "./engine.ts";
import { addRows, type Matrix, type Products, plainProducts } from "./picked-products.ts";

interface Exports {
  readonly apply: (
    x: number,
    xStride: number,
    xIndex: number,
    inputs: number,
    w: number,
    stride: number,
    intercept: number,
    out: number,
    outIndex: number,
    count: number,
  ) => void;
  readonly outer: (
    x: number,
    xStride: number,
    xIndex: number,
    inputs: number,
    slopes: number,
    stride: number,
    sums: number,
    count: number,
  ) => void;
}

/** Where the arrays begin; below are the program's constants, of which it has none. */
const START = 4096;
const PAGE = 2 ** 16;
/** Numbers of a vector, and bytes of it. */
const LANES = 4;
const VECTOR = 16;

let program: { readonly exports: Exports; readonly memory: WebAssembly.Memory } | undefined;

function started(): NonNullable<typeof program> {
  const memory = new WebAssembly.Memory({ initial: 16 });
  // Compiled for good before it runs, as it would be after some thousand turns.
  setFlagsFromString("--no-wasm-dynamic-tiering");
  const module = new WebAssembly.Module(pickedBinary());
  setFlagsFromString("--wasm-dynamic-tiering");
  return { memory, exports: new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as Exports };
}

/** The room of the arrays: one after the other, until all are void. */
class Room {
  readonly #memory: WebAssembly.Memory;
  #next: number = START;

  constructor(memory: WebAssembly.Memory) {
    this.#memory = memory;
  }

  open(bytes: number): void {
    const missing = START + bytes - this.#memory.buffer.byteLength;
    if (missing > 0) this.#memory.grow(Math.ceil(missing / PAGE));
    this.#next = START;
  }

  matrix(rows: number, columns: number): Matrix {
    const width = Math.ceil(columns / LANES) * LANES;
    const values = new Float32Array(this.#memory.buffer, this.#take(4 * rows * width), rows * width).fill(0);
    return { values, columns, width };
  }

  index(count: number): Int32Array {
    return new Int32Array(this.#memory.buffer, this.#take(4 * count), count);
  }

  /** Gives back what is taken meanwhile. */
  within(work: () => void): void {
    const before = this.#next;
    work();
    this.#next = before;
  }

  #take(bytes: number): number {
    const at = this.#next;
    this.#next += Math.ceil(bytes / VECTOR) * VECTOR;
    return at;
  }
}

/**
 * The products in single precision in WebAssembly, with the bits of the plain code; that where it cannot or is not to run.
 *
 * There is one room in a process: who opens it has it to himself until he is done, without waiting in between.
 */
export function singleProducts(): Products {
  if (!usesKernels()) return plainProducts("single");
  program ??= started();
  const { memory, exports } = program;
  const { apply, outer } = exports;
  const room = new Room(memory);
  return {
    open: (bytes) => room.open(bytes),
    matrix: (rows, columns) => room.matrix(rows, columns),
    index: (count) => room.index(count),
    apply: (x, index, w, out, first, end) => {
      const [numbers, to, weights] = [numberAt(index, first), rowAt(out, first), rowAt(w, 1)];
      apply(rowAt(x, 0), strideOf(x), numbers, x.columns, weights, strideOf(w), rowAt(w, 0), to, 0, end - first);
    },
    addOuter: (x, index, slopes, sums, first, end) => {
      addRows(slopes, sums, first, end);
      const [numbers, from, to] = [numberAt(index, first), rowAt(slopes, first), rowAt(sums, 1)];
      outer(rowAt(x, 0), strideOf(x), numbers, x.columns, from, strideOf(slopes), to, end - first);
    },
    addBack: (slopes, index, weights, into, first, end) =>
      room.within(() => {
        const turned = transposed(weights, room.matrix(slopes.columns, into.columns));
        const [numbers, from, stride] = [numberAt(index, first), rowAt(slopes, first), strideOf(turned)];
        const [w, to] = [rowAt(turned, 0), rowAt(into, 0)];
        apply(from, strideOf(slopes), 0, slopes.columns, w, stride, 0, to, numbers, end - first);
      }),
  };
}

/** The weights by columns, without the intercepts. */
function transposed({ values, width }: Matrix, to: Matrix): Matrix {
  const rows = to.values.length / to.width;
  for (let j = 0; j < rows; j++) {
    for (let p = 0; p < to.columns; p++) to.values[j * to.width + p] = values[(p + 1) * width + j];
  }
  return to;
}

function strideOf({ width }: Matrix): number {
  return 4 * width;
}

function rowAt(matrix: Matrix, row: number): number {
  return matrix.values.byteOffset + row * strideOf(matrix);
}

function numberAt(index: Int32Array, at: number): number {
  return index.byteOffset + 4 * at;
}
