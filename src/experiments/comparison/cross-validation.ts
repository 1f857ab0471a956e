import { INTERCEPT } from "../../frame/design.ts";
import type { Random } from "../../math/random.ts";
import { mean, sd } from "../../math/statistics.ts";
import type { Design, Observations } from "../../rows/observations.ts";

/** Rows to fit to and rows to judge by. */
export interface Split {
  readonly train: Observations;
  readonly test: Observations;
}

/**
 * The splits of a stratified cross-validation: every row is in one test set, and each class has its share in each.
 *
 * Features are standardised by the mean and standard deviation of the rows that are fitted to.
 *
 * @param data unweighted rows without an offset, the response as codes of labels
 */
export function crossValidation(data: Observations, folds: number, random: Random): readonly Split[] {
  const foldOf = stratified(data.response, folds, random);
  const rows = Array.from(foldOf.keys());
  return Array.from({ length: folds }, (_, fold) => {
    const train = rowsOf(
      data,
      rows.filter((i) => foldOf[i] !== fold),
    );
    const test = rowsOf(
      data,
      rows.filter((i) => foldOf[i] === fold),
    );
    return standardised(train, test);
  });
}

/** The fold of each row (n): of each class, and of all, folds have as many rows as others, or one more. */
export function stratified(codes: ArrayLike<number>, folds: number, random: Random): Int32Array {
  const foldOf = new Int32Array(codes.length);
  let dealt = 0;
  for (const code of new Set(Array.from(codes).sort((a, b) => a - b))) {
    const rows = Array.from(foldOf.keys()).filter((i) => codes[i] === code);
    // Fisher and Yates's shuffle; each class goes on where the last one stopped.
    for (let left = rows.length; left > 0; left--) {
      const drawn = random.integer(left);
      foldOf[rows[drawn]] = dealt++ % folds;
      rows[drawn] = rows[left - 1];
    }
  }
  return foldOf;
}

function rowsOf({ expert, gate, response }: Observations, rows: readonly number[]): Observations {
  const taken = (column: Float64Array): Float64Array => Float64Array.from(rows, (i) => column[i]);
  const of = ({ columns, values }: Design): Design => ({ columns, values: values.map(taken) });
  const x = of(expert);
  return { rows: rows.length, expert: x, gate: gate === expert ? x : of(gate), response: taken(response) };
}

function standardised(train: Observations, test: Observations): Split {
  const units = (design: Design): readonly { readonly centre: number; readonly scale: number }[] =>
    design.values.map((column, j) => {
      if (design.columns[j] === INTERCEPT) return { centre: 0, scale: 1 };
      const values = Array.from(column);
      return { centre: mean(values), scale: sd(values) || 1 };
    });
  const [expert, gate] = [units(train.expert), units(train.gate)];
  const scaled = (design: Design, of: typeof expert): Design => ({
    columns: design.columns,
    values: design.values.map((column, j) => column.map((value) => (value - of[j].centre) / of[j].scale)),
  });
  const both = (data: Observations): Observations => {
    const x = scaled(data.expert, expert);
    return { ...data, expert: x, gate: data.gate === data.expert ? x : scaled(data.gate, gate) };
  };
  return { train: both(train), test: both(test) };
}
