import { setFlagsFromString } from "node:v8";
import { denseBinary } from "./binaries.ts";
import { usesKernels, warnOnce } from "./engine.ts";

/** A matrix by rows, each `stride` numbers after the one before it. */
export interface Dense {
  readonly values: Float64Array;
  readonly stride: number;
}

/** Some rows and columns of a matrix that stand side by side. */
export interface Part {
  readonly of: Dense;
  readonly row: number;
  readonly column: number;
  readonly rows: number;
  readonly columns: number;
}

/** Rotations of rows i and i + 1, one after the other. */
export interface Rotations {
  /** Numbers i of the rows. */
  readonly rows: Int32Array;
  /** The sine and the cosine of each. */
  readonly angles: Float64Array;
  /** How many there are, up to {@link MOST_ROTATIONS}. */
  count: number;
}

/** What takes time in dense linear algebra: three loops deep, of products, and of rotations. */
export interface DenseWork {
  /** The matrices that there is room for, of zeros; void when another room is opened. */
  readonly matrices: readonly Dense[];
  /** Adds `sign` times AB', for parts A (m × l) and B (n × l), to a part (m × n) that is none of either. */
  readonly addProducts: (a: Part, b: Part, sign: 1 | -1, to: Part) => void;
  /** Row i + 1 becomes s (row i) + c (row i + 1), and row i becomes c (row i) − s (row i + 1). */
  readonly rotate: (matrix: Dense, rotations: Rotations) => void;
  /**
   * T ← T − vq' − qv' on the rows and columns from `first` to `end`, of whose symmetric matrix the lower triangle is kept; adds
   * Tu to w. The rows of `vectors` are v, q, u and w.
   */
  readonly changeAndMultiply: (matrix: Dense, first: number, end: number, vectors: Dense) => void;
}

/** Rows and columns of what is worked at in one go: so much of a matrix stays in the first cache. */
export const PANEL = 32;
/** Rotations that are made in one go. */
export const MOST_ROTATIONS = 8192;

interface Exports {
  readonly addProducts: (
    a: number,
    aStride: number,
    m: number,
    b: number,
    bStride: number,
    n: number,
    length: number,
    sign: number,
    out: number,
    stride: number,
  ) => void;
  readonly rotate: (
    rows: number,
    stride: number,
    width: number,
    numbers: number,
    angles: number,
    count: number,
  ) => void;
  readonly changeAndMultiply: (
    t: number,
    stride: number,
    first: number,
    end: number,
    v: number,
    q: number,
    u: number,
    w: number,
  ) => void;
}

/** Where rotations lie: their rows, then their angles. Below are the program's constants, of which it has none. */
const ROWS = 4096;
const ANGLES = ROWS + 4 * MOST_ROTATIONS;
const MATRICES = ANGLES + 16 * MOST_ROTATIONS;
const PAGE = 2 ** 16;
/** Memory does not shrink: more than this is not kept for matrices that need less. */
const KEPT = 2 ** 26;
/** Numbers in a line of the cache. */
const LINE = 8;

let program: { readonly exports: Exports; readonly memory: WebAssembly.Memory } | undefined;
let module: WebAssembly.Module | undefined;
let unavailable = false;

/**
 * Opens the room of dense matrices, in WebAssembly where that pays, can and is to run: there is one, and who opens it has it to
 * himself until he is done, without waiting in between.
 *
 * @param sizes rows and columns of each matrix
 */
export function denseWork(sizes: readonly (readonly [rows: number, columns: number])[]): DenseWork {
  // An odd number of lines from one row to the next: the rows of a strip would otherwise meet in the same place of a cache.
  const strides = sizes.map(([, columns]) => LINE * (Math.ceil(columns / LINE) | 1));
  const lengths = sizes.map(([rows], j) => rows * strides[j]);
  const bytes = MATRICES + 8 * lengths.reduce((sum, length) => sum + length, 0);
  const isLarge = sizes.some((size) => Math.max(...size) > PANEL);
  const started = isLarge && usesKernels() && !unavailable ? roomOf(bytes) : undefined;
  if (started === undefined) return plainWork(lengths.map((length, j) => [new Float64Array(length), strides[j]]));
  const { memory, exports } = started;
  let at = MATRICES;
  const matrices = lengths.map((length, j): Dense => {
    const values = new Float64Array(memory.buffer, at, length).fill(0);
    at += values.byteLength;
    return { values, stride: strides[j] };
  });
  return {
    matrices,
    addProducts: (a, b, sign, to) => {
      const [left, right] = [
        [placeOf(a), 8 * a.of.stride, a.rows],
        [placeOf(b), 8 * b.of.stride, b.rows],
      ] as const;
      exports.addProducts(...left, ...right, a.columns, sign, placeOf(to), 8 * to.of.stride);
    },
    rotate: ({ values, stride }, { rows, angles, count }) => {
      new Int32Array(memory.buffer, ROWS, count).set(rows.subarray(0, count));
      new Float64Array(memory.buffer, ANGLES, 2 * count).set(angles.subarray(0, 2 * count));
      exports.rotate(values.byteOffset, 8 * stride, 8 * stride, ROWS, ANGLES, count);
    },
    changeAndMultiply: ({ values, stride }, first, end, vectors) => {
      const [v, q, u, w] = [0, 1, 2, 3].map((row) => vectors.values.byteOffset + 8 * row * vectors.stride);
      exports.changeAndMultiply(values.byteOffset, 8 * stride, first, end, v, q, u, w);
    },
  };
}

function placeOf({ of, row, column }: Part): number {
  return of.values.byteOffset + 8 * (row * of.stride + column);
}

/** The program with memory of so many bytes at least; nothing where there is none. */
function roomOf(bytes: number): typeof program {
  if (program !== undefined && bytes <= KEPT && program.memory.buffer.byteLength > KEPT) program = undefined;
  try {
    program ??= started();
  } catch (error) {
    unavailable = true;
    warnOnce((error as Error).message);
    return undefined;
  }
  try {
    const missing = bytes - program.memory.buffer.byteLength;
    if (missing > 0) program.memory.grow(Math.ceil(missing / PAGE));
    return program;
  } catch {
    return undefined;
  }
}

function started(): NonNullable<typeof program> {
  const memory = new WebAssembly.Memory({ initial: Math.ceil(MATRICES / PAGE) });
  if (module === undefined) {
    // Compiled for good before it runs: it runs in a few long calls.
    setFlagsFromString("--no-wasm-dynamic-tiering");
    module = new WebAssembly.Module(denseBinary());
    setFlagsFromString("--wasm-dynamic-tiering");
  }
  return { memory, exports: new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as Exports };
}

/** The same in plain code, which says what is right. */
function plainWork(arrays: readonly (readonly [values: Float64Array, stride: number])[]): DenseWork {
  return {
    matrices: arrays.map(([values, stride]) => ({ values, stride })),
    addProducts: (a, b, sign, to) => {
      for (let i = 0; i < a.rows; i++) {
        const from = (a.row + i) * a.of.stride + a.column;
        const out = (to.row + i) * to.of.stride + to.column;
        for (let j = 0; j < b.rows; j++) {
          const other = (b.row + j) * b.of.stride + b.column;
          let sum = 0;
          for (let m = 0; m < a.columns; m++) sum += a.of.values[from + m] * b.of.values[other + m];
          to.of.values[out + j] += sign * sum;
        }
      }
    },
    rotate: ({ values, stride }, { rows, angles, count }) => {
      for (let t = 0; t < count; t++) {
        const [sine, cosine] = [angles[2 * t], angles[2 * t + 1]];
        for (let at = rows[t] * stride, end = at + stride; at < end; at++) {
          const [upper, lower] = [values[at], values[at + stride]];
          values[at + stride] = sine * upper + cosine * lower;
          values[at] = cosine * upper - sine * lower;
        }
      }
    },
    changeAndMultiply: ({ values, stride }, first, end, vectors) => {
      const rowOf = (row: number): Float64Array =>
        vectors.values.subarray(row * vectors.stride, (row + 1) * vectors.stride);
      const [v, q, u, w] = [0, 1, 2, 3].map(rowOf);
      for (let i = first; i < end; i++) {
        const row = i * stride;
        let sum = 0;
        for (let j = first; j < i; j++) {
          const entry = values[row + j] - v[i] * q[j] - q[i] * v[j];
          values[row + j] = entry;
          sum += entry * u[j];
          w[j] += entry * u[i];
        }
        values[row + i] -= 2 * v[i] * q[i];
        w[i] += sum + values[row + i] * u[i];
      }
    },
  };
}

/** Rows and columns of a matrix. */
export function part(of: Dense, row: number, rows: number, column: number, columns: number): Part {
  return { of, row, column, rows, columns };
}

/** Writes a matrix, `columns` numbers to a row, where there is room for it. */
export function write({ values, stride }: Dense, from: Float64Array, columns: number): void {
  for (let at = 0, to = 0; at < from.length; at += columns, to += stride) {
    values.set(from.subarray(at, at + columns), to);
  }
}

/** Reads the first rows of a matrix back, `columns` numbers to a row. */
export function read({ values, stride }: Dense, rows: number, columns: number): Float64Array {
  const out = new Float64Array(rows * columns);
  for (let i = 0; i < rows; i++) out.set(values.subarray(i * stride, i * stride + columns), i * columns);
  return out;
}
