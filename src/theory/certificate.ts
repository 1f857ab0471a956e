import { numberIn, size, vector, whole } from "../errors/kinds.ts";
import { type Declared, defaulted, readOptions } from "../errors/options.ts";
import { InputError } from "../errors.ts";
import { finishedEm } from "../fit/finished-em.ts";
import type { Fit } from "../fit/fit-result.ts";
import { fittedParts, rowsOfFit } from "../fit/fitted.ts";
import { run } from "../fit/run.ts";
import { sampleOf } from "../fit/source/sample.ts";
import { checkModelAt, isWhole } from "../models/checks.ts";
import { eStep } from "../models/expectation.ts";
import type { Observations } from "../rows/observations.ts";
import { formatNumber } from "../text/number.ts";
import type { Table } from "../text/table.ts";
import { tabled } from "../text/tabled.ts";
import { type Certifiable, type Geometry, geometryOf } from "./geometry.ts";

/**
 * Two steps nearer than this, in standard errors of the complete data, are one. Their solvers leave about 1e-7, and some
 * tens of times that along a direction without a finite maximiser, where each goes as far as it finds anything to gain.
 */
const SAME_STEP = 1e-5;

/** One EM step θ → θ⁺ held against the theorems; L, Q_θ = Q(· | θ) as a loss, and divergences in nats per row. */
export interface CertifiedStep {
  /** L(θ), with the ridge penalty where there is one: the negative objective. */
  readonly loss: number;
  /** Distance between the EM step and the mirror-descent step, √(δ'I_cδ): in standard errors of the complete data. */
  readonly mirrorDistance: number;
  /** Q_θ(θ) − Q_θ(θ⁺), found by the geometry: what the step is sure to gain. */
  readonly surrogateGain: number;
  /** D_A(θ, θ⁺): of a symmetric pair the same as `surrogateGain`. */
  readonly divergence: number;
  /** Larger deviation of Q_θ(φ) − Q_θ(θ⁺) from D_A(φ, θ⁺), at φ = θ and at φ = θ*: none where Ω is flat. */
  readonly bending: number;
  /** Deviation of L(θ) − L(θ⁺) from Q_θ(θ) − Q_θ(θ⁺) + E KL(post_θ ‖ post_θ⁺). */
  readonly descentDeviation: number;
  /** 1 − α = E KL(post_θ ‖ post_θ*) / D_A(θ*, θ): the factor by which a flat step shrinks what is left; NaN at the limit. */
  readonly contraction: number;
  /** E KL(post_θ ‖ post_θ*) − [L(θ⁺) − L* + Q_θ(θ*) − Q_θ(θ⁺)]: inequality (iii) holds where this is not negative. */
  readonly contractionSlack: number;
}

/** A run of EM held against the theorems. */
export interface Certificate {
  /** Number of the rows that EM was run on: where there are many, those of a sample. */
  readonly rows: number;
  /** Number of the rows that there are. */
  readonly ofRows: number;
  readonly steps: readonly CertifiedStep[];
  /** Point that the run is held against: the limit, as near as double precision comes (p). */
  readonly limit: Float64Array;
  /** L at the limit. */
  readonly limitLoss: number;
  /** (i) (L₁ − L*)/T less the least surrogate gain: not negative where it holds. */
  readonly bestStepSlack: number;
  /** (ii) D_A(θ*, θ¹)/T less L_{T+1} − L*: not negative where it holds; it need only hold if `convex`; NaN of a mixture. */
  readonly averageSlack: number;
  /** Whether 1 − α was at most 1 in every step: L is convex, relative to A, between the iterates and the limit. */
  readonly convex: boolean;
  /** Whether EM was mirror descent and every identity and inequality held, to `tolerance`. */
  readonly holds: boolean;
}

/** How a run of EM is certified. */
export interface CertifyOptions {
  /** T, 1 or more; default 20. */
  readonly steps?: number;
  /** The limit of EM from the start on all rows (p), where it is known; default: EM is run to it, accelerated after 100 steps. */
  readonly limit?: Float64Array;
  /**
   * Rows that EM is run on, at the most: of more, so many are drawn by the fit's seed; `Infinity` for all. Default: 20,000,
   * and all those in memory where their `limit` is given.
   */
  readonly sample?: number;
  /** Largest deviation of an identity to be called rounding, in nats per row; default 1e-8. */
  readonly tolerance?: number;
}

const OPTIONS = {
  steps: defaulted(whole, 20),
  limit: vector,
  sample: numberIn(
    "a whole number from 1 on, or Infinity",
    (value) => whole.accepts(value) || value === Number.POSITIVE_INFINITY,
  ),
  tolerance: defaulted(size, 1e-8),
} satisfies Declared<CertifyOptions>;

/**
 * Runs EM from where a fit began and certifies every step: that it is the mirror-descent step, that the descent identity holds, and that
 * the convergence inequalities do.
 *
 * On a symmetric pair mirror descent is that of the mirror map, and the inequalities are those of the paper, since
 * Q_θ(φ) − Q_θ(θ⁺) is D_A(φ, θ⁺). On a mixture it is projected mirror descent in the `lift`, composite where there is
 * a ridge, and L is the penalised loss. Of the inequalities,
 * - (i) `min_t [Q_t(θᵗ) − Q_t(θᵗ⁺¹)] ≤ (L₁ − L*)/T` and
 * - (iii) `L_{t+1} − L* + Q_t(θ*) − Q_t(θᵗ⁺¹) ≤ E KL(post_t ‖ post_*)`, which on a flat Ω is
 *   `L_{t+1} − L* + D_A(θ*, θᵗ⁺¹) ≤ (1 − α_t) D_A(θ*, θᵗ)`,
 *
 * hold for any model, by the descent identity. (ii) `L_{T+1} − L* ≤ D_A(θ*, θ¹)/T` sums (iii) over the steps, for which
 * Q_t(θ*) − Q_t(θᵗ⁺¹) must be no less than D_A(θ*, θᵗ⁺¹). That is so after a projection onto a flat or convex set; the Ω
 * of a mixture is curved, `bending` is by how much, and (ii) is reported of symmetric pairs only.
 *
 * Of more than 20,000 rows the run is that of so many of them, drawn by the fit's seed, and so is its limit; `sample` says
 * another number. Of a source it is always that of a sample.
 *
 * Of any mixture, or model with a mirror map such as a symmetric pair, from any θ: `certify(model, theta, data, options)`.
 *
 * @throws InputError when EM does not reach a finite limit from θ, for a step that EM cannot make, for a limit of
 *   another number of parameters or above the last step, and for one of all rows where some of them are certified
 * @remarks cost of a step: an EM step, a mirror-descent step and some E-steps; and EM to its limit. arXiv 2411.06056,
 *   Theorems 4.1, 4.2 and 5.1, Corollary B.1.
 * @example
 * ```ts
 * import { certify, datasetPath, fit } from "mixlens";
 * const iris = fit(datasetPath("iris"), { response: "species", experts: "logistic", ridge: 0.1, starts: 3 });
 * const { holds, steps } = certify(iris, { limit: iris.theta });
 * if (!holds) throw new Error("EM is projected mirror descent");
 * if (steps.some(({ surrogateGain }) => surrogateGain < -1e-12)) throw new Error("no step raises L");
 * ```
 */
export function certify(fit: Fit, options?: CertifyOptions): Certificate;
export function certify(
  model: Certifiable,
  theta: Float64Array,
  data: Observations,
  options?: CertifyOptions,
): Certificate;
export function certify(on: Fit | Certifiable, ...rest: unknown[]): Certificate {
  if (!isWhole(on)) return certifyFrom(on, ...(rest as [Float64Array, Observations, CertifyOptions?]));
  const { mixture, start } = fittedParts(ACT, on);
  const rows = rowsOfFit(ACT, on, undefined, "certify(model.mixture, model.theta, observations)");
  return certifyFrom(mixture, start, rows, rest[0] as CertifyOptions | undefined, on.seed);
}

const ACT = "certify a run";
/** Rows that are certified, where nobody says how many. */
const SAMPLE = 20_000;

/** The rows that a certificate is of: all, or some of them where they are more than `most`, drawn by a seed. */
export function certifiedRows(data: Observations, seed: number, most: number = SAMPLE): Observations {
  return data.stretches === undefined && data.rows <= most ? data : sampleOf(data, Math.min(most, data.rows), seed);
}

function certifyFrom(
  model: Certifiable,
  theta: Float64Array,
  given: Observations,
  options: CertifyOptions = {},
  seed: number = 1,
): Certificate {
  checkModelAt(ACT, model, { theta }, given, ["posterior", "maximise"]);
  const plan = readOptions(ACT, options, OPTIONS);
  const { steps: count, tolerance } = plan;
  const data = rowsOfRun(given, seed, plan);
  const limit = plan.limit ?? limitFrom(model, theta, data);
  if (limit.length !== theta.length) {
    throw new InputError(ACT, `a limit of ${theta.length} parameters`, String(limit.length));
  }
  const geometry = geometryOf(model, data);
  const limitLoss = lossOf(model, limit, data);
  const held: HeldRun = { model, data, geometry, limit, limitLoss };

  let here = theta;
  let expectation = eStep(model, here, data);
  const steps: CertifiedStep[] = [];
  for (let t = 0; t < count; t++) {
    const { theta: next, failure } = expectation.maximise();
    if (failure !== undefined) throw new InputError(ACT, `EM to take ${count} steps`, failure.reason);
    const { objective } = expectation;
    expectation = eStep(model, next, data);
    steps.push(certifiedStep(held, here, next, [objective, expectation.objective]));
    here = next;
  }
  const lastLoss = -expectation.objective / model.totalWeight(data);
  if (!(limitLoss <= lastLoss + tolerance)) {
    const got = `${limitLoss - lastLoss} above it; give the limit of EM from this start`;
    throw new InputError(ACT, "a limit where L is no higher than after the steps", got);
  }
  const bestStepSlack = (steps[0].loss - limitLoss) / count - Math.min(...steps.map((step) => step.surrogateGain));
  const averageSlack = geometry.flat ? geometry.divergence(limit, theta) / count - (lastLoss - limitLoss) : Number.NaN;
  const convex = steps.every(({ contraction }) => !(contraction > 1));
  const holds =
    steps.every(
      (step) =>
        step.mirrorDistance <= SAME_STEP &&
        step.descentDeviation <= tolerance &&
        step.contractionSlack >= -tolerance &&
        (!geometry.flat || step.bending <= tolerance),
    ) &&
    bestStepSlack >= -tolerance &&
    (!geometry.flat || !convex || averageSlack >= -tolerance);
  const found = { rows: data.rows, ofRows: given.rows, steps, limit, limitLoss, bestStepSlack, averageSlack };
  return tabled<Certificate>({ ...found, convex, holds }, certificateTable);
}

/** The rows that EM is run on. */
function rowsOfRun(given: Observations, seed: number, { limit, sample }: CertifyOptions): Observations {
  const isOfAll = limit !== undefined && given.stretches === undefined;
  const data = certifiedRows(given, seed, sample ?? (isOfAll ? Number.POSITIVE_INFINITY : SAMPLE));
  if (limit === undefined || data.rows === given.rows) return data;
  const got = `a limit, and ${data.rows} of ${given.rows} rows, which have another`;
  throw new InputError(ACT, "all rows where their limit is given", got, "leave the limit out");
}

/** What steps are held against. */
interface HeldRun {
  readonly model: Certifiable;
  readonly data: Observations;
  readonly geometry: Geometry;
  readonly limit: Float64Array;
  readonly limitLoss: number;
}

/** The EM step θ → θ⁺, of which the objectives at both ends are known. */
function certifiedStep(
  { model, data, geometry, limit, limitLoss }: HeldRun,
  here: Float64Array,
  next: Float64Array,
  objectives: readonly number[],
): CertifiedStep {
  const missed = geometry.posteriorDivergence(here, limit);
  if (!Number.isFinite(missed)) {
    const got = "one that is certain of a row's expert, as where the gate separates them";
    throw new InputError(ACT, "a finite limit of EM", got);
  }
  const mirrored = geometry.step(here);
  const [loss, nextLoss] = objectives.map((objective) => -objective / model.totalWeight(data));
  const surrogateGain = -geometry.surrogate(next, here);
  const surrogateLeft = geometry.surrogate(limit, here) + surrogateGain;
  const divergence = geometry.divergence(here, next);
  const left = geometry.divergence(limit, here);
  return {
    loss,
    mirrorDistance: mirrored === undefined ? Number.POSITIVE_INFINITY : distance(model, next, mirrored, data),
    surrogateGain,
    divergence,
    bending: Math.max(Math.abs(surrogateGain - divergence), Math.abs(surrogateLeft - geometry.divergence(limit, next))),
    descentDeviation: Math.abs(loss - nextLoss - surrogateGain - geometry.posteriorDivergence(here, next)),
    // Rounding decides this ratio when almost nothing is left.
    contraction: left > 1e-10 ? missed / left : Number.NaN,
    contractionSlack: missed - (nextLoss - limitLoss + surrogateLeft),
  };
}

function lossOf(model: Certifiable, point: Float64Array, data: Observations): number {
  return -eStep(model, point, data).objective / model.totalWeight(data);
}

function limitFrom(model: Certifiable, theta: Float64Array, data: Observations): Float64Array {
  const stop = { tolerance: 1e-11, maxIterations: 2000 };
  const { result, theta: limit, message } = run(finishedEm(), model, theta, data, stop);
  if (result === "converged") return limit;
  throw new InputError(ACT, "EM to reach its limit", message.replace(/\.$/, ""));
}

function distance(model: Certifiable, a: Float64Array, b: Float64Array, data: Observations): number {
  const { complete } = model.information(a, data);
  const change = a.map((value, j) => value - b[j]);
  const square = change.reduce((sum, row, i) => {
    return sum + row * change.reduce((inner, value, j) => inner + complete[i * change.length + j] * value, 0);
  }, 0);
  return Math.sqrt(Math.max(0, square));
}

/** What is less is rounding, and shown as less than this. */
const FLOOR = 1e-12;

/** A certificate as a table: a row for each step of EM, and below what was asked of the whole run. */
function certificateTable({ rows, ofRows, steps, limitLoss, ...whole }: Certificate): Table {
  const { bestStepSlack, averageSlack, holds } = whole;
  const number = { align: "right", floor: FLOOR } as const;
  const slacks = [
    `L at the limit ${formatNumber(limitLoss)} nats a row`,
    `slack of (i) ${formatNumber(bestStepSlack)}`,
    ...(Number.isNaN(averageSlack) ? [] : [`of (ii) ${formatNumber(averageSlack)}`]),
  ];
  const run = `${steps.length} ${steps.length === 1 ? "step" : "steps"} on ${rows < ofRows ? `${rows} of ${ofRows}` : rows} rows`;
  return {
    columns: [
      { name: "step" },
      { name: "L − L*", note: "nats a row", ...number },
      { name: "from the mirror step", note: "standard errors", ...number },
      { name: "descent identity", note: "off by", ...number },
      { name: "inequality (iii)", note: "slack", ...number },
      { name: "1 − α", note: "left after a step", align: "right" },
    ],
    rows: steps.map(({ loss, mirrorDistance, descentDeviation, contraction, contractionSlack }, t) => {
      return [t + 1, loss - limitLoss, mirrorDistance, descentDeviation, contractionSlack, orNone(contraction)];
    }),
    caption: holds
      ? `EM was mirror descent in ${run}: every identity and inequality held`
      : `Not every identity and inequality of mirror descent held in ${run}`,
    note: slacks.join(", "),
  };
}

function orNone(value: number): number | null {
  return Number.isNaN(value) ? null : value;
}
