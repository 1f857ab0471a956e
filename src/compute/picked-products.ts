/** Numbers in single or in double precision. */
export type Numbers = Float32Array | Float64Array;

/** A matrix by rows, each `width` numbers after the one before it, of which the first `columns` are its own. */
export interface Matrix {
  readonly values: Numbers;
  readonly columns: number;
  readonly width: number;
}

/**
 * Products of matrices whose rows are picked by number, and the room that their numbers are in.
 *
 * A matrix of weights has the intercepts in its first row, and below them a row for each column of what it is applied to.
 */
export interface Products {
  /** Sees that there is room for so many bytes of arrays; all that were handed out before are void. */
  readonly open: (bytes: number) => void;
  /** A matrix of zeros. */
  readonly matrix: (rows: number, columns: number) => Matrix;
  /** Room for row numbers. */
  readonly index: (count: number) => Int32Array;
  /** Row i of `out`, from `first` to before `end`, becomes the intercepts and row index[i] of x times the weights. */
  readonly apply: (x: Matrix, index: Int32Array, weights: Matrix, out: Matrix, first: number, end: number) => void;
  /** Adds the derivatives by the weights, where those by the rows of `out` are the slopes. */
  readonly addOuter: (x: Matrix, index: Int32Array, slopes: Matrix, sums: Matrix, first: number, end: number) => void;
  /** Adds to row index[i] of `into` the derivatives by that row of x; no row is picked twice between first and end. */
  readonly addBack: (
    slopes: Matrix,
    index: Int32Array,
    weights: Matrix,
    into: Matrix,
    first: number,
    end: number,
  ) => void;
}

/**
 * The products in plain code, which say what is right.
 *
 * In single precision each product and each sum is rounded, as the kernel's are.
 */
export function plainProducts(precision: "single" | "double"): Products {
  const made = precision === "single" ? Float32Array : Float64Array;
  const round = precision === "single" ? Math.fround : (value: number): number => value;
  return {
    open: () => {},
    matrix: (rows, columns) => ({ values: new made(rows * columns), columns, width: columns }),
    index: (count) => new Int32Array(count),
    apply: (x, index, weights, out, first, end) => {
      const { columns, width } = out;
      for (let i = first; i < end; i++) {
        const to = i * width;
        const from = index[i] * x.width;
        for (let j = 0; j < columns; j++) out.values[to + j] = weights.values[j];
        for (let p = 0; p < x.columns; p++) {
          const w = (p + 1) * weights.width;
          for (let j = 0; j < columns; j++) out.values[to + j] += round(x.values[from + p] * weights.values[w + j]);
        }
      }
    },
    addOuter: (x, index, slopes, sums, first, end) => {
      addRows(slopes, sums, first, end);
      const { columns, width } = slopes;
      for (let i = first; i < end; i++) {
        for (let p = 0; p < x.columns; p++) {
          const value = x.values[index[i] * x.width + p];
          const to = (p + 1) * sums.width;
          for (let j = 0; j < columns; j++) sums.values[to + j] += round(value * slopes.values[i * width + j]);
        }
      }
    },
    addBack: (slopes, index, weights, into, first, end) => {
      for (let i = first; i < end; i++) {
        const to = index[i] * into.width;
        for (let j = 0; j < slopes.columns; j++) {
          const slope = slopes.values[i * slopes.width + j];
          for (let p = 0; p < into.columns; p++) {
            into.values[to + p] += round(slope * weights.values[(p + 1) * weights.width + j]);
          }
        }
      }
    },
  };
}

/** Adds the rows of the slopes to the intercepts' row of the sums. */
export function addRows(slopes: Matrix, sums: Matrix, first: number, end: number): void {
  const { values, width } = slopes;
  for (let i = first * width; i < end * width; i += width) {
    for (let j = 0; j < width; j++) sums.values[j] += values[i + j];
  }
}
