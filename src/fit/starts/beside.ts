import { assignment } from "../../math/assignment.ts";
import { someOf } from "../../math/draw.ts";
import type { Random } from "../../math/random.ts";
import type { Mixture } from "../../models/mixture.ts";
import { reordered } from "../../models/relabel.ts";
import type { Observations } from "../../rows/observations.ts";
import { unitCount } from "../../rows/units.ts";
import { nearest, randomCentres } from "./clusters.ts";
import { startColumns } from "./starts.ts";

/** The most and the least of a row that an expert which takes a place begins with. */
const MOST = 0.98;
const LEAST = 0.01;
/** Rows for each coefficient of an expert that few rows make. */
const ROWS_EACH = 2;

/** What a start is made of: responsibilities at the highest maximum, and at another one, n × k. */
interface Parents {
  readonly highest: Float64Array;
  readonly other: Float64Array;
}

type Way = (rng: Random, model: Mixture, data: Observations, parents: Parents) => Float64Array;

const ways: Readonly<Record<"given" | "drawn" | "crossed", Way>> = {
  given: (rng, { spec: { k } }, { rows }, { highest, other }) => {
    const comes = rng.integer(k);
    const shares = Float64Array.from({ length: rows }, (_, i) => other[i * k + comes]);
    return inPlace(highest, k, rng.integer(k), shares);
  },

  drawn: (rng, { spec: { k } }, { rows, units, expert }, { highest }) => {
    const count = unitCount({ rows, units });
    const least = Math.min(ROWS_EACH * expert.columns.length, count / k);
    const some = new Set(someOf(Math.ceil(least * (count / k / least) ** rng.uniform()), count, rng));
    const shares = Float64Array.from({ length: rows }, (_, i) => (some.has(units?.[i] ?? i) ? 1 : 0));
    return inPlace(highest, k, rng.integer(k), shares);
  },

  crossed: (rng, model, data, { highest, other }) => {
    const { k } = model.spec;
    const columns = startColumns(model, data);
    const sides = nearest(columns, data.rows, randomCentres(rng, columns, data.rows, 2));
    const theirs = reordered(other, Array.from(assignment(overlaps(other, highest, k), k)));
    return highest.map((own, at) => (sides[Math.floor(at / k)] === 0 ? own : theirs[at]));
  },
};

/**
 * Responsibilities for a start beside a maximum that may lead higher, made of it and of another one.
 *
 * By turns one of its experts, drawn at random, gives its place to one of the other maximum; or to one that some rows make, drawn
 * at random, from two for each coefficient to a k-th of all; or the rows that are nearer to one of two random ones than to the
 * other are as at the other maximum. Maxima often have some experts right, each others, or all of them in a part of the rows: EM does not come from
 * one to the other, and a start that is drawn gets all right seldom.
 *
 * @param turn its number, from 0
 * @param highest responsibilities at the maximum, n × k
 * @param other those at another maximum, n × k; absent: some rows make the new expert
 * @returns n × k
 * @remarks cost nk², and n numbers for each column. Recombination of mixtures: Pernkopf and Bouchaffra, IEEE PAMI 27, 2005, and of
 *   parts of space: Deaven and Ho, Physical Review Letters 75, 1995; a random expert in place of one: Fränti, Journal of Big Data 5, 2018.
 */
export function beside(
  turn: number,
  rng: Random,
  model: Mixture,
  data: Observations,
  highest: Float64Array,
  other: Float64Array | undefined,
): Float64Array {
  const way = other === undefined ? ways.drawn : Object.values(ways)[turn % Object.keys(ways).length];
  return way(rng, model, data, { highest, other: other ?? highest });
}

/** Responsibilities where an expert goes, and one with these shares takes its place: its rows are the others' as they would be without it. */
function inPlace(before: Float64Array, k: number, place: number, shares: Float64Array): Float64Array {
  const out = new Float64Array(before.length);
  shares.forEach((own, i) => {
    const at = i * k;
    const share = LEAST + (MOST - LEAST) * own;
    const others = before.subarray(at, at + k).reduce((sum, r, z) => (z === place ? sum : sum + r), 0);
    for (let z = 0; z < k; z++) {
      const rest = others > Number.EPSILON ? before[at + z] / others : 1 / (k - 1);
      out[at + z] = z === place ? share : (1 - share) * rest;
    }
  });
  return out;
}

/** What it costs that an expert of one maximum stands for one of another: less the rows that both answer for (k × k). */
function overlaps(one: Float64Array, other: Float64Array, k: number): Float64Array {
  const out = new Float64Array(k * k);
  for (let at = 0; at < one.length; at += k) {
    for (let a = 0; a < k; a++) for (let b = 0; b < k; b++) out[a * k + b] -= one[at + a] * other[at + b];
  }
  return out;
}
