import { wholeFrom } from "../errors/kinds.ts";
import { type Defaulted, defaulted, type Optional, type OptionsOf, readOptions } from "../errors/options.ts";
import { InputError, quote, WorkFailure } from "../errors.ts";
import { checkpointOf, type NotedIn } from "../fit/checkpoint.ts";
import { FIT } from "../fit/fit-options.ts";
import { fittedParts, rowsOfFit, type Whole } from "../fit/fitted.ts";
import { isTree } from "../laws/gates/registry.ts";
import { DEGREES } from "../laws/student-t.ts";
import { checkMixture } from "../models/checks.ts";
import type { MixtureSpec } from "../models/spec.ts";
import type { Observations } from "../rows/observations.ts";
import { formatNumber } from "../text/number.ts";
import { printed } from "../text/printed.ts";
import { FAILURES, REPLICATES, type ReplicateTable, replicates } from "./replicates.ts";

/** Table of the options of a bootstrap test that are its own. */
export class RatioTable {
  readonly replicates: Defaulted<number> = defaulted(wholeFrom(9, 1_000_000), 99, "number of replicates");

  readonly starts: Defaulted<number> = { ...REPLICATES.starts, value: 5 };

  readonly checkpoint: Optional<string> = FIT.checkpoint;

  readonly resume: Defaulted<boolean> = FIT.resume;
}

const OPTIONS = { ...REPLICATES, ...new RatioTable() };

/** How the replicates of a test are drawn and fitted. */
export interface RatioOptions extends Omit<OptionsOf<ReplicateTable>, "starts">, OptionsOf<RatioTable> {}

/** A bootstrap likelihood-ratio test. */
export interface RatioTest {
  /** Numbers of experts of the two fits. */
  readonly k: readonly [smaller: number, larger: number];
  /** Twice the difference of the log-likelihoods. */
  readonly ratio: number;
  /** (1 + the number of replicates whose ratio is no smaller) / (1 + their number). */
  readonly p: number;
  /** Ratios of the replicates, as they were drawn. */
  readonly ratios: Float64Array;
  /** Number of replicates that came to nothing, by the reason. */
  readonly failures: readonly { readonly reason: string; readonly count: number }[];
  readonly messages: readonly string[];
}

/**
 * Whether a fit needs more experts: the bootstrap likelihood-ratio test of it against a fit with more.
 *
 * Responses are drawn from the smaller fit, and both models are fitted to them: the smaller from its own parameters; the
 * larger from its own, and from those of the smaller with each expert split in two; both from `starts` random ones more, 5 unless
 * told otherwise: a replicate whose higher maximum is missed makes p too small. The χ² law does not hold: the smaller model is at the
 * boundary of the larger. With a `checkpoint` the replicates that are done are kept, and `resume` goes on from them, with other
 * workers or to more replicates, too.
 *
 * @param smaller a fit, from which the replicates are drawn
 * @param larger a fit of the same rows with more experts
 * @throws InputError for fits of other rows, columns or weights, for a smaller one that is no part of the larger, as of another
 *   ridge, for one that has no more experts, for a tree of gates, and for a checkpoint of another test
 * @throws WorkFailure where no replicate comes to anything
 * @remarks cost: k + 3 fits for each replicate, and twice `starts`. McLachlan 1987.
 * @example
 * ```ts
 * import { datasetPath, fit, likelihoodRatioTest } from "mixlens";
 * const options = { response: "petal_width", features: ["petal_length"], gate: "constant", sharedVariance: true } as const;
 * const [one, two] = [1, 2].map((k) => fit(datasetPath("iris"), { ...options, k, starts: 5 }));
 * const { ratio, p } = likelihoodRatioTest(one, two, { replicates: 19, workers: 1, starts: 1 });
 * if (!(ratio > 0 && p > 0 && p <= 1)) throw new Error(`${ratio}, ${p}`);
 * ```
 */
export function likelihoodRatioTest(smaller: Whole, larger: Whole, options: RatioOptions = {}): RatioTest {
  return ratioTest(smaller, larger, options);
}

/** A test as {@link likelihoodRatioTest} makes it, noted elsewhere than its options say. */
export function ratioTest(smaller: Whole, larger: Whole, options: RatioOptions, notedIn?: NotedIn): RatioTest {
  const plan = readOptions(ACT, options, OPTIONS);
  const { seed, starts, tolerance, workers, replicates: count } = plan;
  const [below, above] = [smaller, larger].map((fit) => {
    const { mixture, theta } = fittedParts(ACT, fit);
    checkMixture(ACT, mixture);
    const data = rowsOfFit(ACT, fit, undefined, "fit(data, options)");
    return { mixture, theta, data, objective: mixture.posterior(theta, data).objective, k: mixture.spec.k };
  });
  if (above.k <= below.k) throw new InputError(ACT, `more experts than ${below.k} in the larger fit`, String(above.k));
  refuseOthers(below, above);
  const { theta, data, mixture } = below;
  const next = { spec: above.mixture.spec, theta: above.theta };
  const how = { theta, seed, starts, tolerance, larger: next };
  const journal = checkpointOf(ACT, notedIn ?? plan, { ...mixture.spec, ...how }, data);
  const all = replicates({ type: "parametric", spec: mixture.spec, data, ...how }, count, workers, journal);
  const ratios = Float64Array.from(all.flatMap(([failure, ratio]) => (failure === 0 ? [ratio] : [])));
  const failures = FAILURES.map((reason, at) => ({ reason, count: all.filter(([own]) => own === at).length }))
    .slice(1)
    .filter(({ count: times }) => times > 0);
  if (ratios.length === 0)
    throw new WorkFailure(ACT, "replicates that can be fitted", failures[0].reason, "fit fewer experts");
  const ratio = 2 * (above.objective - below.objective);
  const p = (1 + ratios.filter((own) => own >= ratio).length) / (1 + ratios.length);
  const messages = [
    ...(journal?.notes ?? []),
    ...failures.map((failure) => `Left out ${failure.count} of ${count} replicates: ${failure.reason}.`),
  ];
  return printed({ k: [below.k, above.k], ratio, p, ratios, failures, messages }, inWords);
}

const ACT = "test for more experts";

/** Refuses fits of other rows, of experts of another kind, and of which neither is a part of the other. */
function refuseOthers(below: Side, above: Side): void {
  const trees = [below, above].flatMap(({ mixture: { spec } }) => (isTree(spec.gate) ? [spec.gate] : []));
  if (trees.length > 0) {
    const wanted = "two fits with flat gates: of a tree and another model neither is a part of the other";
    throw new InputError(ACT, wanted, quote(String(trees[0])), "compare their criteria.bic");
  }
  const [one, other] = [below.mixture.spec, above.mixture.spec];
  if (one.experts !== other.experts) {
    throw new InputError(ACT, `two fits of ${quote(one.experts)} experts`, quote(other.experts));
  }
  const rows = otherRows(below.data, above.data);
  if (rows !== undefined) throw new InputError(ACT, "two fits of the same rows", `other ${rows}`);
  const option = otherOption(one, other);
  if (option === undefined) return;
  throw new InputError(ACT, "a smaller fit that the larger one has room for", `one with ${option}`, "fit both alike");
}

/** What of the rows of two fits is not the same, in words; nothing where all is. */
function otherRows(one: Observations, other: Observations): string | undefined {
  const isSame = (
    of: (data: Observations) => ArrayLike<number> | undefined,
    absent: (row: number) => number,
  ): boolean => {
    const [own, others] = [of(one), of(other)];
    for (let row = 0; row < one.rows; row++) {
      if ((own?.[row] ?? absent(row)) !== (others?.[row] ?? absent(row))) return false;
    }
    return true;
  };
  const isSameDesign = (part: "expert" | "gate"): boolean =>
    one[part].columns.join("\n") === other[part].columns.join("\n") &&
    one[part].columns.every((_, j) => isSame((data) => data[part].values[j], Number));
  if (one.rows !== other.rows || !isSame(({ response }) => response, Number)) return "responses";
  if (!isSameDesign("expert")) return "columns of the experts";
  if (!isSameDesign("gate")) return "columns of the gate";
  if (
    !isSame(
      ({ weights }) => weights,
      () => 1,
    )
  )
    return "weights";
  if (
    !isSame(
      ({ offset }) => offset,
      () => 0,
    )
  )
    return "offsets";
  if (
    !isSame(
      ({ trials }) => trials,
      () => 1,
    )
  )
    return "trials";
  return isSame(({ units }) => units, Number) ? undefined : "groups";
}

/** The option by which one model is no part of the other, in words; nothing where it is one. */
function otherOption(one: MixtureSpec, other: MixtureSpec): string | undefined {
  const { ridge = 0, df = DEGREES, zeroInflated = false, shared = [], sharedVariance = false } = one;
  if (ridge !== (other.ridge ?? 0)) return `ridge ${ridge}, and ${other.ridge ?? 0} in the larger`;
  if (df !== (other.df ?? DEGREES)) return `df ${df}, and ${other.df ?? DEGREES} in the larger`;
  if (zeroInflated && !other.zeroInflated) return "zeroInflated, and the larger without";
  if (one.k === 1) return undefined;
  if (!sharedVariance && other.sharedVariance) return "a variance for each expert, and sharedVariance in the larger";
  const odd = other.shared?.find((name) => !shared.includes(name));
  return odd && `a coefficient of ${quote(odd)} for each expert, and a shared one in the larger`;
}

interface Side {
  readonly mixture: Whole["mixture"];
  readonly data: Observations;
}

function inWords({ k: [smaller, larger], ratio, p, ratios, messages }: RatioTest): string {
  const test = `${smaller} against ${larger} experts: 2 log ratio ${formatNumber(ratio)}`;
  return [`${test}, p ${formatNumber(p)} of ${ratios.length} replicates`, ...messages].join("\n");
}
