import { numericColumn } from "../data/numeric.ts";
import { type DataTable, place } from "../data/table.ts";
import { InputError, quote } from "../errors.ts";
import type { Random } from "../math/random.ts";
import type { Observations } from "../models/observations.ts";

/** What a row keeps of its own cell: the rest is spread evenly, so that no expert starts with too few rows. */
const OWN = 0.9;

/**
 * Responsibilities to start from: the cells of k random rows.
 *
 * Each row goes to the nearest of k rows drawn at random, by Euclidean distance in the standardised columns and, when it
 * is a number, the standardised response. Such cells are what a gate can tell apart, and yet cut across the experts.
 *
 * @param numeric whether the response is a number, not a label
 * @returns responsibilities, n × k
 */
export function randomCells(rng: Random, data: Observations, k: number, numeric: boolean): Float64Array {
  const used = new Set([...data.gate.values, ...data.expert.values, ...(numeric ? [data.response] : [])]);
  const columns = [...used].flatMap(standardised);
  const centres = distinctRows(rng, data.rows, k);
  const responsibilities = new Float64Array(data.rows * k).fill((1 - OWN) / k);
  for (let i = 0; i < data.rows; i++) {
    let nearest = 0;
    let least = Number.POSITIVE_INFINITY;
    centres.forEach((centre, z) => {
      let distance = 0;
      for (const column of columns) distance += (column[i] - column[centre]) ** 2;
      if (distance < least) [nearest, least] = [z, distance];
    });
    responsibilities[i * k + nearest] += OWN;
  }
  return responsibilities;
}

/** The column with mean 0 and variance 1, or nothing where it does not vary. */
function standardised(column: Float64Array): Float64Array[] {
  const rows = column.length;
  const mean = column.reduce((sum, value) => sum + value, 0) / rows;
  const deviation = Math.sqrt(column.reduce((sum, value) => sum + (value - mean) ** 2, 0) / rows);
  return deviation > 0 ? [column.map((value) => (value - mean) / deviation)] : [];
}

function distinctRows(rng: Random, rows: number, k: number): number[] {
  const chosen = new Set<number>();
  while (chosen.size < k) chosen.add(rng.integer(rows));
  return [...chosen];
}

/**
 * Responsibilities given as k columns of a table, scaled to sum to one in each row.
 *
 * @throws InputError for the wrong number of columns, and for a row without a positive sum or with a negative number
 */
export function givenResponsibilities(table: DataTable, names: readonly string[], k: number): Float64Array {
  if (names.length !== k) throw new InputError("fit", `${k} start columns, one for each expert`, `${names.length}`);
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined) throw new InputError("fit", "different start columns", `${quote(twice)} twice`);
  const columns = names.map((name) => numericColumn(table, name));
  const responsibilities = new Float64Array(table.rows * k);
  for (let i = 0; i < table.rows; i++) {
    const row = columns.map((column) => column[i]);
    const sum = row.reduce((total, value) => total + value, 0);
    if (!(sum > 0) || row.some((value) => value < 0)) {
      const got = `${row.join(", ")} at ${place(table, i)}`;
      throw new InputError("fit", `start columns of 0 or more with a positive sum in each row`, got);
    }
    row.forEach((value, z) => {
      responsibilities[i * k + z] = value / sum;
    });
  }
  return responsibilities;
}
