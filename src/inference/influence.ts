import { wholeFrom } from "../errors/kinds.ts";
import { type Defaulted, defaulted, type OptionsOf, readOptions } from "../errors/options.ts";
import { type FitRows, fittedMixture, rowsOfFit, type Whole } from "../fit/fitted.ts";
import { ofNode } from "../laws/gates/nodes.ts";
import { leverages } from "../math/leverage.ts";
import { checkMixture } from "../models/checks.ts";
import { curvatureAt } from "../models/curvature.ts";
import type { Mixture } from "../models/mixture.ts";
import type { Observations } from "../rows/observations.ts";
import { firstRows, unitCount } from "../rows/units.ts";
import type { Table } from "../text/table.ts";
import { tabled } from "../text/tabled.ts";

/** Table of the option of influences. */
export class InfluenceTable {
  readonly top: Defaulted<number> = defaulted(wholeFrom(1), 10, "rows that are told of at the most");
}

export const INFLUENCE: InfluenceTable = new InfluenceTable();

/** How influences are told. */
export interface InfluenceOptions extends OptionsOf<InfluenceTable> {}

/** A row, or a group of a grouped fit, and what the fit would be without it. */
export interface InfluentialUnit {
  /** Number of the row in the data, from 1; of a group that of its first row. */
  readonly row: number;
  /** Its response; a label by its name. Of a group that of its first row. */
  readonly response: number | string;
  /** Its most probable expert, from 1, and the responsibility of that. */
  readonly expert: number;
  readonly responsibility: number;
  /** Its leverage in the regression of that expert. */
  readonly leverage: number;
  readonly distance: number;
  /** Which part of the model it moves most, `expert 1` or `gate`, and by what distance. */
  readonly part: string;
  readonly partDistance: number;
  /** The parameter that it moves most, and by how many of its standard errors. */
  readonly parameter: string;
  readonly change: number;
}

/** What each unit (a row, or a group of a grouped fit) does to a fit. */
export interface Influence {
  /** Number of units (U). */
  readonly units: number;
  /** Number of each unit's row in the data, from 1; of a group that of its first row (U). */
  readonly rows: Int32Array;
  /** Most probable expert of each, from 1 (U). */
  readonly experts: Int32Array;
  /** Names of the parameters that are fitted (q). */
  readonly names: readonly string[];
  /** The estimates less what they would be without a unit, θ̂ − θ̂₍ᵤ₎, to first order (U × q row-major). */
  readonly changes: Float64Array;
  /** Cook's distance of each unit, the change by the curvature of the objective, for each parameter (U). */
  readonly distances: Float64Array;
  /** Parts of the model that are fitted, such as `expert 1` and `gate`, a tree's by its nodes (m). */
  readonly parts: readonly string[];
  /** The same distance for the parameters of a part alone, by their own covariance (U × m). */
  readonly partDistances: Float64Array;
  /** Leverages of the units in each expert's regression, weighted by responsibilities (U × k). */
  readonly leverages: Float64Array;
  /** The units with the largest distances, the largest first. */
  readonly most: readonly InfluentialUnit[];
}

const ACT = "find influences";

/**
 * Which rows a fit depends on: how far the parameters would move without each, in all and by expert and gate.
 *
 * To first order they move by A⁻¹s with the observed information A and the unit's score s, without a refit. Cook's distance is
 * d'Ad/q of that move d: over all units these add up to about 1 where the model is right, so that one of much more than 1/U
 * stands out. Leverages say how far off a unit's columns are in an expert's regression, w r x'(Σ w r x x')⁻¹x: they add up
 * to the number of its columns.
 *
 * @param rows those of the fit, of a loaded model
 * @throws InputError as `covariance`
 * @remarks cost that of a robust `covariance`, and n·d² for each expert. Cook 1977; Pregibon, Annals of Statistics 9 (1981);
 *   Zhu, Lee, Wei and Zhou, Biometrika 88 (2001), for incomplete data.
 * @example
 * ```ts
 * import { fit, influence } from "mixlens";
 * const x = [0, 1, 2, 3, 4, 5, 6, 7, 8, 20];
 * const line = fit({ x, y: [0.1, 0.9, 2.1, 2.9, 4.1, 4.9, 6.1, 6.9, 8.1, 22] }, { response: "y", k: 1 });
 * const [{ row, leverage, parameter }] = influence(line, undefined, { top: 1 }).most;
 * if (row !== 10 || !(leverage > 0.8)) throw new Error(`row ${row} moves ${parameter} most`);
 * ```
 */
export function influence(fit: Whole, rows?: FitRows, options: InfluenceOptions = {}): Influence {
  const { top } = readOptions(ACT, options, INFLUENCE);
  const { mixture, theta, formula } = fittedMixture(ACT, fit);
  checkMixture(ACT, mixture);
  const data = rowsOfFit(ACT, fit, rows, "influence(model, rows)");
  const { free, inverse, influences, distances } = curvatureAt(ACT, mixture, theta, data);
  const [q, { k }] = [free.length, mixture.spec];
  const parts = partsOf(mixture, free);
  // All parameters, and then those of each part.
  const sets = [Array.from(free.keys()), ...parts.map(({ own }) => own)];
  const squares = distances(sets);
  const units = unitCount(data);
  const distance = (set: number, unit: number): number => squares[unit * sets.length + set] / sets[set].length;
  const changes = influences();
  const { responsibilities } = mixture.posterior(theta, data);
  const first = data.units === undefined ? Int32Array.from({ length: units }, (_, row) => row) : firstRows(data.units);
  const experts = first.map((row) => largest(k, (z) => responsibilities[row * k + z]) + 1);
  const rowNumbers = first.map((row) => data.numbers?.[row] ?? row + 1);
  const distanceOf = Float64Array.from({ length: units }, (_, unit) => distance(0, unit));
  const unitLeverage = unitLeverages(data, responsibilities, k);
  const told = (unit: number): InfluentialUnit => {
    const [row, expert] = [first[unit], experts[unit]];
    const part = largest(parts.length, (at) => distance(at + 1, unit));
    const inErrors = (j: number): number => changes[unit * q + j] / Math.sqrt(inverse[j * q + j]);
    const parameter = largest(q, (j) => Math.abs(inErrors(j)));
    return {
      row: rowNumbers[unit],
      response: formula.labels?.[data.response[row]] ?? data.response[row],
      expert,
      responsibility: responsibilities[row * k + expert - 1],
      leverage: unitLeverage[unit * k + expert - 1],
      distance: distanceOf[unit],
      part: parts[part].name,
      partDistance: distance(part + 1, unit),
      parameter: mixture.names[free[parameter]],
      change: inErrors(parameter),
    };
  };
  const order = Array.from(distanceOf.keys()).sort((a, b) => distanceOf[b] - distanceOf[a]);
  return tabled<Influence>(
    {
      ...{ units, rows: rowNumbers, experts, names: free.map((j) => mixture.names[j]), changes, distances: distanceOf },
      parts: parts.map(({ name }) => name),
      partDistances: Float64Array.from({ length: units * parts.length }, (_, at) => {
        return distance((at % parts.length) + 1, Math.floor(at / parts.length));
      }),
      leverages: unitLeverage,
      most: order.slice(0, top).map(told),
    },
    influenceTable,
  );
}

/** The first of the places at which something is largest. */
function largest(count: number, of: (at: number) => number): number {
  return Array.from({ length: count }, (_, at) => at).reduce((most, at) => (of(at) > of(most) ? at : most), 0);
}

/** Experts and the nodes of the gate with the places, among the fitted parameters, of their own; those of which none is fitted are left out. */
function partsOf(
  { experts, gate, gateLaw }: Mixture,
  free: readonly number[],
): readonly { readonly name: string; readonly own: readonly number[] }[] {
  const parts = [
    ...experts.map((predictors, z) => ({ name: `expert ${z + 1}`, predictors })),
    ...gateLaw.nodes.map((node) => ({ name: node.part, predictors: ofNode(node, gate) })),
  ];
  return parts.flatMap(({ name, predictors }) => {
    const at = new Set(predictors.flatMap((predictor) => predictor.at));
    const own = Array.from(free.keys()).filter((j) => at.has(free[j]));
    return own.length === 0 ? [] : [{ name, own }];
  });
}

/** Leverages of the units in the regressions of the experts, weighted by responsibilities (U × k). */
function unitLeverages(data: Observations, responsibilities: Float64Array, k: number): Float64Array {
  const { values } = data.expert;
  const found = new Float64Array(unitCount(data) * k);
  for (let z = 0; z < k; z++) {
    const weights = Float64Array.from({ length: data.rows }, (_, row) => {
      return (data.weights?.[row] ?? 1) * responsibilities[row * k + z];
    });
    leverages(values, weights).forEach((own, row) => {
      found[(data.units?.[row] ?? row) * k + z] += own;
    });
  }
  return found;
}

/** The most influential units as a table. */
function influenceTable({ units, most }: Influence): Table {
  const right = { align: "right" } as const;
  return {
    columns: [
      { name: "row", ...right },
      ...["response", "expert", "responsibility", "leverage", "distance"].map((name) => ({ name })),
      { name: "distance × rows" },
      { name: "moves most" },
      { name: "by", note: "standard errors", ...right },
    ],
    rows: most.map(({ row, response, expert, responsibility, leverage, distance, parameter, change }) => [
      ...[String(row), response, expert, responsibility, leverage, distance],
      ...[distance * units, parameter, change],
    ]),
    caption: `Cook's distances of ${most.length} of ${units} rows, which are about 1/${units} each if all count alike`,
  };
}
