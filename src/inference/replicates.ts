import { availableParallelism } from "node:os";
import { sharedTasks } from "../compute/shared-tasks.ts";
import { seed, whole, wholeFrom } from "../errors/kinds.ts";
import { type Defaulted, defaulted, type Optional, optional } from "../errors/options.ts";
import type { Journal } from "../files/journal.ts";
import type { Ascent } from "../fit/ascent.ts";
import { fromResponsibilities, type Highest, maximumFrom } from "../fit/maximum.ts";
import { simulate } from "../fit/simulate.ts";
import { startingResponsibilities } from "../fit/starts/starts.ts";
import { nearestOrder } from "../laws/gates/nodes.ts";
import { type Random, random } from "../math/random.ts";
import { type Mixture, mixture } from "../models/mixture.ts";
import { relabelled } from "../models/relabel.ts";
import type { MixtureSpec } from "../models/spec.ts";
import { zeroExpert } from "../models/zero-expert.ts";
import type { Observations } from "../rows/observations.ts";
import { unitCount } from "../rows/units.ts";
import { splits } from "./neighbours.ts";

/** How the rows of a replicate are made. */
export const BOOTSTRAP_TYPES = ["nonparametric", "parametric"] as const;

/** Units drawn with replacement, or responses drawn from the fit. */
export type BootstrapType = (typeof BOOTSTRAP_TYPES)[number];

/** Table of the options of whatever fits replicates. */
export class ReplicateTable {
  readonly seed: Defaulted<number> = defaulted(seed, 1, "seed of the replicates");

  readonly starts: Defaulted<number> = defaulted(
    wholeFrom(0, 1000),
    0,
    "random starts of each replicate, beside the fit's own parameters",
  );

  readonly workers: Optional<number> = optional(whole, "threads at the most", { otherwise: "one for each core" });
}

export const REPLICATES: ReplicateTable = new ReplicateTable();

/** All that a replicate depends on but its number: plain values. */
export interface Job {
  readonly type: BootstrapType;
  /** A larger model that each replicate is fitted by as well; then it comes to twice the logarithm of the likelihoods' ratio. */
  readonly larger?: { readonly spec: MixtureSpec; readonly theta: Float64Array };
  readonly spec: MixtureSpec;
  readonly theta: Float64Array;
  readonly data: Observations;
  readonly seed: number;
  readonly starts: number;
}

/** Why a replicate may come to nothing, by the number that stands for it. */
export const FAILURES: readonly string[] = [
  "",
  "no start came to anything",
  "it did not converge",
  "a part had no finite maximum",
  "its maximum was spurious: a few rows made an expert",
];

/** Distance to the limit, in standard errors, at which a replicate has converged. */
const TOLERANCE = 1e-4;

/**
 * Replicates of a job: for each the number of its failure, and its log-likelihood and parameters (2 + p numbers), or twice the
 * log of the likelihoods' ratio (2 numbers).
 */
export function replicates(
  job: Job,
  count: number,
  workers: number = availableParallelism(),
  journal?: Journal,
): Float64Array[] {
  const width = 2 + (job.larger === undefined ? job.theta.length : 0);
  const found = sharedTasks({ count, width, job, program: "replicate-worker.mjs" }, workers, replicateOf(job), journal);
  return Array.from({ length: count }, (_, r) => found.subarray(r * width, (r + 1) * width));
}

/** One replicate by its number, from a stream of random numbers of its own. */
export function replicateOf(job: Job): (number: number) => Float64Array {
  const { type, spec, theta, data, seed, starts, larger } = job;
  const model = mixture(spec);
  const above = larger && { model: mixture(larger.spec), theta: larger.theta };
  const { responsibilities } = model.posterior(theta, data);
  return (number) => {
    const rng = random(seed, number);
    const rows = drawn(type, model, theta, data, rng);
    const { best } = maximumFrom(model, rows, [theta, ...randomStarts(starts, model, rows, rng)], TOLERANCE);
    const failure = above === undefined ? failureOf(best) : likelihoodFailure(best);
    if (above !== undefined) {
      if (best === undefined || failure > 0) return Float64Array.of(failure, 0);
      return ratioOf(best, above, rows, starts, rng);
    }
    const out = new Float64Array(2 + theta.length);
    out[0] = failure;
    if (best === undefined) return out;
    out[1] = best.report.logLikelihood;
    out.set(inOrder(model, best.theta, responsibilities, data), 2);
    return out;
  };
}

/** Twice the logarithm of how much likelier the rows of a replicate are by the larger model. */
function ratioOf(
  smaller: NonNullable<Highest["best"]>,
  { model, theta }: { readonly model: Mixture; readonly theta: Float64Array },
  rows: Observations,
  starts: number,
  rng: Random,
): Float64Array {
  const isNext = model.spec.k === smaller.model.spec.k + 1;
  const near = isNext ? splits({ ...smaller, mixture: smaller.model }, rows) : [];
  const from = near.map((responsibilities) => fromResponsibilities(model, responsibilities, rows));
  const { best } = maximumFrom(model, rows, [theta, ...from, ...randomStarts(starts, model, rows, rng)], TOLERANCE);
  const failure = likelihoodFailure(best);
  const ratio = 2 * ((best?.report.objective ?? 0) - smaller.report.objective);
  // The larger model has what the smaller one has, if it was not found.
  return Float64Array.of(failure, Math.max(0, ratio));
}

/** Rows like those of the data: as many units, or other responses. */
export function drawn(
  type: BootstrapType,
  model: Mixture,
  theta: Float64Array,
  data: Observations,
  rng: Random,
): Observations {
  if (type === "parametric") return { ...data, response: simulate(model, theta, data, rng).response };
  const units = unitCount(data);
  return model.rowsOf(
    data,
    Array.from({ length: units }, () => rng.integer(units)),
  );
}

/** Parameters that random responsibilities lead to, or why they don't. */
export function randomStarts(
  count: number,
  model: Mixture,
  data: Observations,
  rng: Random,
): (Float64Array | string)[] {
  return Array.from({ length: count }, (_, number) => {
    const responsibilities = startingResponsibilities(undefined, number, rng, model, data);
    return fromResponsibilities(model, responsibilities, data);
  });
}

/** The number of the failure; 0 of none. */
function failureOf(best: Ascent | undefined): number {
  if (best === undefined) return 1;
  if (best.separated.length > 0) return 3;
  if (best.spurious !== undefined) return 4;
  return best.report.result === "converged" ? 0 : 2;
}

/** The same where only the likelihood counts: that of a part without a finite maximum comes as near to its bound as one likes. */
export function likelihoodFailure(best: Ascent | undefined): number {
  return failureOf(best && { ...best, separated: [] });
}

/**
 * The parameters with the experts in the order in which they share rows with those of a fit: by the responsibilities that
 * both have for the fit's rows. Fixed parameters number the experts.
 */
function inOrder(model: Mixture, theta: Float64Array, wanted: Float64Array, data: Observations): Float64Array {
  const { k, fixed = {} } = model.spec;
  if (k === 1 || Object.keys(fixed).length > 0) return theta;
  const { responsibilities } = model.posterior(theta, data);
  const shared = new Float64Array(k * k);
  for (let at = 0; at < wanted.length; at += k) {
    for (let i = 0; i < k; i++)
      for (let j = 0; j < k; j++) shared[i * k + j] += responsibilities[at + i] * wanted[at + j];
  }
  const expert = (from: number, to: number): number => -shared[from * k + to];
  return relabelled(model, theta, nearestOrder(model.gateLaw.nodes, { expert }, zeroExpert(model.spec)).order);
}
