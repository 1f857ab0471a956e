import { withinBounds } from "../algorithms/bounds.ts";
import { cholesky } from "../math/cholesky.ts";
import { generalisedEigen } from "../math/generalised-eigen.ts";
import { eStep } from "../models/expectation.ts";
import { FLAT, freeInformation } from "../models/free-information.ts";
import type { Mixture } from "../models/mixture.ts";
import type { Observations } from "../rows/observations.ts";
import { unitCount } from "../rows/units.ts";

/** An eigenvalue of the missing information that is above 1 by more says that a point is no maximum. */
const ROUNDING = 1e-6;
/** Of more parameters nothing is said: their informations would take longer than the run. */
const LARGEST = 300;
/** Rows that tell a saddle from a maximum, at the least and for each parameter: of more rows a part is looked at first. */
const FEW_ROWS = 4000;
const ROWS_PER_PARAMETER = 50;
/** Largest eigenvalue of a part of the rows below which that of all is below 1. */
const CLEAR = 0.9;
/** Lengths of a step that leaves a saddle, in standard errors of the complete data. */
const LENGTHS = [0.1, 0.3, 1, 3, 10];

/** Surroundings of a point at which a run has settled; nothing where the complete information is singular. */
export interface Surroundings {
  /** The largest eigenvalue of the missing information: EM's rate, where it is below 1. */
  readonly rate?: number;
  /** A higher point beside it, where it is no maximum. */
  readonly above?: Place;
  /** Whether points beside it are as high: it is one of many maxima. */
  readonly isFlat?: boolean;
}

/** Where a step has gone. */
interface Place {
  readonly theta: Float64Array;
  readonly logLikelihood: number;
  readonly objective: number;
}

/**
 * Looks around a point at which a run has settled: whether it is a maximum, and what is above a saddle, the highest of some steps along the direction in which it
 * is curved most, both ways.
 *
 * That direction is the eigenvector of the largest eigenvalue of I_c⁻¹ I_m, and its eigenvalue is above 1. Where experts
 * are equal EM stands still: only such a step leads on.
 *
 * @param theta parameters at which a run has settled (p)
 * @remarks cost n·p² multiplications, of many rows those of a part as a rule, and 5p³. Nothing above 300 parameters.
 */
export function lookAround(model: Mixture, theta: Float64Array, data: Observations): Surroundings {
  const top = steepest(model, theta, data);
  if (top === undefined) return {};
  if (!(top.rate > 1 + ROUNDING)) return { rate: top.rate, isFlat: top.rate > 1 - FLAT };
  const before = eStep(model, theta, data).objective;
  let best: Place | undefined;
  for (const length of LENGTHS.flatMap((size) => [size, -size])) {
    const next = withinBounds(
      model,
      theta.map((value, j) => value + length * top.direction[j]),
    );
    const { logLikelihood, objective } = eStep(model, next, data);
    if (objective > (best?.objective ?? before)) best = { theta: next, logLikelihood, objective };
  }
  return { rate: top.rate, ...(best && { above: best }) };
}

/** The largest eigenvalue of I_c⁻¹ I_m and its eigenvector (p), of unit length in the metric I_c. */
function steepest(
  model: Mixture,
  theta: Float64Array,
  data: Observations,
): { readonly rate: number; readonly direction: Float64Array } | undefined {
  const enough = Math.max(FEW_ROWS, ROWS_PER_PARAMETER * theta.length);
  const count = unitCount(data);
  if (count > 2 * enough) {
    const every = count / enough;
    const part = model.rowsOf(
      data,
      Array.from({ length: enough }, (_, i) => Math.floor(i * every)),
    );
    const seen = steepest(model, theta, part);
    if (seen !== undefined && seen.rate < CLEAR) return seen;
  }
  if (model.free.length > LARGEST) return undefined;
  // A parameter at its least value leads nowhere: there the gradient need not vanish.
  const loose = model.free.filter((at) => model.least === undefined || theta[at] > model.least[at]);
  const { free, complete, missing } = freeInformation(model, theta, data, loose);
  const factor = cholesky(complete, free.length);
  if (typeof factor === "number") return undefined;
  const { values, vectors } = generalisedEigen(missing, factor, free.length);
  const direction = new Float64Array(theta.length);
  free.forEach((at, j) => {
    direction[at] = vectors[j];
  });
  return { rate: values[0], direction };
}
