import { availableParallelism } from "node:os";
import { BLOCK_ROWS } from "../compute/blocks.ts";
import { sharedTasks } from "../compute/shared-tasks.ts";
import { seed, size, whole, wholeFrom } from "../errors/kinds.ts";
import { type Defaulted, defaulted, type Optional, optional } from "../errors/options.ts";
import type { Journal } from "../files/journal.ts";
import type { Ascent } from "../fit/ascent.ts";
import { fromResponsibilities, type Highest, maximumFrom } from "../fit/maximum.ts";
import type { Beginning } from "../fit/search.ts";
import { simulate } from "../fit/simulate.ts";
import { startingResponsibilities } from "../fit/starts/starts.ts";
import { undetermined } from "../frame/collinear.ts";
import { nearestOrder } from "../laws/gates/nodes.ts";
import { CaseCounts } from "../math/case-counts.ts";
import { type Random, random } from "../math/random.ts";
import { blockPosterior } from "../models/e-step.ts";
import { type Mixture, mixture } from "../models/mixture.ts";
import { relabelled } from "../models/relabel.ts";
import type { MixtureSpec } from "../models/spec.ts";
import { zeroExpert } from "../models/zero-expert.ts";
import { type Observations, sumOver } from "../rows/observations.ts";
import { unitCount } from "../rows/units.ts";
import type { BootstrapType } from "./bootstrap-type.ts";
import { splits } from "./neighbours.ts";
import { sourceReplicates } from "./source-replicates.ts";

/** Table of the options of whatever fits replicates. */
export class ReplicateTable {
  readonly seed: Defaulted<number> = defaulted(seed, 1, "seed of the replicates");

  readonly starts: Defaulted<number> = defaulted(
    wholeFrom(0, 1000),
    0,
    "random starts of each replicate, beside the fit's own parameters",
  );

  readonly tolerance: Defaulted<number> = defaulted(
    size,
    1e-4,
    "distance to the limit at which a replicate is converged, in standard errors",
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
  readonly tolerance: number;
}

/** Why a replicate may come to nothing, by the number that stands for it. */
export const FAILURES: readonly string[] = [
  "",
  "no start came to anything",
  "it did not converge",
  "a part had no finite maximum",
  "its maximum was spurious: a few rows made an expert",
  "its rows left a coefficient open, as of a level that none of them has",
];

/** That a coefficient was left open. */
const OPEN = 5;

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
  const { spec, theta, data, seed } = job;
  const model = mixture(spec);
  const replicate = data.stretches === undefined ? inMemory(job, model) : ofSource(job, model);
  return (number) => {
    const { failure, ratio, best } = replicate(random(seed, number));
    if (ratio !== undefined) return Float64Array.of(failure, ratio);
    const out = new Float64Array(2 + theta.length);
    out[0] = failure;
    if (best === undefined) return out;
    out[1] = best.report.logLikelihood;
    out.set(inOrder(model, best.theta, theta, data), 2);
    return out;
  };
}

/** What a replicate came to. */
interface Replicate {
  readonly failure: number;
  readonly ratio?: number;
  readonly best: Pick<Ascent, "theta" | "report"> | undefined;
}

function inMemory({ type, theta, data, starts, larger, tolerance }: Job, model: Mixture): (rng: Random) => Replicate {
  const above = larger && { model: mixture(larger.spec), theta: larger.theta };
  return (rng) => {
    const rows = drawn(type, model, theta, data, rng);
    if (type === "nonparametric" && undetermined(model, rows) !== undefined) return { failure: OPEN, best: undefined };
    const { best } = maximumFrom(model, rows, [theta, ...randomStarts(starts, model, rows, rng)], tolerance);
    if (above === undefined) return { failure: failureOf(best), best };
    const failure = likelihoodFailure(best);
    if (best === undefined || failure > 0) return { failure, ratio: 0, best };
    return { ...ratioOf(best, above, rows, { starts, tolerance }, rng), best };
  };
}

function ofSource({ type, theta, data, tolerance, starts }: Job, model: Mixture): (rng: Random) => Replicate {
  const replicate = sourceReplicates(type, model, theta, data, tolerance, (sampleOf, rng) => {
    if (starts === 0) return undefined;
    const sample = sampleOf();
    return maximumFrom(model, sample, randomStarts(starts, model, sample, rng), tolerance).best?.theta;
  });
  return (rng) => {
    const best = replicate(rng);
    return { failure: best === undefined ? OPEN : failureOf(best), best };
  };
}

/** Twice the logarithm of how much likelier the rows of a replicate are by the larger model. */
function ratioOf(
  smaller: NonNullable<Highest["best"]>,
  { model, theta }: { readonly model: Mixture; readonly theta: Float64Array },
  rows: Observations,
  { starts, tolerance }: Pick<Job, "starts" | "tolerance">,
  rng: Random,
): Required<Pick<Replicate, "failure" | "ratio">> {
  const isNext = model.spec.k === smaller.model.spec.k + 1;
  const near = isNext ? splits({ ...smaller, mixture: smaller.model }, rows) : [];
  const from = near.map((responsibilities) => fromResponsibilities(model, responsibilities, rows));
  const { best } = maximumFrom(model, rows, [theta, ...from, ...randomStarts(starts, model, rows, rng)], tolerance);
  const failure = likelihoodFailure(best);
  const ratio = 2 * ((best?.report.objective ?? 0) - smaller.report.objective);
  // The larger model has what the smaller one has, if it was not found.
  return { failure, ratio: Math.max(0, ratio) };
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
  const counts = new CaseCounts(rng, units).take(units);
  const index = new Int32Array(units);
  for (let unit = 0, at = 0; unit < units; at += counts[unit++]) index.fill(unit, at, at + counts[unit]);
  return model.rowsOf(data, index);
}

/** Parameters that random responsibilities lead to, or why they don't. */
export function randomStarts(count: number, model: Mixture, data: Observations, rng: Random): Beginning[] {
  return Array.from({ length: count }, (_, number) => {
    const responsibilities = startingResponsibilities(undefined, number, rng, model, data);
    return fromResponsibilities(model, responsibilities, data);
  });
}

/** The number of the failure; 0 of none. */
function failureOf(best: Pick<Ascent, "report" | "separated" | "spurious"> | undefined): number {
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
  const [ours, theirs] = [theta, wanted].map((own) => blockPosterior(model, own, data));
  const shared = sumOver(data, k * k, (block, sums) => {
    const [own, other] = [ours(block).responsibilities, theirs(block).responsibilities];
    for (let pair = 0; pair < k * k; pair++) {
      const [from, to] = [Math.floor(pair / k) * BLOCK_ROWS, (pair % k) * BLOCK_ROWS];
      for (let i = 0; i < block.rows; i++) sums[pair] += own[from + i] * other[to + i];
    }
  });
  const expert = (from: number, to: number): number => -shared[from * k + to];
  return relabelled(model, theta, nearestOrder(model.gateLaw.nodes, { expert }, zeroExpert(model.spec)).order);
}
