import { BLOCK_ROWS } from "../compute/blocks.ts";
import { weightedGram } from "../compute/kernels.ts";
import { cholesky } from "../math/cholesky.ts";
import { dependence } from "../math/dependent.ts";
import { generalisedEigen } from "../math/generalised-eigen.ts";
import type { Predictor } from "./family.ts";
import { DENSE } from "./information.ts";
import type { Mixture } from "./mixture.ts";
import { type Observations, sumOver } from "./observations.ts";
import { softmaxPenalty } from "./softmax.ts";

/** A part of a mixture whose coefficients have no finite maximum, or none of their own. */
export interface Separation {
  /** `the gate` or `expert 2`. */
  readonly part: string;
  /** Whether the columns determine each other in the part's rows; otherwise they separate its classes perfectly. */
  readonly collinear: boolean;
  /** Names of the columns. */
  readonly columns: readonly string[];
}

/** Curvature, as a share of what it would be without certainty, that only rounding is left of. */
const FLAT = 1e-10;
/** A column's share of a flat direction, of the largest, from which on it is named. */
const NAMED = 0.1;

/**
 * The parts of a fitted mixture along whose coefficients the likelihood is flat: where a gate, logistic experts or counts
 * of 0 are perfectly separated by some columns, or an expert's rows leave columns that determine each other.
 *
 * A direction v of a part's coefficients is flat where v'Cv, with the part's complete information C, is nothing against
 * what v does to the predictors in the part's own rows, v'(K ⊗ Σ w r xx')v. Separated fits end there, however far along.
 *
 * @param theta parameters at which EM has ended (p)
 * @returns one entry at the most for each part; none above 600 parameters, where they are not looked for
 * @remarks cost that of the informations, n·p² multiplications. On separation: Albert and Anderson 1984.
 */
export function separations(model: Mixture, theta: Float64Array, data: Observations): Separation[] {
  const { gate, experts, family, names, spec } = model;
  const p = names.length;
  if (p > DENSE) return [];
  const { complete } = model.information(theta, data);
  const { responsibilities } = model.posterior(theta, data);
  const k = experts.length;
  const everyRow = (): number => 1;
  const parts = [
    ...(gate.length > 0 ? [{ part: "the gate", heads: gate, penalty: softmaxPenalty(k), share: everyRow }] : []),
    ...(spec.experts === "linear" ? [] : experts).map((heads, z) => ({
      part: `expert ${z + 1}`,
      heads,
      penalty: family.penalty,
      share: (row: number) => responsibilities[row * k + z],
    })),
  ];
  return parts.flatMap(({ part, heads, penalty, share }) => {
    const { columns } = data[heads[0].design === "gate" ? "gate" : "expert"];
    const gram = gramOf(heads[0], share, data);
    const own = theta.subarray(heads[0].offset, heads[0].offset + heads.length * heads[0].size);
    const found = flatColumns(heads, gram, penalty, block(complete, p, heads), own);
    if (found === undefined) return [];
    return [{ part, collinear: found.collinear, columns: found.columns.map((j) => columns[j]) }];
  });
}

/** Σ w r xx' of the columns a predictor reads (d × d). */
function gramOf({ design, size: d }: Predictor, share: (row: number) => number, data: Observations): Float64Array {
  const weight = new Float64Array(BLOCK_ROWS);
  return sumOver(data, d * d, ({ start, rows, x, weights }, partial) => {
    for (let i = 0; i < rows; i++) weight[i] = weights[i] * share(start + i);
    weightedGram(x[design], x[design], rows, weight, 0, partial, 0);
  });
}

/** The entries of a p × p matrix at the coefficients of a part's predictors, which stand one after the other. */
function block(matrix: Float64Array, p: number, heads: readonly Predictor[]): Float64Array {
  const q = heads.length * heads[0].size;
  const { offset } = heads[0];
  return Float64Array.from({ length: q * q }, (_, at) => matrix[(offset + Math.floor(at / q)) * p + offset + (at % q)]);
}

/**
 * The columns along which the coefficients run off: those of the coefficients' projection on the flat directions of a
 * curvature C against K ⊗ G, among the coefficients that are fitted.
 */
function flatColumns(
  heads: readonly Predictor[],
  gram: Float64Array,
  penalty: Float64Array,
  curvature: Float64Array,
  own: Float64Array,
): { readonly collinear: boolean; readonly columns: readonly number[] } | undefined {
  const d = heads[0].size;
  const m = heads.length;
  const dependent = dependence(gram, d);
  if (dependent !== undefined) return { collinear: true, columns: [dependent.column, ...dependent.partners] };
  const free = heads.flatMap(({ held = [] }, h) =>
    Array.from({ length: d }, (_, j) => h * d + j).filter((at) => !held.includes(at - h * d)),
  );
  const q = free.length;
  const entry = (at: number): [number, number] => [free[Math.floor(at / q)], free[at % q]];
  const reference = Float64Array.from({ length: q * q }, (_, at) => {
    const [row, column] = entry(at);
    const coupling = penalty[Math.floor(row / d) * m + Math.floor(column / d)];
    return coupling * gram[(row % d) * d + (column % d)];
  });
  const factor = cholesky(reference, q);
  if (typeof factor === "number") return undefined;
  const among = Float64Array.from({ length: q * q }, (_, at) => {
    const [row, column] = entry(at);
    return curvature[row * m * d + column];
  });
  const { values, vectors } = generalisedEigen(among, factor, q);
  const runaway = new Float64Array(q);
  values.forEach((value, e) => {
    if (value > FLAT) return;
    const vector = vectors.subarray(e * q, (e + 1) * q);
    // Eigenvectors are of unit length in the metric K ⊗ G.
    let part = 0;
    for (let i = 0; i < q; i++) for (let j = 0; j < q; j++) part += vector[i] * reference[i * q + j] * own[free[j]];
    for (let i = 0; i < q; i++) runaway[i] += part * vector[i];
  });
  const shares = new Float64Array(d);
  free.forEach((at, i) => {
    const j = at % d;
    shares[j] = Math.max(shares[j], Math.abs(runaway[i]) * Math.sqrt(gram[j * (d + 1)]));
  });
  const largest = Math.max(...shares);
  if (!(largest > 0)) return undefined;
  return { collinear: false, columns: Array.from(shares.keys()).filter((j) => shares[j] > NAMED * largest) };
}
