import { InputError, quote } from "../errors.ts";
import { type DataTable, place } from "../table/table.ts";
import { scaledColumn } from "./scale.ts";

/** How near a proportion of one trial times the trials must be to a whole number. */
const WHOLE = 1e-9;

/**
 * The number of trials in each row: whole numbers from 1 on.
 *
 * @throws InputError naming the row for anything else
 */
export function trialColumn(table: DataTable, name: string): Float64Array {
  const trials = scaledColumn(table, name);
  const odd = trials.findIndex((value) => !Number.isSafeInteger(value) || value < 1);
  if (odd < 0) return trials;
  const wanted = `trials, whole numbers from 1 on, in column ${quote(name)}`;
  const next = trials[odd] === 0 ? "drop the rows without trials" : undefined;
  throw new InputError(`read ${table.source}`, wanted, `${trials[odd]} at ${place(table, odd)}`, next);
}

/**
 * Numbers of successes, from themselves or from their proportions of the trials.
 *
 * A column is one of proportions where all of its numbers are from 0 to 1, and not all are whole. Those whose number of
 * successes is not whole stay as they are.
 */
export function successesOf(given: Float64Array, trials: Float64Array): Float64Array {
  const known = given.filter((value) => !Number.isNaN(value));
  const areProportions = known.every((value) => value >= 0 && value <= 1) && !known.every(Number.isInteger);
  if (!areProportions) return given;
  return given.map((value, row) => {
    const successes = Math.round(value * trials[row]);
    return Math.abs(value * trials[row] - successes) <= WHOLE * trials[row] ? successes : value;
  });
}

/** The columns of those named that hold the rest of the trials, as failures beside successes: with the trials they are the response. */
export function failuresAmong(
  table: DataTable,
  response: string,
  trials: string,
  names: readonly string[],
): readonly string[] {
  const numbersOf = (name: string): Float64Array | undefined => {
    const found = table.columns.find((each) => each.name === name);
    return found?.kind === "numeric" ? found.values : undefined;
  };
  const [given, all] = [numbersOf(response), numbersOf(trials)];
  if (given === undefined || all === undefined) return [];
  const successes = successesOf(given, all);
  const isRest = (value: number, row: number): boolean => {
    const rest = all[row] - successes[row];
    return value === rest || Number.isNaN(value) || Number.isNaN(rest);
  };
  return names.filter((name) => numbersOf(name)?.every(isRest) === true);
}

/** What to do about a number that can be no successes of its trials. */
export function adviceOnSuccesses(given: number, trials: Float64Array | undefined, row: number): string | undefined {
  if (trials === undefined) return "name the column of trials";
  if (!(given > 0 && given < 1)) return undefined;
  return `a proportion is one of whole successes, and ${given} of ${trials[row]} trials are ${given * trials[row]}`;
}
