import { InputError, quote } from "../../errors.ts";
import type { Random } from "../../math/random.ts";
import { type Mixture, mixture } from "../../models/mixture.ts";
import { zeroExpert } from "../../models/zero-expert.ts";
import { type Observations, unitByUnit } from "../../rows/observations.ts";
import { firstRows, unitCount } from "../../rows/units.ts";
import { numericColumn } from "../../table/numeric.ts";
import { type DataTable, place } from "../../table/table.ts";
import { firstStep } from "./beginning.ts";
import { kMeans, nearest, randomCentres, standardised } from "./clusters.ts";
import { hessianDirections } from "./hessian-directions.ts";
import { splitAmong } from "./split.ts";

/** Ways of drawing a start. */
export const START_SCHEMES = ["cells", "k-means", "moments", "residuals", "random"] as const;
export type StartScheme = (typeof START_SCHEMES)[number];

/** Responsibility of a row's own cluster: the rest is spread evenly, so that no expert starts with too few rows. */
const OWN = 0.9;

type Draw = (rng: Random, model: Mixture, data: Observations) => Float64Array;

const schemes: Readonly<Record<StartScheme, Draw>> = {
  cells: (rng, model, data) => {
    const columns = startColumns(model, data);
    const clusters = nearest(columns, data.rows, randomCentres(rng, columns, data.rows, model.spec.k));
    return spread(clusters, rng, model, data);
  },

  "k-means": (rng, model, data) => {
    const varying = features(data);
    const columns = varying.length > 0 ? varying : responses(model, data);
    return spread(kMeans(rng, columns, data.rows, model.spec.k), rng, model, data);
  },

  moments: (rng, model, data) => {
    const { k } = model.spec;
    const response = responses(model, data);
    const columns = [...hessianDirections(features(data), response, k), ...response];
    return spread(kMeans(rng, columns, data.rows, k), rng, model, data);
  },

  // Regressions on a few rows each; every row goes to those that explain it. The gate is flat: it knows nothing yet.
  residuals: (rng, model, data) => {
    const { k } = model.spec;
    const few = new Float64Array(data.rows * k).fill(1e-3);
    for (let z = 0; z < k; z++) {
      for (let drawn = 0; drawn < 2 * data.expert.columns.length; drawn++) few[rng.integer(data.rows) * k + z] = 1;
    }
    const { theta, failure } = firstStep(model, few, data);
    if (failure !== undefined) return schemes.random(rng, model, data);
    return model.posterior(onOneLevel(model, theta), data).responsibilities;
  },

  random: (rng, { spec: { k } }, { rows, units }) => {
    const out = new Float64Array(rows * k);
    for (let at = 0; at < out.length; at += k) {
      let sum = 0;
      for (let z = at; z < at + k; z++) {
        out[z] = -Math.log(1 - rng.uniform());
        sum += out[z];
      }
      for (let z = at; z < at + k; z++) out[z] /= sum;
    }
    if (units === undefined) return out;
    const first = firstRows(units);
    return out.map((_, at) => out[first[units[Math.floor(at / k)]] * k + (at % k)]);
  },
};

/** Whether any two experts can change places: not in a tree of gates, nor with one that is always 0. */
export function areAlike({ spec: { zeroInflated = false }, gateLaw }: Mixture): boolean {
  return !zeroInflated && gateLaw.nodes.length === 1;
}

/** The same parameters with a gate that knows nothing, and one scale: of an expert with little noise no row would be another's. */
export function onOneLevel({ gate, law: { scale }, experts }: Mixture, theta: Float64Array): Float64Array {
  const out = theta.slice();
  for (const { at } of gate) for (const place of at) out[place] = 0;
  if (scale === undefined) return out;
  const places = experts.map((predictors) => predictors[predictors.length - 1].at[0]);
  const logarithms = places.map((place) => out[place]);
  const widest = scale.widens ? Math.max(...logarithms) : Math.min(...logarithms);
  for (const place of places) out[place] = widest;
  return out;
}

/**
 * Responsibilities to start from.
 *
 * - `cells`: each row goes to the nearest of k random centres, which are rows, by features and response, all standardised:
 *   what a gate can tell apart, and yet cuts across the experts.
 * - `k-means`: the clusters of k-means in the features, or in the response where no feature varies.
 * - `moments`: the clusters of k-means in the response and the directions in which its residual varies (principal Hessian
 *   directions), where experts and gate differ.
 * - `residuals`: k regressions on a few random rows each; each row goes to those that explain it.
 * - `random`: a uniform draw from the simplex for each row; also where a scheme finds fewer clusters than experts.
 *
 * For a tree of gates, in every other start, EM with a flat gate goes some steps from there, and its experts are split among
 * the nodes.
 *
 * @param scheme without one the schemes take turns, by the number of the start
 * @param start number of the start, from 0
 * @returns responsibilities, n × k
 */
export function startingResponsibilities(
  scheme: StartScheme | undefined,
  start: number,
  rng: Random,
  model: Mixture,
  data: Observations,
): Float64Array {
  const sorted = unitByUnit(data);
  if (sorted !== undefined) {
    const found = startingResponsibilities(scheme, start, rng, model, sorted.data);
    const k = found.length / data.rows;
    const own = new Float64Array(found.length);
    sorted.order.forEach((row, at) => void own.set(found.subarray(at * k, (at + 1) * k), row * k));
    return own;
  }
  const draw = schemes[scheme ?? START_SCHEMES[start % START_SCHEMES.length]];
  const { spec, gateLaw } = model;
  const isTree = gateLaw.nodes.length > 1;
  const zero = zeroExpert(spec);
  if (zero === undefined && !isTree) return draw(rng, model, data);
  const { fixed: _, priors: __, gate: ___, ...others } = spec;
  const flat = (k: number, zeroInflated: boolean) => mixture({ ...others, k, zeroInflated });
  const drawn =
    zero === undefined
      ? draw(rng, flat(spec.k, false), data)
      : withZeros(draw(rng, flat(spec.k - 1, false), data), rng, data);
  // By turns as a flat fit splits them, and as they were drawn.
  const isSplit = isTree && start % 2 === 0;
  return isSplit ? splitAmong(gateLaw.nodes, flat(spec.k, zero !== undefined), drawn, data) : drawn;
}

/**
 * Gives a part of the rows whose counts are 0 to one expert more, which is always 0: from start to start another part, and
 * from unit to unit. No other row is its.
 *
 * @param responsibilities of the other experts, n × (k − 1)
 * @returns responsibilities, n × k
 */
function withZeros(responsibilities: Float64Array, rng: Random, data: Observations): Float64Array {
  const { rows, response, units = Int32Array.from(response.keys()) } = data;
  const part = rng.uniform();
  const zeros = Float64Array.from({ length: unitCount({ rows, units }) }, () => (part + rng.uniform()) / 2);
  units.forEach((unit, i) => {
    if (response[i] !== 0) zeros[unit] = 0;
  });
  const others = responsibilities.length / rows;
  return Float64Array.from({ length: rows * (others + 1) }, (_, at) => {
    const [row, z] = [Math.floor(at / (others + 1)), at % (others + 1)];
    const zero = zeros[units[row]];
    return z === others ? zero : (1 - zero) * responsibilities[row * others + z];
  });
}

/** The columns in which rows are near each other: features and response, standardised (n numbers each). */
export function startColumns(model: Mixture, data: Observations): Float64Array[] {
  return [...features(data), ...responses(model, data)];
}

/** Every different column of gate and experts that varies, standardised; of units of several rows their means. */
function features({ gate, expert, units }: Observations): Float64Array[] {
  return [...new Set([...gate.values, ...expert.values])].map((x) => unitMeans(x, units)).flatMap(standardised);
}

/** The mean over the rows of its unit in each row. */
function unitMeans(values: Float64Array, units: Int32Array | undefined): Float64Array {
  if (units === undefined) return values;
  const count = unitCount({ rows: units.length, units });
  const [sums, sizes] = [new Float64Array(count), new Float64Array(count)];
  units.forEach((unit, i) => {
    sums[unit] += values[i];
    sizes[unit]++;
  });
  return Float64Array.from(units, (unit) => sums[unit] / sizes[unit]);
}

/** The response, less its known part, as the law's columns, standardised. */
function responses({ law }: Mixture, { response, offset, trials, units }: Observations): Float64Array[] {
  return law.startColumns.flatMap((of) => {
    return standardised(
      unitMeans(
        response.map((y, i) => of(y, offset?.[i] ?? 0, trials?.[i] ?? 1)),
        units,
      ),
    );
  });
}

/** A cluster for each expert; at random where there are fewer: EM never tells experts apart that start equal. */
function spread(clusters: Int32Array, rng: Random, model: Mixture, data: Observations): Float64Array {
  const { k } = model.spec;
  if (new Set(clusters).size < k) return schemes.random(rng, model, data);
  const responsibilities = new Float64Array(clusters.length * k).fill((1 - OWN) / k);
  for (let i = 0; i < clusters.length; i++) responsibilities[i * k + clusters[i]] += OWN;
  return responsibilities;
}

/**
 * Responsibilities given as k columns of a table, scaled to sum to one in each row.
 *
 * @param units the rows' groups: of their columns the means over the group count
 * @throws InputError for the wrong number of columns, and for a row without a positive sum or with a negative number
 */
export function givenResponsibilities(
  table: DataTable,
  names: readonly string[],
  k: number,
  units: Int32Array | undefined,
): Float64Array {
  if (names.length !== k) throw new InputError("fit", `${k} start columns, one for each expert`, `${names.length}`);
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined) throw new InputError("fit", "different start columns", `${quote(twice)} twice`);
  const columns = names.map((name) => unitMeans(numericColumn(table, name), units));
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
