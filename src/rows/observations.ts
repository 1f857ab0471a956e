import { BLOCK_ROWS, STRETCH_ROWS, StretchSums, sumOverBlocks } from "../compute/blocks.ts";
import { type Columns, weightedGram } from "../compute/kernels.ts";
import type { TileSource } from "../compute/tiled.ts";
import type { Assignment } from "./assignment.ts";
import { firstRows, rowsOfUnits, unitCount, unitWeights } from "./units.ts";

/** The columns a linear predictor reads. */
export interface Design {
  /** Names of the columns (d); the intercept, a column of ones, is `(intercept)`. */
  readonly columns: readonly string[];
  /** Values (d arrays of n). */
  readonly values: readonly Float64Array[];
}

/** Rows that a model is fitted to: n rows of numbers, ready for arithmetic. */
export interface Observations {
  readonly rows: number;
  /** Columns of the gate, n × d_g. */
  readonly gate: Design;
  /** Columns of the experts, n × d; the same object as `gate` when both read the same columns. */
  readonly expert: Design;
  /** Response (n): numbers, or the codes 0 … C − 1 of its labels. */
  readonly response: Float64Array;
  /** Weight of each row, any number from 0 on (n); absent: 1. */
  readonly weights?: Float64Array;
  /**
   * Number of the unit that each row belongs to, from 0 in the order of the first rows (n): all rows of a unit are of one
   * expert, have one weight, and are read by the gate once. Absent: each row is a unit of its own.
   */
  readonly units?: Int32Array;
  /** Known part of each expert's first predictor (n): of the mean, or of the second label's log-odds; absent: 0. */
  readonly offset?: Float64Array;
  /** Number of each row in the data, from 1, where some were left out (n). */
  readonly numbers?: Int32Array;
  /** Number of trials that each row's successes are of (n); absent: 1. */
  readonly trials?: Float64Array;
  /** Where the rows come from, where they are not in memory: columns are then nobody's to read, but by sums over rows. */
  readonly stretches?: Stretches;
}

/** Rows that are not in memory, of which any stretch can be read. */
export interface Stretches extends TileSource {
  readonly rows: number;
  readonly totalWeight: number;
  /** Names of the columns of experts and gate; the same list where both read the same. */
  readonly expert: readonly string[];
  readonly gate: readonly string[];
  readonly hasWeights: boolean;
  readonly hasOffset: boolean;
  readonly hasTrials: boolean;
  /** Hash of all that is in the rows. */
  readonly sha256: string;
  /** Rows and units of each stretch, where units have several rows, which no stretch cuts; absent: as many rows in each. */
  readonly parts?: readonly StretchPart[];
  /** The rows of a stretch, counted from 0: their columns, until another is asked for, whose rows take their place. */
  readonly at: (stretch: number) => Observations;
  /**
   * Sums at θ that a step of one model needs, found elsewhere, to the bits that are found here; absent: found here. With scales, those
   * of the rows in columns that are so scaled.
   */
  readonly stepSums?: (theta: Float64Array, scales?: BothScales) => Float64Array;
}

/** What the columns of a design are less, and over. */
export interface ColumnScales {
  readonly means: Float64Array;
  readonly deviations: Float64Array;
}

/** The scales of both designs. */
export interface BothScales {
  readonly gate: ColumnScales;
  readonly expert: ColumnScales;
}

/** What of rows in units is in a stretch. */
export interface StretchPart {
  readonly rows: number;
  readonly units: number;
}

/** A few rows of the observations: views, not copies. */
export interface Block {
  /** Number of the block's first row. */
  readonly start: number;
  readonly rows: number;
  /** The designs a predictor can read; `constant` is the column of ones. */
  readonly x: {
    readonly gate: Columns;
    readonly expert: Columns;
    readonly constant: Columns;
  };
  readonly response: Float64Array;
  readonly weights: Float64Array;
  /** The rows' weights where each unit counts once: what the gate's sums, and sums over units, are weighted by. */
  readonly unitWeights: Float64Array;
  readonly offset: Float64Array;
  /** Trials of each row: 1 where the response is none of successes. */
  readonly trials: Float64Array;
  /** Rows in memory that the block is of, with its units whole; absent where each row is a unit. */
  readonly unitRows?: Observations;
}

const ones = new Float64Array(BLOCK_ROWS).fill(1);
const zeros = new Float64Array(BLOCK_ROWS);
const constant: Columns = { values: [ones], start: 0 };

/** Sums over all rows, block by block: see {@link sumOverBlocks}. */
export function sumOver(
  data: Observations,
  length: number,
  add: (block: Block, sums: Float64Array) => void,
): Float64Array {
  const { stretches } = data;
  if (stretches === undefined) return sumFrom(data, 0, length, add);
  return sumOverStretches(stretches, (part, first) => sumFrom(part, first, length, add));
}

/** Number of stretches. */
export function stretchCount({ rows, parts }: Pick<Stretches, "rows" | "parts">): number {
  return parts?.length ?? Math.ceil(rows / STRETCH_ROWS);
}

/** Sums of sums over each stretch of rows that are not in memory, added in their order. */
export function sumOverStretches(
  stretches: Stretches,
  sumsOf: (part: Observations, first: number) => Float64Array,
): Float64Array {
  let total: StretchSums | undefined;
  const count = stretchCount(stretches);
  for (let number = 0, first = 0; number < count; number++) {
    const part = stretches.at(number);
    const sums = sumsOf(part, first);
    total ??= new StretchSums(sums.length);
    total.add(sums);
    first += part.rows;
  }
  return total?.total() ?? new Float64Array();
}

/** Sums over rows in memory, of which the first is this of all. */
function sumFrom(
  data: Observations,
  first: number,
  length: number,
  add: (block: Block, sums: Float64Array) => void,
): Float64Array {
  const shares = data.units === undefined ? undefined : unitWeights(data);
  return sumOverBlocks(data.rows, length, (start, end, sums) => {
    const gate = { values: data.gate.values, start };
    const expert = { values: data.expert.values, start };
    add(
      {
        start: first + start,
        rows: end - start,
        x: { gate, expert, constant },
        response: data.response.subarray(start, end),
        weights: data.weights?.subarray(start, end) ?? ones,
        unitWeights: (shares ?? data.weights)?.subarray(start, end) ?? ones,
        offset: data.offset?.subarray(start, end) ?? zeros,
        trials: data.trials?.subarray(start, end) ?? ones,
        ...(data.units !== undefined && { unitRows: data }),
      },
      sums,
    );
  });
}

/** Σ w xx' of the columns of a design, over all rows (d × d). */
export function designGram(data: Observations, design: "gate" | "expert"): Float64Array {
  const d = data[design].columns.length;
  return sumOver(data, d * d, ({ rows, x, weights }, sums) => {
    weightedGram(x[design], x[design], rows, weights, 0, sums, 0);
  });
}

/** Σ w x² of each column of a design, over all rows (d). */
export function squaresOf({ weights, ...data }: Observations, design: "gate" | "expert"): Float64Array {
  return Float64Array.from(data[design].values, (x) => {
    return weights === undefined ? productSum(x, x) : productSum(x, product(weights, x));
  });
}

function productSum(x: Float64Array, y: Float64Array): number {
  // Four sums side by side: an addition waits for the one before it.
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  const rest = x.length % 4;
  for (let i = 0; i < rest; i++) a += x[i] * y[i];
  for (let i = rest; i < x.length; i += 4) {
    a += x[i] * y[i];
    b += x[i + 1] * y[i + 1];
    c += x[i + 2] * y[i + 2];
    d += x[i + 3] * y[i + 3];
  }
  return a + b + c + d;
}

/** The products of two columns, row by row. */
export function product(x: Float64Array, y: Float64Array): Float64Array {
  const out = new Float64Array(x.length);
  for (let i = 0; i < x.length; i++) out[i] = x[i] * y[i];
  return out;
}

/**
 * Some of the units, in this order, with all their rows; a unit may come twice.
 *
 * @param index numbers of the units (m): of the rows, where each is a unit
 */
export function unitsOf(data: Observations, index: ArrayLike<number>): Observations {
  if (data.units === undefined) return rowsOf(data, index);
  const { rows, units } = rowsOfUnits(data.units, index);
  return { ...rowsOf(data, rows), units };
}

/**
 * The rows unit by unit, those of a unit in their own order: what is drawn in it is drawn alike wherever rows of a unit stand, here
 * or in the tiles of a source.
 *
 * @returns the rows, and which they are (n); nothing where that is their order
 */
export function unitByUnit(
  data: Observations,
): { readonly order: Int32Array; readonly data: Observations } | undefined {
  const { units: given } = data;
  if (given === undefined || given.every((unit, i) => i === 0 || unit >= given[i - 1])) return undefined;
  const { rows: order, units } = rowsOfUnits(
    given,
    Int32Array.from({ length: unitCount(data) }, (_, unit) => unit),
  );
  return { order, data: { ...rowsOf(data, order), units } };
}

/** What a gate is fitted to: the columns and weight of each unit, once, and its responsibilities (k numbers each). */
export function oncePerUnit(
  assignment: Assignment,
  data: Observations,
  k: number,
): { readonly assignment: Assignment; readonly data: Observations } {
  if (data.units === undefined) return { assignment, data };
  const { responsibilities } = assignment;
  const first = firstRows(data.units);
  const { gate, response, rows } = rowsOf({ ...data, expert: data.gate }, first);
  const weights = data.weights && Float64Array.from(first, (row) => data.weights?.[row] ?? 1);
  const own = new Float64Array(first.length * k);
  first.forEach((row, unit) => void own.set(responsibilities.subarray(row * k, (row + 1) * k), unit * k));
  return {
    assignment: { responsibilities: own },
    data: { rows, gate, expert: gate, response, ...(weights && { weights }) },
  };
}

/**
 * Some of the rows, in this order and without their units; a row may come twice. What is one object in `data`, a design or a
 * column, is one again.
 *
 * @param index numbers of the rows (m)
 */
export function rowsOf(data: Observations, index: ArrayLike<number>): Observations {
  const rows = index.length;
  const gathered = new Map<Float64Array, Float64Array>();
  const gather = (column: Float64Array): Float64Array => {
    const known = gathered.get(column);
    if (known !== undefined) return known;
    const values = new Float64Array(rows);
    for (let i = 0; i < rows; i++) values[i] = column[index[i]];
    gathered.set(column, values);
    return values;
  };
  const design = ({ columns, values }: Design): Design => ({ columns, values: values.map(gather) });
  const { response, weights, offset, trials } = data;
  const expert = design(data.expert);
  return {
    rows,
    gate: data.gate === data.expert ? expert : design(data.gate),
    expert,
    response: gather(response),
    ...(weights && { weights: gather(weights) }),
    ...(offset && { offset: gather(offset) }),
    ...(trials && { trials: gather(trials) }),
  };
}
