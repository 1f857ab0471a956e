import { someOf } from "../../math/draw.ts";
import type { Random } from "../../math/random.ts";

/** A column with mean 0 and variance 1, or nothing where it does not vary. */
export function standardised(column: Float64Array): Float64Array[] {
  let [sum, squares] = [0, 0];
  for (const value of column) sum += value;
  const mean = sum / column.length;
  for (const value of column) squares += (value - mean) ** 2;
  const deviation = Math.sqrt(squares / column.length);
  if (!(deviation > 0)) return [];
  const out = new Float64Array(column.length);
  for (let i = 0; i < out.length; i++) out[i] = (column[i] - mean) / deviation;
  return [out];
}

/**
 * The nearest of some centres to each row, by Euclidean distance.
 *
 * @param columns n numbers each
 * @param centres points with a number for each column
 */
export function nearest(
  columns: readonly Float64Array[],
  rows: number,
  centres: readonly (readonly number[])[],
): Int32Array {
  const clusters = new Int32Array(rows);
  const least = new Float64Array(rows).fill(Number.POSITIVE_INFINITY);
  const distance = new Float64Array(rows);
  centres.forEach((centre, z) => {
    distance.fill(0);
    columns.forEach((column, j) => {
      for (let i = 0; i < rows; i++) distance[i] += (column[i] - centre[j]) ** 2;
    });
    for (let i = 0; i < rows; i++) if (distance[i] < least[i]) [clusters[i], least[i]] = [z, distance[i]];
  });
  return clusters;
}

/** The values of k different rows drawn at random, to be centres. */
export function randomCentres(rng: Random, columns: readonly Float64Array[], rows: number, k: number): number[][] {
  return someOf(k, rows, rng).map((row) => columns.map((column) => column[row]));
}

/** Rounds of Lloyd's algorithm, and rows for each centre, at the most: a start need not be a perfect clustering. */
const ROUNDS = 50;
const ENOUGH = 1000;

/**
 * Clusters of k-means, whose centres begin at random rows and go to the means of their clusters, found by Lloyd's rounds; of
 * many rows by those of some, drawn at random, to which all the others then go.
 *
 * @remarks cost n·k numbers for each column and round, and n up to 1000 for each cluster
 */
export function kMeans(rng: Random, columns: readonly Float64Array[], rows: number, k: number): Int32Array {
  if (rows <= ENOUGH * k) return nearest(columns, rows, lloyd(rng, columns, rows, k));
  const drawn = Int32Array.from({ length: ENOUGH * k }, () => rng.integer(rows));
  const sample = columns.map((column) => Float64Array.from(drawn, (row) => column[row]));
  return nearest(columns, rows, lloyd(rng, sample, drawn.length, k));
}

/** The centres that Lloyd's rounds end at. */
function lloyd(rng: Random, columns: readonly Float64Array[], rows: number, k: number): readonly (readonly number[])[] {
  let centres = randomCentres(rng, columns, rows, k);
  let clusters = nearest(columns, rows, centres);
  for (let round = 0; round < ROUNDS; round++) {
    const size = new Float64Array(k);
    for (const z of clusters) size[z]++;
    const sums = columns.map((column) => {
      const sum = new Float64Array(k);
      for (let i = 0; i < rows; i++) sum[clusters[i]] += column[i];
      return sum;
    });
    // A centre that lost all its rows stays where it is.
    centres = centres.map((centre, z) => (size[z] > 0 ? sums.map((sum) => sum[z] / size[z]) : centre));
    const next = nearest(columns, rows, centres);
    if (next.every((z, i) => z === clusters[i])) break;
    clusters = next;
  }
  return centres;
}
